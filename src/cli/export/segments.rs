//! Segments in the formats that hold places of documents, one after the other.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};

use super::choice::{Choice, Duplicates};
use super::output::{Output, Sink, below};
use super::{Arguments, Exported, Format, InlineName, Scope, progress};
use crate::exchange::delimited::{self, Delimiter};
use crate::exchange::jsonl::DocumentLines;
use crate::exchange::moses::MosesWriter;
#[cfg(feature = "parquet")]
use crate::exchange::parquet::{ParquetWriter, Partition};
use crate::exchange::po::PoWriter;
use crate::exchange::xliff::XliffWriter;
use crate::markup;
use crate::memory::{DocumentName, Memory, for_each_segment};
use crate::model::{Locale, PlacedSegment, Segment};

pub(super) fn export(
    memory: &Memory,
    arguments: &Arguments,
    mut choice: Choice,
    scope: &Scope<'_>,
    format: Format,
    output: &Output,
) -> anyhow::Result<Exported> {
    let began = Instant::now();
    if scope.between.is_some() {
        bail!(
            "only TMX joins two target locales; {} holds segments, with the source they have",
            format.name()
        );
    }
    let mut file = Writing::open(format, arguments, scope, output)?;
    let strip = arguments.inline == InlineName::Strip;
    let mut duplicates = Duplicates::new(&arguments.choice);
    let mut segments = 0;
    let progress = progress(arguments, "segments");
    let chosen = |name: &DocumentName| scope.has(name);
    for_each_segment(memory, &chosen, |placed: PlacedSegment<'_>| -> anyhow::Result<()> {
        let segment = placed.segment;
        let goes = choice.has_segment(segment.id.kind(), placed.metadata.workflow, placed.metadata.handoff)
            && choice.accepts(&segment.source, &segment.target, placed.metadata.workflow);
        if !goes {
            return Ok(());
        }
        let locales = (placed.source_locale, placed.target_locale);
        if !duplicates.is_new(locales, &segment.source, &segment.target) {
            choice.left_out.duplicates += 1;
            return Ok(());
        }
        let written = if strip {
            let (source, target) = (markup::plain(&segment.source), markup::plain(&segment.target));
            let segment = Segment { id: segment.id, line: segment.line, source, target };
            file.write(PlacedSegment { segment: &segment, ..placed })?
        } else {
            file.write(placed)?
        };
        if written {
            segments += 1;
            progress.inc(1);
        } else {
            choice.left_out.empty += 1;
        }
        Ok(())
    })?;
    file.finish()?;
    progress.finish_and_clear();
    Ok(Exported {
        format: format.name(),
        segments: Some(segments),
        left_out: choice.left_out,
        seconds: (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        ..Exported::default()
    })
}

/// How much is gathered before it is handed on.
const BUFFER: usize = 1 << 16;

/// A file being written, or several.
enum Writing {
    Jsonl {
        out: Sink,
        buffer: Vec<u8>,
        document: Option<(DocumentKey, DocumentLines)>,
    },
    Table(delimited::Writer<Sink>),
    Moses {
        stem: PathBuf,
        files: BTreeMap<(Locale, Locale), MosesWriter<io::BufWriter<Sink>>>,
    },
    Xliff(XliffWriter<io::BufWriter<Sink>>),
    /// One file for each document.
    XliffFolder {
        folder: PathBuf,
        file: Option<(DocumentKey, XliffWriter<io::BufWriter<Sink>>)>,
    },
    Po(PoWriter<io::BufWriter<Sink>>),
    #[cfg(feature = "parquet")]
    Parquet {
        open: ParquetFiles,
        by: Vec<Partition>,
    },
}

#[cfg(feature = "parquet")]
enum ParquetFiles {
    One(Box<ParquetWriter<Sink>>),
    Folder(PathBuf, BTreeMap<PathBuf, ParquetWriter<Sink>>),
}

/// What tells documents apart, and the segments of a TMX that a JSON line shows differently.
#[derive(PartialEq)]
struct DocumentKey {
    set: String,
    document: String,
    target: String,
    workflow: Option<crate::model::Workflow>,
    handoff: Option<crate::model::Date>,
}

