//! `bitext extract`: segments straight from documents to standard output, without a memory.

use std::io::{self, Write};
use std::sync::Mutex;

use clap::ValueEnum;

use super::reading::{self, LocaleArguments, PathArguments, Problems, SetLocale};
use super::{Outcome, terminal};
use crate::exchange::{delimited, jsonl};
use crate::input::{self, Entry};
use crate::model::{PlacedSegment, Problem};
use crate::parallel::available_threads;
use crate::side_by_side;

/// Print the segments of side-by-side documents, without a memory
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: PathArguments,
    /// How a segment is written: a JSON object a line, or a table with a header
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// The name of the document set [default: that of the folder or archive]
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    #[command(flatten)]
    locales: LocaleArguments,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// How many threads read [default: one a processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A JSON object a line
    Jsonl,
    /// Tab-separated values, quoted as in CSV
    Tsv,
    /// Comma-separated values (RFC 4180)
    Csv,
}

impl Format {
    fn delimiter(self) -> Option<delimited::Delimiter> {
        match self {
            Format::Jsonl => None,
            Format::Tsv => Some(delimited::Delimiter::Tab),
            Format::Csv => Some(delimited::Delimiter::Comma),
        }
    }
}

/// One document's lines, and what was wrong with it.
struct Extracted {
    document: String,
    lines: io::Result<Vec<u8>>,
    problems: Vec<Problem>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let threads = arguments.threads.unwrap_or_else(available_threads);
    let mut out = io::stdout().lock();
    if let Some(delimiter) = arguments.format.delimiter() {
        let mut table = delimited::Writer::new(&mut out, delimiter);
        table.write_header()?;
        table.finish()?;
    }
    let mut problems = Problems::default();
    let buffers = Buffers::default();
    let mut found_any = false;
    for path in &arguments.paths.paths {
        let set = reading::open(path, arguments.set.as_deref())?;
        problems.tell_listing(&set);
        let locale = SetLocale::new(&set, arguments.locales.target_locale.as_ref());
        let entries: Vec<&Entry> = set.entries.iter().collect();
        let mut found = false;
        input::read_in_order(
            &set,
            &entries,
            threads,
            |entry, bytes| extract(arguments, &set.name, &locale, &buffers, entry, bytes),
            |extracted| {
                for problem in &extracted.problems {
                    problems.tell(&set, &extracted.document, problem);
                }
                let lines = extracted.lines?;
                found |= !lines.is_empty() || !extracted.problems.is_empty();
                out.write_all(&lines)?;
                buffers.give_back(lines);
                io::Result::Ok(())
            },
        )?;
        if !found {
            problems.count += 1;
            terminal::talk(&reading::nothing_in(&set, "extract"));
        }
        found_any |= found;
    }
    out.flush()?;
    problems.sum_up();
    Ok(match () {
        () if arguments.strict && problems.count > 0 => Outcome::Refused,
        () if !found_any => Outcome::NothingFound,
        () => Outcome::Done,
    })
}

/// Buffers that have been written and can be filled again: new ones for each document cost a tenth of the time.
#[derive(Default)]
struct Buffers(Mutex<Vec<Vec<u8>>>);

impl Buffers {
    fn take(&self) -> Vec<u8> {
        self.0.lock().ok().and_then(|mut buffers| buffers.pop()).unwrap_or_default()
    }

    fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        if buffer.capacity() <= 1 << 20
            && let Ok(mut buffers) = self.0.lock()
        {
            buffers.push(buffer);
        }
    }
}

fn extract(
    arguments: &Arguments,
    set: &str,
    locale: &SetLocale<'_>,
    buffers: &Buffers,
    entry: &Entry,
    bytes: io::Result<&[u8]>,
) -> Extracted {
    let document = entry.path.clone();
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            let problems = vec![Problem { line: None, reason: format!("cannot be read: {error}") }];
            return Extracted { document, lines: Ok(Vec::new()), problems };
        }
    };
    if !side_by_side::has_spans(bytes) {
        return Extracted { document, lines: Ok(Vec::new()), problems: Vec::new() };
    }
    let text = match side_by_side::decode(bytes) {
        Ok(text) => text,
        Err(problem) => return Extracted { document, lines: Ok(Vec::new()), problems: vec![problem] },
    };
    let read = side_by_side::read(text, reading::syntax(entry));
    let mut problems = read.problems;
    if read.segments.is_empty() {
        return Extracted { document, lines: Ok(Vec::new()), problems };
    }
    let Some(target_locale) = locale.of(&read.metadata) else {
        problems.push(Problem { line: None, reason: side_by_side::NO_LOCALE.to_owned() });
        return Extracted { document, lines: Ok(Vec::new()), problems };
    };
    let segments = read.segments.iter().map(|segment| PlacedSegment {
        set,
        document: &document,
        source_locale: &arguments.locales.source_locale,
        target_locale,
        metadata: &read.metadata,
        segment,
    });
    let lines = write_lines(arguments.format, segments, buffers.take());
    Extracted { document, lines, problems }
}

fn write_lines<'a>(
    format: Format,
    mut segments: impl Iterator<Item = PlacedSegment<'a>> + Clone,
    mut lines: Vec<u8>,
) -> io::Result<Vec<u8>> {
    match (format.delimiter(), segments.clone().next()) {
        (_, None) => {}
        (None, Some(first)) => {
            let document = jsonl::DocumentLines::of(first)?;
            segments.try_for_each(|placed| document.write(placed.segment, &mut lines))?;
        }
        (Some(delimiter), _) => {
            let mut table = delimited::Writer::new(&mut lines, delimiter);
            segments.try_for_each(|segment| table.write_segment(segment))?;
            table.finish()?;
        }
    }
    Ok(lines)
}
