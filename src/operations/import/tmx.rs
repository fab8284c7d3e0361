//! Import of TMX files.

mod file;

use std::fs::File;
use std::io::{BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use zip::ZipArchive;

use super::bounded::{UnitBytes, unpacked};
use super::problems::FileProblems;
use super::{DamagedTmx, ImportPlan, KEPT_EARLIER};
use crate::exchange::tmx::{Damage, TmxError, TmxReader};
use crate::input::{TWICE, names_seen_twice, shown};
use crate::memory::{Import, KnownDocuments, NewTmx, PreparedUnits, TmxImport};
use crate::model::{Locale, Problem};
use crate::operations::OperationError;
use crate::operations::numbers::counted;
use crate::operations::report::Problems;

use file::Stated;
pub(super) use file::TmxFile;

/// The result of importing a TMX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Stored,
    Unchanged,
    /// It is damaged, and the memory has an earlier version, which was kept.
    KeptEarlier,
    /// Nothing of it was stored.
    Nothing,
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
        let to_read = file.open()?;
        let packed = to_read.get_ref().metadata().map_err(|error| file.not_read(error))?.len();
        return Ok(vec![run.one(&name, &path, file.open()?, (to_read, packed))?]);
    }
    let mut archives = (file.open_archive()?, file.open_archive()?);
    file.check_members(&archives.0, &plan.files.limits)?;
    let twice = names_seen_twice(&mut archives.0, file.open()?).map_err(|error| file.not_read(error))?;
    for name in twice {
        let member = String::from_utf8_lossy(&name);
        run.problems.add(&format!("{path}/{member}"), &Problem { line: None, reason: TWICE.to_owned() });
    }
    let members = file.members.iter().filter(|member| !plan.files.excludes(member));
    members.map(|member| run.member(&path, member, &mut archives)).collect()
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
    /// Imports one TMX of an archive. One that cannot be read is a problem, and the others are imported.
    fn member(
        &mut self,
        archive: &str,
        member: &str,
        (first, second): &mut (ZipArchive<BufReader<File>>, ZipArchive<BufReader<File>>),
    ) -> Result<Outcome, OperationError> {
        let shown = format!("{archive}/{member}");
        let read = |error: zip::result::ZipError| OperationError::file("read", &shown)(error.into());
        let imported = first.by_name(member).map_err(read).and_then(|to_hash| {
            let to_read = second.by_name(member).map_err(read)?;
            let size = to_read.size();
            self.one(member, &shown, Stated::new(to_hash, size), (Stated::new(to_read, size), size))
        });
        match imported {
            Err(OperationError::File { source, .. }) => {
                let reason = format!("cannot be read: {source}; nothing of it was imported");
                self.problems.add(&shown, &Problem { line: None, reason });
                Ok(Outcome::Nothing)
            }
            imported => imported,
        }
    }

    /// Imports one TMX. Reads it twice: first to hash it, because an unchanged TMX is not parsed. The second reader comes with
    /// the number of its bytes.
    fn one(
        &mut self,
        path: &str,
        shown: &str,
        mut to_hash: impl Read,
        (to_read, packed): (impl Read + Send, u64),
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
        let source = unpacked(path, to_read, packed, &self.plan.files.limits)
            .map_err(OperationError::file("read", shown))?;
        let tmx = self.import.begin_tmx(NewTmx { set: self.set, path, hash: hash.as_bytes() })?;
        // One thread parses the XML, this one writes into the memory.
        let (sender, batches) = sync_channel(WAITING);
        let (plan, problems, unit) = (self.plan, &mut *self.problems, source.unit_bytes());
        let (found, outcome) = std::thread::scope(|threads| {
            threads.spawn(move || read_units(source, &unit, &plan.source_locale, &sender));
            store(batches, tmx, plan.damaged_tmx, problems)
        })?;
        self.problems.report.document_done(bytes);
        found.report(shown, self.problems);
        Ok(outcome)
    }
}

/// What of a TMX the memory has after its import.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// The units of this version; a whole TMX without a unit replaces an earlier one too.
    New,
    /// Those of an earlier version.
    Earlier,
    /// None of this version.
    Nothing,
}