impl DocumentKey {
    fn of(placed: &PlacedSegment<'_>) -> Self {
        DocumentKey {
            set: placed.set.to_owned(),
            document: placed.document.to_owned(),
            target: placed.target_locale.to_string(),
            workflow: placed.metadata.workflow,
            handoff: placed.metadata.handoff,
        }
    }

    fn is(&self, placed: &PlacedSegment<'_>) -> bool {
        self.document == placed.document
            && self.set == placed.set
            && self.target == placed.target_locale.as_str()
            && self.workflow == placed.metadata.workflow
            && self.handoff == placed.metadata.handoff
    }

    fn is_document(&self, placed: &PlacedSegment<'_>) -> bool {
        self.document == placed.document
            && self.set == placed.set
            && self.target == placed.target_locale.as_str()
    }
}

impl Writing {
    fn open(
        format: Format,
        #[cfg_attr(not(feature = "parquet"), allow(unused_variables, reason = "options of Parquet"))]
        arguments: &Arguments,
        scope: &Scope<'_>,
        output: &Output,
    ) -> anyhow::Result<Writing> {
        let buffered = || -> anyhow::Result<_> { Ok(io::BufWriter::with_capacity(BUFFER, output.open()?)) };
        Ok(match (format, output) {
            (Format::Tsv | Format::Csv, _) => {
                let delimiter = if format == Format::Tsv { Delimiter::Tab } else { Delimiter::Comma };
                let mut table = delimited::Writer::new(output.open()?, delimiter);
                table.write_header()?;
                Writing::Table(table)
            }
            (Format::Moses, Output::File(stem)) => {
                Writing::Moses { stem: stem.clone(), files: BTreeMap::new() }
            }
            (Format::Xliff, Output::Folder(folder)) => {
                Writing::XliffFolder { folder: folder.clone(), file: None }
            }
            (Format::Xliff, _) => {
                let (source, target) = one_pair(scope, "an XLIFF file")?;
                Writing::Xliff(XliffWriter::new(buffered()?, source, target)?)
            }
            (Format::Po, _) => Writing::Po(PoWriter::new(buffered()?, &one_pair(scope, "a PO file")?.1)?),
            #[cfg(feature = "parquet")]
            (Format::Parquet, Output::Folder(folder)) => {
                if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
                    bail!(
                        "{} is not empty; a folder of Parquet files is read as one table, so name a new one",
                        output.name()
                    );
                }
                let by = arguments.partition_by.iter().map(|&name| Partition::from(name)).collect();
                Writing::Parquet { open: ParquetFiles::Folder(folder.clone(), BTreeMap::new()), by }
            }
            #[cfg(feature = "parquet")]
            (Format::Parquet, _) => Writing::Parquet {
                open: ParquetFiles::One(Box::new(ParquetWriter::new(output.open()?, &[])?)),
                by: Vec::new(),
            },
            (Format::Jsonl | Format::Tmx | Format::Moses, _) => {
                Writing::Jsonl { out: output.open()?, buffer: Vec::with_capacity(BUFFER * 2), document: None }
            }
        })
    }

    /// Writes a segment; `false` where the format has no room for it, since there is no text.
    fn write(&mut self, placed: PlacedSegment<'_>) -> anyhow::Result<bool> {
        match self {
            Writing::Jsonl { out, buffer, document } => {
                if !document.as_ref().is_some_and(|(key, _)| key.is(&placed)) {
                    *document = Some((DocumentKey::of(&placed), DocumentLines::of(placed)?));
                }
                if let Some((_, lines)) = document {
                    lines.write(placed.segment, buffer)?;
                }
                if buffer.len() >= BUFFER {
                    out.write_all(buffer)?;
                    buffer.clear();
                }
            }
            Writing::Table(table) => table.write_segment(placed)?,
            Writing::Moses { stem, files } => {
                let pair = (placed.source_locale.clone(), placed.target_locale.clone());
                if !files.contains_key(&pair) {
                    let open = |locale: &Locale| -> anyhow::Result<_> {
                        let path = moses_path(stem, &pair, locale);
                        Ok(io::BufWriter::with_capacity(BUFFER, Sink::create(&path)?))
                    };
                    let writer = MosesWriter::new(open(&pair.0)?, open(&pair.1)?);
                    files.insert(pair.clone(), writer);
                }
                if let Some(file) = files.get_mut(&pair) {
                    return Ok(file.write(&placed.segment.source, &placed.segment.target)?);
                }
            }
            Writing::Xliff(file) => file.write(placed)?,
            Writing::XliffFolder { folder, file } => {
                if !file.as_ref().is_some_and(|(key, _)| key.is_document(&placed)) {
                    if let Some((_, done)) = file.take() {
                        close(done.finish()?)?;
                    }
                    let name = format!("{}/{}/{}.xlf", placed.target_locale, placed.set, placed.document);
                    let sink = create_below(folder, &name)?;
                    let writer = XliffWriter::new(
                        io::BufWriter::new(sink),
                        placed.source_locale,
                        placed.target_locale,
                    )?;
                    *file = Some((DocumentKey::of(&placed), writer));
                }
                if let Some((_, file)) = file {
                    file.write(placed)?;
                }
            }
            Writing::Po(file) => file.write(placed)?,
            #[cfg(feature = "parquet")]
            Writing::Parquet { open: ParquetFiles::One(file), .. } => file.write(placed)?,
            #[cfg(feature = "parquet")]
            Writing::Parquet { open: ParquetFiles::Folder(folder, files), by } => {
                let mut path = folder.clone();
                by.iter().for_each(|partition| path.push(partition.folder(&placed)));
                if !files.contains_key(&path) {
                    make_folder(&path)?;
                    let sink = Sink::create(&path.join("segments.parquet"))?;
                    files.insert(path.clone(), ParquetWriter::new(sink, by)?);
                }
                if let Some(file) = files.get_mut(&path) {
                    file.write(placed)?;
                }
            }
        }
        Ok(true)
    }

    fn finish(self) -> anyhow::Result<()> {
        match self {
            Writing::Jsonl { mut out, buffer, .. } => {
                out.write_all(&buffer)?;
                out.finish()?;
            }
            Writing::Table(table) => table.into_inner()?.finish()?,
            Writing::Moses { files, .. } => {
                for file in files.into_values() {
                    for side in file.finish()? {
                        close(side)?;
                    }
                }
            }
            Writing::Xliff(file) => close(file.finish()?)?,
            Writing::XliffFolder { file, .. } => {
                if let Some((_, file)) = file {
                    close(file.finish()?)?;
                }
            }
            Writing::Po(file) => close(file.finish()?)?,
            #[cfg(feature = "parquet")]
            Writing::Parquet { open: ParquetFiles::One(file), .. } => file.finish()?.finish()?,
            #[cfg(feature = "parquet")]
            Writing::Parquet { open: ParquetFiles::Folder(_, files), .. } => {
                for file in files.into_values() {
                    file.finish()?.finish()?;
                }
            }
        }
        Ok(())
    }
}

