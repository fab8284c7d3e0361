//! Problems, warnings and progress of a running operation.

use std::fmt;

use super::OperationError;
use super::numbers::grouped;
use crate::input::DocumentSet;
use crate::model::Problem;

/// Receives problems, warnings and progress of an operation, on the thread that called it. `()` ignores them.
pub trait Report {
    /// A part of a file could not be read or used. `path` begins with the path that the user named.
    fn problem(&mut self, path: &str, problem: &Problem);

    /// A warning about a whole document set. Counts as a problem.
    fn warning(&mut self, warning: &Warning);

    /// A Git repository or bundle was named without a revision, and a branch of it is read. `path` ends in the branch.
    fn branch_selected(&mut self, path: &str) {
        let _ = path;
    }

    /// Progress: so many more documents were found, besides those that were listed at the start.
    fn documents_found(&mut self, documents: u64) {
        let _ = documents;
    }

    /// Segments of a file are not read although they can be. No problem.
    fn left_out(&mut self, path: &str, left_out: &LeftOut) {
        let _ = (path, left_out);
    }

    /// Progress: a document, or a file, of so many bytes is done; 0 if its size was not looked at.
    fn document_done(&mut self, bytes: u64) {
        let _ = bytes;
    }

    /// Progress: so many more segments of documents are in the memory.
    fn segments_stored(&mut self, segments: u64) {
        let _ = segments;
    }

    /// Progress: so many more units of a TMX are in the memory.
    fn units_stored(&mut self, units: u64) {
        let _ = units;
    }

    /// Progress: one more of so many documents is removed.
    fn document_removed(&mut self, documents: u64) {
        let _ = documents;
    }

    /// Progress: so many of the different texts of an analysis were looked up.
    fn texts_looked_up(&mut self, texts: u64, of: u64) {
        let _ = (texts, of);
    }

    /// Whether the operation should end: it is asked between documents, and then fails with
    /// [`Cancelled`](super::OperationError::Cancelled).
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Between two parts of an operation.
    ///
    /// # Errors
    /// If it should end.
    fn proceed(&self) -> Result<(), OperationError> {
        if self.is_cancelled() { Err(OperationError::Cancelled) } else { Ok(()) }
    }

    /// Progress: the file is written anew without its free part, which can last as long as the removal.
    fn file_rewritten(&mut self) {}
}

impl Report for () {
    fn problem(&mut self, _: &str, _: &Problem) {}
    fn warning(&mut self, _: &Warning) {}
}

/// Segments of a file that are not read although they can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// They have no source text, like units of nothing but an inline code.
    pub empty: u64,
    /// They have no translation.
    pub untranslated: u64,
    /// A tool proposes the translation, and nobody has confirmed it.
    pub fuzzy: u64,
    /// Their source texts are no longer in use.
    pub obsolete: u64,
}

impl LeftOut {
    /// The number of segments.
    pub fn count(&self) -> u64 {
        self.empty + self.untranslated + self.fuzzy + self.obsolete
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = [
            (self.untranslated, "untranslated"),
            (self.fuzzy, "fuzzy"),
            (self.obsolete, "obsolete"),
            (self.empty, "without a source text"),
        ];
        let kinds = kinds.into_iter().filter(|(count, _)| *count > 0);
        let kinds: Vec<_> = kinds.map(|(count, kind)| format!("{} {kind}", grouped(count))).collect();
        write!(out, "left out: {}", kinds.join(", "))
    }
}

/// A warning about a whole document set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// No document of the set has a side-by-side span.
    NoSpans {
        /// A verb, such as `import`.
        operation: &'static str,
        /// The set's path as the user named it.
        path: String,
        /// Files that could be read otherwise.
        unread: UnreadFiles,
        /// The side-by-side branch of the Git repository that the set is in, as a path: `docs@live-sxs`.
        branch: Option<String>,
    },
    /// No document of the set has a text.
    NoText {
        /// The set's path as the user named it.
        path: String,
    },
    /// Documents of the set are side-by-side documents, where clean ones are read.
    SideBySide {
        /// The set's path as the user named it.
        path: String,
        /// How many.
        documents: u64,
    },
    /// The repository is a shallow clone, so its oldest versions are not known.
    ShallowHistory {
        /// The set's path as the user named it.
        path: String,
    },
    /// Nothing was pruned, because a part of the set could not be listed, or no document was found.
    NotPruned {
        /// The set's name.
        set: String,
        /// Whether any document of it was found.
        found: bool,
    },
}

