//! The arguments that several commands share, and the parsers of their values.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::check::{CHECKS, Check, check_of_id};
use crate::exchange::formats::Format;
use crate::input::Limits;
use crate::model::{Locale, Score, Size, Workflow};
use crate::operations::check::exceptions::{Exceptions, ExceptionsError};
use crate::operations::globs::globs;
use crate::operations::{Files, Part, SegmentSources};
use crate::parallel::available_threads;

/// The document sets to read.
#[derive(Debug, clap::Args)]
pub(super) struct PathArguments {
    /// Folders, archives (.zip, .tar, .tar.gz, .tar.zst), Git repositories or single files of side-by-side documents
    ///
    /// REPOSITORY@REVISION is a branch, tag or commit of a clone, a bare repository or a .bundle file, and
    /// REPOSITORY@REVISION:FOLDER a folder of it. A file or folder with an @ in its name that exists is that.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// The clean documents to read.
#[derive(Debug, clap::Args)]
pub(super) struct CleanPathArguments {
    /// Folders, archives (.zip, .tar, .tar.gz, .tar.zst), Git repositories or single files of clean documents
    ///
    /// REPOSITORY@REVISION is a branch, tag or commit of a clone, a bare repository or a .bundle file, and
    /// REPOSITORY@REVISION:FOLDER a folder of it. A file or folder with an @ in its name that exists is that.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// Which files of folders and archives are read, and how much of them.
#[derive(Debug, clap::Args)]
pub(super) struct FileArguments {
    /// Also read files that match GLOB, whatever their ending: '**/*.txt' (repeatable)
    ///
    /// GLOB is matched with the path below the folder or archive. Without it, .md, .yml, .yaml, .html and .htm files are read.
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Do not read files that match GLOB: 'archive/**' (repeatable)
    ///
    /// GLOB is matched with the path below the folder or archive, and overrules --include. A file that is named as PATH is read
    /// all the same. What the memory has of excluded documents stays as it is, also with `import --prune`.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Read this branch, tag or commit of each PATH, a Git repository; REF:FOLDER reads one folder
    ///
    /// The same as PATH@REF, also for a PATH with an @ in its name.
    #[arg(long = "ref", value_name = "REF")]
    pub revision: Option<String>,
    /// The largest document that is read
    #[arg(long, value_name = "SIZE", default_value = "256MiB")]
    pub max_document: Size,
    /// The most that one compressed archive may unpack to
    #[arg(long, value_name = "SIZE", default_value = "4GiB")]
    pub max_unpacked: Size,
}

impl FileArguments {
    /// Which files are read, and how much of them.
    pub fn files(&self) -> Result<Files, globset::Error> {
        let limits = Limits { document: self.max_document, unpacked: self.max_unpacked };
        let revision = self.revision.clone();
        Ok(Files { include: globs(&self.include)?, exclude: globs(&self.exclude)?, limits, revision })
    }
}

/// In which locales documents are.
#[derive(Debug, clap::Args)]
pub(super) struct LocaleArguments {
    /// The locale of the source texts
    #[arg(long, value_name = "LOCALE", default_value = "en-US")]
    pub source_locale: Locale,
    /// The target locale of documents that state none [default: that of most documents of the set]
    #[arg(long, value_name = "LOCALE")]
    pub target_locale: Option<Locale>,
}

impl LocaleArguments {
    /// Documents in these locales.
    pub fn sources(
        &self,
        files: &FileArguments,
        (paths, set): (&[PathBuf], Option<&str>),
        threads: Option<usize>,
    ) -> Result<SegmentSources, globset::Error> {
        Ok(SegmentSources {
            paths: paths.to_vec(),
            files: files.files()?,
            set: set.map(str::to_owned),
            source_locale: self.source_locale.clone(),
            target_locale: self.target_locale.clone(),
            threads: threads.unwrap_or_else(available_threads),
            part: Part::default(),
        })
    }
}

/// Reads the name of a format to read.
pub(super) fn input_format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::all().map(Format::name))
        .map(|name| Format::of_name(&name).unwrap_or(Format::Tmx))
}

/// Reads the name of a format to write. The names and their help come from the table of formats.
pub(super) fn format_parser() -> impl TypedValueParser<Value = Format> {
    let values = Format::all().map(|format| PossibleValue::new(format.name()).help(format.help()));
    PossibleValuesParser::new(values).map(|name| Format::of_name(&name).unwrap_or(Format::Tmx))
}

/// The lowest score of a match: 1 or more.
pub(super) fn floor(text: &str) -> Result<Score, String> {
    let score: Score = text.parse()?;
    match score.percent() {
        0 => Err("every text is a match of score 0; give at least 1".to_owned()),
        _ => Ok(score),
    }
}

/// A number of things or threads: 1 or more.
pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("give a whole number from 1".to_owned()),
    }
}

/// A probability from 0 to 1, in whole percent, rounded up: pairs of that confidence pass.
pub(super) fn confidence(text: &str) -> Result<u8, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok((share * 100.0 - 1e-9).ceil() as u8),
        _ => Err("give a number from 0 to 1, as in 0.8".to_owned()),
    }
}

/// `human` or `machine`.
pub(super) fn workflow(text: &str) -> Result<Workflow, String> {
    Workflow::of_name(text).ok_or_else(|| "say human or machine".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_limits_are_those_of_the_library() {
        #[derive(clap::Parser)]
        struct Command {
            #[command(flatten)]
            files: FileArguments,
        }
        let command: Command = clap::Parser::parse_from(["bitext"]);
        assert_eq!(command.files.files().unwrap().limits, Limits::default());
    }
}

/// Reads the id of a check.
pub(super) fn check_parser() -> impl TypedValueParser<Value = &'static Check> {
    let ids = CHECKS.iter().map(|check| PossibleValue::new(check.id));
    PossibleValuesParser::new(ids).map(|id| check_of_id(&id).unwrap_or(&CHECKS[0]))
}

/// The file of exceptions.
#[derive(Debug, clap::Args)]
pub(super) struct ExceptionArguments {
    /// The file of false alarms, see `bitext accept` [default: bitext-ignore.toml in this folder or the nearest above it, up to the root of
    /// the Git repository]
    #[arg(long, value_name = "FILE")]
    ignore_file: Option<PathBuf>,
    /// Use no file of false alarms
    #[arg(long, conflicts_with = "ignore_file")]
    no_ignore_file: bool,
}

impl ExceptionArguments {
    /// Reads the file, if there is one.
    pub fn read(&self) -> Result<Exceptions, ExceptionsError> {
        let found = || std::env::current_dir().ok().and_then(|current| Exceptions::find(&current));
        match (self.no_ignore_file, &self.ignore_file) {
            (true, _) => Ok(Exceptions::default()),
            (false, Some(file)) => Exceptions::read(file),
            (false, None) => found().map_or(Ok(Exceptions::default()), |file| Exceptions::read(&file)),
        }
    }
}
