//! How documents of two locales are cut and measured.

use crate::alignment::{self, Side};
use crate::matching::script_of;
use crate::model::Locale;
use crate::operations::clean_documents::Segmenters;
use crate::segmentation::{Cuts, Language};
use crate::side_by_side::Syntax;

/// A source and a target locale.
#[derive(Clone, Copy, Debug)]
pub(in crate::operations) struct Measure {
    language: Language,
    /// Whether source and target are written in Latin letters.
    pub is_latin: bool,
}

impl Measure {
    pub fn new(source: &Locale, target: &Locale) -> Measure {
        let is_latin = |locale: &Locale| script_of(locale).is_none_or(|script| script == "Latn");
        let is_latin = is_latin(source) && is_latin(target);
        Measure { language: Language::of_locale(target.as_str()), is_latin }
    }

    /// Both documents, cut and measured, with the sections of the target in the order of the source.
    pub fn sides<'d>(
        self,
        segmenters: &Segmenters<'_>,
        (source, source_syntax): (&'d str, Syntax),
        (target, target_syntax): (&'d str, Syntax),
    ) -> (Side<'d>, Side<'d>) {
        let source = segmenters.outline(source, source_syntax, Cuts::Sentences);
        let target = segmenters.outline(target, target_syntax, Cuts::Candidates(self.language));
        let (source, target) = (Side::new(source, self.is_latin), Side::new(target, self.is_latin));
        let target = alignment::in_order_of(&source, target);
        (source, target)
    }
}
