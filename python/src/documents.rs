//! Functions over documents, without a memory.

use std::path::PathBuf;

use bitext::check::{Check, Selection, Severity, check_of_id};
use bitext::exchange::arrow::{Labels, schema};
use bitext::json::{self, FindingObject};
use bitext::matching::Penalties;
use bitext::memory::LookupOptions;
use bitext::operations::Existing;
use bitext::operations::check::exceptions::Exceptions;
use bitext::operations::check::{CheckPlan, Checked, check_documents, check_memory};
use bitext::operations::export;
use bitext::operations::extract::{DocumentBytes, extract_batches, extract_document};
use bitext::operations::segment::SegmentPlan;
use bitext::operations::translate::{TranslateFormat, TranslatePlan, Untranslated};
use bitext::segmentation::Rules;
use pyo3::prelude::*;

use crate::arguments::{FileOptions, Names, Paths, Sources, all, floor, locales, parsed, parsed_if, threads};
use crate::errors::{Failure, failed, invalid};
use crate::job::{Job, Watch};
use crate::objects::{ObjectWriter, finding_schema, segment_schema};
use crate::run::run;
use crate::stream::{Sink, Stream};

/// The document sets of paths, as JSON. No document is read.
#[pyfunction]
pub fn list_sets(py: Python<'_>, sources: Sources) -> PyResult<String> {
    let sources = sources.sources()?;
    run(py, Watch::new(&Job::default(), None), move || Ok(json::to_string(&sources.list()?)?))
}

/// The segments of documents.
#[pyfunction]
pub fn extract(py: Python<'_>, sources: Sources, progress: Option<Py<PyAny>>) -> PyResult<Stream> {
    let sources = sources.sources()?;
    let mut job = Job::default();
    let watch = Watch::new(&job, progress);
    Stream::from_work(py, schema(Labels::Left, &[]), watch, move |sink| {
        extract_batches(&sources, &mut job, sink)?;
        Ok(())
    })
}

/// The segments of one document.
#[pyfunction]
pub fn extract_bytes(
    py: Python<'_>,
    name: &str,
    data: &[u8],
    set: &str,
    source_locale: &str,
    target_locale: Option<&str>,
) -> PyResult<Stream> {
    let source_locale = &parsed(source_locale)?;
    let document = DocumentBytes {
        set,
        path: name,
        bytes: data,
        source_locale,
        target_locale: parsed_if(target_locale)?,
    };
    let (batches, found) = py.detach(|| extract_document(&document)).map_err(failed)?;
    let job = Job::default();
    found.into_iter().for_each(|problem| job.add_problem(name, problem.line, problem.reason));
    Ok(Stream::of(schema(Labels::Left, &[]), batches, job))
}

/// The segments of clean documents.
#[pyfunction]
pub fn segment(
    py: Python<'_>,
    paths: Paths,
    files: FileOptions,
    thread_count: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Stream> {
    let plan = SegmentPlan { paths: paths.into_vec(), files: files.files()?, threads: threads(thread_count) };
    let mut job = Job::default();
    let watch = Watch::new(&job, progress);
    Stream::from_work(py, segment_schema(), watch, move |sink| {
        let mut rows = ObjectWriter::new(segment_schema(), sink)?;
        // It flushes at the end.
        bitext::operations::segment::segment(&plan, Rules::english(), &mut rows, &mut job)?;
        Ok(())
    })
}

/// Whether an export leaves out texts that are their own translation, and not by a person; false for none.
#[pyfunction]
pub fn are_untranslated(py: Python<'_>, texts: Vec<Option<String>>) -> Vec<bool> {
    let is_left_out = |text: &Option<String>| {
        text.as_deref().is_some_and(|text| export::Untranslated::Auto.leaves_out(text, None))
    };
    py.detach(|| texts.iter().map(is_left_out).collect())
}

/// Which checks are made.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct CheckOptions {
    to: Option<Names>,
    only: Option<Names>,
    skip: Option<Names>,
    min_severity: Option<String>,
    ignore_file: Option<PathBuf>,
    threads: Option<usize>,
}

