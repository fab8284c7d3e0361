//! Look-ups on one thread or several, answered in the order of the queries.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use super::OperationError;
use super::check::{Mark, Marker};
use crate::matching::Match;
use crate::memory::{BlockCache, Lookup, LookupOptions, Memory, MemoryError};
use crate::model::QueryPlace;
use crate::parallel;

/// A text to look up, with what is known of its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookupQuery {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub place: QueryPlace,
}

/// A plan of look-ups.
#[derive(Clone)]
pub struct LookupPlan {
    /// The memory's file. Each thread opens it for itself.
    pub memory: PathBuf,
    /// The options of all queries.
    pub options: LookupOptions,
    /// The parts of the index that were read. A caller that keeps them need not wait for them the next time.
    pub blocks: BlockCache,
    /// Finds errors in matches.
    pub marker: Marker,
    /// How many threads look up; at least one does. With one, the calling thread reads, looks up and passes the answers on, and no
    /// thread is started: a single query is answered sooner, because waking a thread takes as long as a short look-up.
    pub threads: usize,
}

/// Receives the answers, in the order of the queries.
pub trait AnswerSink<A, E> {
    /// The answer to the next query.
    ///
    /// # Errors
    /// An error ends the look-ups, and is returned from [`lookup_in_order`].
    fn answer(&mut self, answer: A) -> Result<(), E>;

    /// There is no further query yet, and the caller may wait for the answers so far: a sink with a buffer flushes it.
    ///
    /// # Errors
    /// As [`AnswerSink::answer`].
    fn pause(&mut self) -> Result<(), E> {
        Ok(())
    }
}

/// Queries that are looked up together. An error is the last element.
pub type QueryBatch<E> = Vec<Result<LookupQuery, E>>;

/// The number of batches that are read ahead of several threads.
const AHEAD: usize = 16;

/// Looks up the queries of all batches. A query is answered also if no other one follows.
///
/// `batches` may block while it waits for more. `answer` makes an answer of a query and its matches, the best first, with their errors;
/// it runs on the threads that look up.
///
/// # Errors
/// The first error in the order of the queries, after all answers before it: an error among the queries, of the memory, of
/// `answer`, or of the sink.
pub fn lookup_in_order<A: Send, E: From<OperationError> + Send + 'static>(
    plan: &LookupPlan,
    batches: impl Iterator<Item = QueryBatch<E>> + Send + 'static,
    answer: impl Fn(&LookupQuery, Vec<(Match, Option<Mark>)>) -> Result<A, E> + Sync,
    sink: &mut impl AnswerSink<A, E>,
) -> Result<(), E> {
    if plan.threads > 1 {
        let (sender, queries) = sync_channel(AHEAD);
        // A detached thread: if nobody takes the answers any more, this function returns without waiting for the next query.
        std::thread::spawn(move || {
            for batch in batches {
                if sender.send(batch).is_err() {
                    return;
                }
            }
        });
        return lookup_on_threads(plan, &queries, answer, sink);
    }
    let memory = Memory::open(&plan.memory).map_err(failed)?;
    let mut lookup = Lookup::sharing(&memory, plan.options.clone(), &plan.blocks).map_err(failed)?;
    for batch in batches {
        let (answers, end) = answer_batch((&mut lookup, &plan.marker), batch, &answer);
        answers.into_iter().try_for_each(|answer| sink.answer(answer))?;
        end?;
        sink.pause()?;
    }
    Ok(())
}

fn lookup_on_threads<A: Send, E: From<OperationError> + Send>(
    plan: &LookupPlan,
    queries: &Receiver<QueryBatch<E>>,
    answer: impl Fn(&LookupQuery, Vec<(Match, Option<Mark>)>) -> Result<A, E> + Sync,
    sink: &mut impl AnswerSink<A, E>,
) -> Result<(), E> {
    parallel::in_order(
        plan.threads,
        |worker| {
            let mut memory = None;
            let mut lookup = Memory::open(&plan.memory)
                .and_then(|opened| Lookup::sharing(memory.insert(opened), plan.options.clone(), &plan.blocks))
                .map_err(Some);
            worker.run(|batch: QueryBatch<E>| match &mut lookup {
                Ok(lookup) => answer_batch((lookup, &plan.marker), batch, &answer),
                // The first error ends the look-ups, so the results of later batches are not used.
                Err(error) => (Vec::new(), error.take().map_or(Ok(()), |error| Err(failed(error)))),
            });
        },
        |pool| {
            let mut open = true;
            loop {
                while open && !pool.is_full() {
                    match queries.try_recv() {
                        Ok(batch) => drop(pool.send(batch)),
                        Err(TryRecvError::Empty) => break,
                        Err(TryRecvError::Disconnected) => open = false,
                    }
                }
                if !pool.is_full() {
                    sink.pause()?;
                }
                if let Some((answers, end)) = pool.receive() {
                    answers.into_iter().try_for_each(|answer| sink.answer(answer))?;
                    end?;
                } else if open && let Ok(batch) = queries.recv() {
                    pool.send(batch);
                } else {
                    return Ok(());
                }
            }
        },
    )
}

