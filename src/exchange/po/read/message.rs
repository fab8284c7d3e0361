//! One message of a PO file, and the names that this program writes into its comments.

use std::sync::Arc;

use super::Header;
use super::syntax::Keyword;
use crate::exchange::po::{CONFIDENCE, VERSION};
use crate::exchange::reading::{ReadError, Stated};
use crate::model::{DocumentVersion, Metadata, SegmentId, Workflow, percent};

/// The largest message. A limit on memory use; no message is that long.
const LONGEST_MESSAGE: usize = 64 << 20;
/// The most plural forms. The language with the most has six.
const MOST_FORMS: usize = 100;

/// A message, as far as it was read.
#[derive(Default)]
pub(super) struct Message {
    /// Where it begins.
    pub line: u64,
    pub is_fuzzy: bool,
    /// Whether a comment belongs to it.
    pub has_comment: bool,
    /// The last comment with a place in a source, and the last one of the program that made the file.
    place: String,
    remark: String,
    context: Option<Vec<u8>>,
    id: Option<Vec<u8>>,
    plural: Option<Vec<u8>>,
    /// The forms in order.
    pub translations: Vec<Vec<u8>>,
    last: Option<Keyword>,
    /// Whether the string of the last keyword is on the next line.
    awaits_string: bool,
}

const NO_TRANSLATION: &str = "a message without msgstr before this line";
const NO_ID: &str = "msgstr without msgid before it";

impl Message {
    /// Whether a string of it was read.
    pub fn has_begun(&self) -> bool {
        self.last.is_some()
    }

    /// Whether it has a source and a translation.
    pub fn is_complete(&self) -> bool {
        self.id.is_some() && !self.translations.is_empty() && !self.awaits_string
    }

    pub fn is_header(&self) -> bool {
        self.context.is_none() && self.id.as_ref().is_some_and(Vec::is_empty)
    }

    /// Reads a comment, without its `#`.
    pub fn comment(&mut self, comment: &str) {
        self.has_comment = true;
        match comment.split_at_checked(1) {
            Some((",", flags)) => {
                self.is_fuzzy |= flags.split(',').any(|flag| flag.trim() == "fuzzy");
            }
            Some((":", place)) => place.trim().clone_into(&mut self.place),
            Some((".", remark)) => remark.trim().clone_into(&mut self.remark),
            _ => {}
        }
    }

    /// Adds a string: of a keyword, or one more of the last keyword. `None`: that of the keyword is on the next line.
    pub fn push(&mut self, line: u64, keyword: Option<Keyword>, string: Option<&[u8]>) -> Result<(), String> {
        if self.last.is_none() {
            self.line = line;
        }
        let is_first = keyword.is_some();
        let keyword = keyword.or(self.last).ok_or("a string that belongs to no message")?;
        let text = match keyword {
            Keyword::Context if is_first && (self.context.is_some() || self.id.is_some()) => {
                return Err(NO_TRANSLATION.to_owned());
            }
            Keyword::Id if is_first && self.id.is_some() => return Err(NO_TRANSLATION.to_owned()),
            Keyword::Plural if is_first && self.plural.is_some() => {
                return Err("msgid_plural twice in one message".to_owned());
            }
            Keyword::Context => self.context.get_or_insert_default(),
            Keyword::Id => self.id.get_or_insert_default(),
            Keyword::Plural => self.plural.get_or_insert_default(),
            Keyword::Translation(form) => {
                let known = self.translations.len();
                match is_first {
                    _ if self.id.is_none() => return Err(NO_ID.to_owned()),
                    true if form < known => return Err(format!("msgstr[{form}] twice in one message")),
                    true if form > known || form >= MOST_FORMS => {
                        return Err(format!("msgstr[{form}] after {known} other forms"));
                    }
                    true => self.translations.push(Vec::new()),
                    false => {}
                }
                self.translations.last_mut().ok_or(NO_ID)?
            }
            Keyword::Domain => return Ok(()),
        };
        text.extend_from_slice(string.unwrap_or_default());
        self.awaits_string = string.is_none();
        self.last = Some(keyword);
        Ok(())
    }

