//! A translation memory: a path. Each call opens the file, so that an object can be copied to any process.

use std::io;
use std::ops::ControlFlow;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bitext::exchange::arrow::{Labels, schema};
use bitext::exchange::formats::Format;
use bitext::exchange::segments::OutputFile;
use bitext::exchange::tmx::{Inline, Profile};
use bitext::json::{self, ErrorObject, LineObject};
use bitext::matching::concordance::{Folding, Pattern, PatternOptions, Syntax, WordBounds};
use bitext::memory::{self, BlockCache, PlaceFilter, Search, SearchIn};
use bitext::operations::OperationError;
use bitext::operations::check::Marker;
use bitext::operations::check::exceptions::Exceptions;
use bitext::operations::export::{
    Destination, Disk, ExportError, ExportPlan, FormatPlan, OutputFiles, SegmentOutput, SegmentPlan,
    SingleOutput, TmxOutput, TmxPlan, Written, export, export_batches,
};
use bitext::operations::import::{DamagedTmx, HistoryPlan, ImportPlan, open_memory};
use bitext::operations::search::hits;
use bitext::operations::stats::stats_object;
use pyo3::prelude::*;

use crate::arguments::{Names, Sources, date, globs, parsed_if, threads, workflow};
use crate::errors::{Failure, failed, invalid};
use crate::filter::Filter;
use crate::job::{Job, Watch};
use crate::lookups::{Placed, QueryOptions, look_up};
use crate::matches;
use crate::objects::{ObjectWriter, line_schema};
use crate::run::run;
use crate::stream::Stream;

/// The file of a memory.
#[pyclass(frozen, module = "bitext._bitext")]
pub struct Memory {
    path: PathBuf,
    /// The parts of its index that look-ups of this process have read, with the number of the process.
    blocks: Mutex<(u32, BlockCache)>,
}

impl Memory {
    /// The parts of the index for look-ups. A process that was forked begins anew: a thread of the other process may have held a lock of
    /// them. This lock itself is only taken with that of the interpreter, as is a fork.
    fn blocks(&self) -> BlockCache {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if blocks.0 != std::process::id() {
            *blocks = (std::process::id(), BlockCache::default());
        }
        blocks.1.clone()
    }
}

/// The options of a search.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct SearchOptions {
    side: String,
    regex: bool,
    word: bool,
    case: bool,
    locale: Option<String>,
    documents: Option<Names>,
    workflow: Option<String>,
    since: Option<String>,
    current: bool,
    limit: usize,
}

#[pymethods]
impl Memory {
    #[new]
    fn new(path: PathBuf, create: bool) -> PyResult<Memory> {
        let opened = if create { memory::Memory::open_or_create(&path) } else { memory::Memory::open(&path) };
        opened.map_err(failed)?;
        Ok(Memory { path, blocks: Mutex::new((std::process::id(), BlockCache::default())) })
    }

    #[getter]
    fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// The matches of texts, in their order.
    fn query(&self, py: Python<'_>, texts: Vec<Placed>, options: QueryOptions) -> PyResult<Stream> {
        let options = options.lookup()?;
        let (job, memory) = (Job::default(), (self.path.clone(), self.blocks()));
        let shared = job.clone();
        let batches = run(py, Watch::new(&job, None), move || look_up(memory, options, texts, &shared))?;
        Ok(Stream::of(matches::schema(), batches, job))
    }

    /// Pairs of texts that contain a phrase.
    fn search(&self, py: Python<'_>, pattern: &str, options: SearchOptions) -> PyResult<Stream> {
        let pattern_options = PatternOptions {
            syntax: if options.regex { Syntax::Regex } else { Syntax::Phrase },
            bounds: if options.word { WordBounds::WholeWords } else { WordBounds::Anywhere },
            folding: if options.case { Folding::Exact } else { Folding::Folded },
        };
        let search = Search {
            pattern: Pattern::new(pattern, pattern_options).map_err(invalid)?,
            search_in: match options.side.as_str() {
                "source" => SearchIn::Source,
                "target" => SearchIn::Target,
                "both" => SearchIn::Both,
                _ => return Err(invalid("side is one of source, target, both")),
            },
            locale: parsed_if(options.locale.as_deref())?,
            places: PlaceFilter {
                only_current: options.current,
                documents: globs(options.documents)?,
                workflow: workflow(options.workflow.as_deref())?,
                since: date(options.since.as_deref())?,
                ..PlaceFilter::default()
            },
        };
        let (job, path, limit) = (Job::default(), self.path.clone(), options.limit);
        let watch = Watch::new(&job, None);
        Stream::from_work(py, line_schema(), watch, move |sink| {
            let memory = job.open(&path)?;
            let marker = Marker::new(Exceptions::default());
            let mut rows = ObjectWriter::new(line_schema(), sink)?;
            let mut count = 0;
            memory.search(&search, |line| -> Result<_, Failure> {
                if job.is_cancelled() || limit > 0 && count == limit {
                    return Ok(ControlFlow::Break(()));
                }
                count += 1;
                let (source, target) = hits(&search, &line.source, &line.target);
                let mark = marker.of_line(&line);
                let error = mark.as_ref().map(|mark| ErrorObject::new(mark.id, &mark.finding));
                rows.push(&LineObject::new(&line, &source, &target, error))?;
                Ok(ControlFlow::Continue(()))
            })?;
            io::Write::flush(&mut rows)?;
            Ok(())
        })
    }

