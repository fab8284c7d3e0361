//! TMX files among the paths of an import.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::{Context, bail};
use flate2::read::MultiGzDecoder;

use super::super::terminal;
use super::summary::Progress;
use crate::cli::reading::Problems;
use crate::exchange::tmx::{TmxError, TmxReader};
use crate::input::shown;
use crate::memory::{Import, KnownDocuments, NewTmx, ReadyUnits, TmxImport};
use crate::model::{Locale, Problem};

/// A TMX, or an archive of them.
pub(super) struct TmxFile {
    path: PathBuf,
    /// The file's name without its endings.
    stem: String,
    /// The paths in the archive, in order; none where the file is no archive.
    members: Vec<String>,
}

/// What became of a TMX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Kept,
    Unchanged,
    /// Nothing of it was kept.
    Nothing,
}

/// Told one by one; of what is said a million times the first few say enough.
const TOLD: usize = 100;

impl TmxFile {
    /// What a path is, by its name; `None` where it is no TMX and no zip archive with TMX and no documents in it.
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
        let archive = zip::ZipArchive::new(BufReader::new(File::open(path).ok()?)).ok()?;
        let names = archive.file_names().map(|name| name.map(|name| name.into_owned()));
        let mut members: Vec<String> = names.collect::<Result<_, _>>().ok()?;
        let hidden = |name: &str| name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
        members.retain(|name| !name.ends_with('/') && !hidden(name));
        let all = members.len();
        members.retain(|name| tmx_stem(name).is_some());
        members.sort();
        (all > 0 && all == members.len()).then(|| file(stem, members)).flatten()
    }

    /// The name of its document set.
    pub fn set(&self, given: Option<&str>) -> String {
        given.map_or_else(|| self.stem.clone(), str::to_owned)
    }
}

fn strip_ending<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len()).filter(|&at| at > 0 && name.is_char_boundary(at))?;
    name[at..].eq_ignore_ascii_case(ending).then_some(&name[..at])
}

fn tmx_stem(name: &str) -> Option<&str> {
    [".tmx", ".tmx.gz", ".tmx.zst"].into_iter().find_map(|ending| strip_ending(name, ending))
}

/// How a TMX is imported.
pub(super) struct TmxRun<'r> {
    pub set: &'r str,
    pub source_locale: &'r Locale,
    /// Whether a damaged file leaves nothing.
    pub strict: bool,
}

impl TmxRun<'_> {
    /// Imports a TMX or all in an archive. Gives what became of each.
    pub fn import(
        &self,
        file: &TmxFile,
        import: &mut Import<'_>,
        problems: &mut Problems,
        progress: &mut Progress,
    ) -> anyhow::Result<Vec<Outcome>> {
        let known = import.known_documents(self.set)?;
        let shown = shown(&file.path);
        if file.members.is_empty() {
            let name =
                file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let open = || -> anyhow::Result<Box<dyn Read + Send>> {
                let opened = File::open(&file.path).with_context(|| format!("cannot read {shown}"))?;
                Ok(Box::new(BufReader::with_capacity(1 << 16, opened)))
            };
            return Ok(vec![self.one(
                &name,
                &shown,
                open()?,
                open()?,
                &known,
                import,
                problems,
                progress,
            )?]);
        }
        let open = || -> anyhow::Result<_> {
            let opened = File::open(&file.path).with_context(|| format!("cannot read {shown}"))?;
            Ok(zip::ZipArchive::new(BufReader::new(opened))?)
        };
        let (mut first, mut second) = (open()?, open()?);
        let mut outcomes = Vec::with_capacity(file.members.len());
        for member in &file.members {
            let (hashed, read) = (first.by_name(member)?, second.by_name(member)?);
            let told = format!("{shown}/{member}");
            let outcome = self.one(
                member,
                &told,
                Box::new(hashed),
                Box::new(read),
                &known,
                import,
                problems,
                progress,
            )?;
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    /// One TMX, read twice: for its hash, then for its units.
    #[expect(clippy::too_many_arguments, reason = "one call, of which half is what an import is made of")]
    fn one<'f>(
        &self,
        path: &str,
        told: &str,
        mut hashed: Box<dyn Read + Send + 'f>,
        read: Box<dyn Read + Send + 'f>,
        known: &KnownDocuments,
        import: &mut Import<'_>,
        problems: &mut Problems,
        progress: &mut Progress,
    ) -> anyhow::Result<Outcome> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&mut hashed).with_context(|| format!("cannot read {told}"))?;
        let (bytes, hash) = (hasher.count(), hasher.finalize());
        if let Some(known) = known.get(path)
            && known.hash == *hash.as_bytes()
        {
            progress.suspend(|| known.problems.iter().for_each(|problem| problems.tell_of(told, problem)));
            return Ok(Outcome::Unchanged);
        }
        let source = unpacked(path, read)?;
        let tmx = import.begin_tmx(NewTmx { set: self.set, path, hash: hash.as_bytes() })?;
        // One thread takes the XML apart, this one writes into the memory.
        let (sender, parcels) = sync_channel(WAITING);
        let (found, segments) = std::thread::scope(|threads| {
            threads.spawn(move || read_units(source, self.source_locale, &sender));
            self.keep(parcels, tmx, progress)
        })?;
        progress.document(bytes);
        progress.suspend(|| found.tell(told, problems));
        Ok(if segments == 0 { Outcome::Nothing } else { Outcome::Kept })
    }

    /// Keeps the units that come. Gives what could not be used, and how many translations were kept.
    fn keep(
        &self,
        parcels: Receiver<Parcel>,
        mut tmx: TmxImport<'_, '_>,
        progress: &mut Progress,
    ) -> anyhow::Result<(Found, u64)> {
        let mut found = Found::default();
        for parcel in parcels {
            match parcel {
                Ok((units, problems)) => {
                    tmx.put(&units)?;
                    problems.into_iter().for_each(|problem| found.add(problem));
                    progress.units(units.len() as u64);
                }
                Err(error) if tmx.segments() == 0 => {
                    // Nothing of the file can be read: what the memory has of it is better than nothing.
                    found.add(Problem { line: None, reason: error.to_string() });
                    return Ok((found, 0));
                }
                Err(error) if self.strict => {
                    let reason = format!("{error}; nothing of the file is kept");
                    found.add(Problem { line: None, reason });
                    return Ok((found, 0));
                }
                Err(error) => {
                    let kept = terminal::counted(tmx.segments(), "translation");
                    found.add(Problem { line: None, reason: format!("{error}; {kept} before it are kept") });
                }
            }
        }
        let segments = tmx.segments();
        tmx.keep(&found.first)?;
        Ok((found, segments))
    }
}

