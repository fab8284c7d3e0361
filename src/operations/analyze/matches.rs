//! The best matches of each different text: looked up in the memory, on several threads with a connection each.

use crate::matching::Penalties;
use crate::memory::{BlockCache, Leverage, Lookup, LookupOptions, Memory, MemoryError, TextHash};
use crate::model::{Context, Locale, Score, Workflow};
use crate::operations::{OperationError, Report};
use crate::parallel;
use crate::segmentation::{self, Content, measure};

/// What is known of a different text.
#[derive(Clone, Debug)]
pub(super) struct TextFacts {
    pub volume: segmentation::Volume,
    pub content: Content,
    /// Its matches in the memory, the best first, if any document needs them.
    pub fuzzy: Option<Box<[FuzzyMatch]>>,
}

/// A similar text of the memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct FuzzyMatch {
    pub score: Score,
    pub source: TextHash,
    pub workflow: Option<Workflow>,
}

/// What is looked up, and how.
pub(super) struct MatchPlan<'a> {
    pub memory: &'a std::path::Path,
    pub from: Option<&'a Locale>,
    pub to: &'a Locale,
    pub leverage: &'a Leverage,
    /// Whether the memory of each document itself is left out.
    pub without_document: bool,
    pub threads: usize,
}

/// The lowest score of a match.
pub(super) const FLOOR: u8 = 50;

/// Texts that are sent to a thread together, because waking it takes as long as a short look-up.
const BATCH: usize = 64;

/// How many matches are read where those of a document itself do not count, first and at last.
const MATCHES: [usize; 3] = [8, 64, 1024];

/// The page cache of a thread in KiB.
const CACHE: u32 = 48 << 10;

/// Measures the texts, and looks up those that the memory has not as they are. In the order of the texts.
pub(super) fn matches(
    plan: &MatchPlan<'_>,
    texts: &[(TextHash, Box<str>)],
    report: &mut dyn Report,
) -> Result<Vec<TextFacts>, OperationError> {
    let blocks = BlockCache::default();
    let mut facts = Vec::with_capacity(texts.len());
    parallel::in_order(
        plan.threads,
        |worker| {
            let opened = Memory::open(plan.memory);
            let opened = opened.and_then(|memory| memory.limit_cache(CACHE).map(|()| memory));
            let (memory, mut error) = match opened {
                Ok(memory) => (Some(memory), None),
                Err(error) => (None, Some(error)),
            };
            let mut lookup = None;
            worker.run(|part: &[(TextHash, Box<str>)]| {
                // The first error ends the look-ups, so the results of later parts are not used.
                let Some(memory) = &memory else { return error.take().map_or(Ok(Vec::new()), Err) };
                let mut read = |text: &(TextHash, Box<str>)| {
                    let (volume, content) = measure(&text.1);
                    let is_known = plan.is_exact_everywhere(text.0) || content != Content::Text;
                    let fuzzy = match is_known {
                        true => None,
                        false => Some(plan.look_up(text, memory, &mut lookup, &blocks)?),
                    };
                    Ok(TextFacts { volume, content, fuzzy })
                };
                part.iter().map(&mut read).collect::<Result<Vec<_>, MemoryError>>()
            });
        },
        |pool| {
            let mut receive = |done: Result<Vec<TextFacts>, MemoryError>| {
                facts.extend(done?);
                report.texts_looked_up(facts.len() as u64, texts.len() as u64);
                Ok::<_, OperationError>(())
            };
            for part in texts.chunks(BATCH) {
                pool.send(part).map(&mut receive).transpose()?;
            }
            while let Some(done) = pool.receive() {
                receive(done)?;
            }
            Ok::<_, OperationError>(())
        },
    )?;
    Ok(facts)
}

impl MatchPlan<'_> {
    /// Whether the text is an exact match in all documents.
    fn is_exact_everywhere(&self, text: TextHash) -> bool {
        let only = || self.leverage.only_path(text).filter(|_| self.without_document);
        self.leverage.exact(text, None).is_some() && only().is_none()
    }

    fn look_up<'m>(
        &self,
        (hash, text): &(TextHash, Box<str>),
        memory: &'m Memory,
        lookup: &mut Option<Lookup<'m>>,
        blocks: &BlockCache,
    ) -> Result<Box<[FuzzyMatch]>, MemoryError> {
        let lookup = match lookup {
            Some(lookup) => lookup,
            empty => empty.insert(self.open(memory, blocks)?),
        };
        let mut found: Vec<FuzzyMatch> = Vec::new();
        for limit in MATCHES {
            lookup.limit_to(if self.without_document { limit } else { 1 });
            let matches = lookup.find(text, &Context::default())?;
            let count = matches.len();
            found = matches
                .into_iter()
                .map(|found| FuzzyMatch {
                    score: found.score,
                    source: TextHash::of(&found.source),
                    workflow: found.workflow,
                })
                .filter(|found| found.source != *hash)
                .collect();
            if !self.without_document || count < limit || self.is_enough(&found) {
                break;
            }
        }
        Ok(self.best_wherever(found))
    }

    /// Whether a match is left, whichever document is left out.
    fn is_enough(&self, found: &[FuzzyMatch]) -> bool {
        let mut paths = found.iter().map(|found| self.leverage.only_path(found.source));
        let first = paths.next();
        first.is_some_and(|first| first.is_none() || paths.any(|path| path != first))
    }

    /// The best match, and the best besides it if a document is left out that alone has that one.
    fn best_wherever(&self, mut found: Vec<FuzzyMatch>) -> Box<[FuzzyMatch]> {
        let Some(first) = found.first().and_then(|first| self.leverage.only_path(first.source)) else {
            found.truncate(1);
            return found.into();
        };
        let other = found.iter().position(|found| self.leverage.only_path(found.source) != Some(first));
        found.iter().take(1).chain(other.map(|other| &found[other])).copied().collect()
    }

    fn open<'m>(&self, memory: &'m Memory, blocks: &BlockCache) -> Result<Lookup<'m>, MemoryError> {
        let options = LookupOptions {
            from: self.from.cloned(),
            to: Some(self.to.clone()),
            floor: Score::new(FLOOR).unwrap_or(Score::EXACT),
            limit: 1,
            penalties: Penalties::default(),
            workflow: None,
            only_current: false,
        };
        Lookup::sharing(memory, options, blocks)
    }
}
