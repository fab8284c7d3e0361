//! Side-by-side localized documentation in, a translation memory out.
//!
//! Bytes come from folders and archives ([`input`]); one document's text becomes metadata, segments and problems
//! ([`side_by_side`]); segments are kept, each text once, in one SQLite file ([`memory`]). From there a text is looked up by
//! what it says without its inline codes ([`markup`], [`matching`]), and units and segments are exported ([`operations`]) in
//! the formats of the field ([`exchange`], [`json`]). The
//! command line ([`cli`]) holds the ends together.
//!
//! # Example
//! Imports a folder of side-by-side documents, and looks a text up:
//!
//! ```
//! use bitext::matching::Penalties;
//! use bitext::memory::{Lookup, LookupOptions, Memory};
//! use bitext::model::{Context, Score};
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
//! };
//! let matches = Lookup::new(&memory, options)?.find("account settings", &Context::default())?;
//! assert_eq!((matches[0].score.percent(), matches[0].target.as_str()), (99, "계정 설정"));
//! # Ok(())
//! # }
//! ```

#![warn(missing_docs)]

pub mod cli;
pub mod exchange;
pub mod input;
pub mod json;
pub mod markup;
pub mod matching;
pub mod memory;
pub mod model;
pub mod operations;
pub mod parallel;
pub mod side_by_side;
