//! `bitext verify`: checks that queries find the same matches as a comparison with every text.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::stdout::Stdout;
use super::terminal::{counted, grouped};
use super::values::{at_least_one, floor};
use super::{MemoryArguments, Outcome, terminal};
use crate::json;
use crate::matching::{Match, Penalties};
use crate::memory::{Lookup, LookupOptions, Memory, Scan};
use crate::model::{Context, Locale, Score};

/// Prove that the fuzzy index misses nothing
///
/// Draws texts from the memory, half of them with words removed, added or replaced. Looks each one up by the index, and
/// compares it with every text of the memory. Exits with 2 if the two results differ, also in the order of the best matches.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    memory: MemoryArguments,
    /// The number of queries
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = at_least_one)]
    sample: usize,
    /// The lowest score of a match
    #[arg(long, value_name = "SCORE", default_value = "50", value_parser = floor)]
    min: Score,
    /// The locale to draw queries from [default: that of the memory's source texts]
    #[arg(long, value_name = "LOCALE")]
    from: Option<Locale>,
    /// Another number draws other queries
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// The number of best matches whose order is checked too: as many as people look at.
const SHOWN: usize = 5;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let memory = open_mended(&arguments.memory.path())?;
    let options = |limit| LookupOptions {
        from: arguments.from.clone(),
        to: None,
        floor: arguments.min,
        limit,
        penalties: Penalties::default(),
        workflow: None,
        only_current: false,
    };
    let mut scan = Scan::new(&memory, options(usize::MAX))?;
    if scan.is_empty() {
        terminal::message(
            "the memory holds no texts to draw queries from; `bitext stats` shows what it holds",
        );
        return Ok(Outcome::NothingFound);
    }
    let mut best = Lookup::new(&memory, options(SHOWN))?;
    let mut all = Lookup::new(&memory, options(usize::MAX))?;
    // Times are those of queries alone, without reading the index.
    best.read_index()?;
    let context = Context::default();
    let mut random = Random(arguments.seed);
    let mut report = Report { texts: scan.len(), min: arguments.min.percent(), ..Report::default() };
    let (mut indexed, mut scanned) = (Vec::new(), Vec::new());
    let progress = progress(arguments.sample as u64);
    for number in 0..arguments.sample {
        let Some(text) = scan.text(random.below(scan.len()))? else { continue };
        let text = if number % 2 == 0 { text } else { edited(&text, &mut random) };
        let began = Instant::now();
        let shown = best.find(&text, &context)?;
        indexed.push(began.elapsed());
        let found = all.find(&text, &context)?;
        let began = Instant::now();
        let expected = scan.find(&text)?;
        scanned.push(began.elapsed());
        report.add(&text, &shown, &found, &expected);
        progress.inc(1);
    }
    progress.finish_and_clear();
    report.index_ms = Times::of(&mut indexed);
    report.scan_ms = Times::of(&mut scanned);
    let mut out = Stdout::plain();
    match arguments.json {
        true => writeln!(out, "{}", json::to_string(&report)?)?,
        false => write!(out, "{}", report.table())?,
    }
    for text in &report.differing {
        terminal::message(&format!("index and scan differ for: {text}"));
    }
    Ok(if report.differing.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// Opens the memory. If its indexes are not complete, completes them first, if this process may write.
fn open_mended(path: &Path) -> anyhow::Result<Memory> {
    if Memory::open(path)?.indexes_are_complete()? {
        return Ok(Memory::open(path)?);
    }
    let mended = Memory::open_or_create(path).and_then(|mut memory| memory.mend_indexes());
    if let Err(error) = mended {
        terminal::message(&format!("the indexes could not be completed: {error}"));
    }
    Ok(Memory::open(path)?)
}

fn progress(queries: u64) -> ProgressBar {
    let bar = ProgressBar::new(queries);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} queries, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// The result of the check.
#[derive(Debug, Default, Serialize)]
struct Report {
    texts: usize,
    queries: usize,
    min: u8,
    expected: usize,
    found: usize,
    recall: f64,
    index_ms: Times,
    scan_ms: Times,
    differing: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Times {
    mean: f64,
    median: f64,
    p99: f64,
    max: f64,
}

impl Times {
    fn of(times: &mut [Duration]) -> Times {
        times.sort_unstable();
        let milliseconds = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        let at = |percent: usize| {
            times.get(times.len() * percent / 100).or(times.last()).copied().unwrap_or_default()
        };
        let sum: Duration = times.iter().sum();
        Times {
            mean: milliseconds(sum / times.len().max(1) as u32),
            median: milliseconds(at(50)),
            p99: milliseconds(at(99)),
            max: milliseconds(at(100)),
        }
    }
}

impl Report {
    fn add(&mut self, text: &str, shown: &[Match], found: &[Match], expected: &[Match]) {
        self.queries += 1;
        self.expected += expected.len();
        self.found += expected.iter().filter(|expected| found.contains(expected)).count();
        self.recall = match self.expected {
            0 => 100.0,
            all => 100.0 * self.found as f64 / all as f64,
        };
        let first = &expected[..expected.len().min(SHOWN)];
        if found != expected || shown != first {
            self.differing.push(text.to_owned());
        }
    }

    fn table(&self) -> String {
        let row = |name: &str, times: &Times| {
            format!(
                "{name:8}{:>10.3}{:>10.3}{:>10.3}{:>10.3}\n",
                times.mean, times.median, times.p99, times.max
            )
        };
        let mut out = format!(
            "{} against {}, matches of {} or more: {} of {} found, recall {:.3} %\n",
            counted(self.queries as u64, "query").replace("querys", "queries"),
            counted(self.texts as u64, "text"),
            self.min,
            grouped(self.found as u64),
            grouped(self.expected as u64),
            self.recall
        );
        out += &format!("{:8}{:>10}{:>10}{:>10}{:>10}\n", "ms", "mean", "median", "99 %", "longest");
        out += &row("index", &self.index_ms);
        out += &row("scan", &self.scan_ms);
        out
    }
}

/// A text with one to three words removed, inserted or replaced.
fn edited(text: &str, random: &mut Random) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    for _ in 0..=random.below(3) {
        let at = random.below(words.len());
        match random.below(3) {
            0 if words.len() > 1 => {
                words.remove(at);
            }
            1 => words[at] = "changed",
            _ => words.insert(at, "added"),
        }
    }
    words.join(" ")
}

/// SplitMix64 (Steele, Lea, Flood, 2014): a sample can be drawn again by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ bits >> 31) % limit.max(1) as u64) as usize
    }
}
