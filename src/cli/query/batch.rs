//! Many queries, on all cores, answered in the order asked.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use anyhow::{Context as _, bail};

use super::{Arguments, Outcome, nothing_in_locale};
use crate::cli::terminal;
use crate::input;
use crate::json::{Answer, MatchObject, QueryLine};
use crate::memory::{BlockCache, Lookup, LookupOptions, Memory};
use crate::model::Context;
use crate::parallel::available_threads;

/// How many parcels of queries may be read ahead of their answers, for each thread.
const AHEAD: usize = 8;
/// How many queries go from thread to thread at once, where they are there: waking a thread takes as long as a short query.
const PARCEL: usize = 16;

/// What was answered before it ended well or not.
struct Answered {
    lines: String,
    any: bool,
    end: anyhow::Result<()>,
}

type Question = anyhow::Result<QueryLine>;

pub(super) fn run(
    arguments: &Arguments,
    path: &Path,
    memory: Memory,
    file: &Path,
) -> anyhow::Result<Outcome> {
    if !Lookup::new(&memory, arguments.options())?.has_texts() {
        terminal::talk(&nothing_in_locale(arguments));
    }
    drop(memory);
    let input: Box<dyn Read + Send> = match file.as_os_str() == "-" {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(file).with_context(|| format!("cannot read {}", input::shown(file)))?),
    };
    let threads = arguments.threads.unwrap_or_else(available_threads).max(1);
    let (questions, asked) = mpsc::sync_channel(AHEAD * threads);
    // Not one of the scope's: where nobody reads the answers any more, nobody waits for the next question either.
    std::thread::spawn(move || ask(BufReader::new(input), &questions));
    let asked = Arc::new(Mutex::new(asked));
    let mut found = false;
    let blocks = BlockCache::default();
    std::thread::scope(|scope| {
        let (answers, given) = mpsc::sync_channel::<(u64, Answered)>(AHEAD * threads);
        for _ in 0..threads {
            let (answers, asked, options) = (answers.clone(), Arc::clone(&asked), arguments.options());
            let blocks = blocks.clone();
            scope.spawn(move || answer((path, options, &blocks), &asked, &answers));
        }
        drop((answers, asked));
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (number, answered) in given {
            early.insert(number, answered);
            while let Some(answered) = early.remove(&next) {
                let Answered { lines, any, end } = answered;
                found |= any;
                out.write_all(lines.as_bytes())?;
                end.inspect_err(|_| {
                    // What went wrong is what is told.
                    let _ = out.flush();
                })?;
                next += 1;
            }
            if early.is_empty() {
                out.flush()?;
            }
        }
        out.flush()?;
        anyhow::Ok(())
    })?;
    Ok(if found { Outcome::Done } else { Outcome::NothingFound })
}

/// Whether the lines of a batch are texts or JSON, which the first one tells.
#[derive(Clone, Copy)]
enum LineKind {
    Text,
    Json,
}

fn ask(mut input: BufReader<impl Read>, questions: &mpsc::SyncSender<(u64, Vec<Question>)>) {
    let mut kind = None;
    let mut line = Vec::new();
    let mut parcel = Vec::new();
    let mut number = 0;
    for count in 1_u64.. {
        line.clear();
        let read = input.read_until(b'\n', &mut line);
        let end = matches!(read, Ok(0));
        if !end {
            let question = read
                .map_err(anyhow::Error::from)
                .and_then(|_| question(&line, &mut kind))
                .with_context(|| format!("cannot read line {count} of the batch"));
            parcel.push(question);
        }
        let last = end || parcel.last().is_some_and(Result::is_err);
        // Whoever types one line at a time has the answer before the next.
        if last || parcel.len() == PARCEL || !input.buffer().contains(&b'\n') {
            if questions.send((number, std::mem::take(&mut parcel))).is_err() || last {
                return;
            }
            number += 1;
        }
    }
}

fn question(line: &[u8], kind: &mut Option<LineKind>) -> anyhow::Result<QueryLine> {
    let Ok(text) = std::str::from_utf8(line) else { bail!("it is not UTF-8") };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\n', '\r']);
    let parsed = serde_json::from_str::<QueryLine>(text);
    let kind = kind.get_or_insert(if parsed.is_ok() { LineKind::Json } else { LineKind::Text });
    match kind {
        LineKind::Json => Ok(parsed?),
        LineKind::Text => Ok(QueryLine { text: text.to_owned(), before: None, after: None }),
    }
}

fn answer(
    (path, options, blocks): (&Path, LookupOptions, &BlockCache),
    asked: &Mutex<mpsc::Receiver<(u64, Vec<Question>)>>,
    answers: &mpsc::SyncSender<(u64, Answered)>,
) {
    let memory = Memory::open(path);
    let mut lookup = match &memory {
        Ok(memory) => Lookup::sharing(memory, options, blocks).map_err(anyhow::Error::from),
        Err(error) => Err(anyhow::anyhow!("{error}")),
    };
    loop {
        // Nobody panics with the lock held; if somebody did, the channel would be as good as before.
        let received = asked.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).recv();
        let Ok((number, parcel)) = received else { return };
        let answered = match &mut lookup {
            Ok(lookup) => answer_all(lookup, parcel),
            Err(error) => {
                Answered { lines: String::new(), any: false, end: Err(anyhow::anyhow!("{error:#}")) }
            }
        };
        if answers.send((number, answered)).is_err() {
            return;
        }
    }
}

fn answer_all(lookup: &mut Lookup<'_>, parcel: Vec<Question>) -> Answered {
    let mut answered = Answered { lines: String::new(), any: false, end: Ok(()) };
    for question in parcel {
        answered.end = question.and_then(|question| answer_one(lookup, question, &mut answered));
        if answered.end.is_err() {
            break;
        }
    }
    answered
}

fn answer_one(lookup: &mut Lookup<'_>, question: QueryLine, answered: &mut Answered) -> anyhow::Result<()> {
    let context = Context { previous: question.before, next: question.after };
    let matches = lookup.find(&question.text, &context)?;
    let answer = Answer { query: &question.text, matches: matches.iter().map(MatchObject::from).collect() };
    answered.lines += &serde_json::to_string(&answer)?;
    answered.lines.push('\n');
    answered.any |= !matches.is_empty();
    Ok(())
}
