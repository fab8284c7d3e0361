//! `bitext import`: document sets into the memory, again and again as they change.

mod document;
mod summary;
mod tmx;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::bail;

use super::reading::{self, LocaleArguments, PathArguments, Problems};
use super::{MemoryArguments, Outcome, terminal};
use crate::input::{self, DocumentSet, Entry};
use crate::memory::{Import, KnownDocuments, Memory, NewDocument, Put};
use crate::model::{Locale, Problem};
use crate::parallel::available_threads;
use crate::side_by_side::{NO_LOCALE, StatedLocales};

use document::{Reader, Reading};
use summary::{Progress, Summary};

/// Import side-by-side documents, or TMX files, into the memory
///
/// Each PATH is a document set, named after the folder or archive; a single file belongs to the set of its folder. Import
/// the same set again and only what has changed is read into the memory. Documents that are gone from the set stay in the
/// memory unless --prune is given.
///
/// A TMX (.tmx, .tmx.gz, .tmx.zst, or a .zip of them) is a document set of its own. Of a damaged one what comes before the
/// damage is kept; nothing of it with --strict.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: PathArguments,
    #[command(flatten)]
    memory: MemoryArguments,
    /// The name of the document set [default: that of the folder or archive]
    #[arg(long, value_name = "NAME")]
    set: Option<String>,
    #[command(flatten)]
    locales: LocaleArguments,
    /// Remove the set's documents that are not under PATH any more
    #[arg(long)]
    prune: bool,
    /// Say what an import would do, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// Print the summary as a JSON object on standard output
    #[arg(long)]
    json: bool,
    /// Say nothing but problems
    #[arg(long, short)]
    quiet: bool,
    /// How many threads read [default: one a processor]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let (tmx_files, paths) = tmx::among(&arguments.paths.paths, arguments.prune)?;
    let sets = open_sets(arguments, &paths)?;
    let path = arguments.memory.path();
    let mut memory = match arguments.dry_run && !path.exists() {
        true => Memory::transient()?,
        false => Memory::open_or_create(&path)?,
    };
    let documents = sets.iter().map(|set| set.entries.len() as u64).sum::<u64>() + tmx_files.len() as u64;
    let progress = Progress::new(documents, !arguments.quiet && std::io::stderr().is_terminal());
    let mut run = Run {
        arguments,
        threads: arguments.threads.unwrap_or_else(available_threads),
        import: Import::begin(&mut memory, arguments.dry_run)?,
        problems: Problems::default(),
        summary: Summary { dry_run: arguments.dry_run, ..Summary::default() },
        progress,
        taken: HashMap::new(),
    };
    let mut empty = 0;
    for set in &sets {
        let found = run.import_set(set)?;
        empty += usize::from(!found);
    }
    for file in &tmx_files {
        empty += usize::from(!run.import_tmx(file)?);
    }
    run.prune(&sets)?;
    let Run { import, problems, mut summary, progress, .. } = run;
    let tally = import.finish()?;
    progress.finish();
    summary.set(&tally, problems.count, began.elapsed());
    if arguments.json {
        writeln!(std::io::stdout(), "{}", serde_json::to_string(&summary)?)?;
    } else if !arguments.quiet {
        terminal::say(&summary.to_string());
    }
    Ok(match () {
        () if arguments.strict && problems.count > 0 => Outcome::Refused,
        () if empty == sets.len() + tmx_files.len() => Outcome::NothingFound,
        () => Outcome::Done,
    })
}

/// Lists what is under the paths, and refuses two sets that would be one by their names.
fn open_sets(arguments: &Arguments, paths: &[PathBuf]) -> anyhow::Result<Vec<DocumentSet>> {
    let mut roots: HashMap<String, PathBuf> = HashMap::new();
    let mut sets = Vec::new();
    for path in paths {
        let set = reading::open(path, arguments.set.as_deref())?;
        if arguments.prune && set.single {
            bail!("--prune needs the whole set, and {} is one file of it; name its folder", set.path);
        }
        let root = roots.entry(set.name.clone()).or_insert_with(|| set.root.clone());
        if arguments.set.is_none() && *root != set.root {
            bail!(
                "{} and {} would both be the document set {:?}; import one of them with --set NAME",
                input::shown(root),
                input::shown(&set.root),
                set.name
            );
        }
        sets.push(set);
    }
    Ok(sets)
}

/// An import as it goes on.
struct Run<'a> {
    arguments: &'a Arguments,
    threads: usize,
    import: Import<'a>,
    problems: Problems,
    summary: Summary,
    progress: Progress,
    /// The paths met in each set, by its name; with those that hold segments.
    taken: HashMap<&'a str, Taken<'a>>,
}

#[derive(Default)]
struct Taken<'a> {
    /// Documents that are there, whatever is in them.
    met: HashSet<&'a str>,
    /// Whether something could not be listed, so that what was not met may be there all the same.
    incomplete: bool,
    /// Whether any document had spans.
    found: bool,
}

impl<'a> Run<'a> {
    /// Imports a TMX, or an archive of them. Gives whether there was a unit in it.
    fn import_tmx(&mut self, file: &tmx::TmxFile) -> anyhow::Result<bool> {
        let set = file.set(self.arguments.set.as_deref());
        let source_locale = &self.arguments.locales.source_locale;
        let run = tmx::TmxRun { set: &set, source_locale, strict: self.arguments.strict };
        let outcomes = run.import(file, &mut self.import, &mut self.problems, &mut self.progress)?;
        let count = |wanted| outcomes.iter().filter(|&&outcome| outcome == wanted).count() as u64;
        self.summary.documents_unchanged += count(tmx::Outcome::Unchanged);
        self.summary.documents_without_segments += count(tmx::Outcome::Nothing);
        Ok(count(tmx::Outcome::Nothing) < outcomes.len() as u64)
    }

