//! Queries from a file or from standard input, answered in order.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use super::{Arguments, Outcome, match_object, nothing_in_locale, report_too_long};
use crate::cli::stdout::Stdout;
use crate::cli::terminal;
use crate::input;
use crate::json::{self, Answer, BatchFormat, BatchLineError, BatchReader};
use crate::matching::{Match, is_too_long};
use crate::memory::{BlockCache, Lookup, Memory};
use crate::operations::check::{Mark, Marker};
use crate::operations::lookup::{AnswerSink, LookupPlan, LookupQuery, QueryBatch, lookup_in_order};
use crate::parallel::available_threads;

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
    let queries = Queries::new(BufReader::new(input), arguments.batch_format);
    let mut lines = Lines { out: BufWriter::new(Stdout::plain()), found: false, too_long: 0 };
    let plan = LookupPlan { memory: path, options, blocks: BlockCache::default(), marker, threads };
    let answered = lookup_in_order(&plan, queries, |query, matches| line_of(query, &matches), &mut lines);
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

/// The batches of queries in an input.
struct Queries<R> {
    input: BufReader<R>,
    reader: BatchReader,
    line: Vec<u8>,
    /// The number of lines so far.
    count: u64,
    has_ended: bool,
}

impl<R: Read> Queries<R> {
    fn new(input: BufReader<R>, format: Option<FormatName>) -> Self {
        let reader = BatchReader::new(format.map(Into::into));
        Queries { input, reader, line: Vec::new(), count: 0, has_ended: false }
    }

    /// The next line's query; `None` at the end.
    fn read(&mut self) -> Option<anyhow::Result<LookupQuery>> {
        self.line.clear();
        let read = self.input.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut self.line);
        if matches!(read, Ok(0)) {
            return None;
        }
        self.count += 1;
        let query = read.map_err(anyhow::Error::from).and_then(|_| query_of(&self.line, &mut self.reader));
        Some(query.with_context(|| format!("cannot read line {} of the batch", self.count)))
    }
}

impl<R: Read> Iterator for Queries<R> {
    type Item = QueryBatch<anyhow::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch = Vec::new();
        while !self.has_ended {
            match self.read() {
                Some(query) => {
                    self.has_ended = query.is_err();
                    batch.push(query);
                }
                None => self.has_ended = true,
            }
            // A batch ends if no more input is available, so that a line typed by hand is answered at once.
            if batch.len() == BATCH || !self.input.buffer().contains(&b'\n') {
                break;
            }
        }
        (!batch.is_empty()).then_some(batch)
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
