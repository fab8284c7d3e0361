//! A TMX file, or a zip archive of them: recognizes it by its name, and opens it within bounds.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use crate::exchange::formats::without_compression;
use crate::exchange::tmx::tmx_stem;
use crate::input::{Limits, shown};
use crate::model::strip_ending;
use crate::operations::OperationError;

/// A TMX, or an archive of them.
pub(in crate::operations::import) struct TmxFile {
    pub(in crate::operations::import) path: PathBuf,
    /// The file's name without its endings.
    pub(super) stem: String,
    /// The paths in the archive, in order; empty if the file is not an archive.
    pub(super) members: Vec<String>,
}

impl TmxFile {
    /// Its path, as the user named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The TMX file or the zip archive of TMX files at a path, recognized by its name; `None` for other files.
    pub fn of_path(path: &Path) -> Option<TmxFile> {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let file =
            |stem: &str, members| Some(TmxFile { path: path.to_owned(), stem: stem.to_owned(), members });
        // A folder, or a pipe, which could not be read twice. A file that is missing is reported when it is opened.
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return None;
        }
        if let Some(stem) = tmx_stem(&name) {
            return file(stem, Vec::new());
        }
        let stem = strip_ending(&name, ".zip")?;
        let archive = ZipArchive::new(BufReader::new(File::open(path).ok()?)).ok()?;
        let names = archive.file_names().map(|name| name.map(|name| name.into_owned()));
        let mut members: Vec<String> = names.collect::<Result<_, _>>().ok()?;
        let hidden = |name: &str| name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
        members.retain(|name| !name.ends_with('/') && !hidden(name));
        let all = members.len();
        members.retain(|name| tmx_stem(name).is_some());
        members.sort();
        (all > 0 && all == members.len()).then(|| file(stem, members)).flatten()
    }

    /// The file at a path, which is a TMX whatever its name is.
    pub fn named(path: &Path) -> TmxFile {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = without_compression(&name);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned();
        TmxFile { path: path.to_owned(), stem, members: Vec::new() }
    }

    pub(super) fn open(&self) -> Result<BufReader<File>, OperationError> {
        let file = File::open(&self.path).map_err(|error| self.not_read(error))?;
        Ok(BufReader::with_capacity(1 << 16, file))
    }

    pub(super) fn open_archive(&self) -> Result<ZipArchive<BufReader<File>>, OperationError> {
        ZipArchive::new(self.open()?).map_err(|error| self.not_read(error))
    }

    /// Refuses an archive whose members unpack to more than is allowed.
    pub(super) fn check_members(
        &self,
        archive: &ZipArchive<BufReader<File>>,
        limits: &Limits,
    ) -> Result<(), OperationError> {
        let mut unpacked = 0_u64;
        for position in 0..archive.len() {
            let member = archive.by_index_data(position).map_err(|error| self.not_read(error))?;
            unpacked = unpacked.saturating_add(member.size());
        }
        let allowance = limits.allowance(archive.central_directory_start());
        match unpacked > allowance.bytes {
            true => Err(self.not_read(io::Error::other(allowance.exceeded(limits)))),
            false => Ok(()),
        }
    }

    pub(super) fn not_read(&self, error: impl Into<io::Error>) -> OperationError {
        OperationError::file("read", shown(&self.path))(error.into())
    }
}

/// Reads a member of an archive, no further than the archive's directory states.
pub(super) struct Stated<R> {
    bytes: R,
    left: u64,
}

impl<R> Stated<R> {
    pub fn new(bytes: R, size: u64) -> Self {
        Stated { bytes, left: size }
    }
}

impl<R: Read> Read for Stated<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(bytes)?;
        let left = self.left.checked_sub(read as u64);
        self.left =
            left.ok_or_else(|| io::Error::other("larger than the directory of the archive states"))?;
        Ok(read)
    }
}
