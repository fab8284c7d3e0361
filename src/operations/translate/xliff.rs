//! Writes a document as an XLIFF file for translators: a segment with a match of 100 or more is filled in, and one whose translation could be
//! adapted; the others have their best matches as proposals.

use super::adapt::adapted;
use super::front_matter::FoundValue;
use super::{Pretranslated, TranslateCounts, Work};
use crate::exchange::xliff::job::{Candidate, Job, JobSegment, Version, xliff_of_job};
use crate::model::{LineCounter, Problem, Score};
use crate::operations::pretranslate::Proposal;
use crate::side_by_side::Syntax;

impl Work<'_> {
    /// The XLIFF file of a document, and the counts of its segments.
    pub(super) fn xliff(
        &self,
        document: &Pretranslated<'_>,
        values: Vec<FoundValue>,
        version: Version,
    ) -> (Vec<u8>, TranslateCounts, Vec<Problem>) {
        let mut counts = TranslateCounts::default();
        let mut segments = Vec::with_capacity(document.segments.len() + values.len());
        // Hostile YAML could lead back; its segments have the line of the one before then.
        let mut lines = LineCounter::default();
        for FoundValue { value, translation, proposals } in values {
            counts.front_matter += 1;
            let Some((range, quoting)) = value.inside(document.text) else { continue };
            counts.front_matter_translated += u64::from(translation.is_some());
            let line = lines.line_at(document.text, range.start);
            segments.push(JobSegment {
                source: quoting.text(&document.text[range.clone()]).into_owned(),
                range,
                quoting,
                line,
                translation: translation.as_ref().map(candidate),
                proposals: proposals.iter().map(candidate).collect(),
            });
        }
        for segment in &document.segments {
            let range = segment.range.clone();
            let line = lines.line_at(document.text, range.start);
            counts.segments += 1;
            let mut proposals: Vec<Candidate> = segment.proposals.iter().map(candidate).collect();
            let translation = match segment.proposals.first() {
                None => {
                    counts.untranslated += 1;
                    None
                }
                Some(found) if found.score >= Score::EXACT => {
                    counts.add_exact(found);
                    Some(proposals.remove(0))
                }
                Some(found) => {
                    let text = adapted(&segment.text, &found.source, &found.target, &self.plan.to);
                    *(if text.is_some() { &mut counts.adapted } else { &mut counts.fuzzy }) += 1;
                    text.map(|target| Candidate { target, is_adapted: true, ..candidate(found) })
                }
            };
            let (quoting, source) = (segment.quoting, segment.text.clone());
            segments.push(JobSegment { range, quoting, line, source, translation, proposals });
        }
        let job = Job {
            set: document.set,
            document: document.path,
            source_locale: &self.source_locale,
            target_locale: &self.plan.to,
            media_type: media_type(document.syntax),
            bytes: document.bytes,
            no_loc: document.no_loc,
            segments: &segments,
        };
        (xliff_of_job(&job, version), counts, Vec::new())
    }
}

fn candidate(found: &Proposal) -> Candidate {
    let place = found.place.as_ref();
    Candidate {
        score: found.score,
        source: found.source.clone(),
        target: found.target.clone(),
        is_adapted: false,
        workflow: found.workflow,
        origin: place.map_or_else(String::new, |place| format!("{}/{}", place.set, place.document)),
    }
}

fn media_type(syntax: Syntax) -> &'static str {
    match syntax {
        Syntax::Markdown => "text/markdown",
        Syntax::Yaml => "application/yaml",
        Syntax::Html => "text/html",
    }
}
