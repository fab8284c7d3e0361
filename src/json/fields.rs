//! Reads the object of a segment, as [`SegmentLine`](super::SegmentLine) writes it.

use std::borrow::Cow;

use serde::Deserialize;

/// The fields of one segment. All but the texts may be missing, and unknown ones are ignored.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct SegmentFields<'a> {
    /// As [`SegmentLine::document`](super::SegmentLine::document); the others likewise.
    #[serde(borrow)]
    pub document: Option<FieldText<'a>>,
    /// The set's name.
    #[serde(borrow)]
    pub set: Option<FieldText<'a>>,
    /// The segment's id.
    #[serde(borrow)]
    pub id: Option<FieldText<'a>>,
    /// The line in the document.
    pub line: Option<u32>,
    /// BCP 47.
    #[serde(borrow)]
    pub source_locale: Option<FieldText<'a>>,
    /// BCP 47.
    #[serde(borrow)]
    pub target_locale: Option<FieldText<'a>>,
    /// The source text.
    #[serde(borrow)]
    pub source: Option<FieldText<'a>>,
    /// The target text.
    #[serde(borrow)]
    pub target: Option<FieldText<'a>>,
    /// The source text as the document has it, where it differs.
    #[serde(borrow)]
    pub source_as_written: Option<FieldText<'a>>,
    /// Likewise the target text.
    #[serde(borrow)]
    pub target_as_written: Option<FieldText<'a>>,
    /// The position among the segments of the document, from 0.
    pub position: Option<u32>,
    /// The probability that an aligned pair is right, 0 to 1.
    pub confidence: Option<f64>,
    /// `human` or `machine`.
    #[serde(borrow)]
    pub workflow: Option<FieldText<'a>>,
    /// The hash of the source document.
    #[serde(borrow)]
    pub source_hash: Option<FieldText<'a>>,
    /// The commit of the source document.
    #[serde(borrow)]
    pub source_commit: Option<FieldText<'a>>,
    /// `YYYY-MM-DD`.
    #[serde(borrow)]
    pub handoff: Option<FieldText<'a>>,
    /// The document's id.
    #[serde(borrow)]
    pub file_id: Option<FieldText<'a>>,
    /// The commit of the version of the document.
    #[serde(borrow)]
    pub commit: Option<FieldText<'a>>,
    /// When it was committed, as in `2019-04-23T10:11:12Z`.
    #[serde(borrow)]
    pub committed: Option<FieldText<'a>>,
    /// When a newer version replaced it.
    #[serde(borrow)]
    pub superseded: Option<FieldText<'a>>,
    /// The document's translated title.
    #[serde(borrow)]
    pub title: Option<FieldText<'a>>,
    /// The document's translated description.
    #[serde(borrow)]
    pub description: Option<FieldText<'a>>,
    /// Terms that must not be translated.
    pub no_loc: Option<Vec<String>>,
}

/// A text that borrows from the line if it has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct FieldText<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// Why a line is not the object of a segment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// It is no JSON.
    #[error("it is not a JSON object: {0}")]
    Syntax(String),
    /// It is JSON, and a field has a value of another type.
    #[error("it is not the JSON object of a segment: {0}")]
    Type(String),
}

impl<'a> SegmentFields<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// If it is no object, or a field is not a text or number as it should be.
    pub fn parse(line: &'a str) -> Result<Self, FieldsError> {
        serde_json::from_str(line).map_err(|error| {
            // The line is that within the object, which the caller knows.
            let reason = error.to_string().replace(" at line 1 column ", " at column ");
            match error.classify() {
                serde_json::error::Category::Data => FieldsError::Type(reason),
                _ => FieldsError::Syntax(reason),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_ignored_and_a_fault_says_of_what_kind_it_is() {
        let fields = SegmentFields::parse(r#"{"source": "a\n", "target": "b", "later": ["x"], "line": 7}"#);
        let fields = fields.unwrap();
        assert_eq!((&*fields.source.unwrap().0, &*fields.target.unwrap().0), ("a\n", "b"));
        assert_eq!((fields.line, fields.set), (Some(7), None));
        for line in ["{\"source\": \"a", "", "source"] {
            assert!(matches!(SegmentFields::parse(line), Err(FieldsError::Syntax(_))), "{line}");
        }
        for line in ["{\"source\": 7}", "7", "{\"line\": -1}"] {
            assert!(matches!(SegmentFields::parse(line), Err(FieldsError::Type(_))), "{line}");
        }
    }
}
