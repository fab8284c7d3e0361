//! Addresses with parameters.

use form_urlencoded::Serializer;

/// An address with parameters. Empty values are left out.
pub(super) fn url(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The address of a document, with one of its segments in view.
pub(super) fn document(set: &str, document: &str, target: &str, segment: &str) -> String {
    let address =
        url("/document", &[("set", set), ("document", document), ("to", target), ("segment", segment)]);
    if segment.is_empty() { address } else { format!("{address}#segment") }
}
