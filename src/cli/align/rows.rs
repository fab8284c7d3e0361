//! The files of `--explain` and `--review`.

use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::alignment::TERMS;
use crate::exchange::segments::OutputFile;
use crate::html::alignment as page;
use crate::input::shown;
use crate::json;
use crate::model::Locale;
use crate::operations::align::{AlignedRow, Rows};
use crate::operations::export::{Disk, OutputFiles as _, SingleOutput};

/// The files that receive what was aligned.
pub(super) struct RowFiles {
    explained: Option<Output>,
    review: Option<Output>,
    locales: (Locale, Locale),
}

/// A file that gets its name when it is complete.
struct Output {
    out: BufWriter<Box<dyn OutputFile>>,
    path: String,
}

impl Output {
    fn create(path: &Path) -> anyhow::Result<Output> {
        let file = Disk::default().open(&SingleOutput::File(path.to_owned()))?;
        Ok(Output { out: BufWriter::new(file), path: shown(path) })
    }
}

impl RowFiles {
    /// Creates the files that are named.
    pub fn create(
        (explain, review): (Option<&Path>, Option<&Path>),
        (set, from, to): (&str, &Locale, &Locale),
    ) -> anyhow::Result<RowFiles> {
        let explained = explain.map(Output::create).transpose()?;
        let mut review = review.map(Output::create).transpose()?;
        if let Some(Output { out, path }) = &mut review {
            let written = out.write_all(page::head(set, from, to).as_bytes());
            written.with_context(|| format!("cannot write {path}"))?;
        }
        Ok(RowFiles { explained, review, locales: (from.clone(), to.clone()) })
    }

    /// What receives the rows; `None` if no file was named.
    pub fn receiver(&mut self) -> Option<&mut dyn Rows> {
        if self.explained.is_some() || self.review.is_some() { Some(self) } else { None }
    }

    /// Completes the files.
    pub fn finish(self) -> anyhow::Result<()> {
        for Output { out, path } in self.explained.into_iter().chain(self.review) {
            Box::new(out).finish().with_context(|| format!("cannot write {path}"))?;
        }
        Ok(())
    }
}

impl Rows for RowFiles {
    fn document(&mut self, path: &str, rows: &[AlignedRow]) -> io::Result<()> {
        if let Some(Output { out, .. }) = &mut self.review {
            out.write_all(page::document(path, rows, (&self.locales.0, &self.locales.1)).as_bytes())?;
        }
        let Some(Output { out, .. }) = &mut self.explained else { return Ok(()) };
        for row in rows {
            let Some(features) = row.features else { continue };
            let line = ExplainedLine {
                document: path,
                key: row.key,
                source: row.source.as_deref().unwrap_or_default(),
                target: row.target.as_deref().unwrap_or_default(),
                confidence: features.confidence(),
                terms: features.terms(),
            };
            writeln!(out, "{}", json::to_string(&line)?)?;
        }
        Ok(())
    }
}

/// A line of `--explain`.
#[derive(Debug, Serialize)]
struct ExplainedLine<'a> {
    document: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'static str>,
    source: &'a str,
    target: &'a str,
    confidence: f32,
    terms: [f32; TERMS],
}
