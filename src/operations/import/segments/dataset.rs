//! A folder of files that are parts of one table, as other programs write it: read one after the other.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::exchange::formats::Format;
use crate::exchange::reading::{Entry, OpenSeekable, ReadError, SegmentReader};
use crate::input::shown;
use crate::model::Problem;

/// The files of a folder and of the folders in it, in the order of their paths, if all of them are of a format of parts. Names that
/// begin with `_` or `.` are those of marks and checksums, such as `_SUCCESS`.
pub(in crate::operations::import) fn parts_of(folder: &Path) -> Option<Vec<PathBuf>> {
    let mut parts = Vec::new();
    collect(folder, false, &mut parts).ok()?.then_some(parts).filter(|parts| !parts.is_empty())
}

/// The same without the files of other formats.
///
/// # Errors
/// If a folder cannot be read.
pub(in crate::operations::import) fn parts_among(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    collect(folder, true, &mut parts)?;
    Ok(parts)
}

/// Whether a file is a part of a table by its name.
fn is_part(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    matches!(Format::of_file_name(&name), Some((Format::Segments(format), _)) if format.is_binary)
}

/// Adds the parts in a folder. `false` if there is another file, and `others` are not allowed: then the parts are not complete.
fn collect(folder: &Path, others: bool, parts: &mut Vec<PathBuf>) -> io::Result<bool> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.retain(|entry| !entry.file_name().to_string_lossy().starts_with(['_', '.']));
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut folders = Vec::new();
    for entry in entries {
        let path = entry.path();
        // A link to a folder could lead back to it.
        if entry.file_type()?.is_dir() {
            folders.push(path);
        } else if is_part(&path) {
            parts.push(path);
        } else if !others {
            return Ok(false);
        }
    }
    for folder in folders {
        if !collect(&folder, others, parts)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Reads the parts of a table.
pub(super) struct Dataset {
    folder: PathBuf,
    /// Those that are not read yet, the next one last.
    parts: Vec<PathBuf>,
    open: OpenSeekable,
    most: u64,
    /// The part that is read, and its path below the folder.
    current: Option<(Box<dyn SegmentReader>, String)>,
}

impl Dataset {
    pub fn new(folder: &Path, parts: &[PathBuf], open: OpenSeekable, most: u64) -> Dataset {
        let parts = parts.iter().rev().cloned().collect();
        Dataset { folder: folder.to_owned(), parts, open, most, current: None }
    }
}

fn in_part(part: &str, problem: Problem) -> Problem {
    let row = problem.line.map(|row| format!(" row {row}:")).unwrap_or_default();
    Problem { line: None, reason: format!("{part}:{row} {}", problem.reason) }
}

fn damage(part: &str, ReadError { line, reason }: ReadError) -> Entry {
    let line = line.and_then(|line| u32::try_from(line).ok());
    Entry::Damage(in_part(part, Problem { line, reason }))
}

impl SegmentReader for Dataset {
    fn next(&mut self) -> Result<Option<Entry>, ReadError> {
        loop {
            if let Some((reader, part)) = &mut self.current {
                let entry = match reader.next() {
                    Ok(Some(Entry::Problem(problem))) => Entry::Problem(in_part(part, problem)),
                    Ok(Some(Entry::Damage(problem))) => Entry::Damage(in_part(part, problem)),
                    Ok(Some(entry)) => entry,
                    Ok(None) => {
                        self.current = None;
                        continue;
                    }
                    // The other parts can be read.
                    Err(error) => {
                        let entry = damage(part, error);
                        self.current = None;
                        entry
                    }
                };
                return Ok(Some(entry));
            }
            let Some(path) = self.parts.pop() else { return Ok(None) };
            let part = shown(path.strip_prefix(&self.folder).unwrap_or(&path));
            let opened = match File::open(&path) {
                Ok(file) => (self.open)(file, &path, self.most),
                Err(error) => Err(ReadError { line: None, reason: format!("cannot be read: {error}") }),
            };
            match opened {
                Ok(reader) => self.current = Some((reader, part)),
                Err(error) => return Ok(Some(damage(&part, error))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "parquet")]
    #[test]
    fn a_folder_of_parts_has_nothing_else_but_marks_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        };
        assert_eq!(parts_of(folder.path()), None);
        for name in
            ["_SUCCESS", "b=2/part-1.snappy.parquet", "a.parquet", "b=10/c=1/x.parquet", "b=10/.x.crc"]
        {
            write(name);
        }
        let names = |parts: Vec<PathBuf>| -> Vec<String> {
            parts.iter().map(|part| shown(part.strip_prefix(folder.path()).unwrap())).collect()
        };
        let parts = names(parts_of(folder.path()).unwrap());
        assert_eq!(parts, ["a.parquet", "b=10/c=1/x.parquet", "b=2/part-1.snappy.parquet"]);
        write("b=2/readme.md");
        assert_eq!(parts_of(folder.path()), None);
        assert_eq!(names(parts_among(folder.path()).unwrap()), parts);
    }
}
