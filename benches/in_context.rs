//! Look-ups in context, one by one on one thread, as a translation of documents asks for them.
//!
//! `cargo bench --bench in_context -- MEMORY LOCALE FLOOR EVERY FOLDER…` reads each EVERYth side-by-side document below the folders, and looks
//! each of its source texts up between its neighbours: as matches of FLOOR or more, without the name of its document. Prints the mean, the
//! median, the 99th percentile and the longest time, and how many texts had a context match.

#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bitext::matching::Penalties;
use bitext::memory::{Lookup, LookupOptions, Memory};
use bitext::model::{Context, QueryPlace, Score};
use bitext::side_by_side::{Syntax, decode, read};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [memory, locale, floor, every, folders @ ..] = &arguments[..] else {
        println!("names no memory: nothing is measured");
        return;
    };
    let memory = Memory::open(Path::new(memory)).expect("a memory");
    let options = LookupOptions {
        from: None,
        to: Some(locale.parse().expect("a locale")),
        floor: floor.parse().expect("a score"),
        limit: 1,
        penalties: Penalties::default(),
        workflow: None,
        only_current: false,
    };
    let mut lookup = Lookup::new(&memory, options).expect("a lookup");
    let mut documents = Vec::new();
    folders.iter().for_each(|folder| list(Path::new(folder), &mut documents));
    documents.sort();
    let every: usize = every.parse().expect("a number");
    let (mut times, mut in_context) = (Vec::new(), 0_usize);
    for path in documents.iter().step_by(every.max(1)) {
        let bytes = std::fs::read(path).expect("a document");
        let Ok(text) = decode(&bytes) else { continue };
        let document = read(&text, Syntax::Markdown);
        let texts: Vec<String> =
            document.segments.iter().map(|segment| segment.source.clone().into()).collect();
        for (at, text) in texts.iter().enumerate() {
            let beside = |at: Option<usize>| {
                Some(at.and_then(|at| texts.get(at)).map_or_else(String::new, String::clone))
            };
            let context = Context {
                previous: beside(at.checked_sub(1)).map(Into::into),
                next: beside(Some(at + 1)).map(Into::into),
            };
            let began = Instant::now();
            let found = lookup.find_at(text, &QueryPlace { context, document: None }).expect("an answer");
            times.push(began.elapsed());
            in_context += usize::from(found.first().is_some_and(|found| found.score > Score::EXACT));
        }
    }
    times.sort();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
    let mean = times.iter().sum::<Duration>() / u32::try_from(times.len().max(1)).unwrap_or(u32::MAX);
    println!(
        "{} texts, {in_context} in context: mean {mean:.1?}, median {:.1?}, 99 % {:.1?}, longest {:.1?}",
        times.len(),
        at(0.5),
        at(0.99),
        times.last().copied().unwrap_or_default()
    );
}

fn list(folder: &Path, documents: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            list(&path, documents);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            documents.push(path);
        }
    }
}
