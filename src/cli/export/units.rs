//! Units as TMX: one thread reads the memory, another writes.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Instant;

use anyhow::{Context, bail};
use indicatif::ProgressBar;

use super::choice::Choice;
use super::output::{Output, Sink};
use super::{Arguments, Exported, Scope, progress};
use crate::exchange::tmx::{Inline, Profile, Settings, TmxWriter, Written};
use crate::memory::{Candidate, Memory, MemoryError, Receiver, Request};
use crate::model::{self, Contexts, Unit, Workflow};

/// Units that go from thread to thread at once, and how many such parcels may wait: a few megabytes.
const PARCEL: usize = 256;
const WAITING: usize = 16;

pub(super) fn export(
    memory: &Memory,
    arguments: &Arguments,
    choice: Choice,
    scope: Scope,
    output: &Output,
) -> anyhow::Result<Exported> {
    let began = Instant::now();
    let profile = Profile::from(arguments.profile);
    let settings = Settings {
        profile,
        inline: Inline::from(arguments.inline),
        source_locale: scope.source_locale(),
        multilingual: arguments.multilingual,
    };
    let files = Files::open(memory, arguments, &scope, output, settings)?;
    let request = Request {
        filter: choice.filter,
        contexts: if arguments.choice.all_variants { Contexts::AllVariants } else { profile.contexts() },
        multilingual: arguments.multilingual,
        documents: scope.documents,
    };
    let (sender, parcels) = sync_channel::<Vec<Unit>>(WAITING);
    let progress = progress(arguments, "units");
    let mut sending = Sending { choice, sender, parcel: Vec::with_capacity(PARCEL), progress };
    let (read, written) = std::thread::scope(|threads| {
        let writer = threads.spawn(move || files.write(parcels));
        let read = match &scope.between {
            Some((from, to)) => memory.units_between(&request, (from, to), arguments.loose, &mut sending),
            None => memory.units(&request, &mut sending),
        };
        let read = read.and_then(|()| sending.send());
        let Sending { choice, sender, progress, .. } = sending;
        progress.finish_and_clear();
        // The writer ends the file when there is nobody left to send; after a failure it must not.
        let failed = matches!(read, Err(Stopped::Memory(_)));
        if failed {
            let _ = sender.send(Vec::new());
        }
        drop(sender);
        let written = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (read.map(|()| choice), written)
    });
    let (choice, written) = match (read, written) {
        (Err(Stopped::Memory(error)), _) => return Err(error.into()),
        (_, Err(error)) => return Err(error),
        (Err(Stopped::Writer), Ok(_)) => bail!("the export stopped"),
        (Ok(choice), Ok(written)) => (choice, written),
    };
    let mut left_out = choice.left_out;
    left_out.empty += written.empty;
    left_out.duplicates += written.duplicates;
    Ok(Exported {
        format: "tmx",
        units: Some(written.units),
        variants: Some(written.variants),
        segments: None,
        left_out,
        dropped_characters: written.dropped_characters,
        seconds: (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
    })
}

/// Sends units that were chosen to the thread that writes.
struct Sending {
    choice: Choice,
    sender: SyncSender<Vec<Unit>>,
    parcel: Vec<Unit>,
    progress: ProgressBar,
}

/// Why no more units are read.
enum Stopped {
    Memory(MemoryError),
    /// The writing thread is gone; it knows why.
    Writer,
}

impl From<MemoryError> for Stopped {
    fn from(error: MemoryError) -> Self {
        Stopped::Memory(error)
    }
}

impl Sending {
    fn send(&mut self) -> Result<(), Stopped> {
        if self.parcel.is_empty() {
            return Ok(());
        }
        self.progress.inc(self.parcel.len() as u64);
        let parcel = std::mem::replace(&mut self.parcel, Vec::with_capacity(PARCEL));
        self.sender.send(parcel).map_err(|_| Stopped::Writer)
    }
}

impl Receiver for Sending {
    type Error = Stopped;

    fn accepts(&mut self, candidate: Candidate<'_>) -> bool {
        self.choice.accepts(candidate.source, candidate.target, candidate.workflow)
    }

    fn take(&mut self, mut unit: Unit) -> Result<(), Stopped> {
        let choice = &mut self.choice;
        unit.variants.retain(|variant| {
            choice.is_new((&unit.source_locale, &variant.locale), &unit.source, &variant.text)
        });
        if !unit.variants.is_empty() {
            self.parcel.push(unit);
        }
        if self.parcel.len() < PARCEL { Ok(()) } else { self.send() }
    }

    fn passed_over(&mut self, variants: u64) {
        self.choice.left_out.other_translations += variants;
    }
}

/// The files that units go to.
enum Files {
    One(Box<TmxWriter<Sink>>),
    /// A folder of an OmegaT project.
    OmegaT {
        /// What people translated, and what of it holds in one context only. OmegaT puts these into documents by itself.
        auto: Box<TmxWriter<Sink>>,
        /// What people translated, and what nobody knows who did.
        human: Box<TmxWriter<Sink>>,
        machine: Box<TmxWriter<Sink>>,
    },
}

impl Files {
    fn open(
        memory: &Memory,
        arguments: &Arguments,
        scope: &Scope,
        output: &Output,
        settings: Settings,
    ) -> anyhow::Result<Files> {
        let Output::Folder(folder) = output else {
            return Ok(Files::One(Box::new(TmxWriter::new(output.open()?, settings))));
        };
        let mut targets = scope.documents.iter().map(|place| &place.target_locale);
        let first = targets.next();
        if scope.between.is_none() && targets.any(|other| Some(other) != first) {
            bail!("an OmegaT project has one target locale; choose it with --to");
        }
        let name = memory.path().file_stem().map_or("bitext".into(), |stem| stem.to_string_lossy());
        let machine =
            arguments.penalty.map_or("tm/mt".to_owned(), |penalty| format!("tm/penalty-{penalty:03}"));
        let open = |place: &str| -> anyhow::Result<Box<TmxWriter<Sink>>> {
            let folder = folder.join(place);
            let cannot = || format!("{} cannot be made", crate::input::shown(&folder));
            std::fs::create_dir_all(&folder).with_context(cannot)?;
            let path = folder.join(Path::new(&format!("{name}.tmx")));
            Ok(Box::new(TmxWriter::new(Sink::create(&path)?, settings.clone())))
        };
        Ok(Files::OmegaT { auto: open("tm/auto")?, human: open("tm")?, machine: open(&machine)? })
    }

    /// Writes what comes until nobody sends any more. An empty parcel says that it was not all.
    fn write(mut self, parcels: impl IntoIterator<Item = Vec<Unit>>) -> anyhow::Result<Written> {
        for parcel in parcels {
            if parcel.is_empty() {
                return Ok(Written::default());
            }
            for unit in &parcel {
                match &mut self {
                    Files::One(file) => file.write(unit)?,
                    Files::OmegaT { auto, human, machine } => {
                        let workflow = unit.variants.first().and_then(|variant| variant.workflow);
                        if workflow == Some(Workflow::Machine) {
                            machine.write(unit)?;
                            continue;
                        }
                        if workflow == Some(Workflow::Human) {
                            auto.write(unit)?;
                        }
                        if unit.scope == model::Scope::Everywhere {
                            human.write(unit)?;
                        }
                    }
                }
            }
        }
        let mut written = Written::default();
        let files = match self {
            Files::One(file) => vec![file],
            Files::OmegaT { auto, human, machine } => vec![auto, human, machine],
        };
        for file in files {
            let (sink, part) = file.finish()?;
            sink.finish()?;
            written.add(part);
        }
        Ok(written)
    }
}
