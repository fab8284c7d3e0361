//! Matches: their order and their penalties.

use std::cmp::{Ordering, Reverse};

use super::locale::LocaleFit;
use super::query::{Arithmetic, Difference, Similarity};
use crate::model::{Date, Locale, Place, Preference, Score, Superseded, Workflow};

/// A translation found for a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The score after penalties; 101 in context.
    pub score: Score,
    /// The similarity of the source text by characters.
    pub similarity: Similarity,
    /// The numbers that the score was computed from.
    pub arithmetic: Arithmetic,
    /// The points subtracted from the score.
    pub penalties: Vec<Penalty>,
    /// The differences of a source text with the same tokens.
    pub differences: Vec<Difference>,
    /// The source text that matches the query.
    pub source: String,
    /// Its locale.
    pub source_locale: Locale,
    /// Its translation.
    pub target: String,
    /// The translation's locale.
    pub target_locale: Locale,
    /// Who translated; human if a person translated it in any document.
    pub workflow: Option<Workflow>,
    /// Whether an alignment of clean documents found it, and no document states it.
    pub is_aligned: bool,
    /// Of a pair that an alignment found: the probability that it is right, in percent, at the first place.
    pub confidence: Option<u8>,
    /// The number of segments with it.
    pub segments: u64,
    /// The number of documents with it.
    pub documents: u64,
    /// The newest hand-off of these documents.
    pub handoff: Option<Date>,
    /// What superseded it; `None`: the current version of a document has it.
    pub superseded: Option<Superseded>,
    /// The first place in order of set, document and position; in a context match the first with that context, and of a match in the
    /// document that the query names the first in it.
    pub place: Option<Place>,
    /// Whether the document that the query names has the translation; of a context match, between the same neighbours.
    pub same_document: bool,
    /// The source text as the document has it at this place, where it differs: with its line breaks and the white space at its ends.
    pub source_as_written: Option<String>,
    /// The translation as the document has it, likewise.
    pub target_as_written: Option<String>,
}

/// The kind of a match, as translators name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchKind {
    /// The same text between the same neighbours.
    Context,
    /// The same text.
    Exact,
    /// A similar text.
    Fuzzy,
}

impl MatchKind {
    /// One lower-case word, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            MatchKind::Context => "context",
            MatchKind::Exact => "exact",
            MatchKind::Fuzzy => "fuzzy",
        }
    }
}

impl Match {
    /// The kind, which penalties do not change.
    pub fn kind(&self) -> MatchKind {
        match self.score.percent() + self.deducted() {
            101.. => MatchKind::Context,
            100 => MatchKind::Exact,
            _ => MatchKind::Fuzzy,
        }
    }

    fn preference(&self) -> Preference<'_> {
        Preference {
            workflow: self.workflow,
            is_superseded: self.superseded.is_some(),
            documents: self.documents,
            handoff: self.handoff,
            text: &self.target,
        }
    }

    /// The sum of the penalties.
    fn deducted(&self) -> u8 {
        self.penalties.iter().fold(0, |sum, penalty| sum.saturating_add(penalty.points))
    }
}

/// The order of matches, the best first: the higher score, the higher similarity, one in the same document, then the better translation by
/// [`Preference`]. The other criteria make the order total.
pub fn by_rank(a: &Match, b: &Match) -> Ordering {
    (Reverse(a.score), Reverse(a.similarity))
        .cmp(&(Reverse(b.score), Reverse(b.similarity)))
        .then_with(|| b.same_document.cmp(&a.same_document))
        .then_with(|| a.preference().compare(&b.preference()))
        .then_with(|| a.source.cmp(&b.source))
        .then_with(|| a.target_locale.cmp(&b.target_locale))
        .then_with(|| a.source_locale.cmp(&b.source_locale))
}

/// Points subtracted from a score, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Penalty {
    /// The reason.
    pub reason: PenaltyReason,
    /// The number of points.
    pub points: u8,
}

/// The reason for a penalty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PenaltyReason {
    /// A machine translated.
    Machine,
    /// An alignment found the pair.
    Aligned,
    /// The inline codes differ from those of the query.
    Markup,
    /// Another region: `pt-PT` for `pt-BR`.
    Locale,
}

impl PenaltyReason {
    /// One lower-case word, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            PenaltyReason::Machine => "machine",
            PenaltyReason::Aligned => "aligned",
            PenaltyReason::Markup => "markup",
            PenaltyReason::Locale => "locale",
        }
    }
}