/// Units on their way from thread to thread with what could not be used of them, or why there are no more.
type Parcel = Result<(ReadyUnits, Vec<Problem>), TmxError>;

/// Units in a parcel, and how many parcels may wait: a few megabytes.
const PARCEL: usize = 256;
const WAITING: usize = 16;

/// Reads a TMX to its end, or to where nobody wants more of it.
fn read_units(source: impl Read, source_locale: &Locale, sender: &SyncSender<Parcel>) {
    let (mut units, mut problems) = (ReadyUnits::default(), Vec::new());
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
                if units.len() + problems.len() >= PARCEL {
                    let parcel = (std::mem::take(&mut units), std::mem::take(&mut problems));
                    if sender.send(Ok(parcel)).is_err() {
                        return;
                    }
                }
            }
        }
    }
    // Where nobody listens any more, nobody wants to know.
    let sent = sender.send(Ok((units, problems)));
    if let (Ok(()), Some(error)) = (sent, failed) {
        let _ = sender.send(Err(error));
    }
}

/// The bytes of a TMX, unpacked as its name says.
fn unpacked<'f>(path: &str, read: Box<dyn Read + Send + 'f>) -> anyhow::Result<Box<dyn Read + Send + 'f>> {
    Ok(if strip_ending(path, ".gz").is_some() {
        Box::new(MultiGzDecoder::new(read))
    } else if strip_ending(path, ".zst").is_some() {
        Box::new(zstd::Decoder::new(read)?)
    } else {
        read
    })
}

/// What could not be used of a file.
#[derive(Default)]
struct Found {
    first: Vec<Problem>,
    more: u64,
}

impl Found {
    fn add(&mut self, problem: Problem) {
        // The damage that ends a file is told however many problems came before it.
        if self.first.len() < TOLD || problem.line.is_none() {
            self.first.push(problem);
        } else {
            self.more += 1;
        }
    }

    fn tell(&self, told: &str, problems: &mut Problems) {
        self.first.iter().for_each(|problem| problems.tell_of(told, problem));
        if self.more > 0 {
            let reason = format!("and {} more like these", terminal::grouped(self.more));
            problems.tell_of(told, &Problem { line: None, reason });
            problems.count += self.more - 1;
        }
    }
}

/// Takes the TMX files out of the paths.
pub(super) fn among(paths: &[PathBuf], prune: bool) -> anyhow::Result<(Vec<TmxFile>, Vec<PathBuf>)> {
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for path in paths {
        match TmxFile::of_path(path) {
            Some(file) => files.push(file),
            None => others.push(path.clone()),
        }
    }
    if prune && !files.is_empty() {
        bail!("--prune is for folders; a TMX takes the place of what was imported of it before");
    }
    Ok((files, others))
}
