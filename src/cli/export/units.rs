//! Units as TMX: read and made into text on all threads, and written in their order by one more.

use std::io;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};

use super::choice::{Choice, Duplicates, LeftOut};
use super::output::{Output, Sink};
use super::{Arguments, Exported, Scope, progress};
use crate::exchange::tmx::{FormattedUnits, Inline, Profile, Settings, TmxWriter, Written};
use crate::memory::{Candidate, DocumentName, Memory, Receiver, Request};
use crate::model::{self, Contexts, Unit, Workflow};
use crate::parallel::available_threads;

pub(super) fn export(
    memory: &Memory,
    arguments: &Arguments,
    choice: Choice,
    scope: &Scope<'_>,
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
    let mut files = Files::open(memory, arguments, scope, output, &settings)?;
    let threads =
        if arguments.choice.dedupe { 1 } else { arguments.threads.unwrap_or_else(available_threads) };
    let chosen = |name: &DocumentName| scope.has(name);
    let request = Request {
        chosen: &chosen,
        filter: choice.filter,
        contexts: if arguments.choice.all_variants { Contexts::AllVariants } else { profile.contexts() },
        multilingual: arguments.multilingual,
        threads,
    };
    let progress = progress(arguments, "units");
    let mut left_out = LeftOut::default();
    let none = vec![FormattedUnits::new(settings); files.len()];
    let formatting = || Formatting {
        choice: choice.clone(),
        duplicates: Duplicates::new(&arguments.choice),
        files: none.clone(),
        units: 0,
        failed: None,
    };
    let keep = |made: Made| -> anyhow::Result<()> {
        made.failed.map_or(Ok(()), Err)?;
        left_out.add(made.left_out);
        progress.inc(made.units);
        files.write(&made.files)
    };
    match &scope.between {
        Some(locales) => {
            let (from, to) = (&locales.0, &locales.1);
            memory.units_between(request, (from, to), arguments.loose, formatting(), keep)
        }
        None => memory.units(request, formatting, keep),
    }?;
    progress.finish_and_clear();
    let written = files.finish()?;
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

/// Bytes of text that are handed over before there are more: some times what units usually take.
const FULL: usize = 4 << 20;

/// Makes text of the units that were chosen.
struct Formatting {
    choice: Choice,
    duplicates: Duplicates,
    /// For each file.
    files: Vec<FormattedUnits>,
    units: u64,
    failed: Option<io::Error>,
}

/// Units as text, and what was left out on the way.
struct Made {
    files: Vec<FormattedUnits>,
    units: u64,
    left_out: LeftOut,
    /// Why it is not all of them.
    failed: Option<io::Error>,
}

impl Receiver for Formatting {
    type Made = Made;

    fn accepts(&mut self, candidate: Candidate<'_>) -> bool {
        let Candidate { source, target, workflow, is_asked_again } = candidate;
        let before = self.choice.left_out;
        let accepts = self.choice.accepts(source, target, workflow);
        if is_asked_again {
            self.choice.left_out = before;
        }
        accepts
    }

    fn take(&mut self, mut unit: Unit) {
        unit.variants.retain(|variant| {
            let locales = (&unit.source_locale, &variant.locale);
            let new = self.duplicates.is_new(locales, &unit.source, &variant.text);
            self.choice.left_out.duplicates += u64::from(matches!(new, Ok(false)));
            new.unwrap_or_else(|error| {
                self.failed = Some(error);
                false
            })
        });
        let Some(first) = unit.variants.first() else { return };
        self.units += 1;
        if let [only] = self.files.as_mut_slice() {
            return only.push(&unit);
        }
        if first.workflow == Some(Workflow::Machine) {
            return self.files[MACHINE].push(&unit);
        }
        if first.workflow == Some(Workflow::Human) {
            self.files[AUTO].push(&unit);
        }
        if unit.scope == model::Scope::Everywhere {
            self.files[HUMAN].push(&unit);
        }
    }

    fn passed_over(&mut self, variants: u64) {
        self.choice.left_out.other_translations += variants;
    }

    fn is_full(&self) -> bool {
        self.files.iter().map(FormattedUnits::bytes).sum::<usize>() >= FULL
    }

    fn hand_over(&mut self) -> Made {
        Made {
            files: self.files.iter_mut().map(FormattedUnits::take).collect(),
            units: std::mem::take(&mut self.units),
            left_out: std::mem::take(&mut self.choice.left_out),
            failed: self.failed.take(),
        }
    }
}

/// The files of an OmegaT project, by index: what people translated, and what of it holds in one context only, which OmegaT puts
/// into documents by itself; what people translated, and what nobody knows who did; what machines did.
const AUTO: usize = 0;
const HUMAN: usize = 1;
const MACHINE: usize = 2;

/// The files that units go to: one, or those of an OmegaT project.
struct Files(Vec<TmxWriter<Sink>>);

impl Files {
    fn open(
        memory: &Memory,
        arguments: &Arguments,
        scope: &Scope<'_>,
        output: &Output,
        settings: &Settings,
    ) -> anyhow::Result<Files> {
        let Output::Folder(folder) = output else {
            return Ok(Files(vec![TmxWriter::new(output.open()?, settings)?]));
        };
        let mut targets = scope.pairs.iter().map(|(_, target)| target);
        let first = targets.next();
        if scope.between.is_none() && targets.any(|other| Some(other) != first) {
            bail!("an OmegaT project has one target locale; choose it with --to");
        }
        let name = memory.path().file_stem().map_or("bitext".into(), |stem| stem.to_string_lossy());
        let machine =
            arguments.penalty.map_or("tm/mt".to_owned(), |penalty| format!("tm/penalty-{penalty:03}"));
        let open = |place: &str| -> anyhow::Result<TmxWriter<Sink>> {
            let folder = folder.join(place);
            let cannot = || format!("{} cannot be made", crate::input::shown(&folder));
            std::fs::create_dir_all(&folder).with_context(cannot)?;
            let path = folder.join(Path::new(&format!("{name}.tmx")));
            Ok(TmxWriter::new(Sink::create(&path)?, settings)?)
        };
        Ok(Files(vec![open("tm/auto")?, open("tm")?, open(&machine)?]))
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn write(&mut self, units: &[FormattedUnits]) -> anyhow::Result<()> {
        for (file, units) in self.0.iter_mut().zip(units) {
            file.write(units)?;
        }
        Ok(())
    }

    fn finish(self) -> anyhow::Result<Written> {
        let mut written = Written::default();
        for file in self.0 {
            let (sink, part) = file.finish()?;
            sink.finish()?;
            written.add(part);
        }
        Ok(written)
    }
}
