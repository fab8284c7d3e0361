//! `bitext query`: looks texts up in the memory.

mod batch;
mod show;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::bail;

use super::stdout::Stdout;
use super::values::{ExceptionArguments, at_least_one, floor, workflow};
use super::{MemoryArguments, Outcome, terminal};
use crate::json::{self, Answer, ErrorObject, MatchObject};
use crate::matching::{ALIGNED_PENALTY, LONGEST_COMPARED, Match, Penalties, is_too_long};
use crate::memory::{Lookup, LookupOptions};
use crate::model::{Context, Locale, QueryPlace, Score, Workflow};
use crate::operations::check::{Mark, Marker};

/// Look translations up: context, exact and fuzzy matches
///
/// Scores: 101 is the same text between the same neighbours, 100 the same text, 99 the same words in other case, spacing or
/// markup. Lower scores are fuzzy matches: the share of words that need no change. A text of more than 10,000 characters
/// matches only the same text. A match whose translation has an error (`bitext check`) is marked, and comes after those of its score that
/// have none. Exits with 1 if nothing is found.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The texts to look up
    #[arg(value_name = "TEXT", required_unless_present = "batch")]
    texts: Vec<String>,
    #[command(flatten)]
    memory: MemoryArguments,
    /// The locale of the texts given [default: that of the memory's source texts]
    #[arg(long, value_name = "LOCALE")]
    from: Option<Locale>,
    /// The locale of the translations wanted [default: all]
    #[arg(long, value_name = "LOCALE")]
    to: Option<Locale>,
    /// The lowest score of a match
    #[arg(long, value_name = "SCORE", default_value = "70", value_parser = floor)]
    min: Score,
    /// The largest number of matches for each text
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = at_least_one)]
    limit: usize,
    /// The segment before the text; "" if the text is the first of its document
    #[arg(long, value_name = "TEXT", conflicts_with = "batch")]
    before: Option<String>,
    /// The segment after the text, likewise; a match between the same neighbours scores 101
    #[arg(long, value_name = "TEXT", conflicts_with = "batch")]
    after: Option<String>,
    /// The path of the text's document below its set; of matches with the same score, those in it come first
    #[arg(long, value_name = "PATH", conflicts_with = "batch")]
    document: Option<String>,
    /// Look up each line of FILE (`-`: standard input), and answer each with a line of JSON
    ///
    /// Either every line is a text, or every line is {"text": …, "before": …, "after": …, "document": …}, all but the first optional. An empty
    /// "before" or "after" says that the document begins or ends there.
    #[arg(long, value_name = "FILE", conflicts_with = "texts")]
    batch: Option<PathBuf>,
    /// What the lines of a batch are [default: json if the first line begins with {", else text]
    #[arg(long, value_name = "FORMAT", value_enum, requires = "batch")]
    batch_format: Option<batch::FormatName>,
    /// Only translations by a person, or only those by a machine
    #[arg(long, value_name = "WHO", value_parser = workflow)]
    workflow: Option<Workflow>,
    /// Points taken off a machine translation
    #[arg(long, value_name = "N", default_value_t = 0)]
    machine_penalty: u8,
    /// Points taken off a pair that `bitext align` found
    #[arg(long, value_name = "N", default_value_t = ALIGNED_PENALTY)]
    aligned_penalty: u8,
    /// Points taken off a match with other inline codes
    #[arg(long, value_name = "N", default_value_t = 0)]
    markup_penalty: u8,
    /// Points taken off a match of another region: pt-PT for pt-BR
    #[arg(long, value_name = "N", default_value_t = 0)]
    locale_penalty: u8,
    /// Only translations that the current version of a document has
    #[arg(long)]
    current: bool,
    /// Show the arithmetic of each score
    #[arg(long)]
    explain: bool,
    /// Print a line of JSON for each text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    exceptions: ExceptionArguments,
    /// The number of threads for a batch [default: one a processor]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    threads: Option<usize>,
}

