//! Matches as a record batch: one row for each match of each text.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, PrimitiveBuilder, StringBuilder};
use arrow_array::types::{Date32Type, Float64Type, UInt8Type, UInt32Type, UInt64Type};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use bitext::matching::Match;
use bitext::model::Date;
use bitext::operations::check::Mark;

use crate::objects::{optional, required, schema as schema_of, text};

/// The columns, as in the JSON of `bitext query`. `query` is the number of the text, from 0.
pub fn schema() -> SchemaRef {
    schema_of(vec![
        required("query", DataType::UInt32),
        required("score", DataType::UInt8),
        text("kind"),
        text("source"),
        text("target"),
        text("source_locale"),
        text("target_locale"),
        optional("workflow", DataType::Utf8),
        optional("confidence", DataType::Float64),
        required("segments", DataType::UInt64),
        required("documents", DataType::UInt64),
        optional("handoff", DataType::Date32),
        required("superseded", DataType::Boolean),
        optional("set", DataType::Utf8),
        optional("document", DataType::Utf8),
        optional("id", DataType::Utf8),
        required("same_document", DataType::Boolean),
        required("similarity", DataType::Float64),
        optional("error", DataType::Utf8),
    ])
}

/// The matches of a text, with the error of each.
pub type Answer = Vec<(Match, Option<Mark>)>;

/// The matches of the texts with these numbers.
pub fn batch(found: &[(u32, Answer)]) -> Result<RecordBatch, ArrowError> {
    let rows = || found.iter().flat_map(|(query, found)| found.iter().map(|(found, _)| (*query, found)));
    let text = |value: &dyn Fn(&Match) -> Option<String>| -> ArrayRef {
        let mut column = StringBuilder::new();
        rows().for_each(|(_, found)| column.append_option(value(found)));
        Arc::new(column.finish())
    };
    let count = |value: fn(&Match) -> u64| -> ArrayRef {
        let mut column = PrimitiveBuilder::<UInt64Type>::new();
        rows().for_each(|(_, found)| column.append_value(value(found)));
        Arc::new(column.finish())
    };
    let flag = |value: fn(&Match) -> bool| -> ArrayRef {
        let mut column = BooleanBuilder::new();
        rows().for_each(|(_, found)| column.append_value(value(found)));
        Arc::new(column.finish())
    };
    let share = |value: fn(&Match) -> Option<f64>| -> ArrayRef {
        let mut column = PrimitiveBuilder::<Float64Type>::new();
        rows().for_each(|(_, found)| column.append_option(value(found)));
        Arc::new(column.finish())
    };
    let (mut queries, mut scores) =
        (PrimitiveBuilder::<UInt32Type>::new(), PrimitiveBuilder::<UInt8Type>::new());
    let mut handoffs = PrimitiveBuilder::<Date32Type>::new();
    for (query, found) in rows() {
        queries.append_value(query);
        scores.append_value(found.score.percent());
        handoffs.append_option(found.handoff.map(days));
    }
    let mut errors = StringBuilder::new();
    let marks = found.iter().flat_map(|(_, found)| found.iter().map(|(_, mark)| mark));
    marks.for_each(|mark| errors.append_option(mark.as_ref().map(|mark| mark.finding.check.id)));
    RecordBatch::try_new(
        schema(),
        vec![
            Arc::new(queries.finish()),
            Arc::new(scores.finish()),
            text(&|found| Some(found.kind().name().to_owned())),
            text(&|found| Some(found.source.clone())),
            text(&|found| Some(found.target.clone())),
            text(&|found| Some(found.source_locale.to_string())),
            text(&|found| Some(found.target_locale.to_string())),
            text(&|found| found.workflow.map(|workflow| workflow.name().to_owned())),
            share(|found| found.confidence.map(bitext::model::share)),
            count(|found| found.segments),
            count(|found| found.documents),
            Arc::new(handoffs.finish()),
            flag(|found| found.superseded.is_some()),
            text(&|found| found.place.as_ref().map(|place| place.set.clone())),
            text(&|found| found.place.as_ref().map(|place| place.document.clone())),
            text(&|found| found.place.as_ref().map(|place| place.segment.clone())),
            flag(|found| found.same_document),
            share(|found| Some(f64::from(found.similarity.hundredths()) / 100.0)),
            Arc::new(errors.finish()),
        ],
    )
}

/// Days since 1970.
fn days(date: Date) -> i32 {
    let since = date.duration_since(Date::constant(1970, 1, 1));
    i32::try_from(since.as_hours() / 24).unwrap_or_default()
}