    /// Refuses a message that is too long.
    pub fn check_length(&self, line: u64) -> Result<(), ReadError> {
        let length = |text: &Option<Vec<u8>>| text.as_ref().map_or(0, Vec::len);
        let forms: usize = self.translations.iter().map(Vec::len).sum();
        match length(&self.context) + length(&self.id) + length(&self.plural) + forms > LONGEST_MESSAGE {
            true => Err(ReadError::at(line, format!("a message of more than {} MiB", LONGEST_MESSAGE >> 20))),
            false => Ok(()),
        }
    }

    /// The pairs of source and target text.
    pub fn texts(&self) -> Result<Vec<(String, String)>, &'static str> {
        let text = |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).map(str::to_owned);
            text.map_err(|_| "escapes that are no UTF-8; the message is left out")
        };
        let singular = text(self.id.as_deref().unwrap_or_default())?;
        let forms = self.translations.iter().map(|form| text(form)).collect::<Result<Vec<_>, _>>()?;
        let Some(plural) = &self.plural else {
            return Ok(forms.into_iter().take(1).map(|target| (singular.clone(), target)).collect());
        };
        let plural = text(plural)?;
        let mut pairs: Vec<(String, String)> = Vec::with_capacity(forms.len() + 1);
        for (form, target) in forms.into_iter().enumerate() {
            pairs.push((if form == 0 { &singular } else { &plural }.clone(), target));
        }
        // A language with one form has it for the plural too.
        if let [(_, only)] = &pairs[..] {
            pairs.push((plural, only.clone()));
        }
        Ok(pairs)
    }
}

/// The place of a message in a file of this program.
pub(super) struct OwnPlace {
    pub stated: Arc<Stated>,
    pub id: String,
    pub line: Option<u32>,
    pub confidence: Option<u8>,
}

/// The last document that a message of this program's own named.
#[derive(Default)]
pub(super) struct Names {
    last: Option<(String, String, Arc<Stated>)>,
}

impl Names {
    /// The place of a message; `None` if it does not name one as this program does.
    pub fn of_own(&mut self, message: &Message, header: &Header) -> Option<OwnPlace> {
        let context = std::str::from_utf8(message.context.as_deref()?).ok()?;
        let (name, id) = context.rsplit_once('#')?;
        // The writer appends this to a context that occurs twice.
        let id = SegmentId::parse(id.trim_end_matches('~'))?.as_str().to_owned();
        let line = message.place.rsplit_once(':').and_then(|(_, line)| line.parse().ok());
        let (of_document, confidence) = match message.remark.rsplit_once(CONFIDENCE) {
            Some((before, share)) => (before.trim_end_matches(", "), share.parse().ok().map(percent)),
            None => (message.remark.as_str(), None),
        };
        if let Some((known, remark, stated)) = &self.last
            && known == name
            && remark == of_document
        {
            return Some(OwnPlace { stated: Arc::clone(stated), id, line, confidence });
        }
        let (set, document) = name.split_once('/')?;
        let mut metadata = Metadata { target_locale: header.target_locale.clone(), ..Metadata::default() };
        let mut fields = [None; VERSION.len()];
        for remark in of_document.split(", ") {
            let field = remark
                .split_once(' ')
                .and_then(|(name, field)| Some((VERSION.iter().position(|&known| known == name)?, field)));
            match (Workflow::of_name(remark), field) {
                (Some(workflow), _) => metadata.workflow = Some(workflow),
                (None, Some((at, field))) => fields[at] = Some(field),
                (None, None) => metadata.handoff = remark.parse().ok(),
            }
        }
        let stated = Arc::new(Stated {
            set: Some(set.to_owned()),
            document: Some(document.to_owned()),
            source_locale: header.source_locale.clone(),
            target_locale: header.target_locale.clone(),
            version: DocumentVersion::of_fields(fields),
            metadata,
        });
        self.last = Some((name.to_owned(), of_document.to_owned(), Arc::clone(&stated)));
        Some(OwnPlace { stated, id, line, confidence })
    }
}
