//! The order of several translations of one text. Queries and exports both use it.

use std::cmp::Ordering;

use super::{Date, Workflow};

/// The criteria by which translations of one text into one locale are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference<'a> {
    /// Who translated; human if a person translated any of its documents.
    pub workflow: Option<Workflow>,
    /// Whether no current version of a document has this translation.
    pub is_superseded: bool,
    /// The number of documents with this translation.
    pub documents: u64,
    /// The newest hand-off of these documents.
    pub handoff: Option<Date>,
    /// The translation itself.
    pub text: &'a str,
}

impl Preference<'_> {
    /// `Less` if this translation is better than the other one.
    ///
    /// - Human before unknown before machine, because a person has read the sentence.
    /// - Current before superseded, because someone replaced it. A superseded human translation comes before a current machine one.
    /// - More documents first, because a widely used translation was seen by many.
    /// - The newer hand-off first, because terms change.
    /// - Then by the bytes of the text. They mean nothing, but make the order total and every result reproducible.
    ///
    /// ```
    /// use bitext::model::{Preference, Workflow};
    /// let human =
    ///     Preference { workflow: Some(Workflow::Human), is_superseded: true, documents: 1, handoff: None, text: "b" };
    /// let machine =
    ///     Preference { workflow: Some(Workflow::Machine), is_superseded: false, documents: 9, handoff: None, text: "a" };
    /// assert!(human.compare(&machine).is_lt());
    /// ```
    pub fn compare(&self, other: &Self) -> Ordering {
        compare_workflows(self.workflow, other.workflow)
            .then_with(|| self.is_superseded.cmp(&other.is_superseded))
            .then_with(|| other.documents.cmp(&self.documents))
            .then_with(|| other.handoff.cmp(&self.handoff))
            .then_with(|| self.text.cmp(other.text))
    }
}

/// The order of workflows, the best first: human, unknown, machine.
pub fn compare_workflows(one: Option<Workflow>, other: Option<Workflow>) -> Ordering {
    let rank = |workflow| match workflow {
        Some(Workflow::Human) => 0,
        None => 1,
        Some(Workflow::Machine) => 2,
    };
    rank(one).cmp(&rank(other))
}

/// The workflow of a translation that occurs at two places: human if either is human.
pub fn better_workflow(one: Option<Workflow>, other: Option<Workflow>) -> Option<Workflow> {
    if compare_workflows(one, other).is_le() { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_translation_comes_first() {
        let day = |text: &str| Some(text.parse::<Date>().unwrap());
        let preference = |workflow, documents, handoff, text| Preference {
            workflow,
            is_superseded: false,
            documents,
            handoff,
            text,
        };
        let superseded =
            |workflow| Preference { is_superseded: true, ..preference(workflow, 9, day("2024-01-01"), "a") };
        let (human, machine) = (Some(Workflow::Human), Some(Workflow::Machine));
        for (better, worse, why) in [
            (
                preference(human, 1, None, "z"),
                preference(machine, 9, day("2024-01-01"), "a"),
                "human before machine",
            ),
            (preference(human, 1, None, "z"), preference(None, 9, None, "a"), "human before unknown"),
            (preference(None, 1, None, "z"), preference(machine, 9, None, "a"), "unknown before machine"),
            (
                preference(machine, 2, None, "z"),
                preference(machine, 1, day("2024-01-01"), "a"),
                "more documents",
            ),
            (
                preference(human, 1, day("2020-01-02"), "z"),
                preference(human, 1, day("2020-01-01"), "a"),
                "newer",
            ),
            (
                preference(human, 1, day("2020-01-02"), "z"),
                preference(human, 1, None, "a"),
                "dated before undated",
            ),
            (preference(human, 1, None, "a"), preference(human, 1, None, "b"), "text"),
            (preference(human, 1, None, "z"), superseded(human), "current before superseded"),
            (superseded(human), preference(machine, 1, None, "z"), "superseded human before current machine"),
        ] {
            assert_eq!(better.compare(&worse), Ordering::Less, "{why}");
            assert_eq!(worse.compare(&better), Ordering::Greater, "{why}");
        }
    }

    #[test]
    fn one_human_place_makes_a_translation_human() {
        let (human, machine) = (Some(Workflow::Human), Some(Workflow::Machine));
        assert_eq!(better_workflow(machine, human), human);
        assert_eq!(better_workflow(None, human), human);
        assert_eq!(better_workflow(None, machine), None);
        assert_eq!(better_workflow(machine, machine), machine);
    }
}
