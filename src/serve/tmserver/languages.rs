//! The language codes of translation tools: `pt_br` of Weblate, `en_US` of Okapi, `sr@latin` of gettext.

use std::collections::BTreeSet;

use crate::json::TmserverLanguages;
use crate::matching::{LocaleFit, fit, script_of};
use crate::model::Locale;

/// The locale of a code; `None` if it is none.
pub(super) fn locale_of(code: &str) -> Option<Locale> {
    let (name, modifier) = code.split_once('@').unwrap_or((code, ""));
    // The modifiers of gettext that name a script or a variant of BCP 47.
    let subtag = match modifier.to_ascii_lowercase().as_str() {
        "" => None,
        "latin" => Some("Latn".to_owned()),
        "cyrillic" => Some("Cyrl".to_owned()),
        "devanagari" => Some("Deva".to_owned()),
        other => Some(other.to_owned()),
    };
    let Some(subtag) = subtag else { return name.parse().ok() };
    let (language, rest) =
        name.split_once(['_', '-']).map_or((name, ""), |(language, rest)| (language, rest));
    let is_script = subtag.len() == 4;
    let parts = if is_script { [language, &subtag, rest] } else { [language, rest, &subtag] };
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-").parse().ok()
}

/// The languages of documents: any of them can be looked up, and translated into any other.
pub(super) fn languages(pairs: &[(Locale, Locale)]) -> TmserverLanguages {
    let locales: BTreeSet<&Locale> = pairs.iter().flat_map(|(source, target)| [source, target]).collect();
    let codes: BTreeSet<String> = locales.into_iter().flat_map(codes_of).collect();
    let codes: Vec<String> = codes.into_iter().collect();
    TmserverLanguages { source_languages: codes.clone(), target_languages: codes }
}

/// The codes by which tools ask for a locale: its own, and shorter ones that mean it. `zh_hans`, `zh_cn` and `zh` of zh-CN, but not
/// `zh` of zh-TW. Weblate asks only for codes in this spelling that a server lists.
fn codes_of(locale: &Locale) -> Vec<String> {
    let language = locale.language().to_owned();
    let with_script = script_of(locale).map(|script| format!("{language}-{script}"));
    let candidates = [Some(locale.as_str().to_owned()), Some(language), with_script];
    let means_it = |code: &String| code.parse().is_ok_and(|code| fit(&code, locale) == Some(LocaleFit::Same));
    candidates
        .into_iter()
        .flatten()
        .filter(means_it)
        .map(|code| code.to_lowercase().replace('-', "_"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_listed_by_the_codes_that_weblate_asks_for() {
        let codes = |name: &str| codes_of(&name.parse().unwrap());
        assert_eq!(codes("ko-KR"), ["ko_kr", "ko", "ko_kore"]);
        assert_eq!(codes("zh-CN"), ["zh_cn", "zh", "zh_hans"]);
        assert_eq!(codes("zh-TW"), ["zh_tw", "zh_hant"]);
        assert_eq!(codes("de"), ["de", "de", "de_latn"]);
    }

    #[test]
    fn codes_of_gettext_are_locales() {
        let locale = |code: &str| locale_of(code).map(|locale| locale.to_string());
        for (code, expected) in [
            ("pt_br", Some("pt-BR")),
            ("zh_hans", Some("zh-Hans")),
            ("en_US", Some("en-US")),
            ("sr@latin", Some("sr-Latn")),
            ("sr_rs@latin", Some("sr-Latn-RS")),
            ("ca@valencia", Some("ca-valencia")),
            ("not a code", None),
            ("", None),
        ] {
            assert_eq!(locale(code).as_deref(), expected, "{code}");
        }
    }
}
