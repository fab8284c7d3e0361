//! Usage of a translation: in how many segments and documents it occurs, who made it, and when. The one rule for `query`,
//! `search` and `export`. [`Preference`](super::Preference) compares translations by their usage.

use super::{Date, Superseded, Workflow, better_workflow, date_time};

/// The metadata of a translation at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The document, by a number of the caller's choice.
    pub document: i64,
    /// Who translated.
    pub workflow: Option<Workflow>,
    /// When it was created, in seconds since 1970.
    pub created: Option<i64>,
    /// When it was changed, likewise.
    pub changed: Option<i64>,
    /// The number of segments: more than one if a TMX states it.
    pub segments: u64,
    /// The number of documents, likewise.
    pub documents: u64,
    /// Whether the place is a unit of a TMX.
    pub is_tmx: bool,
    /// Whether an alignment found the pair: no span states that the two texts belong together.
    pub is_aligned: bool,
    /// What superseded it there; `None`: it is current.
    pub superseded: Option<Superseded>,
}

impl Provenance {
    /// Of segments of the current version of a document.
    pub fn of_document(
        document: i64,
        workflow: Option<Workflow>,
        handoff: Option<i64>,
        segments: u64,
    ) -> Self {
        Provenance {
            document,
            workflow,
            created: handoff,
            changed: handoff,
            segments,
            documents: 1,
            is_tmx: false,
            is_aligned: false,
            superseded: None,
        }
    }

    /// The hand-off. A TMX may know only when a translation was created.
    pub fn handoff(&self) -> Option<i64> {
        self.changed.or(self.created)
    }
}

/// The provenance of several places together. If a translation has current places, its superseded ones are not counted: they
/// only tell who translated it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The number of segments with the translation.
    pub segments: u64,
    /// The number of documents.
    pub documents: u64,
    /// Human if a person translated at any of the places.
    pub workflow: Option<Workflow>,
    /// The oldest creation, in seconds since 1970.
    pub created: Option<i64>,
    /// The newest hand-off, likewise.
    handoff: Option<i64>,
    /// Whether any place has a date of change.
    is_changed: bool,
    /// The document with the newest hand-off.
    pub newest: i64,
    /// What superseded it last; `None`: it has a current place.
    pub superseded: Option<Superseded>,
    /// Whether all its places are those of an alignment.
    pub is_aligned: bool,
    last_document: i64,
}

impl Usage {
    /// The usage at one place.
    pub fn first(place: &Provenance) -> Usage {
        Usage {
            segments: place.segments,
            documents: place.documents,
            workflow: place.workflow,
            created: place.created,
            handoff: place.handoff(),
            is_changed: place.changed.is_some(),
            newest: place.document,
            superseded: place.superseded,
            is_aligned: place.is_aligned,
            last_document: place.document,
        }
    }

    /// Adds a place; those of one document must follow one another. Returns whether its document is another than the last one.
    pub fn add(&mut self, place: &Provenance) -> bool {
        self.is_aligned &= place.is_aligned;
        match (self.superseded, place.superseded) {
            (None, Some(_)) => {
                self.workflow = better_workflow(self.workflow, place.workflow);
                return false;
            }
            (Some(_), None) => {
                let workflow = better_workflow(self.workflow, place.workflow);
                let is_aligned = self.is_aligned;
                *self = Usage { workflow, is_aligned, ..Usage::first(place) };
                return true;
            }
            (one, other) => self.superseded = newer(one, other),
        }
        let is_new_document = self.last_document != place.document;
        if place.handoff() > self.handoff {
            self.newest = place.document;
        }
        self.segments = self.segments.saturating_add(place.segments);
        // A document counts once. Each unit of a TMX was made from documents of its own.
        if is_new_document || place.is_tmx {
            self.documents = self.documents.saturating_add(place.documents);
        }
        self.workflow = better_workflow(self.workflow, place.workflow);
        self.created = match (self.created, place.created) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.is_changed |= place.changed.is_some();
        self.handoff = self.handoff.max(place.handoff());
        self.last_document = place.document;
        is_new_document
    }

    /// The usage at the places of both, which have no document in common.
    pub fn with(&self, other: &Usage) -> Usage {
        let workflow = better_workflow(self.workflow, other.workflow);
        let is_aligned = self.is_aligned && other.is_aligned;
        match (self.superseded, other.superseded) {
            (None, Some(_)) => return Usage { workflow, is_aligned, ..*self },
            (Some(_), None) => return Usage { workflow, is_aligned, ..*other },
            _ => {}
        }
        Usage {
            workflow,
            is_aligned,
            superseded: newer(self.superseded, other.superseded),
            segments: self.segments.saturating_add(other.segments),
            documents: self.documents.saturating_add(other.documents),
            is_changed: self.is_changed | other.is_changed,
            handoff: self.handoff.max(other.handoff),
            ..*self
        }
    }

    /// The newest change, in seconds since 1970. A hand-off after the oldest creation counts as a change. Else it would be lost in
    /// a format with one date of creation and one of change.
    pub fn changed(&self) -> Option<i64> {
        if self.is_changed || self.handoff > self.created { self.handoff } else { None }
    }

