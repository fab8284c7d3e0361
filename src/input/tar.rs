//! The documents in a tar archive, which may be compressed.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use super::archive::{Item, Kind, inner_path};
use super::{Entry, Reader, Source};

/// A tar file, or the unpacked copy of a compressed one in a temporary file that the system removes. The key of an entry is
/// the offset of its bytes.
#[derive(Debug)]
pub(super) struct Tar {
    file: File,
}

impl Tar {
    pub(super) fn list(path: &Path, kind: Kind) -> io::Result<(Tar, Vec<Item>)> {
        let mut file = open(path, kind)?;
        file.rewind()?;
        let mut archive = ::tar::Archive::new(BufReader::new(&file));
        let mut items = Vec::new();
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            // Links, devices and folders are no documents.
            if entry.header().entry_type().is_file() {
                let path = inner_path(&entry.path_bytes());
                items.push(Item { path, size: entry.size(), key: entry.raw_file_position() });
            }
        }
        Ok((Tar { file }, items))
    }
}

impl Source for Tar {
    fn reader(&self) -> io::Result<Box<dyn Reader + '_>> {
        Ok(Box::new(&self.file))
    }
}

impl Reader for &File {
    fn read(&mut self, entry: &Entry, bytes: &mut Vec<u8>) -> io::Result<()> {
        bytes.clear();
        let size = entry.size.unwrap_or_default();
        bytes.resize(usize::try_from(size).map_err(io::Error::other)?, 0);
        read_at(self, entry.key, bytes)
    }
}

/// Reads at an offset. The position of the file, which threads share, does not change on Unix.
fn read_at(file: &File, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileExt;
        file.read_exact_at(bytes, offset)
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::FileExt;
        let mut done = 0;
        while done < bytes.len() {
            match file.seek_read(&mut bytes[done..], offset + done as u64)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => done += read,
            }
        }
        Ok(())
    }
    #[cfg(not(any(unix, windows)))]
    {
        use std::io::{Seek, SeekFrom};
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(bytes)
    }
}

/// A tar archive that can be read at any offset: the file itself, or a temporary file if it is compressed.
fn open(path: &Path, kind: Kind) -> io::Result<File> {
    let file = File::open(path)?;
    let most = file.metadata()?.len().saturating_mul(MOST_GROWN).max(ALWAYS_ALLOWED);
    match kind {
        Kind::TarGzip => unpack(flate2::read::MultiGzDecoder::new(BufReader::new(file)), most),
        Kind::TarZstd => {
            let mut unpacked = zstd::Decoder::new(file)?;
            // A limit of 128 MiB of memory, which `zstd --long=27` needs.
            unpacked.window_log_max(27)?;
            unpack(unpacked, most)
        }
        Kind::Zip | Kind::Tar => Ok(file),
    }
}

/// The largest ratio of unpacked to packed size: documents compress less. A limit against archives that fill the disk.
const MOST_GROWN: u64 = 1000;
/// An archive may always unpack to this size.
const ALWAYS_ALLOWED: u64 = 1 << 30;

/// Unpacks into a temporary file, at most so many bytes.
fn unpack(packed: impl Read, most: u64) -> io::Result<File> {
    let mut plain = tempfile::tempfile()?;
    if io::copy(&mut packed.take(most), &mut plain)? == most {
        let reason =
            "it unpacks to more than a thousand times its size; unpack it first, and name the folder";
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_without_end_is_refused() {
        assert_eq!(unpack(io::repeat(b'x').take(99), 100).unwrap().metadata().unwrap().len(), 99);
        assert!(unpack(io::repeat(b'x'), 100).unwrap_err().to_string().contains("unpack it first"));
    }
}
