use std::time::Duration;

use super::*;
use crate::memory::digest_of_pair;
use crate::model::{Metadata, SegmentId};

fn put_document(import: &mut Import<'_>, path: &str) -> Result<Put, MemoryError> {
    put_text(import, path, "Settings")
}

fn put_text(import: &mut Import<'_>, path: &str, source: &str) -> Result<Put, MemoryError> {
    let locale = |name: &str| name.parse::<Locale>().unwrap();
    let document = NewDocument {
        set: "docs",
        path,
        hash: &[7; 32],
        source_locale: &locale("en-US"),
        target_locale: &locale("ko-KR"),
        locale_stated: true,
        git: None,
        metadata: &Metadata::default(),
        problems: &[],
    };
    let target = "설정";
    let pair = Pair { source, target, digest: digest_of_pair(source, target), source_digest: None };
    let segment = NewSegment {
        id: SegmentId::parse("0a1b2-101").unwrap(),
        line: 1,
        pair,
        written: [None; 2],
        confidence: None,
    };
    import.put(&document, std::iter::once(segment))
}

fn documents_of(memory: &Memory) -> u64 {
    memory.stats().unwrap().sets.iter().map(|set| set.documents).sum()
}

#[test]
fn an_import_dropped_half_way_leaves_nothing_and_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut memory = Memory::open_or_create(&path).unwrap();
    for dry_run in [false, true] {
        let mut import = Import::begin(&mut memory, dry_run).unwrap();
        put_document(&mut import, "a.md").unwrap();
        drop(import);

        assert_eq!(documents_of(&memory), 0, "on the same connection");
        assert_eq!(documents_of(&Memory::open(&path).unwrap()), 0, "on another one");
    }
    let mut other = Memory::open_or_create(&path).unwrap();
    other.connection.busy_timeout(Duration::ZERO).unwrap();
    for (memory, path, documents) in [(&mut other, "b.md", 1), (&mut memory, "c.md", 2)] {
        let mut import = Import::begin(memory, false).unwrap();
        put_document(&mut import, path).unwrap();
        import.finish().unwrap();
        assert_eq!(documents_of(memory), documents);
    }
}

/// A look-up in a memory without its deferred indexes hides a table by a view, on its connection.
#[test]
fn a_connection_that_looked_up_without_indexes_can_import() {
    let folder = tempfile::tempdir().unwrap();
    let mut memory = Memory::open_or_create(&folder.path().join("a.db")).unwrap();
    let mut import = Import::begin(&mut memory, false).unwrap();
    put_document(&mut import, "a.md").unwrap();
    import.finish().unwrap();
    memory.connection.execute_batch("drop index segment_by_variant").unwrap();
    let options = || crate::memory::LookupOptions {
        only_current: false,
        from: None,
        to: None,
        floor: crate::model::Score::EXACT,
        limit: 1,
        penalties: Default::default(),
        workflow: None,
    };
    let segments = |memory: &Memory| {
        let mut lookup = crate::memory::Lookup::new(memory, options()).unwrap();
        lookup.find("Settings", &Default::default()).unwrap()[0].segments
    };
    assert_eq!(segments(&memory), 1);
    let mut import = Import::begin(&mut memory, false).unwrap();
    put_document(&mut import, "b.md").unwrap();
    import.finish().unwrap();
    assert_eq!(segments(&memory), 2);
}

#[test]
fn new_texts_are_indexed_before_the_end_if_others_may_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut memory = Memory::open_or_create(&path).unwrap();
    let mut import = Import::begin(&mut memory, false).unwrap();
    assert_eq!(import.indexed_meanwhile, None);
    put_text(&mut import, "a.md", "Sail").unwrap();
    import.finish().unwrap();
    let reader = Memory::open(&path).unwrap();
    let generations = || -> usize {
        let sql = "select count(*) from fuzzy_generation where role = 0";
        reader.connection.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(generations(), 1);
    let mut import = Import::begin(&mut memory, false).unwrap();
    import.indexed_meanwhile = Some(2);
    for (path, text, left) in [("b.md", "Anchor", 1), ("c.md", "Rudder", 0), ("d.md", "Berth", 1)] {
        put_text(&mut import, path, text).unwrap();
        import.end_batch().unwrap();
        import.index_meanwhile().unwrap();
        // The targets are one text, with a variant for each source text.
        assert_eq!(reader.texts_not_indexed().unwrap(), 2 * left, "{text}");
    }
    assert_eq!(generations(), 2);
    import.finish().unwrap();
    assert_eq!((reader.texts_not_indexed().unwrap(), generations()), (0, 1));
}