/// The checks of these names.
pub fn checks(names: Option<Names>) -> PyResult<Vec<&'static Check>> {
    let check = |id: String| check_of_id(&id).ok_or_else(|| invalid(format!("there is no check {id:?}")));
    all(names).into_iter().map(check).collect()
}

/// The false alarms in a file.
pub fn exceptions(file: Option<PathBuf>) -> PyResult<Exceptions> {
    file.map_or(Ok(Exceptions::default()), |file| Exceptions::read(&file).map_err(failed))
}

/// Findings in documents or in a memory.
#[pyfunction]
pub fn check(
    py: Python<'_>,
    sources: Option<Sources>,
    memory: Option<PathBuf>,
    options: CheckOptions,
    progress: Option<Py<PyAny>>,
) -> PyResult<Stream> {
    let severity = |name: String| {
        let found = Severity::ALL.into_iter().find(|severity| severity.name() == name);
        found.ok_or_else(|| invalid("min_severity is one of error, warning, info"))
    };
    let selection = Selection {
        only: checks(options.only)?,
        skip: checks(options.skip)?,
        min_severity: options.min_severity.map(severity).transpose()?,
    };
    let (to, threads) = (locales(options.to)?, threads(options.threads));
    let exceptions = exceptions(options.ignore_file)?;
    let sources = sources.map(Sources::sources).transpose()?;
    if sources.is_some() == memory.is_some() {
        return Err(invalid("name either documents or a memory"));
    }
    let mut job = Job::default();
    let watch = Watch::new(&job, progress);
    Stream::from_work(py, finding_schema(), watch, move |sink| {
        let mut checked = match (sources, memory) {
            (Some(sources), _) => check_documents(&CheckPlan { sources, to, selection }, &mut job)?.0,
            (None, memory) => {
                check_memory(&job.open(&memory.unwrap_or_default())?, &to, &selection, threads)?
            }
        };
        checked.accept(&exceptions);
        findings(&checked, sink)
    })
}

fn findings<'s>(checked: &Checked, sink: &'s mut Sink<'s>) -> Result<(), Failure> {
    let mut rows = ObjectWriter::new(finding_schema(), sink)?;
    for segment in checked.found() {
        let place = (segment.document.set, segment.document.document, segment.id, segment.line);
        for finding in segment.findings.iter() {
            let object = FindingObject::new(place, &segment.pair(), finding);
            rows.push(&object.with_confidence(segment.confidence))?;
        }
    }
    std::io::Write::flush(&mut rows)?;
    Ok(())
}

/// How clean documents are translated.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct TranslateOptions {
    to: String,
    min: u32,
    mark: bool,
    side_by_side: bool,
    overwrite: bool,
    threads: Option<usize>,
}

/// Translates clean documents into a folder: the counts as JSON, and the problems.
#[pyfunction]
pub fn translate(
    py: Python<'_>,
    paths: Paths,
    memory: PathBuf,
    output: PathBuf,
    files: FileOptions,
    options: TranslateOptions,
    progress: Option<Py<PyAny>>,
) -> PyResult<(String, Py<PyAny>)> {
    let to: bitext::model::Locale = parsed(&options.to)?;
    let lookup = LookupOptions {
        from: None,
        to: Some(to.clone()),
        floor: floor(options.min)?,
        limit: 5,
        penalties: Penalties::default(),
        workflow: None,
        only_current: false,
    };
    let plan = TranslatePlan {
        paths: paths.into_vec(),
        files: files.files()?,
        memory,
        options: lookup,
        to,
        output_dir: output,
        existing: if options.overwrite { Existing::Overwrite } else { Existing::Refuse },
        format: if options.side_by_side { TranslateFormat::SideBySide } else { TranslateFormat::Documents },
        untranslated: if options.mark { Untranslated::Mark } else { Untranslated::Keep },
        without_document: false,
        threads: threads(options.threads),
    };
    let job = Job::default();
    let mut reported = job.clone();
    let counts = run(py, Watch::new(&job, progress), move || {
        let counts = bitext::operations::translate::translate(&plan, Rules::english(), &mut reported)?;
        Ok(json::to_string(&counts)?)
    })?;
    Ok((counts, job.problems(py)?.into_pyobject(py)?.unbind()))
}
