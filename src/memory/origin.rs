//! The table `origin`: the metadata that a TMX states for each of its segments.

mod reader;

use std::borrow::Cow;

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use super::bulk::{Bulk, Cell};
pub(super) use reader::OriginReader;

use super::documents::object_id;
use crate::model::{
    Context, Date, ObjectId, Place, Provenance, Scope, SharedRemarks, Superseded, Variant, Workflow,
    date_time, midnight, seconds,
};

/// The metadata that a TMX states for one translation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub provenance: Provenance,
    pub scope: Scope,
    pub context: Context,
}

type Text<'t> = Cow<'t, str>;

/// The metadata that only an export reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Rest<'t> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creator: Option<Cow<'t, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changer: Option<Cow<'t, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_commit: Option<Cow<'t, str>>,
    /// Set, document and segment id of each place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<(Text<'t>, Text<'t>, Text<'t>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<(Text<'t>, Text<'t>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Text<'t>>,
    /// What all translations of the unit share, in the row of the first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<Remarks<'t>>,
    /// Where `shared` is, in the rows of the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_at: Option<SharedAt<'t>>,
}

/// [`SharedRemarks`] as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Remarks<'t> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<(Text<'t>, Text<'t>, Text<'t>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<(Text<'t>, Text<'t>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Text<'t>>,
}

/// The row of another translation of the same unit: in the document with this target locale, so many positions before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SharedAt<'t>(pub Text<'t>, pub u32);

impl<'t> Remarks<'t> {
    fn of(places: &'t [Place], properties: &'t [(String, String)], notes: &'t [String]) -> Self {
        fn place(place: &Place) -> (Text<'_>, Text<'_>, Text<'_>) {
            ((&place.set).into(), (&place.document).into(), (&place.segment).into())
        }
        Remarks {
            places: places.iter().map(place).collect(),
            properties: properties.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            notes: notes.iter().map(Cow::from).collect(),
        }
    }

    pub fn into_owned(self) -> SharedRemarks {
        let place = |(set, document, segment): (Text<'_>, Text<'_>, Text<'_>)| Place {
            set: set.into_owned(),
            document: document.into_owned(),
            segment: segment.into_owned(),
        };
        let property = |(name, value): (Text<'_>, Text<'_>)| (name.into_owned(), value.into_owned());
        SharedRemarks {
            places: self.places.into_iter().map(place).collect(),
            properties: self.properties.into_iter().map(property).collect(),
            notes: self.notes.into_iter().map(Cow::into_owned).collect(),
        }
    }
}

/// Where the shared part of a row is.
pub(super) enum Shared {
    /// There is none.
    None,
    /// In the row itself.
    Here(SharedRemarks),
    /// In the document with this target locale, so many positions before.
    Before(String, u32),
}

impl Rest<'_> {
    /// Removes and returns the shared part.
    pub fn take_shared(&mut self) -> Shared {
        match (self.shared.take(), self.shared_at.take()) {
            (Some(shared), _) => Shared::Here(shared.into_owned()),
            (None, Some(SharedAt(locale, positions))) => Shared::Before(locale.into_owned(), positions),
            (None, None) => Shared::None,
        }
    }

    /// Adds the metadata to a variant of an export, without the shared part.
    pub fn add_to(self, variant: &mut Variant) {
        variant.last_used = variant.last_used.max(self.last_used.and_then(date_time));
        variant.creator = variant.creator.take().or(self.creator.map(Cow::into_owned));
        variant.changer = variant.changer.take().or(self.changer.map(Cow::into_owned));
        variant.source_commit = variant.source_commit.take().or(self.source_commit.map(Cow::into_owned));
        let own =
            Remarks { places: self.places, properties: self.properties, notes: self.notes }.into_owned();
        variant.places.extend(own.places);
        variant.properties.extend(own.properties);
        variant.notes.extend(own.notes);
    }
}

