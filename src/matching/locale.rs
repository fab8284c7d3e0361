//! Which locales answer for which.

use icu_locale::{LanguageIdentifier, LocaleExpander};

use crate::model::Locale;

/// How well a text of one locale serves who asked for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LocaleFit {
    /// It is the locale asked for, or one of the language asked for where no more was asked.
    Same,
    /// The same language and script, of another region: `pt-PT` for `pt-BR`.
    OtherRegion,
}

/// Whether a text of the locale `offered` can answer who asked for `wanted`. Never across scripts, also where the script is
/// only implied: `zh-TW` is no answer for `zh-CN` (likely subtags of CLDR).
///
/// ```
/// use bitext::matching::{LocaleFit, fit};
/// let fit = |wanted: &str, offered: &str| fit(&wanted.parse().unwrap(), &offered.parse().unwrap());
/// assert_eq!(fit("pt-BR", "pt-PT"), Some(LocaleFit::OtherRegion));
/// assert_eq!(fit("ko", "ko-KR"), Some(LocaleFit::Same));
/// assert_eq!(fit("zh-CN", "zh-TW"), None);
/// ```
pub fn fit(wanted: &Locale, offered: &Locale) -> Option<LocaleFit> {
    if wanted == offered {
        return Some(LocaleFit::Same);
    }
    if wanted.language() != offered.language() {
        return None;
    }
    let (full_wanted, full_offered) = (maximized(wanted)?, maximized(offered)?);
    if full_wanted.script != full_offered.script {
        return None;
    }
    // `ko` asks for no region, `zh-Hans` neither.
    let asked: LanguageIdentifier = wanted.as_str().parse().ok()?;
    let same = asked.region.is_none() && asked.variants.is_empty();
    Some(if same { LocaleFit::Same } else { LocaleFit::OtherRegion })
}

fn maximized(locale: &Locale) -> Option<LanguageIdentifier> {
    // Extensions (`-u-`, `-x-`) say nothing of script and region.
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
        for (wanted, offered, expected) in [
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
            let (Ok(wanted), Ok(offered)) = (wanted.parse(), offered.parse()) else { continue };
            assert_eq!(fit(&wanted, &offered), expected, "{offered} for {wanted}");
        }
    }
}