/// Files of a set that are not read because of their endings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnreadFiles {
    /// How many of the first files have spans.
    pub with_spans: u64,
    /// How many of the first files are TMX.
    pub tmx: u64,
    /// How many of the first files have spans and are excluded.
    pub excluded: u64,
    /// Whether the set has more files, which were not searched.
    pub more: bool,
    /// Globs that match the files with spans: one for each ending.
    pub globs: Vec<String>,
}

impl UnreadFiles {
    /// Where to look for what the command did not find.
    fn hint(&self, operation: &str, branch: Option<&str>) -> String {
        let number = |files| format!("{}{}", if self.more { "at least " } else { "" }, grouped(files));
        if let (0, Some(branch)) = (self.with_spans, branch) {
            return format!(
                "no file with side-by-side spans; is this a clean branch? `bitext {operation} {branch}` reads the side-by-side one"
            );
        }
        match (self.with_spans, self.tmx) {
            (0, 0) if self.excluded > 0 => format!(
                "{} with side-by-side spans, excluded with --exclude",
                match self.excluded {
                    1 => format!("{} file", number(1)),
                    files => format!("{} files", number(files)),
                }
            ),
            (0, 0) => {
                "no file with side-by-side spans; is this a clean branch? the side-by-side one is usually called live-sxs"
                    .to_owned()
            }
            (0, files) if operation == "import" => format!(
                "no file with side-by-side spans; {} TMX among the files, which import reads if they are named themselves",
                number(files)
            ),
            (0, _) => "no file with side-by-side spans; it has TMX files, which only import reads".to_owned(),
            (files, _) => {
                let (have, them) = match files {
                    1 => ("file with another ending has", "it"),
                    _ => ("files with other endings have", "them"),
                };
                let include: Vec<_> = self.globs.iter().map(|glob| format!(" --include '{glob}'")).collect();
                format!(
                    "no .md, .yml, .yaml, .html or .htm file with side-by-side spans; {} {have} spans; read {them} with{}",
                    number(files),
                    include.concat()
                )
            }
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::NoSpans { operation, path, unread, branch } => {
                write!(out, "nothing to {operation} in {path}: {}", unread.hint(operation, branch.as_deref()))
            }
            Warning::NoText { path } => {
                write!(
                    out,
                    "nothing to segment in {path}: no .md, .yml, .yaml, .html or .htm file with a text"
                )
            }
            Warning::SideBySide { path, documents } => write!(
                out,
                "{} of {path} left out: side-by-side, with segments that are marked already; `bitext extract` prints these, and \
                 `bitext split` writes the clean documents",
                match documents {
                    1 => "1 document".to_owned(),
                    documents => format!("{} documents", grouped(*documents)),
                }
            ),
            Warning::ShallowHistory { path } => write!(
                out,
                "{path} is in a shallow clone: older versions are missing; `git fetch --unshallow` gets them"
            ),
            Warning::NotPruned { set, found } => {
                let reason = match found {
                    true => "a part of it could not be listed",
                    false => "nothing of it was found",
                };
                write!(out, "the set {set:?} was not pruned, since {reason}")
            }
        }
    }
}

/// Counts problems, and forwards them to a [`Report`].
pub(super) struct Problems<'r> {
    pub report: &'r mut dyn Report,
    pub count: u64,
}

impl<'r> Problems<'r> {
    pub fn new(report: &'r mut dyn Report) -> Self {
        Problems { report, count: 0 }
    }

    /// A document, or a file, of so many bytes is done.
    ///
    /// # Errors
    /// If the operation should end.
    pub fn document_done(&mut self, bytes: u64) -> Result<(), OperationError> {
        self.report.document_done(bytes);
        self.report.proceed()
    }

    /// A problem in a file.
    pub fn add(&mut self, path: &str, problem: &Problem) {
        self.count += 1;
        self.report.problem(path, problem);
    }

    /// A problem in a document of a set.
    pub fn add_in(&mut self, set: &DocumentSet, document: &str, problem: &Problem) {
        self.add(&set.shown(document), problem);
    }

    /// The selected branch of a set, and the parts of it that could not be listed.
    pub fn add_listing(&mut self, set: &DocumentSet) {
        if set.branch.is_some() {
            self.report.branch_selected(&set.path);
        }
        for problem in &set.problems {
            self.add_in(set, &problem.path, &Problem { line: None, reason: problem.reason.clone() });
        }
    }

    pub fn warn(&mut self, warning: &Warning) {
        self.count += 1;
        self.report.warning(warning);
    }
}
