//! Look-ups of many texts in a memory, as columns.

use std::path::PathBuf;

use arrow_array::RecordBatch;
use bitext::matching::{ALIGNED_PENALTY, Penalties};
use bitext::memory::{BlockCache, LookupOptions, Memory};
use bitext::model::{Context, QueryPlace};
use bitext::operations::OperationError;
use bitext::operations::check::Marker;
use bitext::operations::check::exceptions::Exceptions;
use bitext::operations::lookup::{AnswerSink, LookupPlan, LookupQuery, QueryBatch, lookup_in_order};
use pyo3::prelude::*;

use crate::arguments::{floor, parsed_if, threads, workflow};
use crate::errors::Failure;
use crate::job::Job;
use crate::matches::{self, Answer};

/// The options of look-ups.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct QueryOptions {
    from: Option<String>,
    to: Option<String>,
    min: u32,
    limit: usize,
    workflow: Option<String>,
    current: bool,
    threads: Option<usize>,
}

impl QueryOptions {
    /// The options of the operation, and the number of threads.
    pub fn lookup(self) -> PyResult<(LookupOptions, usize)> {
        let options = LookupOptions {
            from: parsed_if(self.from.as_deref())?,
            to: parsed_if(self.to.as_deref())?,
            floor: floor(self.min)?,
            limit: self.limit.max(1),
            penalties: Penalties { aligned: ALIGNED_PENALTY, ..Penalties::default() },
            workflow: workflow(self.workflow.as_deref())?,
            only_current: self.current,
        };
        Ok((options, threads(self.threads)))
    }
}

/// A text to look up, the texts before and after it, and its document.
pub type Placed = (String, Option<String>, Option<String>, Option<String>);

/// The number of texts that are sent to a thread at once, and that are turned into columns at once.
const SENT: usize = 16;
const COLUMNS: usize = 8192;

/// The matches of the texts, in their order.
///
/// # Errors
/// If the memory cannot be read, or the job is cancelled.
pub fn look_up(
    (memory, blocks): (PathBuf, BlockCache),
    (options, threads): (LookupOptions, usize),
    texts: Vec<Placed>,
    job: &Job,
) -> Result<Vec<RecordBatch>, Failure> {
    let marker = Marker::of_lookups(&Memory::open(&memory)?, options.from.as_ref(), Exceptions::default())?;
    let threads = threads.min(texts.len().div_ceil(SENT));
    let plan = LookupPlan { memory, options, blocks, marker, threads };
    let mut texts = texts.into_iter();
    let batches = std::iter::from_fn(move || {
        let batch: QueryBatch<Failure> = texts.by_ref().take(SENT).map(|text| Ok(query(text))).collect();
        (!batch.is_empty()).then_some(batch)
    });
    let mut answers = Answers { job, number: 0, waiting: Vec::new(), batches: Vec::new() };
    lookup_in_order(&plan, batches, |_, found| Ok(found), &mut answers)?;
    answers.flush()?;
    Ok(answers.batches)
}

fn query((text, before, after, document): Placed) -> LookupQuery {
    let known = |text: Option<String>| text.map(Into::into);
    let context = Context { previous: known(before), next: known(after) };
    LookupQuery { text, place: QueryPlace { context, document: known(document) } }
}

/// Collects matches as columns.
struct Answers<'j> {
    job: &'j Job,
    number: u32,
    waiting: Vec<(u32, Answer)>,
    batches: Vec<RecordBatch>,
}

impl Answers<'_> {
    fn flush(&mut self) -> Result<(), Failure> {
        let waiting = std::mem::take(&mut self.waiting);
        self.batches.push(matches::batch(&waiting)?);
        Ok(())
    }
}

impl AnswerSink<Answer, Failure> for Answers<'_> {
    fn answer(&mut self, answer: Answer) -> Result<(), Failure> {
        if self.job.is_cancelled() {
            return Err(OperationError::Cancelled.into());
        }
        self.waiting.push((self.number, answer));
        self.number += 1;
        if self.waiting.len() == COLUMNS { self.flush() } else { Ok(()) }
    }
}
