//! Import of TMX files.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::{DamagedTmx, ImportPlan};
use crate::exchange::tmx::{TmxError, TmxReader};
use crate::input::shown;
use crate::memory::{Import, KnownDocuments, NewTmx, PreparedUnits, TmxImport};
use crate::model::{Locale, Problem};
use crate::operations::OperationError;
use crate::operations::numbers::{counted, grouped};
use crate::operations::report::Problems;

/// A TMX, or an archive of them.
pub(super) struct TmxFile {
    path: PathBuf,
    /// The file's name without its endings.
    stem: String,
    /// The paths in the archive, in order; empty if the file is not an archive.
    members: Vec<String>,
}

/// The result of importing a TMX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Stored,
    Unchanged,
    /// Nothing of it was stored.
    Nothing,
}

/// The most problems of one TMX that are reported one by one. The others are only counted.
const REPORTED: usize = 100;

impl TmxFile {
    /// The TMX file or the zip archive of TMX files at a path, recognized by its name; `None` for other files.
    pub fn of_path(path: &Path) -> Option<TmxFile> {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let file =
            |stem: &str, members| Some(TmxFile { path: path.to_owned(), stem: stem.to_owned(), members });
        if path.is_dir() {
            return None;
        }
        if let Some(stem) = tmx_stem(&name) {
            return file(stem, Vec::new());
        }
        let stem = strip_ending(&name, ".zip")?;
        let archive = ZipArchive::new(BufReader::new(File::open(path).ok()?)).ok()?;
        let names = archive.file_names().map(|name| name.map(|name| name.into_owned()));
        let mut members: Vec<String> = names.collect::<Result<_, _>>().ok()?;
        let hidden = |name: &str| name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
        members.retain(|name| !name.ends_with('/') && !hidden(name));
        let all = members.len();
        members.retain(|name| tmx_stem(name).is_some());
        members.sort();
        (all > 0 && all == members.len()).then(|| file(stem, members)).flatten()
    }

    fn open(&self) -> Result<BufReader<File>, OperationError> {
        let file = File::open(&self.path).map_err(OperationError::file("read", shown(&self.path)))?;
        Ok(BufReader::with_capacity(1 << 16, file))
    }

    fn open_archive(&self) -> Result<ZipArchive<BufReader<File>>, OperationError> {
        ZipArchive::new(self.open()?).map_err(|error| self.not_read(error))
    }

    fn not_read(&self, error: impl Into<io::Error>) -> OperationError {
        OperationError::file("read", shown(&self.path))(error.into())
    }
}

fn strip_ending<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len()).filter(|&at| at > 0 && name.is_char_boundary(at))?;
    name[at..].eq_ignore_ascii_case(ending).then_some(&name[..at])
}

fn tmx_stem(name: &str) -> Option<&str> {
    [".tmx", ".tmx.gz", ".tmx.zst"].into_iter().find_map(|ending| strip_ending(name, ending))
}

/// Imports a TMX, or all in an archive. Returns the outcome of each.
pub(super) fn import(
    file: &TmxFile,
    plan: &ImportPlan,
    import: &mut Import<'_>,
    problems: &mut Problems<'_>,
) -> Result<Vec<Outcome>, OperationError> {
    let set = plan.set.as_ref().unwrap_or(&file.stem);
    let known = import.known_documents(set)?;
    let mut run = Run { plan, set, known: &known, import, problems };
    let path = shown(&file.path);
    if file.members.is_empty() {
        let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return Ok(vec![run.one(&name, &path, file.open()?, file.open()?)?]);
    }
    let (mut first, mut second) = (file.open_archive()?, file.open_archive()?);
    let mut one_of = |member: &String| {
        let to_hash = first.by_name(member).map_err(|error| file.not_read(error))?;
        let to_read = second.by_name(member).map_err(|error| file.not_read(error))?;
        run.one(member, &format!("{path}/{member}"), to_hash, to_read)
    };
    file.members.iter().map(&mut one_of).collect()
}

/// The import of the TMX files of one set.
struct Run<'r, 'm, 'p> {
    plan: &'r ImportPlan,
    set: &'r str,
    known: &'r KnownDocuments,
    import: &'r mut Import<'m>,
    problems: &'r mut Problems<'p>,
}

