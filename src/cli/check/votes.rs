//! The votes between several translations of a source text, for the findings of `inconsistent` in JSON.

use std::collections::HashMap;

use crate::check::Finding;
use crate::json::{Day, VoteObject};
use crate::model::Workflow;
use crate::operations::check::{Checked, CheckedSegment, INCONSISTENT};

/// Source locale, target locale, source text, target text.
type Key<'a> = [&'a str; 4];

/// The votes. Empty if there are no such findings.
pub(super) struct Votes<'a>(HashMap<Key<'a>, VoteObject<'a>>);

impl<'a> Votes<'a> {
    /// Those of all source texts with several translations.
    pub fn new(checked: &'a Checked) -> Votes<'a> {
        let mut votes = HashMap::new();
        for conflict in checked.conflicts() {
            let Some(chosen) = conflict.translations.first().map(|first| first.text) else { continue };
            let locales = [conflict.source_locale.as_str(), conflict.target_locale.as_str()];
            for translation in &conflict.translations {
                let vote = VoteObject {
                    chosen,
                    decided_by: conflict.vote().name(),
                    translations: conflict.translations.len(),
                    is_chosen: translation.text == chosen,
                    workflow: translation.workflow.map(Workflow::name),
                    documents: translation.documents,
                    segments: translation.places.len(),
                    handoff: translation.handoff.map(Day),
                };
                votes.insert([locales[0], locales[1], conflict.source, translation.text], vote);
            }
        }
        Votes(votes)
    }

    /// The vote for the translation of a segment, if the finding is that there are several.
    pub fn of(&self, segment: &CheckedSegment<'a>, finding: &Finding) -> Option<VoteObject<'a>> {
        if finding.check.id != INCONSISTENT {
            return None;
        }
        let document = segment.document;
        let locales = [document.source_locale.as_str(), document.target_locale.as_str()];
        self.0.get(&[locales[0], locales[1], segment.source, segment.target]).copied()
    }
}
