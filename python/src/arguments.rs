//! Arguments as the values of plans.

use std::path::PathBuf;
use std::str::FromStr;

use bitext::input::Limits;
use bitext::model::{Date, Locale, Score, Workflow};
use bitext::operations::globs::GlobSet;
use bitext::operations::{Files, Part, SegmentSources};
use bitext::parallel::available_threads;
use pyo3::prelude::*;

use crate::errors::invalid;

/// A text, or a list of them.
#[derive(FromPyObject)]
pub enum Names {
    One(String),
    More(Vec<String>),
}

/// A path, or a list of them.
#[derive(FromPyObject)]
pub enum Paths {
    One(PathBuf),
    More(Vec<PathBuf>),
}

impl Paths {
    pub fn into_vec(self) -> Vec<PathBuf> {
        match self {
            Paths::One(path) => vec![path],
            Paths::More(paths) => paths,
        }
    }
}

pub fn all(names: Option<Names>) -> Vec<String> {
    match names {
        None => Vec::new(),
        Some(Names::One(name)) => vec![name],
        Some(Names::More(names)) => names,
    }
}

pub fn parsed<T: FromStr<Err: ToString>>(text: &str) -> PyResult<T> {
    text.parse().map_err(invalid)
}

pub fn parsed_if<T: FromStr<Err: ToString>>(text: Option<&str>) -> PyResult<Option<T>> {
    text.map(parsed).transpose()
}

pub fn locales(names: Option<Names>) -> PyResult<Vec<Locale>> {
    all(names).iter().map(|name| parsed(name)).collect()
}

pub fn workflow(name: Option<&str>) -> PyResult<Option<Workflow>> {
    name.map(|name| Workflow::of_name(name).ok_or_else(|| invalid("say human or machine"))).transpose()
}

pub fn date(text: Option<&str>) -> PyResult<Option<Date>> {
    parsed_if(text)
}

/// The lowest score of a match.
pub fn floor(percent: u32) -> PyResult<Score> {
    let score: Score = parsed(&percent.to_string())?;
    match score.percent() {
        0 => Err(invalid("every text is a match of score 0; give at least 1")),
        _ => Ok(score),
    }
}

pub fn threads(threads: Option<usize>) -> usize {
    threads.unwrap_or_else(available_threads)
}

/// Globs of paths, as on the command line: `*` does not match `/`.
pub fn globs(globs: Option<Names>) -> PyResult<Option<GlobSet>> {
    bitext::operations::globs::globs(&all(globs)).map_err(invalid)
}

/// Which files are read, and how much of them.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct FileOptions {
    include: Option<Names>,
    exclude: Option<Names>,
    revision: Option<String>,
    max_document: Option<String>,
    max_unpacked: Option<String>,
}

impl FileOptions {
    pub fn files(self) -> PyResult<Files> {
        let mut limits = Limits::default();
        if let Some(size) = self.max_document {
            limits.document = parsed(&size)?;
        }
        if let Some(size) = self.max_unpacked {
            limits.unpacked = parsed(&size)?;
        }
        let (include, exclude) = (globs(self.include)?, globs(self.exclude)?);
        Ok(Files { include, exclude, limits, revision: self.revision })
    }
}

/// The documents to read.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Sources {
    paths: Paths,
    files: FileOptions,
    set: Option<String>,
    source_locale: String,
    target_locale: Option<String>,
    threads: Option<usize>,
    part: Option<(usize, usize)>,
}

impl Sources {
    pub fn sources(self) -> PyResult<SegmentSources> {
        let part = match self.part {
            None => Part::default(),
            Some((index, of)) if index < of => Part { index, of },
            Some((index, of)) => return Err(invalid(format!("part ({index}, {of}) is none of {of} from 0"))),
        };
        Ok(SegmentSources {
            paths: self.paths.into_vec(),
            files: self.files.files()?,
            set: self.set,
            source_locale: parsed(&self.source_locale)?,
            target_locale: parsed_if(self.target_locale.as_deref())?,
            threads: threads(self.threads),
            part,
        })
    }
}