impl Run<'_, '_, '_> {
    /// Imports one TMX. Reads it twice: first to hash it, because an unchanged TMX is not parsed.
    fn one(
        &mut self,
        path: &str,
        shown: &str,
        mut to_hash: impl Read,
        to_read: impl Read + Send,
    ) -> Result<Outcome, OperationError> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&mut to_hash).map_err(OperationError::file("read", shown))?;
        let (bytes, hash) = (hasher.count(), hasher.finalize());
        if let Some(known) = self.known.get(path)
            && known.hash == *hash.as_bytes()
        {
            known.problems.iter().for_each(|problem| self.problems.add(shown, problem));
            return Ok(Outcome::Unchanged);
        }
        let source = unpacked(path, to_read).map_err(OperationError::file("read", shown))?;
        let tmx = self.import.begin_tmx(NewTmx { set: self.set, path, hash: hash.as_bytes() })?;
        // One thread parses the XML, this one writes into the memory.
        let (sender, batches) = sync_channel(WAITING);
        let (plan, problems) = (self.plan, &mut *self.problems);
        let (found, segments) = std::thread::scope(|threads| {
            threads.spawn(move || read_units(source, &plan.source_locale, &sender));
            store(batches, tmx, plan.damaged_tmx, problems)
        })?;
        self.problems.report.document_done(bytes);
        found.report(shown, self.problems);
        Ok(if segments == 0 { Outcome::Nothing } else { Outcome::Stored })
    }
}

/// Stores units. Returns the problems, and the number of translations stored.
fn store(
    batches: Receiver<Batch>,
    mut tmx: TmxImport<'_, '_>,
    damaged: DamagedTmx,
    problems: &mut Problems<'_>,
) -> Result<(TmxProblems, u64), OperationError> {
    let mut found = TmxProblems::default();
    for batch in batches {
        match batch {
            Ok((units, unusable)) => {
                tmx.put(&units)?;
                unusable.into_iter().for_each(|problem| found.add(problem));
                problems.report.units_stored(units.count() as u64);
            }
            Err(error) if tmx.segments() == 0 => {
                // Nothing of the file can be read, so the units of an earlier import are kept.
                found.add(Problem { line: None, reason: error.to_string() });
                return Ok((found, 0));
            }
            Err(error) if damaged == DamagedTmx::KeepNothing => {
                let reason = format!("{error}; nothing of the file is kept");
                found.add(Problem { line: None, reason });
                return Ok((found, 0));
            }
            Err(error) => {
                let kept = counted(tmx.segments(), "translation");
                found.add(Problem { line: None, reason: format!("{error}; {kept} before it are kept") });
            }
        }
    }
    let segments = tmx.segments();
    tmx.keep(&found.first)?;
    Ok((found, segments))
}

/// Units with the problems of reading them, or the error that ends the file.
type Batch = Result<(PreparedUnits, Vec<Problem>), TmxError>;

/// The number of units in a batch, and of batches in the channel: a few megabytes.
const BATCH: usize = 256;
const WAITING: usize = 16;

/// Reads a TMX to its end, or until the receiver is gone.
fn read_units(source: impl Read, source_locale: &Locale, sender: &SyncSender<Batch>) {
    let (mut units, mut problems) = (PreparedUnits::default(), Vec::new());
    let mut failed = None;
    match TmxReader::new(source, Some(source_locale.clone())) {
        Err(error) => failed = Some(error),
        Ok(entries) => {
            for entry in entries {
                match entry {
                    Ok(entry) => {
                        if let Some(unit) = &entry.unit {
                            units.push(entry.line, unit);
                        }
                        problems.extend(entry.problems);
                    }
                    Err(error) => failed = Some(error),
                }
                if units.count() + problems.len() >= BATCH {
                    let batch = (std::mem::take(&mut units), std::mem::take(&mut problems));
                    if sender.send(Ok(batch)).is_err() {
                        return;
                    }
                }
            }
        }
    }
    let sent = sender.send(Ok((units, problems)));
    if let (Ok(()), Some(error)) = (sent, failed) {
        let _ = sender.send(Err(error));
    }
}

/// The bytes of a TMX, decompressed by its extension.
fn unpacked<'f>(path: &str, packed: impl Read + Send + 'f) -> io::Result<Box<dyn Read + Send + 'f>> {
    Ok(if strip_ending(path, ".gz").is_some() {
        Box::new(MultiGzDecoder::new(packed))
    } else if strip_ending(path, ".zst").is_some() {
        Box::new(zstd::Decoder::new(packed)?)
    } else {
        Box::new(packed)
    })
}

/// The problems of a file.
#[derive(Default)]
struct TmxProblems {
    first: Vec<Problem>,
    more: u64,
}

impl TmxProblems {
    fn add(&mut self, problem: Problem) {
        // The error that ends a file is always reported.
        if self.first.len() < REPORTED || problem.line.is_none() {
            self.first.push(problem);
        } else {
            self.more += 1;
        }
    }

    fn report(&self, path: &str, problems: &mut Problems<'_>) {
        self.first.iter().for_each(|problem| problems.add(path, problem));
        if self.more > 0 {
            let reason = format!("and {} more like these", grouped(self.more));
            problems.add(path, &Problem { line: None, reason });
            problems.count += self.more - 1;
        }
    }
}