    /// The segments, as they are exported.
    fn segments(&self, py: Python<'_>, filter: Filter) -> PyResult<Stream> {
        let (selection, rules) = filter.plan()?;
        let (job, path) = (Job::default(), self.path.clone());
        let watch = Watch::new(&job, None);
        Stream::from_work(py, schema(Labels::Left, &[]), watch, move |sink| {
            export_batches(&job.open(&path)?, &selection, &rules, sink)?;
            Ok(())
        })
    }

    /// The counts, as JSON.
    fn stats(&self, py: Python<'_>) -> PyResult<String> {
        let (job, path) = (Job::default(), self.path.clone());
        run(py, Watch::new(&job, None), move || {
            let stats = job.open(&path)?.stats()?;
            Ok(json::to_string(&stats_object(&stats))?)
        })
    }

    /// Imports paths: the counts as JSON, and the problems.
    #[expect(clippy::too_many_arguments, reason = "the keyword arguments of a method of Python")]
    fn import_paths(
        &self,
        py: Python<'_>,
        sources: Sources,
        format: Option<&str>,
        prune: bool,
        history: bool,
        dry_run: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(String, Py<PyAny>)> {
        let sources = sources.sources()?;
        let plan = ImportPlan {
            paths: sources.paths,
            format: format.map(format_of).transpose()?,
            files: sources.files,
            set: sources.set,
            source_locale: sources.source_locale,
            target_locale: sources.target_locale,
            prune,
            dry_run,
            history: history.then(HistoryPlan::default),
            damaged_tmx: DamagedTmx::KeepUnitsBefore,
            threads: sources.threads,
        };
        let (job, path) = (Job::default(), self.path.clone());
        let mut reported = job.clone();
        let counts = run(py, Watch::new(&job, progress), move || {
            let dry_run = plan.dry_run;
            let sources = plan.list()?;
            let mut memory = open_memory(&path, dry_run)?;
            let imported = sources.import(&mut memory, &mut reported)?;
            Ok(json::to_string(&imported.counts)?)
        })?;
        Ok((counts, job.problems(py)?.into_pyobject(py)?.unbind()))
    }

    /// Exports to a file or folder. Returns the numbers of units or segments, and of translations in units.
    fn export(
        &self,
        py: Python<'_>,
        output: PathBuf,
        format: Option<&str>,
        filter: Filter,
    ) -> PyResult<(u64, Option<u64>)> {
        let (selection, rules) = filter.plan()?;
        let name = output.to_string_lossy().into_owned();
        let named = Format::of_file_name(&name).map(|(format, _)| format);
        let format = format.map(format_of).transpose()?.or(named).unwrap_or(Format::Tmx);
        let destination = match output.is_dir() || name.ends_with(['/', MAIN_SEPARATOR]) {
            true => Destination::Folder(output),
            false => Destination::Single(SingleOutput::File(output)),
        };
        let format = match (format, destination) {
            (Format::Tmx, Destination::Single(output)) => FormatPlan::Tmx(TmxPlan {
                output: TmxOutput::File { output, profile: Profile::Generic },
                inline: Inline::Text,
                multilingual: false,
                all_variants: false,
                threads: threads(None),
            }),
            (Format::Tmx, Destination::Folder(_)) => {
                return Err(invalid(format!("{name} is a folder; name a file for tmx")));
            }
            (Format::Segments(format), destination) => {
                let output = SegmentOutput::new(format, &destination, &[]);
                let output =
                    output.ok_or_else(|| invalid(format!("{} is not written to {name}", format.name)))?;
                FormatPlan::Segments(SegmentPlan { format, output, strip_markup: false })
            }
        };
        let plan = ExportPlan { selection, rules, format };
        let (job, path) = (Job::default(), self.path.clone());
        let files = CancelledFiles { job: job.clone(), disk: Disk::default() };
        run(py, Watch::new(&job, None), move || {
            let counts = export(&job.open(&path)?, &plan, &files, &mut |_| ())?;
            Ok(match counts.map(|counts| counts.written) {
                None => (0, None),
                Some(Written::Segments(segments)) => (segments, None),
                Some(Written::Units { units, variants }) => (units, Some(variants)),
            })
        })
    }
}

fn format_of(name: &str) -> PyResult<Format> {
    let names = || Format::all().map(Format::name).collect::<Vec<_>>().join(", ");
    Format::of_name(name)
        .ok_or_else(|| invalid(format!("there is no format {name:?}; there are {}", names())))
}

/// Files that take nothing more when the job is cancelled. A file that is not complete gets no name.
struct CancelledFiles {
    job: Job,
    disk: Disk,
}

impl CancelledFiles {
    fn wrapped(&self, file: Box<dyn OutputFile>) -> Box<dyn OutputFile> {
        Box::new(CancelledFile { job: self.job.clone(), file })
    }
}

impl OutputFiles for CancelledFiles {
    fn open(&self, output: &SingleOutput) -> Result<Box<dyn OutputFile>, ExportError> {
        Ok(self.wrapped(self.disk.open(output)?))
    }

    fn open_with_folders(&self, path: &Path) -> Result<Box<dyn OutputFile>, ExportError> {
        Ok(self.wrapped(self.disk.open_with_folders(path)?))
    }
}

struct CancelledFile {
    job: Job,
    file: Box<dyn OutputFile>,
}

impl CancelledFile {
    fn check(&self) -> io::Result<()> {
        if self.job.is_cancelled() { Err(io::Error::other(OperationError::Cancelled)) } else { Ok(()) }
    }
}

impl io::Write for CancelledFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl OutputFile for CancelledFile {
    fn finish(self: Box<Self>) -> io::Result<()> {
        self.check()?;
        self.file.finish()
    }
}
