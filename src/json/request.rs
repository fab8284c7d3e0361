//! The bodies of requests to the HTTP interface, and the object of its errors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Answer, LineObject};

/// The body of a query: one text, or a batch, with the options of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct QueryRequest {
    /// The text to look up, if it is one.
    pub text: Option<String>,
    /// The segment before it; empty: there is none.
    pub before: Option<String>,
    /// The segment after it; empty: there is none.
    pub after: Option<String>,
    /// The path of its document below its set.
    pub document: Option<String>,
    /// The texts of a batch.
    pub queries: Option<Vec<super::QueryLine>>,
    /// The options by their names. Null: the default.
    #[serde(flatten)]
    pub options: BTreeMap<String, Option<OptionValue>>,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "an option is a string, a whole number, true or false")]
pub enum OptionValue {
    /// Something is wanted, or is not.
    Flag(bool),
    /// A whole number.
    Number(u64),
    /// A text, or a name.
    Text(String),
}

/// A unit to store, in the body of a request of a translation tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct StoreUnit {
    /// The source text.
    pub source: String,
    /// The target text.
    pub target: String,
    /// What distinguishes equal source texts.
    #[serde(default)]
    pub context: Option<String>,
}

/// A value of the body of a request.
///
/// # Errors
/// If it is no JSON, or not the value that is wanted: a sentence that says where.
pub fn from_bytes<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

/// The answers to a batch, in the order of the queries.
#[derive(Clone, Debug, Serialize)]
pub struct AnswersObject<'a> {
    /// One for each query.
    pub answers: Vec<Answer<'a>>,
}

/// The answer to a search.
#[derive(Clone, Debug, Serialize)]
pub struct LinesObject<'a> {
    /// The pairs of texts, those with the shortest texts first.
    pub lines: Vec<LineObject<'a>>,
    /// Whether there are more than these.
    pub more: bool,
}

/// A page of a list of documents.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentsObject<'a> {
    /// The documents, by set, path and target locale.
    pub documents: Vec<super::DocumentObject<'a>>,
    /// The value of `after` for the next page; null at the end.
    pub next: Option<String>,
}

/// A document with its segments, each of which is the JSON of a [`SegmentLine`](super::SegmentLine): the fields of the document,
/// then `lines`, then `next`, from which position on the segments after these are read; null at the end.
///
/// # Errors
/// Those of the conversion of the document.
pub fn document_with_lines(
    document: &super::DocumentObject<'_>,
    lines: &[String],
    next: Option<i64>,
) -> serde_json::Result<String> {
    let mut object = super::to_string(document)?;
    object.pop();
    let next = next.map_or("null".to_owned(), |next| next.to_string());
    Ok(format!("{object},\"lines\":[{}],\"next\":{next}}}", lines.join(",")))
}

/// An error, as in RFC 9457: `application/problem+json`.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemObject<'a> {
    /// Always `about:blank`: the status says what kind of problem it is.
    pub r#type: &'static str,
    /// The name of the status.
    pub title: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// What is wrong, and what to do: a sentence.
    pub detail: &'a str,
}

/// A match in the answer to a look-up of the tmserver protocol.
#[derive(Clone, Debug, Serialize)]
pub struct TmserverMatch<'a> {
    /// The source text of the memory.
    pub source: &'a str,
    /// Its translation.
    pub target: &'a str,
    /// Percent, with a decimal point: Okapi's reader takes nothing else.
    pub quality: f64,
    /// The same, by amaGama's name.
    pub rank: f64,
}

/// The languages of a server of the tmserver protocol.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TmserverLanguages {
    /// The languages that can be looked up.
    pub source_languages: Vec<String>,
    /// The languages of translations.
    pub target_languages: Vec<String>,
}
