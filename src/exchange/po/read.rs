//! Reads gettext PO files of any tool (gettext manual, "The Format of PO Files"), one message at a time.
//!
//! A file of this program states set, document, id and line of each segment. A file of another tool is one document. A message
//! with plural forms is several segments, as in Okapi: the singular with the first form, the plural with each of the others.

mod message;
mod syntax;

use std::collections::VecDeque;
use std::sync::Arc;

use super::GENERATOR;
use crate::exchange::decode::decode_text;
use crate::exchange::reading::{
    Bytes, Entry, Line, LineEnd, Omission, ReadError, ReadSegment, SegmentReader, Stated,
};
use crate::exchange::reading::{TextLines, problem};
use crate::model::{Locale, Metadata};

use message::{Message, Names};
use syntax::{Keyword, unquoted};

/// Opens a PO file. Its encoding is that of its header.
pub(super) fn open(bytes: Bytes<'_>) -> Result<Box<dyn SegmentReader + '_>, ReadError> {
    let text = decode_text(bytes, charset).map_err(|error| ReadError::at(1, error))?;
    Ok(Box::new(PoReader {
        lines: TextLines::new(text),
        message: Message::default(),
        header: Header::default(),
        names: Names::default(),
        waiting: VecDeque::new(),
        skips: false,
        is_cut: false,
        ended: false,
    }))
}

/// The label of the encoding in the header of a file, without that of a template.
fn charset(head: &[u8]) -> Option<String> {
    let at = memchr::memmem::find(head, b"charset=")? + "charset=".len();
    let label = head[at..]
        .iter()
        .skip_while(|&&byte| byte == b' ')
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte));
    let label: String = label.map(|&byte| char::from(byte)).collect();
    (!label.is_empty() && label != "CHARSET").then_some(label)
}

/// What the header states.
#[derive(Default)]
struct Header {
    source_locale: Option<Locale>,
    target_locale: Option<Locale>,
    /// Whether this program wrote the file.
    is_own: bool,
    /// What is stated of all messages of another tool's file.
    stated: Arc<Stated>,
}

impl Header {
    fn read(text: &str) -> Header {
        let field = |name: &str| {
            let lines = text.lines().filter_map(|line| line.split_once(':'));
            let mut found = lines.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.trim().to_owned())
        };
        let locale = |name| field(name).and_then(|name| locale_of(&name));
        let (source_locale, target_locale) = (locale("X-Source-Language"), locale("Language"));
        let is_own = field("X-Generator").is_some_and(|tool| tool.starts_with(GENERATOR));
        let metadata = Metadata { target_locale: target_locale.clone(), ..Metadata::default() };
        let stated = Stated {
            source_locale: source_locale.clone(),
            target_locale: target_locale.clone(),
            metadata,
            ..Stated::default()
        };
        Header { source_locale, target_locale, is_own, stated: Arc::new(stated) }
    }
}

/// The locale of gettext's name: `pt_BR`, `sr@latin`, `de_DE.UTF-8`.
fn locale_of(name: &str) -> Option<Locale> {
    let (name, modifier) = name.split_once('@').unwrap_or((name, ""));
    let name = name.split('.').next().unwrap_or_default();
    match modifier.to_ascii_lowercase().as_str() {
        "" | "euro" => name.parse().ok(),
        "latin" => format!("{name}-Latn").parse().ok(),
        "cyrillic" => format!("{name}-Cyrl").parse().ok(),
        other => format!("{name}-{other}").parse().or_else(|_| name.parse()).ok(),
    }
}

struct PoReader<'a> {
    lines: TextLines<'a>,
    message: Message,
    header: Header,
    names: Names,
    waiting: VecDeque<Entry>,
    /// Whether the lines up to the next message are skipped, after a line that cannot be read.
    skips: bool,
    /// Whether no line break follows the last line.
    is_cut: bool,
    ended: bool,
}

impl SegmentReader for PoReader<'_> {
    fn next(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            if let Some(entry) = self.waiting.pop_front() {
                return Ok(Some(entry));
            }
            if self.ended {
                return Ok(None);
            }
            let Some((number, line)) = self.lines.next()? else {
                self.ended = true;
                self.end_message();
                continue;
            };
            // The line borrows the reader of lines alone.
            let mut run =
                Parts { message: &mut self.message, waiting: &mut self.waiting, skips: &mut self.skips };
            let ended = match line {
                Line::Text(text, end) => {
                    self.is_cut = end == LineEnd::File;
                    run.line(number, text.trim())?
                }
                Line::TooLong(reason) | Line::Unreadable(reason) => {
                    run.damage(number, reason);
                    None
                }
            };
            if let Some(message) = ended {
                self.store(message);
            }
        }
    }
}

