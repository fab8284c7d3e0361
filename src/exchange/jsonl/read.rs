//! Reads JSON lines, as the writer beside it writes them. Unknown fields are ignored.

use crate::exchange::decode::decode_text;
use crate::exchange::fields::Rows;
use crate::exchange::reading::{Bytes, Entry, Line, LineEnd, ReadError, SegmentReader, TextLines, problem};
use crate::json::{FieldsError, SegmentFields};

/// Opens JSON lines.
pub(super) fn open(bytes: Bytes<'_>) -> Result<Box<dyn SegmentReader + '_>, ReadError> {
    let text = decode_text(bytes, |_| None).map_err(|error| ReadError::at(1, error))?;
    Ok(Box::new(JsonlReader { lines: TextLines::new(text), rows: Rows::default() }))
}

struct JsonlReader<'a> {
    lines: TextLines<'a>,
    rows: Rows,
}

impl SegmentReader for JsonlReader<'_> {
    fn next(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            if let Some(entry) = self.rows.next() {
                return Ok(Some(entry));
            }
            let Some((number, line)) = self.lines.next()? else { return Ok(None) };
            let fault = |reason| problem(number, reason);
            let entry = match line {
                Line::Text(text, _) if text.trim().is_empty() => continue,
                Line::Text(text, end) => match SegmentFields::parse(text) {
                    Ok(fields) => {
                        self.rows.read(number, fields);
                        continue;
                    }
                    Err(error @ FieldsError::Type(_)) => Entry::Problem(fault(error.to_string())),
                    Err(error) if end == LineEnd::File => {
                        Entry::Damage(fault(format!("the file ends inside this line: {error}")))
                    }
                    Err(error) => Entry::Damage(fault(error.to_string())),
                },
                Line::TooLong(reason) => Entry::Problem(fault(reason)),
                Line::Unreadable(reason) => Entry::Damage(fault(reason)),
            };
            return Ok(Some(entry));
        }
    }
}
