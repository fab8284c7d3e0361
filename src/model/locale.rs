//! Names of locales, in canonical spelling. Scripts and likely regions are in `matching`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A locale by its BCP 47 name in canonical case (`ko-KR`, `zh-Hant-TW`), the case conventions of RFC 5646, section 2.1.1.
///
/// `_` is read as `-`. Subtags need not be registered.
///
/// ```
/// let locale: bitext::model::Locale = "zh-hant_tw".parse().unwrap();
/// assert_eq!(locale.as_str(), "zh-Hant-TW");
/// assert!("*all*".parse::<bitext::model::Locale>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locale(Arc<str>);

/// A text that is not the name of a locale.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a locale; name one as in ko-KR, pt-BR or zh-Hant-TW")]
pub struct LocaleError(String);

impl Locale {
    /// The canonical name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language subtag, `ko` of `ko-KR`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl FromStr for Locale {
    type Err = LocaleError;

    fn from_str(name: &str) -> Result<Self, LocaleError> {
        let refused = || LocaleError(name.chars().take(60).collect());
        let mut canonical = String::with_capacity(name.len());
        let mut after_singleton = false;
        for (position, subtag) in name.split(['-', '_']).enumerate() {
            let letters = subtag.bytes().all(|b| b.is_ascii_alphabetic());
            if subtag.is_empty() || subtag.len() > 8 || !subtag.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(refused());
            }
            if position == 0 {
                if !letters || !(2..=3).contains(&subtag.len()) {
                    return Err(refused());
                }
                canonical.push_str(&subtag.to_ascii_lowercase());
                continue;
            }
            canonical.push('-');
            match subtag.len() {
                2 if letters && !after_singleton => canonical.push_str(&subtag.to_ascii_uppercase()),
                4 if letters && !after_singleton => {
                    canonical.push_str(&subtag[..1].to_ascii_uppercase());
                    canonical.push_str(&subtag[1..].to_ascii_lowercase());
                }
                length => {
                    canonical.push_str(&subtag.to_ascii_lowercase());
                    after_singleton |= length == 1;
                }
            }
        }
        Ok(Locale(canonical.into()))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_underscores_are_made_canonical() {
        for (given, canonical) in [
            ("KO-kr", "ko-KR"),
            ("en_US", "en-US"),
            ("zh-hans-cn", "zh-Hans-CN"),
            ("SR-LATN-RS", "sr-Latn-RS"),
            ("es-419", "es-419"),
            ("sl-ROZAJ-biske", "sl-rozaj-biske"),
            ("de-DE-u-CO-phonebk", "de-DE-u-co-phonebk"),
            ("fil", "fil"),
        ] {
            assert_eq!(given.parse::<Locale>().unwrap().as_str(), canonical);
        }
    }

    #[test]
    fn what_is_no_locale_is_refused() {
        for given in ["", "k", "*all*", "korean-", "ko--KR", "ko KR", "12-KR", "<b>", "ko-\u{202e}"] {
            assert!(given.parse::<Locale>().is_err(), "{given:?}");
        }
    }
}
