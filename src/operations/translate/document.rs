//! Writes a document, or a side-by-side document, with its translations.

use std::borrow::Cow;

use super::adapt::adapted;
use super::front_matter::FoundValue;
use super::replacement::{core_of, replacement};
use super::side_by_side::{Ids, with_locale};
use super::{Pretranslated, TranslateCounts, TranslateFormat, TranslatePlan, Untranslated};
use crate::model::{Problem, Score, line_at};
use crate::operations::placing::{Bars, Replacement, fitted, in_scalars, replaced, scalar};
use crate::operations::pretranslate::PretranslatedSegment;
use crate::side_by_side::{Encoding, Quoting, Syntax};

/// Collects the replacements of one document.
struct DocumentWriter<'d> {
    plan: &'d TranslatePlan,
    text: &'d str,
    syntax: Syntax,
    ids: Ids,
    replacements: Vec<Replacement>,
    counts: TranslateCounts,
    problems: Vec<Problem>,
}

/// The document with its translations, and their counts.
pub(super) fn translated(
    plan: &TranslatePlan,
    document: &Pretranslated<'_>,
    values: Vec<FoundValue>,
) -> (Vec<u8>, TranslateCounts, Vec<Problem>) {
    let &Pretranslated { path, bytes, text, syntax, ref segments, .. } = document;
    let mut writer = DocumentWriter {
        plan,
        text,
        syntax,
        ids: Ids::of(path, &plan.to),
        replacements: Vec::with_capacity(segments.len() + 2),
        counts: TranslateCounts::default(),
        problems: Vec::new(),
    };
    writer.front_matter(values);
    writer.segments(segments);
    let DocumentWriter { mut replacements, counts, problems, .. } = writer;
    if syntax == Syntax::Yaml && plan.format == TranslateFormat::Documents {
        replacements = in_scalars(text, replacements);
    }
    let mut translated = replaced(text, &replacements);
    if plan.format == TranslateFormat::SideBySide && counts.translated() > 0 && syntax == Syntax::Markdown {
        translated = with_locale(translated, &plan.to);
    }
    (Encoding::of(bytes).encode(translated), counts, problems)
}

impl DocumentWriter<'_> {
    /// Title and description.
    fn front_matter(&mut self, values: Vec<FoundValue>) {
        for FoundValue { value, translation, .. } in values {
            self.counts.front_matter += 1;
            let Some(found) = translation else { continue };
            self.counts.front_matter_translated += 1;
            let text = scalar::written(value.style, &found.target);
            self.replacements.push(Replacement { range: value.range, text });
        }
    }

    fn segments(&mut self, segments: &[PretranslatedSegment]) {
        let mut after = self.replacements.last().map_or(0, |last| last.range.end);
        for (at, segment) in segments.iter().enumerate() {
            let before = segments.get(at + 1).map_or(self.text.len(), |next| next.range.start);
            // Hostile YAML could lead back: what was written stays.
            if segment.range.start < after {
                self.counts.segments += 1;
                self.counts.untranslated += 1;
                continue;
            }
            self.segment(segment, (after, before));
            after = self.replacements.last().map_or(after, |last| last.range.end.max(after));
        }
    }

    fn segment(&mut self, segment: &PretranslatedSegment, around: (usize, usize)) {
        self.counts.segments += 1;
        let Some(found) = segment.proposals.first() else { return self.untranslated(segment) };
        if found.score >= Score::EXACT {
            let replacement = replacement(self.text, segment, found, around);
            let is_of_this_place = found.same_document && found.score > Score::EXACT;
            let bars = if is_of_this_place { Bars::AsPublished } else { Bars::Escaped };
            if !self.write(segment, replacement, bars) {
                return self.untranslated(segment);
            }
            self.counts.add_exact(found);
            return;
        }
        let core = core_of(self.text, &segment.range);
        let text = adapted(&segment.text, &found.source, &found.target, &self.plan.to);
        if let Some(text) = text
            && self.write(segment, Replacement { range: core.clone(), text }, Bars::Escaped)
        {
            self.counts.adapted += 1;
            return;
        }
        if !self.can_be_marked() || self.plan.format == TranslateFormat::SideBySide {
            return self.untranslated(segment);
        }
        let place = (self.syntax, Some(segment.block), segment.quoting);
        let target = fitted(&found.target, &self.text[core.clone()], place, Bars::Escaped);
        let text = format!("{target}<!-- bitext: fuzzy {} % -->", found.score.percent());
        self.replacements.push(Replacement { range: core, text });
        self.counts.fuzzy += 1;
    }

    fn untranslated(&mut self, segment: &PretranslatedSegment) {
        self.counts.untranslated += 1;
        if self.plan.untranslated == Untranslated::Mark && self.can_be_marked() {
            let end = core_of(self.text, &segment.range).end;
            let text = "<!-- bitext: untranslated -->".to_owned();
            self.replacements.push(Replacement { range: end..end, text });
        }
    }

    /// Whether a comment can stand behind a text. In YAML, not every reader of a value knows comments.
    fn can_be_marked(&self) -> bool {
        self.syntax != Syntax::Yaml
    }

    /// Writes a translation; returns whether the document can hold it.
    fn write(&mut self, segment: &PretranslatedSegment, mut replacement: Replacement, bars: Bars) -> bool {
        let written = &self.text[replacement.range.clone()];
        let place = (self.syntax, Some(segment.block), segment.quoting);
        if let Cow::Owned(text) = fitted(&replacement.text, written, place, bars) {
            replacement.text = text;
        }
        let is_side_by_side = self.plan.format == TranslateFormat::SideBySide;
        if is_side_by_side && self.syntax == Syntax::Yaml && segment.quoting == Quoting::Plain {
            let (style, start) = scalar::style_at(self.text, replacement.range.start);
            let is_start = start == replacement.range.start;
            match scalar::written_inside(style, &replacement.text, is_start) {
                Some(text) => replacement.text = text,
                None => {
                    let line = line_at(self.text, replacement.range.start);
                    let reason =
                        "the translation needs quotation marks, and the value has none; it stays English";
                    self.problems.push(Problem { line: Some(line), reason: reason.to_owned() });
                    return false;
                }
            }
        }
        if is_side_by_side {
            let source = &self.text[replacement.range.clone()];
            let Some(span) = self.ids.span(&replacement.text, source, segment.quoting) else { return false };
            replacement.text = span;
        }
        self.replacements.push(replacement);
        true
    }
}