    /// The day of the newest hand-off.
    pub fn handoff(&self) -> Option<Date> {
        self.handoff.and_then(date_time).map(|time| time.date())
    }
}

/// The later one; that of the second if both are of the same time.
fn newer(one: Option<Superseded>, other: Option<Superseded>) -> Option<Superseded> {
    if one.map(|one| one.at) > other.map(|other| other.at) { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUMAN: Option<Workflow> = Some(Workflow::Human);
    const MACHINE: Option<Workflow> = Some(Workflow::Machine);

    fn of(places: &[Provenance]) -> Usage {
        let mut usage = Usage::first(&places[0]);
        for place in &places[1..] {
            usage.add(place);
        }
        usage
    }

    fn tmx(document: i64, created: Option<i64>, changed: Option<i64>) -> Provenance {
        Provenance { created, changed, is_tmx: true, ..Provenance::of_document(document, None, None, 1) }
    }

    #[test]
    fn a_document_counts_once_and_a_unit_of_a_tmx_always() {
        let document = |number| Provenance::of_document(number, HUMAN, None, 1);
        let tmx = |number| tmx(number, None, None);
        for (places, documents) in [
            (vec![document(1)], 1),
            (vec![document(1), document(1), document(2)], 2),
            (vec![tmx(1), tmx(1)], 2),
            (vec![document(1), tmx(2), tmx(2)], 3),
            (vec![Provenance { documents: 7, ..tmx(1) }, document(2)], 8),
        ] {
            let usage = of(&places);
            assert_eq!((usage.documents, usage.segments), (documents, places.len() as u64), "{places:?}");
        }
    }

    #[test]
    fn the_hand_off_is_the_change_or_else_the_creation() {
        for (places, handoff, newest) in [
            (vec![tmx(1, Some(86_400), None)], Some("1970-01-02"), 1),
            (vec![tmx(1, Some(86_400), Some(172_800))], Some("1970-01-03"), 1),
            (vec![tmx(1, None, None), tmx(2, Some(0), None)], Some("1970-01-01"), 2),
            (vec![tmx(1, Some(172_800), None), tmx(2, None, Some(86_400))], Some("1970-01-03"), 1),
            (vec![tmx(1, None, None)], None, 1),
        ] {
            let usage = of(&places);
            assert_eq!(usage.handoff().map(|day| day.to_string()).as_deref(), handoff, "{places:?}");
            assert_eq!(usage.newest, newest, "{places:?}");
        }
    }

    #[test]
    fn no_hand_off_is_lost_between_the_oldest_creation_and_the_newest_change() {
        for (places, created, changed) in [
            (vec![tmx(1, Some(5), None)], Some(5), None),
            (vec![tmx(1, Some(5), Some(5))], Some(5), Some(5)),
            (vec![tmx(1, Some(5), None), tmx(1, Some(5), None)], Some(5), None),
            (vec![tmx(1, Some(5), None), tmx(1, Some(9), None)], Some(5), Some(9)),
            (vec![tmx(1, None, Some(5)), tmx(1, Some(9), None)], Some(9), Some(9)),
            (vec![tmx(1, None, None)], None, None),
        ] {
            assert_eq!((of(&places).created, of(&places).changed()), (created, changed), "{places:?}");
        }
    }

    #[test]
    fn a_superseded_place_beside_current_ones_only_tells_who_translated() {
        let document = |number, workflow| Provenance::of_document(number, workflow, Some(86_400), 1);
        let past = |number, workflow, at| {
            let superseded = Some(Superseded { at, commit: None });
            Provenance { superseded, ..document(number, workflow) }
        };
        for places in [
            vec![document(1, MACHINE), past(2, HUMAN, 5), past(3, MACHINE, 6)],
            vec![past(2, HUMAN, 5), past(3, MACHINE, 6), document(1, MACHINE)],
            vec![past(2, HUMAN, 5), document(1, MACHINE), past(3, MACHINE, 6)],
        ] {
            let usage = of(&places);
            let counts = (usage.segments, usage.documents, usage.newest);
            assert_eq!((counts, usage.workflow, usage.superseded), ((1, 1, 1), HUMAN, None), "{places:?}");
        }
        let all = of(&[past(2, HUMAN, 5), past(3, MACHINE, 6), past(4, MACHINE, 4)]);
        let superseded = all.superseded.map(|superseded| superseded.at);
        assert_eq!((all.segments, all.workflow, superseded), (3, HUMAN, Some(6)));
        let (now, then) = (of(&[document(1, MACHINE)]), of(&[past(2, HUMAN, 5)]));
        for both in [now.with(&then), then.with(&now)] {
            assert_eq!((both.segments, both.workflow, both.superseded), (1, HUMAN, None));
        }
    }

    #[test]
    fn one_human_place_makes_a_translation_human() {
        let document = |number, workflow| Provenance::of_document(number, workflow, None, 1);
        assert_eq!(of(&[document(1, MACHINE), document(2, HUMAN)]).workflow, HUMAN);
        assert_eq!(of(&[document(1, MACHINE), document(2, MACHINE)]).workflow, MACHINE);
        let (one, other) = (of(&[document(1, MACHINE)]), of(&[document(2, HUMAN)]));
        assert_eq!((one.with(&other).workflow, one.with(&other).documents), (HUMAN, 2));
    }
}
