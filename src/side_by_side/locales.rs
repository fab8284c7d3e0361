//! The target locale of documents that do not state one: that of most documents of the set.

use std::collections::BTreeMap;

use crate::model::Locale;

/// Counts of the locales that the documents of a set state.
#[derive(Clone, Debug, Default)]
pub struct StatedLocales(BTreeMap<Locale, u64>);

impl StatedLocales {
    /// Counts one document's statement.
    pub fn count(&mut self, locale: &Locale) {
        match self.0.get_mut(locale) {
            Some(documents) => *documents += 1,
            None => {
                self.0.insert(locale.clone(), 1);
            }
        }
    }

    /// Whether the most frequent locale is certain among so many documents, whatever the rest of them state.
    pub fn is_settled_among(&self, documents: u64) -> bool {
        self.0.values().any(|&counted| counted > documents / 2)
    }

    /// The locale that most documents state; among equals the first by name. `None` if no document states one.
    pub fn majority(&self) -> Option<&Locale> {
        self.0.iter().rev().max_by_key(|(_, documents)| **documents).map(|(locale, _)| locale)
    }
}

/// The reason to leave out a document without a locale.
pub const NO_LOCALE: &str =
    "no ms.contentlocale here or in any document around it; name the locale with --target-locale";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_documents_decide_and_the_name_settles_a_tie() {
        let mut stated = StatedLocales::default();
        assert_eq!(stated.majority(), None);
        let [ko, ja, de] = ["ko-KR", "ja-JP", "de-DE"].map(|name| name.parse::<Locale>().unwrap());
        for locale in [&ko, &ja, &ko, &de, &ja] {
            stated.count(locale);
        }
        assert_eq!(stated.majority(), Some(&ja));
        stated.count(&ko);
        assert_eq!(stated.majority(), Some(&ko));
        assert!(stated.is_settled_among(5));
        assert!(!stated.is_settled_among(6), "another one could come to as many");
    }
}
