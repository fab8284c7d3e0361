//! Reads the lines of a batch of queries: texts, or JSON objects.

use super::QueryLine;

/// What the lines of a batch are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchFormat {
    /// Each line is a text.
    Text,
    /// Each line is a [`QueryLine`].
    Json,
}

impl BatchFormat {
    /// The format of a batch whose first line with a text is this one.
    ///
    /// A brace alone does not make JSON of a text: `{0} files`, `{} of {}` and `{count, plural, …}` are messages of programs. So
    /// JSON is a brace before a quotation mark, and a line that is only braces. The single quotation mark is that of
    /// Python's dictionaries, which are no JSON: such a line is refused, not looked up.
    fn of_first_line(line: &str) -> BatchFormat {
        let is_object = |rest: &str| {
            let rest = rest.trim();
            rest.is_empty() || rest == "}" || rest.starts_with(['"', '\''])
        };
        match line.trim_start().strip_prefix('{') {
            Some(rest) if is_object(rest) => BatchFormat::Json,
            _ => BatchFormat::Text,
        }
    }
}

/// Why a line of a batch is no query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchLineError {
    /// Its bytes are not UTF-8.
    #[error("it is not UTF-8; save the batch as UTF-8")]
    NotUtf8,
    /// The object does not say what to look up.
    #[error("it is a JSON object without \"text\", the text to look up")]
    NoText,
    /// Of a batch of objects, and no object that can be read.
    #[error("it is not a JSON object as in {{\"text\": \"Save\"}}: {0}")]
    NotAnObject(String),
    /// An object after texts.
    #[error("it is a JSON object, and the lines before it are texts")]
    ObjectAmongTexts,
}

/// Reads the lines of one batch.
#[derive(Clone, Copy, Debug)]
pub struct BatchReader {
    /// The format that the caller named.
    named: Option<BatchFormat>,
    /// The format of the first line with a text.
    found: Option<BatchFormat>,
    is_first: bool,
}

impl BatchReader {
    /// A reader of lines in a format; `None`: the first line with a text decides.
    pub fn new(format: Option<BatchFormat>) -> Self {
        BatchReader { named: format, found: None, is_first: true }
    }

    /// The query of the next line, with or without its line break.
    ///
    /// # Errors
    /// If the line is no query.
    pub fn read(&mut self, line: &[u8]) -> Result<QueryLine, BatchLineError> {
        let is_first = std::mem::take(&mut self.is_first);
        let text = std::str::from_utf8(line).map_err(|_| BatchLineError::NotUtf8)?;
        let text = if is_first { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        let text = text.trim_end_matches(['\n', '\r']);
        let as_text = || QueryLine::of_text(text.to_owned());
        let format = match self.named.or(self.found) {
            // An empty line is the query of an empty text, so that there are as many answers as lines.
            None if text.trim().is_empty() => return Ok(as_text()),
            None => *self.found.insert(BatchFormat::of_first_line(text)),
            Some(format) => format,
        };
        match format {
            BatchFormat::Json => object(text),
            BatchFormat::Text if self.named.is_none() && text.starts_with('{') && object(text).is_ok() => {
                Err(BatchLineError::ObjectAmongTexts)
            }
            BatchFormat::Text => Ok(as_text()),
        }
    }
}

fn object(line: &str) -> Result<QueryLine, BatchLineError> {
    serde_json::from_str(line).map_err(|error| match serde_json::from_str(line) {
        Ok(serde_json::Value::Object(object)) if !object.contains_key("text") => BatchLineError::NoText,
        // The number of the line is that within the batch, which the caller knows.
        _ => BatchLineError::NotAnObject(error.to_string().replace(" at line 1 column ", " at column ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Vec<Result<String, BatchLineError>> {
        let mut reader = BatchReader::new(None);
        lines.iter().map(|line| reader.read(line.as_bytes()).map(|query| query.text)).collect()
    }

    #[test]
    fn the_first_line_with_a_text_decides_what_the_lines_are() {
        for text in [
            "Save",
            "{0} files",
            "{} of {}",
            "{count, plural, one {#}}",
            "{{x}}",
            "[a](b)",
            "\"Save\"",
            "{name}",
        ] {
            assert_eq!(read(&["", text, "{0}\r\n"]), [Ok("".into()), Ok(text.into()), Ok("{0}".into())]);
        }
        assert_eq!(
            read(&["\u{feff}{\"text\": \"a\"}\n", "{ \"text\": \"{0}\" }"]),
            [Ok("a".into()), Ok("{0}".into())]
        );
    }

    #[test]
    fn a_line_that_is_no_query_is_refused_and_says_what_is_missing() {
        use BatchLineError::{NoText, NotAnObject, ObjectAmongTexts};
        assert_eq!(read(&["{\"source\": \"Save\"}"]), [Err(NoText)]);
        assert_eq!(read(&["{}"]), [Err(NoText)]);
        assert_eq!(read(&["Save", "{\"text\": \"a\"}"]), [Ok("Save".into()), Err(ObjectAmongTexts)]);
        for broken in ["{\"text\": \"Save\"", "{\"text\": 7}", "{'text': 'Save'}", "{", "{\"text\": \"a\"} b"]
        {
            assert!(matches!(&read(&[broken])[..], [Err(NotAnObject(_))]), "{broken}");
        }
        let [Err(error)] = &read(&["{\"text\": \"Save\""])[..] else { panic!("a query of half an object") };
        assert!(error.to_string().ends_with("EOF while parsing an object at column 15"), "{error}");
    }

    #[test]
    fn a_named_format_is_not_guessed() {
        let read = |format, line: &str| BatchReader::new(Some(format)).read(line.as_bytes());
        let object = "{\"text\": \"Save\"}";
        assert_eq!(read(BatchFormat::Text, object).unwrap().text, object);
        assert_eq!(read(BatchFormat::Json, object).unwrap().text, "Save");
        assert!(read(BatchFormat::Json, "Save").is_err());
        assert!(read(BatchFormat::Json, "").is_err());
    }
}
