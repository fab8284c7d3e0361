//! The documents in a zip archive.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use ::zip::ZipArchive;

use super::archive::{Item, inner_path};
use super::{Entry, Reader, Source, read_all};

/// A zip archive. The key of an entry is its position in the archive's directory.
#[derive(Debug)]
pub(super) struct Zip {
    path: PathBuf,
}

impl Zip {
    pub(super) fn list(path: &Path) -> io::Result<(Zip, Vec<Item>)> {
        let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(io::Error::other)?;
        let mut items = Vec::with_capacity(archive.len());
        for position in 0..archive.len() {
            let file = archive.by_index_raw(position).map_err(io::Error::other)?;
            if file.is_file() && !file.is_symlink() {
                let path = inner_path(file.name_raw());
                items.push(Item { path, size: file.size(), key: position as u64 });
            }
        }
        Ok((Zip { path: path.to_owned() }, items))
    }
}

impl Source for Zip {
    fn reader(&self) -> io::Result<Box<dyn Reader + '_>> {
        Ok(Box::new(ZipArchive::new(File::open(&self.path)?).map_err(io::Error::other)?))
    }
}

impl Reader for ZipArchive<File> {
    fn read(&mut self, entry: &Entry, bytes: &mut Vec<u8>) -> io::Result<()> {
        let file = self.by_index(entry.key as usize).map_err(io::Error::other)?;
        read_all(file, entry.size, bytes)
    }
}