/// The parts of the reader that a line changes.
struct Parts<'r> {
    message: &'r mut Message,
    waiting: &'r mut VecDeque<Entry>,
    skips: &'r mut bool,
}

impl Parts<'_> {
    /// Reads a line. Returns the message that ends before it.
    fn line(&mut self, number: u64, line: &str) -> Result<Option<Message>, ReadError> {
        if line.is_empty() {
            return Ok(None);
        }
        if let Some(comment) = line.strip_prefix('#') {
            let ended = self.message.is_complete().then(|| std::mem::take(self.message));
            if ended.is_some() || !self.message.has_begun() {
                *self.skips = false;
            }
            match comment.strip_prefix('~') {
                Some(obsolete) => {
                    let words = obsolete.trim_start();
                    if Keyword::of_line(words).is_some_and(|(keyword, _)| keyword == Keyword::Id) {
                        self.waiting.push_back(Entry::LeftOut(Omission::Obsolete));
                    }
                    // Its flags are those of no other message.
                    if !self.message.has_begun() {
                        *self.message = Message::default();
                    }
                }
                None => self.message.comment(comment),
            }
            return Ok(ended);
        }
        let keyword = Keyword::of_line(line);
        let begins = matches!(keyword, Some((Keyword::Context | Keyword::Id, _)));
        let ended = (begins && self.message.is_complete()).then(|| std::mem::take(self.message));
        if begins && (ended.is_some() || *self.skips) {
            *self.skips = false;
        }
        if *self.skips {
            return Ok(ended);
        }
        let (keyword, string) = match keyword {
            Some((keyword, string)) => (Some(keyword), string),
            None => (None, line),
        };
        let read = match unquoted(string) {
            _ if keyword == Some(Keyword::Domain) => Ok(()),
            _ if keyword.is_some() && string.trim().is_empty() => self.message.push(number, keyword, None),
            Ok(bytes) => self.message.push(number, keyword, Some(&bytes)),
            Err(reason) => Err(reason.to_owned()),
        };
        match read {
            Ok(()) => self.message.check_length(number)?,
            Err(reason) => self.damage(number, reason),
        }
        Ok(ended)
    }

    /// Leaves out the current message.
    fn damage(&mut self, line: u64, reason: String) {
        *self.message = Message::default();
        *self.skips = true;
        self.waiting.push_back(Entry::Damage(problem(line, reason)));
    }
}

impl PoReader<'_> {
    /// Reads the last message of the file.
    fn end_message(&mut self) {
        let message = std::mem::take(&mut self.message);
        if message.is_complete() {
            self.store(message);
            if self.header.is_own && self.is_cut {
                let reason = "the file ends inside this line";
                self.waiting.push_back(Entry::Damage(problem(self.lines.number() - 1, reason)));
            }
        } else if message.has_begun() || self.header.is_own && message.has_comment {
            // A file of this program has no comments after its last message.
            let reason = "the file ends inside the message that begins here";
            let line = if message.has_begun() { message.line } else { self.lines.number() };
            self.waiting.push_back(Entry::Damage(problem(line, reason)));
        }
    }

    fn store(&mut self, message: Message) {
        if message.is_header() {
            if let Some(text) = message.translations.first() {
                self.header = Header::read(&String::from_utf8_lossy(text));
            }
            return;
        }
        if message.is_fuzzy {
            return self.waiting.push_back(Entry::LeftOut(Omission::Fuzzy));
        }
        let line = message.line;
        let texts = match message.texts() {
            Ok(texts) => texts,
            Err(reason) => return self.waiting.push_back(Entry::Problem(problem(line, reason))),
        };
        if texts.iter().all(|(_, target)| target.is_empty()) {
            return self.waiting.push_back(Entry::LeftOut(Omission::Untranslated));
        }
        let own = if self.header.is_own { self.names.of_own(&message, &self.header) } else { None };
        let (stated, id, document_line, confidence) = match own {
            Some(own) => (own.stated, Some(own.id), own.line, own.confidence),
            None => (Arc::clone(&self.header.stated), None, None, None),
        };
        for (source, target) in texts {
            self.waiting.push_back(Entry::of(ReadSegment {
                line: u32::try_from(line).unwrap_or(u32::MAX),
                stated: Arc::clone(&stated),
                id: id.clone(),
                document_line,
                source,
                target,
                written: None,
                position: None,
                confidence,
            }));
        }
    }
}

#[cfg(test)]
mod tests;
