//! Queries from a file or from standard input, answered in order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use anyhow::{Context as _, anyhow, bail};

use super::{Arguments, Outcome, match_object, nothing_in_locale, report_too_long};
use crate::cli::stdout::Stdout;
use crate::cli::terminal;
use crate::input;
use crate::json::{self, Answer, BatchFormat, BatchLineError, BatchReader};
use crate::matching::{Match, is_too_long};
use crate::memory::{Lookup, Memory};
use crate::operations::check::{Mark, Marker};
use crate::operations::lookup::{AnswerSink, LookupPlan, LookupQuery, QueryBatch, lookup_in_order};
use crate::parallel::available_threads;

/// The number of batches of queries that are read ahead.
const AHEAD: usize = 16;
/// The most queries in a batch.
const BATCH: usize = 16;
/// The longest line in bytes. No text to look up is as long; a file without line breaks is no batch.
const LONGEST_LINE: usize = 16 << 20;

/// What the lines of a batch are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FormatName {
    /// Each line is a text
    Text,
    /// Each line is a JSON object
    Json,
}

impl From<FormatName> for BatchFormat {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Text => BatchFormat::Text,
            FormatName::Json => BatchFormat::Json,
        }
    }
}

pub(super) fn run(
    arguments: &Arguments,
    path: PathBuf,
    memory: Memory,
    file: &Path,
) -> anyhow::Result<Outcome> {
    let options = arguments.options();
    if !Lookup::new(&memory, options.clone())?.has_texts() {
        terminal::message(&nothing_in_locale(arguments));
    }
    let marker = Marker::of_lookups(&memory, arguments.from.as_ref(), arguments.exceptions.read()?)?;
    drop(memory);
    if file.is_dir() {
        bail!(
            "{} is a folder; name a file with a query in each line, or - for standard input",
            input::shown(file)
        );
    }
    let input: Box<dyn Read + Send> = match file.as_os_str() == "-" {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(file).with_context(|| format!("cannot read {}", input::shown(file)))?),
    };
    let threads = arguments.threads.unwrap_or_else(available_threads);
    let (sender, queries) = mpsc::sync_channel(AHEAD);
    let format = arguments.batch_format;
    // A detached thread: if the reader of the answers is gone, the program ends without waiting for the next line.
    std::thread::spawn(move || read_queries(BufReader::new(input), format, &sender));
    let mut lines = Lines { out: BufWriter::new(Stdout::plain()), found: false, too_long: 0 };
    let plan = LookupPlan { memory: path, options, marker, threads };
    let answered = lookup_in_order(&plan, &queries, |query, matches| line_of(query, &matches), &mut lines);
    let flushed = lines.out.flush();
    report_too_long(lines.too_long);
    answered?;
    flushed?;
    Ok(if lines.found { Outcome::Done } else { Outcome::NothingFound })
}

/// An answer.
struct Line {
    json: String,
    has_match: bool,
    is_too_long: bool,
}

fn line_of(query: &LookupQuery, matches: &[(Match, Option<Mark>)]) -> anyhow::Result<Line> {
    let answer = Answer { query: &query.text, matches: matches.iter().map(match_object).collect() };
    let json = json::to_string(&answer)? + "\n";
    Ok(Line { json, has_match: !matches.is_empty(), is_too_long: is_too_long(&query.text) })
}

/// Writes the answers.
struct Lines<W: Write> {
    out: W,
    found: bool,
    /// The number of texts that were too long for fuzzy matches.
    too_long: u64,
}

impl<W: Write> AnswerSink<Line, anyhow::Error> for Lines<W> {
    fn answer(&mut self, line: Line) -> anyhow::Result<()> {
        self.found |= line.has_match;
        self.too_long += u64::from(line.is_too_long);
        Ok(self.out.write_all(line.json.as_bytes())?)
    }

    fn pause(&mut self) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }
}

fn read_queries(
    mut input: BufReader<impl Read>,
    format: Option<FormatName>,
    queries: &mpsc::SyncSender<QueryBatch<anyhow::Error>>,
) {
    let mut reader = BatchReader::new(format.map(Into::into));
    let mut line = Vec::new();
    let mut batch = Vec::new();
    for count in 1_u64.. {
        line.clear();
        let read = input.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line);
        let end = matches!(read, Ok(0));
        if !end {
            let query = read
                .map_err(anyhow::Error::from)
                .and_then(|_| query_of(&line, &mut reader))
                .with_context(|| format!("cannot read line {count} of the batch"));
            batch.push(query);
        }
        let last = end || batch.last().is_some_and(Result::is_err);
        // A batch ends if no more input is available, so that a line typed by hand is answered at once.
        let is_ready = batch.len() == BATCH || !input.buffer().contains(&b'\n');
        if last || is_ready {
            let sent = queries.send(std::mem::take(&mut batch));
            if last || sent.is_err() {
                return;
            }
        }
    }
}

fn query_of(line: &[u8], reader: &mut BatchReader) -> anyhow::Result<LookupQuery> {
    if line.len() > LONGEST_LINE {
        bail!("it is longer than {} MB", LONGEST_LINE >> 20);
    }
    let query = reader.read(line).map_err(|error| match error {
        BatchLineError::NotUtf8 => anyhow!(error),
        _ => anyhow!("{error}; name the format of all lines with --batch-format"),
    })?;
    Ok(LookupQuery { place: query.place(), text: query.text })
}