    /// Imports what is under one path. Gives whether there was a document with segments.
    fn import_set(&mut self, set: &'a DocumentSet) -> anyhow::Result<bool> {
        self.problems.tell_listing(set);
        let known = self.import.known_documents(&set.name)?;
        let taken = self.taken.entry(&set.name).or_default();
        taken.incomplete |= !set.problems.is_empty();
        let mut entries = Vec::with_capacity(set.entries.len());
        for entry in &set.entries {
            if taken.met.insert(&entry.path) {
                entries.push(entry);
            } else {
                let reason =
                    format!("the set {:?} has this document already; the first one counts", set.name);
                self.problems.tell(set, &entry.path, &Problem { line: None, reason });
            }
        }

        let mut stated = StatedLocales::default();
        let mut waiting = HashSet::new();
        let mut found = false;
        let given = self.arguments.locales.target_locale.as_ref();
        self.read(set, &entries, &known, Some(given), |run, path, reading| {
            found |= !matches!(reading, Reading::Clean | Reading::Unreadable(_));
            match reading {
                Reading::WithoutLocale => {
                    waiting.insert(path);
                    Ok(())
                }
                reading => {
                    reading.stated_locale(known.get(path)).into_iter().for_each(|l| stated.count(l));
                    run.keep(set, path, reading, known.get(path).is_some())
                }
            }
        })?;
        // Those that state no locale are in that of most of the others, which is known only now.
        entries.retain(|entry| waiting.contains(entry.path.as_str()));
        let majority = stated.majority();
        self.read(set, &entries, &known, majority.map(Some), |run, path, reading| match reading {
            Reading::WithoutLocale => {
                run.problems.tell(set, path, &Problem { line: None, reason: NO_LOCALE.to_owned() });
                Ok(())
            }
            reading => run.keep(set, path, reading, known.get(path).is_some()),
        })?;
        if !found {
            self.progress.suspend(|| {
                terminal::talk(&reading::nothing_in(set, "import"));
            });
            self.problems.count += 1;
        }
        if let Some(taken) = self.taken.get_mut(set.name.as_str()) {
            taken.found |= found;
        }
        Ok(found)
    }

    fn read<'s>(
        &mut self,
        set: &DocumentSet,
        entries: &[&'s Entry],
        known: &KnownDocuments,
        fallback: Option<Option<&Locale>>,
        mut keep: impl FnMut(&mut Self, &'s str, Reading) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let reader = Reader {
            known,
            source_locale: &self.arguments.locales.source_locale,
            fallback: fallback.flatten(),
        };
        let threads = self.threads;
        input::read_in_order(
            set,
            entries,
            threads,
            |entry, bytes| {
                let length = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
                (entry.path.as_str(), length, reader.read(entry, bytes))
            },
            |(path, length, reading)| {
                let waits = matches!(reading, Reading::WithoutLocale);
                keep(self, path, reading)?;
                if !waits {
                    self.progress.document(length);
                }
                Ok(())
            },
        )
    }

    fn keep(
        &mut self,
        set: &DocumentSet,
        path: &str,
        reading: Reading,
        is_known: bool,
    ) -> anyhow::Result<()> {
        let problems = match reading {
            Reading::Clean => {
                self.summary.documents_without_segments += 1;
                if is_known {
                    self.import.remove(&set.name, path)?;
                }
                Vec::new()
            }
            Reading::Unreadable(problem) => vec![problem],
            Reading::Unchanged { problems } => {
                self.summary.documents_unchanged += 1;
                problems
            }
            Reading::WithoutLocale => Vec::new(),
            Reading::Read(document) if document.segments().len() == 0 => {
                self.summary.documents_without_segments += 1;
                if is_known {
                    self.import.remove(&set.name, path)?;
                }
                document.problems
            }
            Reading::Read(document) => {
                let new = NewDocument {
                    set: &set.name,
                    path,
                    hash: &document.hash,
                    source_locale: &self.arguments.locales.source_locale,
                    target_locale: &document.target_locale,
                    locale_stated: document.metadata.target_locale.is_some(),
                    metadata: &document.metadata,
                    problems: &document.problems,
                };
                let put = self.import.put(&new, document.segments())?;
                self.summary.documents_unchanged += u64::from(put == Put::Unchanged);
                self.progress.segments(document.segments().len() as u64);
                document.problems
            }
        };
        if !problems.is_empty() {
            let Self { progress, problems: told, .. } = self;
            progress.suspend(|| problems.iter().for_each(|problem| told.tell(set, path, problem)));
        }
        Ok(())
    }

    /// Removes what is gone from the sets, where all of a set could be listed.
    fn prune(&mut self, sets: &[DocumentSet]) -> anyhow::Result<()> {
        if !self.arguments.prune {
            return Ok(());
        }
        let names: BTreeSet<&str> = sets.iter().map(|set| set.name.as_str()).collect();
        for name in names {
            let Some(taken) = self.taken.get(name) else { continue };
            if taken.incomplete || !taken.found {
                let why = match taken.found {
                    true => "a part of it could not be listed",
                    false => "nothing of it was found",
                };
                let told = format!("the set {name:?} was not pruned, since {why}");
                self.progress.suspend(|| terminal::talk(&told));
                self.problems.count += 1;
                continue;
            }
            let known = self.import.known_documents(name)?;
            for path in known.paths().filter(|path| !taken.met.contains(path)) {
                self.import.remove(name, path)?;
            }
        }
        Ok(())
    }
}
