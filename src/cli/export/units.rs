//! Units as TMX: read and made into text on all threads, and written in their order by one more.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail};

use super::choice::{Choice, Duplicates, LeftOut};
use super::output::{Output, Sink};
use super::{Arguments, Exported, Scope, progress};
use crate::exchange::tmx::{FormattedUnits, Inline, Profile, Settings, TmxWriter, Written};
use crate::memory::{Candidate, DocumentName, Join, Memory, Request};
use crate::model::{self, Contexts, Unit, Workflow};
use crate::parallel::{self, available_threads};

pub(super) fn export(
    memory: &Memory,
    arguments: &Arguments,
    mut choice: Choice,
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
    let chosen = |name: &DocumentName| scope.has(name);
    let request = Request {
        chosen: &chosen,
        filter: choice.filter,
        contexts: if arguments.choice.all_variants { Contexts::AllVariants } else { profile.contexts() },
        multilingual: arguments.multilingual,
    };
    let progress = progress(arguments, "units");
    let mut accepts = |candidate: Candidate<'_>| {
        let Candidate { source, target, workflow, is_asked_again } = candidate;
        let before = choice.left_out;
        let accepts = choice.accepts(source, target, workflow);
        if is_asked_again {
            choice.left_out = before;
        }
        accepts
    };
    let mut duplicates = Duplicates::new(&arguments.choice);
    let mut left_out = LeftOut::default();
    let none = vec![FormattedUnits::new(settings); files.len()];
    left_out.other_translations = parallel::in_order(
        arguments.threads.unwrap_or_else(available_threads),
        |worker| worker.run(|part: Vec<Unit>| formatted(part, none.clone())),
        |pool| {
            let mut part = Part::default();
            let mut visit = |mut unit: Unit| -> anyhow::Result<()> {
                unit.variants.retain(|variant| {
                    let locales = (&unit.source_locale, &variant.locale);
                    let is_new = duplicates.is_new(locales, &unit.source, &variant.text);
                    left_out.duplicates += u64::from(!is_new);
                    is_new
                });
                if unit.variants.is_empty() {
                    return Ok(());
                }
                progress.inc(1);
                part.push(unit);
                if part.is_full()
                    && let Some(formatted) = pool.send(part.take())
                {
                    files.write(&formatted)?;
                }
                Ok(())
            };
            let passed_over = match &scope.between {
                Some((from, to)) => {
                    let join = if arguments.loose { Join::SameText } else { Join::SameSegment };
                    memory.units_between(request, (from, to), join, &mut accepts, &mut visit)?
                }
                None => memory.units(request, &mut accepts, &mut visit)?,
            };
            if let Some(formatted) = pool.send(part.take()) {
                files.write(&formatted)?;
            }
            while let Some(formatted) = pool.receive() {
                files.write(&formatted)?;
            }
            anyhow::Ok(passed_over)
        },
    )?;
    progress.finish_and_clear();
    let written = files.finish()?;
    left_out.add(choice.left_out);
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

/// Units that are formatted together.
#[derive(Default)]
struct Part {
    units: Vec<Unit>,
    bytes: usize,
}

impl Part {
    const UNITS: usize = 1024;
    const BYTES: usize = 1 << 20;

    fn push(&mut self, unit: Unit) {
        self.bytes +=
            unit.source.len() + unit.variants.iter().map(|variant| variant.text.len()).sum::<usize>();
        self.units.push(unit);
    }

    fn is_full(&self) -> bool {
        self.units.len() >= Part::UNITS || self.bytes >= Part::BYTES
    }

    fn take(&mut self) -> Vec<Unit> {
        self.bytes = 0;
        std::mem::replace(&mut self.units, Vec::with_capacity(Part::UNITS))
    }
}

/// Formats units, for each of the files that they go to.
fn formatted(units: Vec<Unit>, mut files: Vec<FormattedUnits>) -> Vec<FormattedUnits> {
    for unit in units {
        if let [only] = files.as_mut_slice() {
            only.push(&unit);
            continue;
        }
        let workflow = unit.variants.first().and_then(|first| first.workflow);
        if workflow == Some(Workflow::Machine) {
            files[MACHINE].push(&unit);
            continue;
        }
        if workflow == Some(Workflow::Human) {
            files[AUTO].push(&unit);
        }
        if unit.scope == model::Scope::Everywhere {
            files[HUMAN].push(&unit);
        }
    }
    files
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
