//! The table `origin`: the metadata that a TMX states for each of its segments.

mod reader;

use std::borrow::Cow;

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use super::bulk::{Bulk, Cell};
pub(super) use reader::OriginReader;

use crate::model::{Context, Place, Provenance, Scope, Variant, Workflow, date_time, seconds};

/// The metadata that a TMX states for one translation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub provenance: Provenance,
    pub scope: Scope,
    pub context: Context,
}

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
    pub places: Vec<(Cow<'t, str>, Cow<'t, str>, Cow<'t, str>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<(Cow<'t, str>, Cow<'t, str>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Cow<'t, str>>,
}

impl Rest<'_> {
    /// Adds the metadata to a variant of an export.
    pub fn add_to(self, variant: &mut Variant) {
        variant.places.extend(self.places.into_iter().map(|(set, document, segment)| Place {
            set: set.into_owned(),
            document: document.into_owned(),
            segment: segment.into_owned(),
        }));
        variant.last_used = variant.last_used.max(self.last_used.and_then(date_time));
        variant.creator = variant.creator.take().or(self.creator.map(Cow::into_owned));
        variant.changer = variant.changer.take().or(self.changer.map(Cow::into_owned));
        variant.source_commit = variant.source_commit.take().or(self.source_commit.map(Cow::into_owned));
        for (name, value) in self.properties {
            let property = (name.into_owned(), value.into_owned());
            if !variant.properties.contains(&property) {
                variant.properties.push(property);
            }
        }
        for note in self.notes {
            let note = note.into_owned();
            if !variant.notes.contains(&note) {
                variant.notes.push(note);
            }
        }
    }
}

/// The value of the column `rest` for a variant.
pub(super) fn rest_of(variant: &Variant) -> Option<String> {
    fn place(place: &Place) -> (Cow<'_, str>, Cow<'_, str>, Cow<'_, str>) {
        ((&place.set).into(), (&place.document).into(), (&place.segment).into())
    }
    let rest = Rest {
        last_used: variant.last_used.map(seconds),
        creator: variant.creator.as_deref().map(Cow::Borrowed),
        changer: variant.changer.as_deref().map(Cow::Borrowed),
        source_commit: variant.source_commit.as_deref().map(Cow::Borrowed),
        places: variant.places.iter().map(place).collect(),
        properties: variant.properties.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        notes: variant.notes.iter().map(Cow::from).collect(),
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
            in_context: scope == Scope::Context,
        }
    }
}

/// A bulk insert into the table.
pub(super) fn bulk<'m, 't>(memory: &'m Connection) -> Bulk<'m, 't, 11> {
    let columns = [
        "document_id",
        "position",
        "workflow",
        "created",
        "changed",
        "usage",
        "documents",
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
        &self,
        (document, position): (i64, i64),
        [previous, next]: [Option<&'t str>; 2],
        rest: Option<&'t str>,
    ) -> [Cell<'t>; 11] {
        [
            document.into(),
            position.into(),
            self.workflow.map(Workflow::name).into(),
            self.created.into(),
            self.changed.into(),
            self.usage.into(),
            self.documents.into(),
            i64::from(self.in_context).into(),
            previous.into(),
            next.into(),
            rest.into(),
        ]
    }
}

impl Origin {
    /// Reads the columns `workflow` to `documents`, of which the first is column `at`.
    pub(super) fn provenance(row: &Row<'_>, at: usize, document: i64) -> rusqlite::Result<Provenance> {
        Ok(Provenance {
            document,
            workflow: row.get_ref(at)?.as_str_or_null()?.and_then(Workflow::of_name),
            created: row.get(at + 1)?,
            changed: row.get(at + 2)?,
            segments: row.get(at + 3)?,
            documents: row.get(at + 4)?,
            is_tmx: true,
        })
    }

    /// Reads the columns `workflow` to `next`, of which the first is column `at`.
    pub(super) fn read(row: &Row<'_>, at: usize, document: i64) -> rusqlite::Result<Origin> {
        Ok(Origin {
            provenance: Origin::provenance(row, at, document)?,
            scope: if row.get(at + 5)? { Scope::Context } else { Scope::Everywhere },
            context: Context { previous: row.get(at + 6)?, next: row.get(at + 7)? },
        })
    }
}