/// The value of the column `rest` for a variant. `shared_at` refers to the row of another translation with the same shared part.
pub(super) fn rest_of(variant: &Variant, shared_at: Option<SharedAt<'_>>) -> Option<String> {
    let shared = variant.shared.as_deref().filter(|_| shared_at.is_none());
    let Remarks { places, properties, notes } =
        Remarks::of(&variant.places, &variant.properties, &variant.notes);
    let rest = Rest {
        last_used: variant.last_used.map(seconds),
        creator: variant.creator.as_deref().map(Cow::Borrowed),
        changer: variant.changer.as_deref().map(Cow::Borrowed),
        source_commit: variant.source_commit.as_deref().map(Cow::Borrowed),
        places,
        properties,
        notes,
        shared: shared.map(|shared| Remarks::of(&shared.places, &shared.properties, &shared.notes)),
        shared_at,
    };
    // Serializing text and numbers cannot fail.
    (rest != Rest::default()).then(|| serde_json::to_string(&rest).unwrap_or_default())
}

/// The columns of fixed size, without the place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    workflow: Option<Workflow>,
    created: Option<i64>,
    changed: Option<i64>,
    usage: i64,
    documents: i64,
    superseded: Option<Superseded>,
    in_context: bool,
}

impl Columns {
    /// The columns of a variant. Counts are at least 1.
    pub fn of(variant: &Variant, scope: Scope) -> Columns {
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX).max(1);
        Columns {
            workflow: variant.workflow,
            created: variant.created.map(seconds),
            changed: variant.changed.map(seconds),
            usage: count(variant.usage),
            documents: count(variant.documents),
            superseded: variant.superseded,
            in_context: scope == Scope::Context,
        }
    }
}

impl Columns {
    /// The columns of one segment, of which only these are known. A hand-off is when the translation was changed.
    pub fn of_segment(workflow: Option<Workflow>, handoff: Option<Date>) -> Columns {
        let changed = handoff.map(midnight);
        Columns {
            workflow,
            created: None,
            changed,
            usage: 1,
            documents: 1,
            superseded: None,
            in_context: false,
        }
    }
}

/// A bulk insert into the table.
pub(super) fn bulk<'m, 't>(memory: &'m Connection) -> Bulk<'m, 't, 13> {
    let columns = [
        "document_id",
        "position",
        "workflow",
        "created",
        "changed",
        "usage",
        "documents",
        "superseded",
        "commit_id",
        "in_context",
        "previous",
        "next",
        "rest",
    ];
    Bulk::new(memory, "origin", columns)
}

impl Columns {
    /// The row of the segment at a place, with the source texts before and after it.
    pub fn row<'t>(
        &'t self,
        (document, position): (i64, i64),
        [previous, next]: [Option<&'t str>; 2],
        rest: Option<&'t str>,
    ) -> [Cell<'t>; 13] {
        let commit = self.superseded.as_ref().and_then(|superseded| superseded.commit.as_ref());
        [
            document.into(),
            position.into(),
            self.workflow.map(Workflow::name).into(),
            self.created.into(),
            self.changed.into(),
            self.usage.into(),
            self.documents.into(),
            self.superseded.map(|superseded| superseded.at).into(),
            commit.map(ObjectId::as_bytes).into(),
            i64::from(self.in_context).into(),
            previous.into(),
            next.into(),
            rest.into(),
        ]
    }
}

impl Origin {
    /// Reads the columns `workflow` to `commit_id`, of which the first is column `at`.
    pub(super) fn provenance(row: &Row<'_>, at: usize, document: i64) -> rusqlite::Result<Provenance> {
        Ok(Provenance {
            document,
            workflow: row.get_ref(at)?.as_str_or_null()?.and_then(Workflow::of_name),
            created: row.get(at + 1)?,
            changed: row.get(at + 2)?,
            segments: row.get(at + 3)?,
            documents: row.get(at + 4)?,
            is_tmx: true,
            is_aligned: false,
            superseded: superseded(row, at + 5)?,
        })
    }

    /// Reads the columns `workflow` to `next`, of which the first is column `at`.
    pub(super) fn read(row: &Row<'_>, at: usize, document: i64) -> rusqlite::Result<Origin> {
        Ok(Origin {
            provenance: Origin::provenance(row, at, document)?,
            scope: if row.get(at + 7)? { Scope::Context } else { Scope::Everywhere },
            context: Context { previous: row.get(at + 8)?, next: row.get(at + 9)? },
        })
    }
}

/// What superseded a translation: reads the columns `superseded` and `commit_id`, of which the first is column `at`.
fn superseded(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Superseded>> {
    let Some(date) = row.get(at)? else { return Ok(None) };
    Ok(Some(Superseded { at: date, commit: object_id(row, at + 1)? }))
}
