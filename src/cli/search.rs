//! `bitext search`: the segments that contain a phrase.

mod show;

use std::io::Write as _;
use std::ops::ControlFlow;

use super::excerpt::Excerpts;
use super::stdout::Stdout;
use super::values::{ExceptionArguments, workflow};
use super::{MemoryArguments, Outcome, terminal};
use crate::json::{self, CountObject, ErrorObject, LineObject};
use crate::matching::concordance::{Folding, Pattern, PatternOptions, Syntax, WordBounds};
use crate::memory::{Memory, PlaceFilter, Search, SearchIn};
use crate::model::{Date, Locale, Workflow};
use crate::operations::check::Marker;
use crate::operations::globs::globs;
use crate::operations::search::hits;

/// Find the segments that contain a phrase (concordance)
///
/// Finds the phrase anywhere: in any script, within words, across inline markup, and in addresses. Ignores case, and accents
/// of Latin, Greek and Cyrillic letters. Prints each pair of texts once, with the number of its segments, the shortest texts
/// first. A pair whose translation has an error (`bitext check`) is marked. Exits with 1 if nothing is found.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What to look for
    pattern: String,
    #[command(flatten)]
    memory: MemoryArguments,
    /// Which texts to search
    #[arg(long = "in", value_enum, default_value_t = Side::Both, value_name = "SIDE")]
    side: Side,
    /// PATTERN is a regular expression
    #[arg(long)]
    regex: bool,
    /// Match whole words only, in the text without its markup
    #[arg(long)]
    word: bool,
    /// Distinguish case and accents
    #[arg(long)]
    case: bool,
    /// Only pairs with a text in this locale
    #[arg(long, value_name = "LOCALE")]
    locale: Option<Locale>,
    /// Only documents whose path matches, as in `articles/**`; can be given several times
    #[arg(long, value_name = "GLOB")]
    document: Vec<String>,
    /// Only translations by a person, or only those by a machine
    #[arg(long, value_name = "WHO", value_parser = workflow)]
    workflow: Option<Workflow>,
    /// Only what was handed off on this day or later
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Option<Date>,
    /// Only translations that the current version of a document has
    #[arg(long)]
    current: bool,
    /// The largest number of pairs of texts; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Print the number of segments only
    #[arg(long)]
    count: bool,
    #[command(flatten)]
    exceptions: ExceptionArguments,
    /// Print a line of JSON for each pair of texts
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Side {
    /// Source texts
    Source,
    /// Target texts
    Target,
    /// Both
    Both,
}

impl Arguments {
    fn search(&self) -> anyhow::Result<Search> {
        let options = PatternOptions {
            syntax: if self.regex { Syntax::Regex } else { Syntax::Phrase },
            bounds: if self.word { WordBounds::WholeWords } else { WordBounds::Anywhere },
            folding: if self.case { Folding::Exact } else { Folding::Folded },
        };
        Ok(Search {
            pattern: Pattern::new(&self.pattern, options)?,
            search_in: match self.side {
                Side::Source => SearchIn::Source,
                Side::Target => SearchIn::Target,
                Side::Both => SearchIn::Both,
            },
            locale: self.locale.clone(),
            places: PlaceFilter {
                only_current: self.current,
                documents: globs(&self.document)?,
                workflow: self.workflow,
                since: self.since,
                ..PlaceFilter::default()
            },
        })
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let search = arguments.search()?;
    let memory = super::open_to_look_up(&arguments.memory.path())?;
    if arguments.count {
        return count(arguments, &memory, &search);
    }
    let marker = Marker::new(arguments.exceptions.read()?);
    let excerpts = Excerpts::of_stdout();
    let mut out = Stdout::styled();
    let mut shown = 0;
    let mut more = false;
    memory.search(&search, |line| {
        if arguments.limit > 0 && shown == arguments.limit {
            more = true;
            return Ok(ControlFlow::Break(()));
        }
        shown += 1;
        let (source, target) = hits(&search, &line.source, &line.target);
        let mark = marker.of_line(&line);
        if arguments.json {
            let error = mark.as_ref().map(|mark| ErrorObject::new(mark.id, &mark.finding));
            let object = LineObject::new(&line, &source, &target, error);
            writeln!(out, "{}", json::to_string(&object)?)?;
        } else {
            out.write_all(show::line(excerpts, &line, (&source, &target), mark.as_ref()).as_bytes())?;
        }
        anyhow::Ok(ControlFlow::Continue(()))
    })?;
    out.flush()?;
    if more {
        terminal::message(&format!("the first {shown} are shown; --limit 0 shows all, --count counts them"));
    }
    Ok(if shown == 0 { Outcome::NothingFound } else { Outcome::Done })
}

fn count(arguments: &Arguments, memory: &Memory, search: &Search) -> anyhow::Result<Outcome> {
    let mut out = Stdout::plain();
    let segments = if arguments.json {
        let counted = memory.count(search)?;
        let counted = CountObject { segments: counted.segments, pairs: counted.pairs };
        writeln!(out, "{}", json::to_string(&counted)?)?;
        counted.segments
    } else {
        let segments = memory.count_segments(search)?;
        writeln!(out, "{segments}")?;
        segments
    };
    Ok(if segments == 0 { Outcome::NothingFound } else { Outcome::Done })
}
