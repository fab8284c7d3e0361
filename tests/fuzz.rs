//! The fuzz targets of `fuzz/` on stable Rust: each over its seeds, and over a bounded number of changes to them. Long runs are
//! those of `cargo fuzz`; see `fuzz/README.md`.

use std::fmt;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::fixture;

#[path = "../fuzz/targets.rs"]
mod targets;

/// The seeds of a target, in the order of their names.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let files = crate::support::tree(&fixture("../fuzz/seeds").join(target));
    assert!(!files.is_empty(), "{target} has no seeds");
    files.into_iter().map(|(_, bytes)| bytes).collect()
}

/// Bytes as a Rust literal, so that a failure can be made a seed or a test.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "b\"{}\"", self.0.escape_ascii())
    }
}

/// One change to a seed.
#[derive(Clone, Debug)]
enum Change {
    /// Another byte in the place of one.
    Replace(Index, u8),
    /// Nothing in the place of some bytes.
    Remove(Index, usize),
    /// Some bytes that are elsewhere in the same seeds.
    Insert(Index, Index, usize),
    /// The end.
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(b"<>&\"'`*_[]()\\ \n\r\0\x1f-/0".to_vec())];
    prop_oneof![
        4 => (any::<Index>(), byte).prop_map(|(at, byte)| Change::Replace(at, byte)),
        2 => (any::<Index>(), 1_usize..20).prop_map(|(at, length)| Change::Remove(at, length)),
        3 => (any::<Index>(), any::<Index>(), 1_usize..60).prop_map(|(at, from, length)| Change::Insert(at, from, length)),
        1 => any::<Index>().prop_map(Change::Cut),
    ]
}

/// A seed with some changes.
fn changed(target: &str) -> impl Strategy<Value = Bytes> + use<> {
    let seeds = seeds(target);
    let all = seeds.concat();
    (prop::sample::select(seeds), prop::collection::vec(change(), 1..8)).prop_map(
        move |(mut bytes, changes)| {
            for change in changes {
                let place = |at: Index| at.index(bytes.len() + 1);
                match change {
                    Change::Replace(at, byte) if !bytes.is_empty() => {
                        let at = at.index(bytes.len());
                        bytes[at] = byte;
                    }
                    Change::Replace(_, byte) => bytes.push(byte),
                    Change::Remove(at, length) => {
                        let at = place(at);
                        bytes.drain(at..(at + length).min(bytes.len()));
                    }
                    Change::Insert(at, from, length) => {
                        let (at, from) = (place(at), from.index(all.len()));
                        let part = all[from..(from + length).min(all.len())].iter().copied();
                        bytes.splice(at..at, part);
                    }
                    Change::Cut(at) => bytes.truncate(place(at)),
                }
            }
            Bytes(bytes)
        },
    )
}

fn run(name: &str, target: fn(&[u8]), cases: u32) {
    seeds(name).iter().for_each(|seed| target(seed));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    });
    let result = runner.run(&changed(name), |bytes| {
        target(&bytes.0);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{name}: {error}");
    }
}

#[test]
fn spans_lie_where_they_say_and_no_text_is_lost() {
    run("spans", targets::spans, 1500);
}

#[test]
fn segments_of_any_document_are_ranges_in_order() {
    run("segments", targets::segments, 1500);
}

#[test]
fn pairs_of_any_two_documents_are_ranges_in_order() {
    run("alignment", targets::alignment, 400);
}

#[test]
fn pieces_are_the_text_and_its_plain_form_knows_where_it_comes_from() {
    run("markup", targets::markup, 4000);
}

#[test]
fn reading_a_damaged_tmx_ends_and_what_was_read_survives_a_journey() {
    run("tmx_reader", targets::tmx_reader, 1500);
}

#[test]
fn what_a_strict_xml_reader_refuses_in_a_tmx_is_a_problem() {
    run("tmx_xml", targets::tmx_xml, 500);
}

#[test]
fn damaged_blocks_of_an_index_are_refused_or_searched() {
    run("index_blocks", targets::index_blocks, 1000);
}

#[test]
fn a_line_of_a_batch_is_a_query_or_an_error_and_no_text_is_lost() {
    run("batch_lines", targets::batch_lines, 4000);
}

#[test]
fn damaged_archives_lead_nowhere_else() {
    run("archives", targets::archives, 500);
}

#[test]
fn headers_of_a_tar_allocate_nothing_and_lead_nowhere_outside_the_file() {
    run("tar_headers", targets::tar_headers, 1000);
}

#[test]
fn headers_of_a_zip_unpack_to_no_more_than_is_allowed() {
    run("zip_headers", targets::zip_headers, 1000);
}
