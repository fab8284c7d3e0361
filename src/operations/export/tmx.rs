//! Export of units as TMX: one file, or the files of an OmegaT project.

use super::choice::Rules;
use super::error::ExportError;
use super::output::OutputFiles;
use super::quality::QualityTable;
use super::selection::SelectedDocuments;
use super::units::{UnitRequest, UnitTexts, for_each_part};
use super::{ExportCounts, Progress, TmxOutput, TmxPlan, Written};
use crate::exchange::segments::OutputFile;
use crate::exchange::tmx::{self, Profile, Settings, TmxWriter};
use crate::memory::Memory;
use crate::model::{ContextPolicy, Versions};

pub(super) fn export(
    memory: &Memory,
    plan: &TmxPlan,
    rules: &Rules,
    selected: &SelectedDocuments<'_>,
    outputs: &dyn OutputFiles,
    progress: Progress<'_>,
) -> Result<ExportCounts, ExportError> {
    let profile = plan.output.profile();
    let settings = Settings {
        profile,
        inline: plan.inline,
        source_locale: selected.source_locale(),
        multilingual: plan.multilingual,
    };
    let mut quality = QualityTable::new(memory, &rules.quality, rules.filter.versions, selected)?;
    let mut files = Files::open(memory, &plan.output, selected, outputs, &settings)?;
    let request = UnitRequest {
        selected,
        rules,
        contexts: match plan.all_variants || rules.filter.versions == Versions::All {
            true => ContextPolicy::AllVariants,
            false => profile.contexts(),
        },
        multilingual: plan.multilingual,
        threads: plan.threads,
    };
    let texts = UnitTexts::new(files.writers.len(), settings);
    let mut left_out = for_each_part(memory, &request, &texts, &mut quality, |texts, units| {
        progress(units);
        files.write(texts)
    })?;
    let written = files.finish()?;
    left_out.empty += written.empty;
    left_out.duplicates += written.duplicates;
    Ok(ExportCounts {
        written: Written::Units { units: written.units, variants: written.variants },
        superseded: written.superseded,
        left_out,
        left_out_by_check: quality.map(|quality| quality.left_out()),
        dropped_characters: written.dropped_characters,
    })
}

impl TmxOutput {
    fn profile(&self) -> Profile {
        match self {
            TmxOutput::File { profile, .. } => *profile,
            TmxOutput::OmegaTProject { .. } => Profile::OmegaT,
        }
    }
}

/// The output: one file, or those of an OmegaT project.
struct Files<'a> {
    output: &'a TmxOutput,
    writers: Vec<TmxWriter<Box<dyn OutputFile>>>,
}

impl<'a> Files<'a> {
    fn open(
        memory: &Memory,
        output: &'a TmxOutput,
        selected: &SelectedDocuments<'_>,
        outputs: &dyn OutputFiles,
        settings: &Settings,
    ) -> Result<Self, ExportError> {
        let start = |file| {
            TmxWriter::new(file, settings).map_err(|error| ExportError::of_output(&output.to_string(), error))
        };
        let (folder, penalty) = match output {
            TmxOutput::File { output: file, .. } => {
                return Ok(Files { output, writers: vec![start(outputs.open(file)?)?] });
            }
            TmxOutput::OmegaTProject { folder, penalty } => (folder, penalty),
        };
        if selected.has_several_targets() {
            return Err(ExportError::SeveralTargets);
        }
        let name = memory.path().file_stem().map_or("bitext".into(), |stem| stem.to_string_lossy());
        let machine = penalty.map_or("tm/mt".to_owned(), |penalty| format!("tm/penalty-{penalty:03}"));
        let open =
            |place: &str| start(outputs.open_with_folders(&folder.join(place).join(format!("{name}.tmx")))?);
        Ok(Files { output, writers: vec![open("tm/auto")?, open("tm")?, open(&machine)?] })
    }

    fn write(&mut self, texts: &UnitTexts) -> Result<(), ExportError> {
        let mut files = self.writers.iter_mut().zip(&texts.0);
        let written = files.try_for_each(|(file, units)| file.write(units));
        written.map_err(|error| ExportError::of_output(&self.output.to_string(), error))
    }

    fn finish(self) -> Result<tmx::Written, ExportError> {
        let mut written = tmx::Written::default();
        for writer in self.writers {
            let counts = writer.finish().and_then(|(file, counts)| file.finish().map(|()| counts));
            written.add(counts.map_err(|error| ExportError::of_output(&self.output.to_string(), error))?);
        }
        Ok(written)
    }
}