/// Stores units, and decides whether they replace an earlier version. Returns the problems.
fn store(
    batches: Receiver<Batch>,
    mut tmx: TmxImport<'_, '_>,
    plan: DamagedTmx,
    problems: &mut Problems<'_>,
) -> Result<(FileProblems, Outcome), OperationError> {
    let mut found = FileProblems::default();
    let mut damage = Damage::None;
    let mut end = None;
    for batch in batches {
        match batch {
            Ok((units, unusable, damage_of_batch)) => {
                tmx.put(&units)?;
                damage = damage.max(damage_of_batch);
                unusable.into_iter().for_each(|problem| found.add(problem));
                problems.report.units_stored(units.count() as u64);
            }
            Err(error) => end = Some(error.to_string()),
        }
    }
    if end.is_some() {
        damage = Damage::UnitsMayBeMissing;
    }
    let kept = match (damage, plan) {
        (Damage::None, _) => Kept::New,
        (_, DamagedTmx::KeepNothing) => Kept::Nothing,
        (Damage::UnitsMayBeMissing, _) if tmx.replaces() => Kept::Earlier,
        (Damage::UnitsMayBeMissing, _) if tmx.segments() == 0 => Kept::Nothing,
        _ => Kept::New,
    };
    let segments = tmx.segments();
    let reason = match (end, damage, kept) {
        (None, Damage::None, _) | (None, Damage::Faults, Kept::New) => None,
        (Some(end), _, Kept::New) => {
            Some(format!("{end}; {} before it are kept", counted(segments, "translation")))
        }
        (Some(end), _, Kept::Nothing) if plan == DamagedTmx::KeepUnitsBefore => Some(end),
        (end, ..) => {
            let what = end.unwrap_or_else(|| match damage {
                Damage::UnitsMayBeMissing => "the file is damaged, and units of it may be missing".to_owned(),
                _ => "the XML has faults".to_owned(),
            });
            Some(match kept {
                Kept::New => what,
                Kept::Earlier => format!("{what}; {KEPT_EARLIER}"),
                Kept::Nothing => format!("{what}; nothing of the file is kept"),
            })
        }
    };
    reason.into_iter().for_each(|reason| found.add_always(Problem { line: None, reason }));
    // Without `keep`, the units of an earlier import stay.
    if kept == Kept::New {
        tmx.keep(&found.first)?;
    }
    let outcome = match kept {
        Kept::New if segments > 0 => Outcome::Stored,
        Kept::New | Kept::Nothing => Outcome::Nothing,
        Kept::Earlier => Outcome::KeptEarlier,
    };
    Ok((found, outcome))
}

/// Units with the problems of reading them, or the error that ends the file.
type Batch = Result<(PreparedUnits, Vec<Problem>, Damage), TmxError>;

/// The number of units in a batch, and of batches in the channel: a few megabytes.
const BATCH: usize = 256;
const WAITING: usize = 16;

/// Reads a TMX to its end, or until the receiver is gone.
fn read_units(source: impl Read, unit_bytes: &UnitBytes, source_locale: &Locale, sender: &SyncSender<Batch>) {
    let (mut units, mut problems, mut damage) = (PreparedUnits::default(), Vec::new(), Damage::None);
    let mut failed = None;
    match TmxReader::new(source, Some(source_locale.clone())) {
        Err(error) => failed = Some(error),
        Ok(entries) => {
            for entry in entries {
                unit_bytes.reset();
                match entry {
                    Ok(entry) => {
                        if let Some(unit) = &entry.unit {
                            units.push(entry.line, unit);
                        }
                        problems.extend(entry.problems);
                        damage = damage.max(entry.damage);
                    }
                    Err(error) => failed = Some(error),
                }
                if units.count() + problems.len() >= BATCH {
                    let batch = (std::mem::take(&mut units), std::mem::take(&mut problems), damage);
                    if sender.send(Ok(batch)).is_err() {
                        return;
                    }
                }
            }
        }
    }
    let sent = sender.send(Ok((units, problems, damage)));
    if let (Ok(()), Some(error)) = (sent, failed) {
        let _ = sender.send(Err(error));
    }
}