impl Arguments {
    fn options(&self) -> LookupOptions {
        LookupOptions {
            from: self.from.clone(),
            to: self.to.clone(),
            floor: self.min,
            limit: self.limit,
            penalties: Penalties {
                machine: self.machine_penalty,
                aligned: self.aligned_penalty,
                markup: self.markup_penalty,
                locale: self.locale_penalty,
            },
            workflow: self.workflow,
            only_current: self.current,
        }
    }
}

impl Arguments {
    /// Where the text stands.
    fn place(&self) -> QueryPlace {
        let text = |text: &Option<String>| text.as_deref().map(Into::into);
        let context = Context { previous: text(&self.before), next: text(&self.after) };
        QueryPlace { context, document: text(&self.document) }
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let place = arguments.place();
    if arguments.texts.len() > 1 && place != QueryPlace::default() {
        bail!(
            "--before, --after and --document belong to one text; for several, use --batch with JSON lines"
        );
    }
    let path = arguments.memory.path();
    let memory = super::open_to_look_up(&path)?;
    if let Some(file) = &arguments.batch {
        return batch::run(arguments, path, memory, file);
    }
    let mut lookup = Lookup::new(&memory, arguments.options())?;
    if !lookup.has_texts() {
        terminal::message(&nothing_in_locale(arguments));
        return Ok(Outcome::NothingFound);
    }
    let marker = Marker::of_lookups(&memory, arguments.from.as_ref(), arguments.exceptions.read()?)?;
    let mut out = Stdout::styled();
    let mut outcome = Outcome::NothingFound;
    let mut too_long = 0;
    for (number, text) in arguments.texts.iter().enumerate() {
        let matches = marker.find(&mut lookup, text, &place)?;
        too_long += u64::from(is_too_long(text));
        if !matches.is_empty() {
            outcome = Outcome::Done;
        }
        if arguments.json {
            let answer = Answer { query: text, matches: matches.iter().map(match_object).collect() };
            writeln!(out, "{}", json::to_string(&answer)?)?;
            continue;
        }
        if arguments.texts.len() > 1 {
            write!(out, "{}{}", if number > 0 { "\n" } else { "" }, show::query(text))?;
        }
        for (found, mark) in &matches {
            out.write_all(show::found(text, (found, mark.as_ref()), arguments.explain).as_bytes())?;
        }
        if matches.is_empty() {
            terminal::message(&format!("no match of {} or more", arguments.min));
        }
    }
    report_too_long(too_long);
    if outcome == Outcome::NothingFound
        && let Some(to) = &arguments.to
    {
        let locales = memory.locale_names()?;
        // Translations for another region match too, so only the language is compared.
        if !locales.iter().any(|name| name.split('-').next() == Some(to.language())) {
            terminal::message(&format!("the memory holds no texts in {to}: it has {}", locales.join(", ")));
        }
    }
    Ok(outcome)
}

/// A match with its error, as JSON.
fn match_object((found, mark): &(Match, Option<Mark>)) -> MatchObject<'_> {
    MatchObject::new(found, mark.as_ref().map(|mark| ErrorObject::new(mark.id, &mark.finding)))
}

/// Says once how many of the texts are too long for fuzzy matches.
fn report_too_long(texts: u64) {
    if texts > 0 {
        terminal::message(&format!(
            "{} more than {} characters, so only the same text is a match",
            if texts == 1 {
                "1 text has".to_owned()
            } else {
                format!("{} texts have", terminal::grouped(texts))
            },
            terminal::grouped(LONGEST_COMPARED as u64),
        ));
    }
}

fn nothing_in_locale(arguments: &Arguments) -> String {
    match &arguments.from {
        Some(from) => format!("the memory holds no texts in {from}; `bitext stats` shows what it holds"),
        None => "the memory holds no texts to compare with; `bitext stats` shows what it holds".to_owned(),
    }
}
