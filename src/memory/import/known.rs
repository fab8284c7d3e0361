//! The documents of a set that the memory has already.

use std::collections::HashMap;
use std::ops::Range;

use rusqlite::Row;

use super::Import;
use crate::memory::documents::{self, IS_ALIGNED};
use crate::memory::{Memory, MemoryError};
use crate::model::{Locale, ObjectId, Problem};

/// A document that the memory has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDocument {
    /// The hash of its bytes when it was imported.
    pub hash: [u8; 32],
    /// The locale of its source texts.
    pub source_locale: Locale,
    /// The locale of its target texts.
    pub target_locale: Locale,
    /// Whether the document itself stated its target locale.
    pub locale_stated: bool,
    /// The id of its bytes and the revision of the reader that read them, if they were read from a Git repository.
    pub object: Option<(ObjectId, u32)>,
    /// The parts that could not be read.
    pub problems: Vec<Problem>,
}

/// The documents of a set that the memory has, by path.
#[derive(Debug, Default)]
pub struct KnownDocuments {
    /// The sorted paths in one buffer: one allocation, not tens of thousands.
    paths: String,
    /// The range of each path in the buffer.
    documents: Vec<(Range<usize>, KnownDocument)>,
}

impl KnownDocuments {
    /// The document at a path below the set.
    pub fn get(&self, path: &str) -> Option<&KnownDocument> {
        let found = self.documents.binary_search_by(|(known, _)| self.paths[known.clone()].cmp(path));
        found.ok().map(|at| &self.documents[at].1)
    }

    /// The paths in their order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().map(|(path, _)| &self.paths[path.clone()])
    }

    /// Adds a document whose path is not before the last one.
    fn push(&mut self, path: &str, document: KnownDocument) {
        if let Some((last, known)) = self.documents.last_mut()
            && self.paths[last.clone()] == *path
        {
            // A TMX has a document for each pair of locales, all at one path. The last one represents it.
            if document.target_locale >= known.target_locale {
                *known = document;
            }
            return;
        }
        let begin = self.paths.len();
        self.paths.push_str(path);
        self.documents.push((begin..self.paths.len(), document));
    }
}

impl Import<'_> {
    /// The documents of a set that the memory has.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn known_documents(&self, set: &str) -> Result<KnownDocuments, MemoryError> {
        let memory: &Memory = self.memory;
        let locales = memory.locales()?;
        // In the order of an index, so that nothing is sorted.
        let sql =
            "select path, hash, source_locale_id, target_locale_id, locale_stated, problems, object, reader from document
             where set_id = (select id from document_set where name = ?1) and superseded is null
             order by path, target_locale_id";
        let mut statement = memory.at(memory.connection.prepare_cached(sql))?;
        let mut rows = memory.at(statement.query([set]))?;
        let mut known = KnownDocuments::default();
        while let Some(row) = memory.at(rows.next())? {
            let document = self.known_document(row, &locales)?;
            known.push(memory.at(memory.at(row.get_ref(0))?.as_str())?, document);
        }
        Ok(known)
    }

    /// Whether a set has a document that no alignment made.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn has_other_documents(&self, set: &str) -> Result<bool, MemoryError> {
        let sql = format!(
            "select exists (select 1 from document
                            where set_id = (select id from document_set where name = ?1) and not {IS_ALIGNED})"
        );
        let read = || self.memory.connection.prepare_cached(&sql)?.query_row([set], |row| row.get(0));
        self.memory.at(read())
    }

    /// The paths of the documents of a set in all their versions, in order.
    ///
    /// # Errors
    /// If the memory cannot be read.
    pub fn paths(&self, set: &str) -> Result<Vec<String>, MemoryError> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let sql = "select distinct path from document
                       where set_id = (select id from document_set where name = ?1) order by path";
            let mut statement = self.memory.connection.prepare_cached(sql)?;
            statement.query_map([set], |row| row.get(0))?.collect()
        };
        self.memory.at(read())
    }

    fn known_document(
        &self,
        row: &Row<'_>,
        locales: &HashMap<i64, Locale>,
    ) -> Result<KnownDocument, MemoryError> {
        let memory: &Memory = self.memory;
        let locale = |column: usize| -> Result<Locale, MemoryError> {
            let id = memory.at(row.get::<_, i64>(column))?;
            locales.get(&id).cloned().ok_or_else(|| memory.foreign(format!("the locale {id}")))
        };
        let problems = memory.at(memory.at(row.get_ref(5))?.as_str_or_null())?;
        Ok(KnownDocument {
            hash: memory.at(row.get(1))?,
            source_locale: locale(2)?,
            target_locale: locale(3)?,
            locale_stated: memory.at(row.get(4))?,
            object: memory.at(documents::object_id(row, 6))?.zip(memory.at(row.get(7))?),
            problems: memory.problems(problems)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_found_by_path() {
        let document = |locale: &str| KnownDocument {
            hash: [7; 32],
            source_locale: "en-US".parse().unwrap(),
            target_locale: locale.parse().unwrap(),
            locale_stated: true,
            object: None,
            problems: Vec::new(),
        };
        let mut known = KnownDocuments::default();
        assert!(known.get("").is_none());
        let paths = ["", "a", "a.md", "a/b.md", "ab", "é"];
        for path in paths {
            known.push(path, document("ko-KR"));
        }
        known.push("é", document("ja-JP"));
        known.push("é", document("pl-PL"));
        assert_eq!(known.paths().collect::<Vec<_>>(), paths);
        assert!(paths[..5].iter().all(|path| known.get(path) == Some(&document("ko-KR"))));
        assert_eq!(known.get("é"), Some(&document("pl-PL")));
        assert!(["a/", "a/b", "b", "ê", "A"].iter().all(|path| known.get(path).is_none()));
    }
}
