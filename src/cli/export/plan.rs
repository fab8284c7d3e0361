//! Makes a plan of the options. Refuses invalid combinations before the memory is opened.

use std::path::{MAIN_SEPARATOR, Path};

use anyhow::bail;

use super::Arguments;
use super::names::{InlineName, ProfileName};
use crate::cli::stdout;
use crate::exchange::formats::Format;
use crate::exchange::partition::Partition;
use crate::exchange::segments::{Labelled, Layout, SegmentFormat};
use crate::input::shown;
use crate::operations::export::{
    Destination, ExportPlan, FormatPlan, SegmentOutput, SegmentPlan, Selection, SingleOutput, TmxOutput,
    TmxPlan,
};
use crate::parallel::available_threads;

/// The destination that `-o` names: a folder if the path is one, or ends in a separator.
pub(in crate::cli) fn destination(path: Option<&Path>) -> Destination {
    let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
        return Destination::Single(SingleOutput::Stdout);
    };
    if path.as_os_str().to_string_lossy().ends_with(['/', MAIN_SEPARATOR]) || path.is_dir() {
        Destination::Folder(path.to_owned())
    } else {
        Destination::Single(SingleOutput::File(path.to_owned()))
    }
}

/// The requested format, else that of the output's extension, else TMX.
pub(in crate::cli) fn format(requested: Option<Format>, destination: &Destination) -> Format {
    let of_name = || match destination {
        Destination::Single(SingleOutput::Stdout) => None,
        Destination::Single(SingleOutput::File(path)) | Destination::Folder(path) => {
            Format::of_file_name(&shown(path)).map(|(format, _)| format)
        }
    };
    requested.or_else(of_name).unwrap_or(Format::Tmx)
}

/// The plan of the options.
pub(super) fn plan(
    arguments: &Arguments,
    format: Format,
    destination: &Destination,
) -> anyhow::Result<ExportPlan> {
    let threads = arguments.threads.unwrap_or_else(available_threads);
    let rules = arguments.choice.rules(format, threads)?;
    let format = match format {
        Format::Tmx => FormatPlan::Tmx(tmx(arguments, destination)?),
        Format::Segments(format) => FormatPlan::Segments(segments(arguments, format, destination)?),
    };
    Ok(ExportPlan {
        selection: Selection {
            documents: arguments.choice.documents()?,
            from: arguments.from.clone(),
            to: arguments.to.clone(),
            loose: arguments.loose,
        },
        rules,
        format,
    })
}

fn tmx(arguments: &Arguments, destination: &Destination) -> anyhow::Result<TmxPlan> {
    if !arguments.partition_by.is_empty() {
        bail!(ONLY_PARQUET);
    }
    if arguments.excel_safe {
        bail!(ONLY_TABLES);
    }
    let output = match destination {
        Destination::Folder(folder) if arguments.profile == ProfileName::Omegat => {
            TmxOutput::OmegaTProject { folder: folder.clone(), penalty: arguments.penalty }
        }
        Destination::Folder(folder) => bail!(is_a_folder(folder, "tmx")),
        Destination::Single(output) => {
            refuse_penalty(arguments)?;
            TmxOutput::File { output: output.clone(), profile: arguments.profile.into() }
        }
    };
    Ok(TmxPlan {
        output,
        inline: arguments.inline.into(),
        multilingual: arguments.multilingual,
        all_variants: arguments.choice.all_variants,
        threads: arguments.threads.unwrap_or_else(available_threads),
    })
}

fn segments(
    arguments: &Arguments,
    format: &'static SegmentFormat,
    destination: &Destination,
) -> anyhow::Result<SegmentPlan> {
    let name = format.name;
    let only_tmx = [
        (arguments.profile != ProfileName::Generic, "--profile"),
        (arguments.multilingual, "--multilingual"),
        (arguments.inline == InlineName::Codes, "--inline codes"),
        (arguments.choice.all_variants, "--all-variants"),
    ];
    if let Some((_, option)) = only_tmx.into_iter().find(|(is_set, _)| *is_set) {
        bail!("{option} is for TMX; {name} holds segments as they are");
    }
    let format = match (arguments.excel_safe, format.spreadsheet_safe) {
        (false, _) => format,
        (true, Some(safe)) => safe,
        (true, None) => bail!(ONLY_TABLES),
    };
    let format = match format.labelled {
        Labelled::With(labelled) if arguments.choice.labels => labelled,
        _ => format,
    };
    let by: Vec<Partition> = arguments.partition_by.iter().map(|&column| column.into()).collect();
    let can_be_partitioned = format.layouts.iter().any(|layout| matches!(layout, Layout::Partitions(_)));
    if !by.is_empty() && !can_be_partitioned {
        bail!(ONLY_PARQUET);
    }
    let output = SegmentOutput::new(format, destination, &by);
    match destination {
        Destination::Folder(folder) if output.is_none() => bail!(is_a_folder(folder, name)),
        Destination::Folder(_) => {}
        Destination::Single(_) if !by.is_empty() => {
            bail!("--partition-by writes folders; name one that ends in / with -o")
        }
        Destination::Single(SingleOutput::Stdout) if format.is_binary && stdout::is_terminal() => {
            bail!("{name} is no text for a terminal; name a file with -o")
        }
        Destination::Single(_) if output.is_some() => refuse_penalty(arguments)?,
        Destination::Single(_) => {}
    }
    let Some(output) = output else { bail!("{name} is two files; name their beginning with -o") };
    Ok(SegmentPlan { format, output, strip_markup: arguments.inline == InlineName::Strip })
}

const ONLY_TABLES: &str = "--excel-safe is for tables; add -f csv or -f tsv";

const ONLY_PARQUET: &str = "--partition-by is for Parquet; add -f parquet";

fn is_a_folder(folder: &Path, format: &str) -> String {
    format!("{} is a folder; name a file for {format}", shown(folder))
}

fn refuse_penalty(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.penalty.is_some() {
        bail!(
            "--penalty names a folder of an OmegaT project; name the project with -o, as a folder that ends in /"
        );
    }
    Ok(())
}
