//! Reads side-by-side localized documentation into a translation memory, and answers and exports from it.
//!
//! `input` lists the documents of a folder, an archive or a Git repository and reads their bytes. `side_by_side` finds the metadata and
//! the segments of one document; `segmentation` finds where those of a clean document begin and end, and `alignment` which
//! sentences of two clean documents belong together. `memory` stores each text once, with
//! the places where it occurs, in one SQLite file; it is the only module that speaks SQL. A query is reduced by `markup` to its plain text,
//! compared by `matching`, and answered from the memory. `check` finds what is wrong with a pair of texts. `exchange` writes and reads
//! units and segments in the formats of the field; `json` is the JSON that is promised to the outside. `operations` joins these: import,
//! removal, export, extract, split, segmentation, analyses, translation, merging, checks, look-ups. `cli` turns arguments
//! into plans for operations, and shows results; `serve` answers over HTTP, and shows them as pages; `html` has the parts of pages that
//! both use. `parallel` is the one worker pool, `model` the plain types that all modules share.
//!
//! Imports point down only: `cli`, `serve`, `html`, `operations`, `exchange`, `json`, `memory`, `matching`, `alignment`, `segmentation`,
//! `check`, `side_by_side`, `markup`, `input`, `parallel`, `model`. `tests/architecture.rs` checks it.
//!
//! # Where to look
//! | a question about | is answered in |
//! |---|---|
//! | a segment that is missing or wrong | `side_by_side/spans.rs`, `side_by_side/metadata.rs` |
//! | a segment of a clean document that begins or ends at a wrong position | `segmentation/pieces.rs`; a sentence end: `segmentation/english.srx` |
//! | a sentence that is aligned with a wrong one | `alignment/blocks.rs`, `alignment/beads.rs`; two trees that are not paired: `operations/align/pairing.rs` |
//! | a confidence that is too high or too low | `alignment/confidence.rs`, `benches/alignment_fit.py` |
//! | a document or archive that is refused or left out | `input/limits.rs`, `input/tar.rs`, `input/zip.rs` |
//! | which revision, branch or folder of a Git repository is read | `input/location.rs`, `input/git.rs` |
//! | in which commit a version of a document begins; renames | `input/git/changes.rs`, `input/git/renames.rs`, `input/git/lifetimes.rs` |
//! | which segments of earlier versions are kept | `memory/import/history.rs`; which versions are read: `operations/import/history/plan.rs` |
//! | a score, the order of matches | `matching/query.rs`, `matching/score.rs`, `matching/rank.rs` |
//! | a match that is not found | `matching/index`, `memory/fuzzy.rs`; `bitext verify` compares with a full scan |
//! | which of several translations is better | `model/policy.rs`; which become units: `matching/choose.rs` |
//! | in how many documents a translation occurs | `model/usage.rs` |
//! | a TMX that a tool refuses | `exchange/tmx/format.rs`, `exchange/tmx/profile.rs` |
//! | a TMX that is read wrongly | `exchange/tmx/interpret.rs` |
//! | a file of segments that is read wrongly, or not recognized | `exchange/FORMAT/read.rs`, `operations/import/recognize.rs` |
//! | a fault in the XML of a TMX or an XLIFF file | `exchange/well_formed.rs`, `exchange/events.rs` |
//! | a damaged file that replaces a whole one | `operations/import.rs` |
//! | a segment in a wrong band | `operations/analyze.rs`; a count of words: `segmentation/volume.rs` |
//! | a translated file that `merge` refuses | `exchange/xliff/job/read.rs`, `operations/merge.rs` |
//! | a slow import | `operations/import.rs`, `memory/import.rs`, `memory/text_index` |
//! | an answer to a translation tool | `serve/tmserver.rs`; to a program: `serve/api`; a page: `serve/page` |
//! | a request that is refused | `serve/access.rs`, `serve/failure.rs`, `serve/router.rs` |
//! | a unit that a tool has stored | `operations/store.rs`, `memory/import/store.rs` |
//! | a false alarm of a check, a fault that is not found | `check/rules/ID.rs`; habits of a set: `check/facts.rs` |
//! | a false alarm that stays silent | `operations/check/exceptions.rs` |
//! | what `export --clean` leaves out | `operations/export/quality.rs` |
//! | a translated document with a wrong byte | `operations/translate/replacement.rs`, `operations/placing.rs` |
//! | another translation, other segments than expected | `operations/pretranslate.rs`, `operations/alternatives.rs` |
//! | what the file contains | `schema.sql`, `memory/schema.rs` |
//!
//! # Glossary
//! | word | means |
//! |---|---|
//! | segment | one stretch of text at one place of one document, usually a sentence, with its translation |
//! | piece | a stretch of a clean document that is translated by itself: as a whole, or sentence by sentence |
//! | block, bead | a paragraph, heading, cell or the like; sentences of two documents that belong together |
//! | anchor | code, a link target or a number that is equal in both languages |
//! | unit, variant | a source text; its text in one other locale (`tu` and `tuv` of TMX) |
//! | document, document set | a file; the tree of files that were imported together |
//! | place | a segment's position in a document of a set |
//! | usage, provenance | in how many segments and documents a translation occurs; who made it, and when |
//! | workflow | who translated: human or machine |
//! | version | what a commit made of a document |
//! | superseded | in an earlier version of its document, and in no newer one with the same two texts and workflow |
//! | context | the segments before and after |
//! | exact, context, fuzzy match | score 100; 101; 1 to 99, a whole percent rounded down |
//! | concordance | the segments in which a phrase occurs |
//! | inline code | markup inside a segment |
//! | generation | a part of the text indexes that never changes: the texts of a range of ids |
//! | hand-off | the day on which a translation was delivered |
//!
//! # Example
//! Imports a folder of side-by-side documents, looks a text up, and exports a TMX:
//!
//! ```
//! use bitext::matching::Penalties;
//! use bitext::memory::{Lookup, LookupOptions, Memory};
//! use bitext::model::{Context, Score};
//! use bitext::operations::export::{Disk, ExportPlan, FormatPlan, Rules, Selection, TmxPlan, Written, export};
//! use bitext::operations::import::ImportPlan;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let documents = folder.path().join("docs.ko-KR");
//! std::fs::create_dir(&documents)?;
//! std::fs::write(
//!     documents.join("settings.md"),
//!     "---\nms.contentlocale: ko-KR\n---\n\
//!      # <span data-ttu-id=\"0a1b2-101\">계정 설정</span>\
//!      <span class=\"sxs-lookup\"><span data-stu-id=\"0a1b2-101\">Account settings</span></span>\n",
//! )?;
//!
//! let mut memory = Memory::open_or_create(&folder.path().join("docs.db"))?;
//! let sources = ImportPlan::new([documents], "en-US".parse()?).list()?;
//! // `()` ignores problems and progress; implement `operations::Report` to receive them.
//! let imported = sources.import(&mut memory, &mut ())?;
//! assert_eq!(imported.counts.segments, 1);
//!
//! let options = LookupOptions {
//!     from: None,
//!     to: Some("ko-KR".parse()?),
//!     floor: "70".parse::<Score>()?,
//!     limit: 5,
//!     penalties: Penalties::default(),
//!     workflow: None,
//!     only_current: false,
//! };
//! let matches = Lookup::new(&memory, options)?.find("account settings", &Context::default())?;
//! assert_eq!((matches[0].score.percent(), matches[0].target.as_str()), (99, "계정 설정"));
//!
//! let plan = ExportPlan {
//!     selection: Selection::default(),
//!     rules: Rules::default(),
//!     format: FormatPlan::Tmx(TmxPlan::file(folder.path().join("docs.tmx"))),
//! };
//! let exported = export(&memory, &plan, &Disk::default(), &mut |_units| ())?.expect("the memory has documents");
//! assert_eq!(exported.written, Written::Units { units: 1, variants: 1 });
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

pub mod alignment;
pub mod check;
pub mod cli;
pub mod exchange;
mod html;
pub mod input;
pub mod json;
pub mod markup;
pub mod matching;
pub mod memory;
pub mod model;
pub mod operations;
pub mod parallel;
pub mod segmentation;
#[cfg(feature = "serve")]
pub mod serve;
pub mod side_by_side;