/// The reasons that apply to a match. `fits` are those of the source and of the target locale.
pub fn reasons(
    (workflow, is_aligned): (Option<Workflow>, bool),
    markup_differs: bool,
    fits: [LocaleFit; 2],
) -> Vec<PenaltyReason> {
    [
        (workflow == Some(Workflow::Machine), PenaltyReason::Machine),
        (is_aligned, PenaltyReason::Aligned),
        (markup_differs, PenaltyReason::Markup),
        (fits.contains(&LocaleFit::OtherRegion), PenaltyReason::Locale),
    ]
    .into_iter()
    .filter_map(|(applies, reason)| applies.then_some(reason))
    .collect()
}

/// The number of points for each reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Penalties {
    /// For a machine's translation.
    pub machine: u8,
    /// For a pair that an alignment found.
    pub aligned: u8,
    /// For other inline codes.
    pub markup: u8,
    /// For another region.
    pub locale: u8,
}

/// The points that an aligned pair loses by default: one, so that a pair which a document states comes first.
pub const ALIGNED_PENALTY: u8 = 1;

impl Default for Penalties {
    /// None but for an aligned pair.
    fn default() -> Self {
        Penalties { machine: 0, aligned: ALIGNED_PENALTY, markup: 0, locale: 0 }
    }
}

impl Penalties {
    /// Subtracts the penalties for these reasons. Returns the remaining score and the penalties.
    pub fn apply(&self, score: Score, reasons: &[PenaltyReason]) -> (Score, Vec<Penalty>) {
        let mut remaining = score.percent();
        let mut penalties = Vec::new();
        for &reason in reasons {
            let points = match reason {
                PenaltyReason::Machine => self.machine,
                PenaltyReason::Aligned => self.aligned,
                PenaltyReason::Markup => self.markup,
                PenaltyReason::Locale => self.locale,
            };
            let points = points.min(remaining);
            if points > 0 {
                remaining -= points;
                penalties.push(Penalty { reason, points });
            }
        }
        (Score::new(remaining).unwrap_or(score), penalties)
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::Query;
    use super::*;

    fn found(source: &str) -> Match {
        let mut query = Query::new("Save the file.");
        let floor = Score::new(1).unwrap();
        let compared = query.compare(source, floor).unwrap();
        Match {
            superseded: None,
            same_document: false,
            is_aligned: false,
            confidence: None,
            source_as_written: None,
            target_as_written: None,
            score: compared.score,
            similarity: query.similarity(source),
            arithmetic: compared.arithmetic,
            penalties: Vec::new(),
            differences: query.differences(source),
            source: source.into(),
            source_locale: "en-US".parse().unwrap(),
            target: "파일을 저장합니다.".into(),
            target_locale: "ko-KR".parse().unwrap(),
            workflow: Some(Workflow::Machine),
            segments: 1,
            documents: 1,
            handoff: "2020-01-01".parse().ok(),
            place: None,
        }
    }

    /// Each line is better than the one below it, for the reason in the middle.
    #[test]
    fn matches_are_ordered_by_one_policy() {
        let text = "Save a file.";
        let ordered = [
            ("context", Match { score: Score::CONTEXT, ..found("Save the file.") }),
            ("exact", found("Save the file.")),
            ("the same tokens", found("**Save** the file.")),
            ("score", found("Save the files.")),
            ("similarity", Match { workflow: Some(Workflow::Human), ..found(text) }),
            ("unknown before machine", Match { workflow: None, ..found(text) }),
            ("more documents", Match { documents: 9, ..found(text) }),
            ("newer", Match { handoff: "2021-01-01".parse().ok(), ..found(text) }),
            ("dated", found(text)),
            ("text", Match { target: "가나".into(), handoff: None, ..found(text) }),
            ("last", Match { handoff: None, ..found(text) }),
        ];
        for pair in ordered.windows(2) {
            assert_eq!(by_rank(&pair[0].1, &pair[1].1), Ordering::Less, "{}", pair[0].0);
        }
    }

    #[test]
    fn penalties_are_told_and_do_not_change_the_kind() {
        let penalties = Penalties { machine: 5, aligned: 1, markup: 0, locale: 2 };
        let reasons = [PenaltyReason::Machine, PenaltyReason::Markup, PenaltyReason::Locale];
        let (score, applied) = penalties.apply(Score::EXACT, &reasons);
        assert_eq!((score.percent(), applied.len()), (93, 2));
        let found = Match { score, penalties: applied, ..found("Save the file.") };
        assert_eq!(found.kind(), MatchKind::Exact);
        assert_eq!(Penalties { machine: 200, ..penalties }.apply(Score::EXACT, &reasons).0.percent(), 0);
    }
}