/// The answers to a batch, as far as there was no error.
fn answer_batch<A, E: From<OperationError>>(
    (lookup, marker): (&mut Lookup<'_>, &Marker),
    batch: QueryBatch<E>,
    answer: impl Fn(&LookupQuery, Vec<(Match, Option<Mark>)>) -> Result<A, E>,
) -> (Vec<A>, Result<(), E>) {
    let mut answers = Vec::with_capacity(batch.len());
    let mut answer_one = |query: LookupQuery| {
        let matches = marker.find(lookup, &query.text, &query.place).map_err(failed)?;
        answers.push(answer(&query, matches)?);
        Ok(())
    };
    let end = batch.into_iter().try_for_each(|query| query.and_then(&mut answer_one));
    (answers, end)
}

fn failed<E: From<OperationError>>(error: MemoryError) -> E {
    E::from(OperationError::from(error))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::matching::Penalties;
    use crate::model::Score;
    use crate::operations::check::exceptions::Exceptions;

    fn plan(memory: PathBuf, threads: usize) -> LookupPlan {
        let floor = Score::new(70).unwrap();
        let penalties = Penalties::default();
        let options = LookupOptions {
            from: None,
            to: None,
            floor,
            limit: 5,
            penalties,
            workflow: None,
            only_current: false,
        };
        let marker = Marker::new(Exceptions::default());
        LookupPlan { memory, options, blocks: BlockCache::default(), marker, threads }
    }

    fn batch(texts: &[&str]) -> QueryBatch<OperationError> {
        let query = |text: &&str| LookupQuery { text: (*text).to_owned(), place: QueryPlace::default() };
        texts.iter().map(query).map(Ok).collect()
    }

    fn text_of(query: &LookupQuery, _: Vec<(Match, Option<Mark>)>) -> Result<String, OperationError> {
        Ok(query.text.clone())
    }

    /// Collects answers. After `next.0` of them, it sends another query in a pause, like a person who types.
    #[derive(Default)]
    struct Answers {
        texts: Vec<String>,
        next: Option<(usize, Sender<QueryBatch<OperationError>>)>,
    }

    impl AnswerSink<String, OperationError> for Answers {
        fn answer(&mut self, answer: String) -> Result<(), OperationError> {
            self.texts.push(answer);
            Ok(())
        }

        fn pause(&mut self) -> Result<(), OperationError> {
            if let Some((_, queries)) = self.next.take_if(|(first, _)| *first == self.texts.len()) {
                queries.send(batch(&["the last"])).unwrap();
            }
            Ok(())
        }
    }

    #[test]
    fn answers_come_in_the_order_of_the_queries_and_before_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        Memory::open_or_create(&path).unwrap();
        let texts: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        for threads in [1, 3] {
            let (sender, queries) = channel();
            for part in texts.chunks(7) {
                sender.send(batch(&part.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
            }
            let mut answers = Answers { next: Some((texts.len(), sender)), ..Answers::default() };
            lookup_in_order(&plan(path.clone(), threads), queries.into_iter(), text_of, &mut answers)
                .unwrap();
            assert_eq!(answers.texts.pop().as_deref(), Some("the last"), "{threads} threads");
            assert_eq!(answers.texts, texts, "{threads} threads");
        }
    }

    #[test]
    fn an_error_ends_the_look_ups_after_the_answers_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        Memory::open_or_create(&path).unwrap();
        for threads in [1, 3] {
            let batches = || {
                let mut second = batch(&["b"]);
                second.extend([Err(OperationError::SameFolder), Ok(LookupQuery::default())]);
                [batch(&["a"]), second, batch(&["d"])].into_iter()
            };
            let mut answers = Answers::default();
            let plan_of = |path: PathBuf| plan(path, threads);
            let error =
                lookup_in_order(&plan_of(path.clone()), batches(), text_of, &mut answers).unwrap_err();
            assert!(matches!(error, OperationError::SameFolder), "{threads} threads");
            assert_eq!(answers.texts, ["a", "b"], "{threads} threads");

            let missing = plan_of(folder.path().join("missing.db"));
            let error = lookup_in_order(&missing, batches(), text_of, &mut Answers::default()).unwrap_err();
            assert!(
                matches!(error, OperationError::Memory(MemoryError::Missing { .. })),
                "{threads} threads"
            );
        }
    }
}
