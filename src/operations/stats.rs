//! The counts of a memory, as they are printed as JSON.

use crate::json::{AlignedObject, DocumentObject, HistoryObject, SetObject, StatsObject};
use crate::memory::{AlignedStats, ListedDocument, SetStats, Stats};

/// The JSON of counts: those of each set, and their sums.
pub fn stats_object(stats: &Stats) -> StatsObject<'_> {
    let sum = |field: fn(&SetStats) -> u64| stats.sets.iter().map(field).sum();
    StatsObject {
        sets: stats.sets.iter().map(set_object).collect(),
        documents: sum(|set| set.documents),
        segments: sum(|set| set.segments),
        units: stats.units,
        variants: stats.variants,
        human: sum(|set| set.human),
        machine: sum(|set| set.machine),
        untranslated: sum(|set| set.untranslated),
        aligned: aligned_object(AlignedStats {
            all: sum(|set| set.aligned.all),
            confident: [
                sum(|set| set.aligned.confident[0]),
                sum(|set| set.aligned.confident[1]),
                sum(|set| set.aligned.confident[2]),
            ],
        }),
        history: HistoryObject {
            superseded: sum(|set| set.history.superseded),
            human_in_history: sum(|set| set.history.human_units),
            human_in_history_translated_now: sum(|set| set.history.human_units_translated_now),
        },
        bytes: stats.bytes,
    }
}

fn set_object(set: &SetStats) -> SetObject<'_> {
    SetObject {
        set: &set.set,
        source_locale: &set.source_locale,
        target_locale: &set.target_locale,
        documents: set.documents,
        segments: set.segments,
        units: set.units,
        human: set.human,
        machine: set.machine,
        untranslated: set.untranslated,
        aligned: aligned_object(set.aligned),
        history: HistoryObject {
            superseded: set.history.superseded,
            human_in_history: set.history.human_units,
            human_in_history_translated_now: set.history.human_units_translated_now,
        },
    }
}

fn aligned_object(AlignedStats { all: aligned, confident }: AlignedStats) -> Option<AlignedObject> {
    let [confidence_50, confidence_80, confidence_95] = confident;
    (aligned > 0).then_some(AlignedObject { aligned, confidence_50, confidence_80, confidence_95 })
}

/// The JSON of a document in a list.
pub fn document_object(listed: &ListedDocument) -> DocumentObject<'_> {
    DocumentObject {
        set: &listed.set,
        document: &listed.document,
        source_locale: listed.source_locale.as_str(),
        target_locale: listed.target_locale.as_str(),
        segments: listed.segments,
        workflow: listed.workflow.map(|workflow| workflow.name()),
        handoff: listed.handoff.map(|day| day.to_string()),
        title: listed.title.as_deref(),
    }
}
