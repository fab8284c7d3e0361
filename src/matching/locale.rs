//! Matching of locales.

use icu_locale::{LanguageIdentifier, LocaleExpander};

use crate::model::Locale;

/// How well a locale fits a requested one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LocaleFit {
    /// The requested locale, or one of the requested language if no region was requested.
    Same,
    /// The same language and script, of another region: `pt-PT` for `pt-BR`.
    OtherRegion,
}

/// How well the locale `available` fits `wanted`; `None` if it does not. Different scripts never fit, also if the script is only
/// implied (likely subtags of CLDR): `zh-TW` does not fit `zh-CN`.
///
/// ```
/// use bitext::matching::{LocaleFit, fit};
/// let fit = |wanted: &str, available: &str| fit(&wanted.parse().unwrap(), &available.parse().unwrap());
/// assert_eq!(fit("pt-BR", "pt-PT"), Some(LocaleFit::OtherRegion));
/// assert_eq!(fit("ko", "ko-KR"), Some(LocaleFit::Same));
/// assert_eq!(fit("zh-CN", "zh-TW"), None);
/// ```
pub fn fit(wanted: &Locale, available: &Locale) -> Option<LocaleFit> {
    if wanted == available {
        return Some(LocaleFit::Same);
    }
    if wanted.language() != available.language() {
        return None;
    }
    let (full_wanted, full_available) = (maximized(wanted)?, maximized(available)?);
    if full_wanted.script != full_available.script {
        return None;
    }
    // Neither `ko` nor `zh-Hans` requests a region.
    let requested: LanguageIdentifier = wanted.as_str().parse().ok()?;
    let same = requested.region.is_none() && requested.variants.is_empty();
    Some(if same { LocaleFit::Same } else { LocaleFit::OtherRegion })
}

/// The script of a locale, also if it is only implied: `Hans` of `zh-CN`. `None` if CLDR does not know the language.
pub fn script_of(locale: &Locale) -> Option<String> {
    Some(maximized(locale)?.script?.to_string())
}

fn maximized(locale: &Locale) -> Option<LanguageIdentifier> {
    // Extensions (`-u-`, `-x-`) are not about script and region.
    let mut id: LanguageIdentifier = icu_locale::Locale::try_from_str(locale.as_str()).ok()?.id;
    LocaleExpander::new_extended().maximize(&mut id);
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_answer_for_each_other_within_a_script() {
        use LocaleFit::*;
        for (wanted, available, expected) in [
            ("ko-KR", "ko-KR", Some(Same)),
            ("ko", "ko-KR", Some(Same)),
            ("ko-KR", "ko", Some(OtherRegion)),
            ("pt-BR", "pt-PT", Some(OtherRegion)),
            ("en-GB", "en-US", Some(OtherRegion)),
            ("zh-CN", "zh-TW", None),
            ("zh-CN", "zh-SG", Some(OtherRegion)),
            ("zh-Hans", "zh-CN", Some(Same)),
            ("zh-Hant", "zh-CN", None),
            ("zh", "zh-TW", None),
            ("sr-Latn-RS", "sr-RS", None),
            ("ko-KR", "ja-JP", None),
            ("x-private", "ko", None),
        ] {
            let (Ok(wanted), Ok(available)) = (wanted.parse(), available.parse()) else { continue };
            assert_eq!(fit(&wanted, &available), expected, "{available} for {wanted}");
        }
    }
}