fn close(out: io::BufWriter<Sink>) -> io::Result<()> {
    out.into_inner().map_err(|error| error.into_error())?.finish()
}

fn make_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", crate::input::shown(folder)))
}

fn create_below(folder: &Path, names: &str) -> anyhow::Result<Sink> {
    let path = below(folder, names);
    path.parent().map_or(Ok(()), make_folder)?;
    Sink::create(&path)
}

/// The locales of all documents, where these are one pair.
fn one_pair<'s>(scope: &'s Scope<'_>, what: &str) -> anyhow::Result<&'s (Locale, Locale)> {
    let mut pairs = scope.pairs.iter();
    if let (Some(pair), None) = (pairs.next(), pairs.next()) {
        return Ok(pair);
    }
    let targets: Vec<&str> = scope.pairs.iter().map(|(_, target)| target.as_str()).collect();
    bail!("{what} holds one pair of locales; choose one of {} with --to", targets.join(", "))
}

/// `corpus.en-US-ko-KR.ko-KR`, as corpora are named; how a file is compressed stays last.
fn moses_path(stem: &Path, (source, target): &(Locale, Locale), locale: &Locale) -> PathBuf {
    let name = stem.to_string_lossy();
    let (name, compression) = [".gz", ".zst"]
        .into_iter()
        .find_map(|ending| name.strip_suffix(ending).map(|name| (name.to_owned(), ending)))
        .unwrap_or((name.into_owned(), ""));
    PathBuf::from(format!("{name}.{source}-{target}.{locale}{compression}"))
}
