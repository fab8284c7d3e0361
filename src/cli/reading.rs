//! What `extract`, `import` and `split` have in common: which files of a path are documents, in which locales they are, and
//! how problems are told.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use crate::input::{self, DocumentSet, Entry};
use crate::model::{Locale, Metadata, Problem};
use crate::parallel::available_threads;
use crate::side_by_side::{self, StatedLocales, Syntax};

use super::terminal::harmless;

/// The document sets to read.
#[derive(Debug, clap::Args)]
pub(super) struct PathArguments {
    /// Folders, archives (.zip, .tar, .tar.gz, .tar.zst) or single files of side-by-side documents
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// In which locales documents are.
#[derive(Debug, clap::Args)]
pub(super) struct LocaleArguments {
    /// The locale of the source texts
    #[arg(long, value_name = "LOCALE", default_value = "en-US")]
    pub source_locale: Locale,
    /// The target locale of documents that state none [default: that of most documents of the set]
    #[arg(long, value_name = "LOCALE")]
    pub target_locale: Option<Locale>,
}

/// Lists the documents of one path.
pub(super) fn open(path: &Path, name: Option<&str>) -> anyhow::Result<DocumentSet> {
    Ok(DocumentSet::open(path, name, |path| Syntax::of_path(path).is_some())?)
}

/// What to say of a set without a single span, which is mostly a clean branch; `done` is what was to be done with it.
pub(super) fn nothing_in(set: &DocumentSet, done: &str) -> String {
    format!(
        "nothing to {done} in {}: no file with side-by-side spans; is this a clean branch? \
         the side-by-side one is usually called live-sxs",
        set.path
    )
}

/// A file's syntax; one that was named itself is Markdown whatever it is called.
pub(super) fn syntax(entry: &Entry) -> Syntax {
    Syntax::of_path(&entry.path).unwrap_or(Syntax::Markdown)
}

/// The locale of documents that state none, found when the first of them is met.
pub(super) struct SetLocale<'a> {
    set: &'a DocumentSet,
    given: Option<&'a Locale>,
    majority: OnceLock<Option<Locale>>,
    /// What the documents that were asked for stated.
    met: Mutex<StatedLocales>,
}

impl<'a> SetLocale<'a> {
    pub fn new(set: &'a DocumentSet, given: Option<&'a Locale>) -> Self {
        SetLocale { set, given, majority: OnceLock::new(), met: Mutex::default() }
    }

    /// A document's target locale: its own, else the one given, else that of most documents of the set.
    pub fn of<'b>(&'b self, metadata: &'b Metadata) -> Option<&'b Locale> {
        if let Some(own) = &metadata.target_locale {
            if let Ok(mut met) = self.met.lock() {
                met.count(own);
            }
            return Some(own);
        }
        self.given.or_else(|| self.majority.get_or_init(|| self.find_majority()).as_ref())
    }

    /// The locale of most documents. Where more than half of them have been read already, and state the same, none is read twice.
    fn find_majority(&self) -> Option<Locale> {
        let met = self.met.lock().ok().filter(|met| met.is_settled_among(self.set.entries.len() as u64));
        match met {
            Some(met) => met.majority().cloned(),
            None => self.count().majority().cloned(),
        }
    }

    /// Counts what the set's documents state, until no other locale can come to more.
    fn count(&self) -> StatedLocales {
        let mut stated = StatedLocales::default();
        let entries: Vec<&Entry> = self.set.entries.iter().collect();
        // What cannot be read is told where it is read for its segments.
        let stated_in = |entry: &Entry, bytes: io::Result<&[u8]>| -> Option<Locale> {
            let bytes = bytes.ok().filter(|bytes| side_by_side::has_spans(bytes))?;
            let text = side_by_side::decode(bytes).ok()?;
            side_by_side::read_metadata(text, syntax(entry)).target_locale
        };
        let threads = available_threads();
        let settled = input::read_in_order(self.set, &entries, threads, stated_in, |locale| {
            locale.iter().for_each(|locale| stated.count(locale));
            if stated.is_settled_among(entries.len() as u64) { Err(()) } else { Ok(()) }
        });
        // Settled early or counted to the end, the majority is the same.
        let (Ok(()) | Err(())) = settled;
        stated
    }
}

/// Counts problems, and tells each on standard error as `PATH:LINE: reason`.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub count: u64,
}

impl Problems {
    /// Tells those that were met in listing a set.
    pub fn tell_listing(&mut self, set: &DocumentSet) {
        for problem in &set.problems {
            let problem_of = Problem { line: None, reason: problem.reason.clone() };
            self.tell(set, &problem.path, &problem_of);
        }
    }

    /// Tells one of a document of a set.
    pub fn tell(&mut self, set: &DocumentSet, document: &str, problem: &Problem) {
        // Of a single file, `path` is the file itself.
        let place = match (set.single, document) {
            (true, _) | (_, "") => set.path.clone(),
            (false, document) => format!("{}/{document}", set.path.trim_end_matches('/')),
        };
        self.tell_of(&place, problem);
    }

    /// Tells one of a file.
    pub fn tell_of(&mut self, path: &str, problem: &Problem) {
        self.count += 1;
        let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
        let told = format!("{}{line}: {}\n", harmless(path), harmless(&problem.reason));
        // Where standard error is closed there is nobody to tell.
        let _ = io::Write::write_all(&mut anstream::stderr(), told.as_bytes());
    }

    /// Says how many there were, where there were any.
    pub fn sum_up(&self) {
        if self.count > 0 {
            super::terminal::talk(&format!(
                "{} problem{}",
                self.count,
                if self.count == 1 { "" } else { "s" }
            ));
        }
    }
}
