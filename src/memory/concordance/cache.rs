//! Blocks that searches have read, decompressed, for a process that searches once for each keystroke.
//!
//! Most of such a search is reading and decompressing. The blocks that are read first are kept: a search reads those of short texts
//! first, and most blocks once, so a cache that replaced the oldest one would have none of them when it is needed again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::memory::text_index::{GenerationMark, TextRole};

/// The most bytes that are kept.
const CAPACITY: usize = 64 << 20;

/// A cache of the blocks of the concordance index, shared by several connections to one memory.
#[derive(Clone, Default)]
pub struct TextBlockCache(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    blocks: HashMap<BlockKey, CachedBlock>,
    size: usize,
}

/// What identifies a block.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct BlockKey {
    pub role: TextRole,
    pub generation: Arc<GenerationMark>,
    pub locale_id: i64,
    pub ordinal: i64,
}

/// What is known of a block.
#[derive(Clone)]
pub(super) struct CachedBlock {
    pub filter: Arc<[u8]>,
    /// Decompressed.
    pub columns: Option<Arc<Vec<u8>>>,
}

impl TextBlockCache {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A panic leaves no block half kept.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the blocks of generations that the memory has no more.
    pub(super) fn keep_only(&self, role: TextRole, marks: &[Arc<GenerationMark>]) {
        let mut kept = self.lock();
        kept.blocks.retain(|key, _| key.role != role || marks.contains(&key.generation));
        let size = |block: &CachedBlock| {
            block.filter.len() + block.columns.as_ref().map_or(0, |columns| columns.len())
        };
        kept.size = kept.blocks.values().map(size).sum();
    }

    pub(super) fn get(&self, key: &BlockKey) -> Option<CachedBlock> {
        self.lock().blocks.get(key).cloned()
    }

    /// Keeps the filter of a block, if there is room.
    pub(super) fn keep_filter(&self, key: &BlockKey, filter: &[u8]) {
        let mut kept = self.lock();
        if kept.size + filter.len() <= CAPACITY && !kept.blocks.contains_key(key) {
            kept.size += filter.len();
            kept.blocks.insert(key.clone(), CachedBlock { filter: filter.into(), columns: None });
        }
    }

    /// Keeps a decompressed block, if its filter is kept and there is room. Else the buffer stays as it is.
    pub(super) fn keep_columns(&self, key: &BlockKey, buffer: &mut Vec<u8>) {
        let mut kept = self.lock();
        let size = kept.size + buffer.len();
        if size <= CAPACITY
            && let Some(block) = kept.blocks.get_mut(key).filter(|block| block.columns.is_none())
        {
            buffer.shrink_to_fit();
            block.columns = Some(Arc::new(std::mem::take(buffer)));
            kept.size = size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(ordinal: i64) -> BlockKey {
        let generation = Arc::new(GenerationMark::for_test(1));
        BlockKey { role: TextRole::Source, generation, locale_id: 1, ordinal }
    }

    #[test]
    fn what_is_kept_is_bounded_and_goes_with_its_generation() {
        let cache = TextBlockCache::default();
        let quarter = CAPACITY / 4;
        for ordinal in 0..4 {
            cache.keep_filter(&key(ordinal), &[1]);
            let mut columns = vec![2; quarter];
            cache.keep_columns(&key(ordinal), &mut columns);
            // The filters leave no room for the last one, which stays where it is.
            assert_eq!(columns.len(), if ordinal < 3 { 0 } else { quarter });
            let kept = cache.get(&key(ordinal)).unwrap();
            assert_eq!(kept.columns.map(|columns| columns.len()), (ordinal < 3).then_some(quarter));
        }
        cache.keep_filter(&key(4), &vec![0; quarter]);
        assert!(cache.get(&key(4)).is_none());
        let others = [Arc::new(GenerationMark::for_test(2))];
        cache.keep_only(TextRole::Target, &others);
        assert!(cache.get(&key(0)).is_some());
        cache.keep_only(TextRole::Source, &others);
        assert!(cache.get(&key(0)).is_none());
        cache.keep_filter(&key(4), &vec![0; quarter]);
        assert!(cache.get(&key(4)).is_some());
    }
}
