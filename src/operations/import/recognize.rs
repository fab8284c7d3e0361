//! Which of the paths of an import are files of an exchange format: by the format that the user names, else by their names.

use std::path::{Path, PathBuf};

use super::ImportPlan;
use super::segments::{SegmentFile, parts_among, parts_of};
use super::tmx::TmxFile;
use crate::exchange::formats::{FORMATS, Format, without_compression};
use crate::exchange::reading::Input;
use crate::input::shown;
use crate::model::{Locale, strip_ending};
use crate::operations::OperationError;
use crate::side_by_side::Syntax;

/// The paths of an import by what they are.
#[derive(Default)]
pub(super) struct Recognized {
    pub tmx_files: Vec<TmxFile>,
    pub segment_files: Vec<SegmentFile>,
    /// Folders, archives, repositories and documents.
    pub documents: Vec<PathBuf>,
}

/// Sorts the paths of a plan.
///
/// # Errors
/// If a path is not of the format that the user names.
pub(super) fn recognize(plan: &ImportPlan) -> Result<Recognized, OperationError> {
    let mut found = Recognized::default();
    let mut halves = Vec::new();
    for path in &plan.paths {
        match plan.format {
            _ if plan.files.revision.is_some() => found.documents.push(path.clone()),
            Some(Format::Tmx) => {
                let file = TmxFile::of_path(path).unwrap_or_else(|| TmxFile::named(path));
                found.tmx_files.push(file);
            }
            Some(Format::Segments(format)) => match format.input {
                Input::Pair(_) => halves.push(path),
                Input::Seekable(_) if path.is_dir() => {
                    let parts = parts_among(path).map_err(OperationError::file("read", shown(path)))?;
                    if parts.is_empty() {
                        return Err(OperationError::NoParts { folder: shown(path), format: format.help });
                    }
                    found.segment_files.push(SegmentFile::dataset(format, path, parts));
                }
                Input::Stream(_) | Input::Seekable(_) => {
                    found.segment_files.push(SegmentFile::new(format, path));
                }
            },
            None => by_name(path, &mut found, &mut halves)?,
        }
    }
    let paired = pair(plan, &halves, &mut found);
    for (path, is_paired) in halves.into_iter().zip(paired) {
        match (is_paired, plan.format) {
            (true, _) => {}
            (false, None) => found.documents.push(path.clone()),
            (false, Some(_)) => {
                let source_locale = plan.source_locale.clone();
                return Err(OperationError::NoPair { path: shown(path), source_locale });
            }
        }
    }
    Ok(found)
}

fn by_name<'p>(
    path: &'p PathBuf,
    found: &mut Recognized,
    halves: &mut Vec<&'p PathBuf>,
) -> Result<(), OperationError> {
    if let Some(parts) = path.is_dir().then(|| parts_of(path)).flatten()
        && let Some(format) = FORMATS.iter().find(|format| matches!(format.input, Input::Seekable(_)))
    {
        found.segment_files.push(SegmentFile::dataset(format, path, parts));
        return Ok(());
    }
    // A folder, or a pipe, which could not be read twice. A file that is missing is reported when it is opened.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        found.documents.push(path.clone());
        return Ok(());
    }
    if let Some(file) = TmxFile::of_path(path) {
        found.tmx_files.push(file);
        return Ok(());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if let Some((Format::Segments(format), _)) = Format::of_file_name(&name) {
        found.segment_files.push(SegmentFile::new(format, path));
    } else if cfg!(not(feature = "parquet")) && strip_ending(&name, ".parquet").is_some() {
        let (format, feature) = ("Parquet", "parquet");
        return Err(OperationError::MissingFeature { path: shown(path), format, feature });
    } else if Syntax::of_path(&name).is_none() && half(path).is_some() {
        halves.push(path);
    } else {
        found.documents.push(path.clone());
    }
    Ok(())
}

/// The name of a corpus and the locale of one of its halves: `corpus.en-US-ko-KR` and `ko-KR`.
fn half(path: &Path) -> Option<(String, Locale)> {
    let name = path.file_name()?.to_string_lossy();
    let (stem, locale) = without_compression(&name).rsplit_once('.')?;
    Some((stem.to_owned(), locale.parse().ok()?)).filter(|(stem, _)| !stem.is_empty())
}

/// Adds the corpora whose two halves are among the paths. Returns which of the paths are halves of them.
fn pair(plan: &ImportPlan, paths: &[&PathBuf], found: &mut Recognized) -> Vec<bool> {
    let mut paired = vec![false; paths.len()];
    let moses = Format::all().find_map(|format| match format {
        Format::Segments(format) if matches!(format.input, Input::Pair(_)) => Some(format),
        _ => None,
    });
    let Some(format) = moses else { return paired };
    let halves: Vec<Option<(String, Locale)>> = paths.iter().map(|path| half(path)).collect();
    // An ending without a region is that of the locale that the options name.
    let named = |ending: &Locale, option: Option<&Locale>| match option {
        Some(option) if ending.as_str() == option.language() => option.clone(),
        _ => ending.clone(),
    };
    for (at, source) in halves.iter().enumerate() {
        let Some((stem, ending)) = source else { continue };
        let source_locale = named(ending, Some(&plan.source_locale));
        if source_locale != plan.source_locale {
            continue;
        }
        for (other, target) in halves.iter().enumerate() {
            let is_partner = |(name, locale): &&(String, Locale)| {
                name == stem && locale != ending && paths[other].parent() == paths[at].parent()
            };
            let Some((_, target)) = target.as_ref().filter(is_partner) else { continue };
            let target_locale = named(target, plan.target_locale.as_ref());
            let files = [(paths[at].clone(), source_locale.clone()), (paths[other].clone(), target_locale)];
            found.segment_files.push(SegmentFile::pair(format, stem, files));
            (paired[at], paired[other]) = (true, true);
        }
    }
    paired
}
