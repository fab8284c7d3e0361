//! The documents in a tar archive, which may be compressed.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use ::tar::EntryType;

use super::archive::{ArchiveFault, Content, Items, Kind, invalid};
use super::buffer::Buffer;
use super::shared_file::SharedFile;
use super::{Entry, Limits, Reader, Source, buffer};

/// A tar file, or the unpacked copy of a compressed one in a temporary file that the system removes. The key of an entry is
/// the offset of its bytes.
#[derive(Debug)]
pub(super) struct Tar {
    file: SharedFile,
}

/// The most bytes of one entry's headers. A path and a map of a sparse file are shorter.
const MOST_HEADER: u64 = 1 << 20;
/// How far after the end of an archive other bytes are looked for. The end is padded with zeros, to 10 KiB by default.
const AFTER_THE_END: u64 = 1 << 20;

impl Tar {
    pub(super) fn list(path: &Path, kind: Kind, limits: &Limits) -> Result<(Tar, Items), ArchiveFault> {
        let file = SharedFile::new(open(path, kind, limits)?)?;
        let (left, ended) = (Cell::new(MOST_HEADER), Cell::new(false));
        let mut headers =
            Headers { file: BufReader::new(file.clone()), position: 0, left: &left, ended: &ended };
        let mut items = Items::default();
        let mut files = 0;
        let mut archive = ::tar::Archive::new(&mut headers);
        for entry in archive.entries_with_seek()? {
            let mut entry = entry?;
            left.set(MOST_HEADER);
            files += 1;
            let kind = entry.header().entry_type();
            let (key, size) = (entry.raw_file_position(), entry.size());
            if !kind.is_gnu_sparse() && key.checked_add(size).is_none_or(|end| end > file.length()) {
                return Err(cut_off(files, &entry.path_bytes()).into());
            }
            let sparse = sparse_path(&mut entry)?;
            let content = match kind {
                EntryType::Regular | EntryType::Continuous if sparse.is_none() => Ok(Content { size, key }),
                EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => Err(SPARSE),
                EntryType::Link | EntryType::Symlink => Err(LINK),
                EntryType::Directory | EntryType::XGlobalHeader => continue,
                _ => Err(OTHER),
            };
            items.add(sparse.flatten().as_deref().unwrap_or(&entry.path_bytes()), content)?;
        }
        if ended.get() {
            return Err(cut_off(files, b"").into());
        }
        if headers.has_more()? {
            items.add_problem(
                "more bytes follow the end of the archive, and were not read; if other archives were appended to it, unpack \
                 them with `tar --ignore-zeros -xf`, and name the folder",
            );
        }
        Ok((Tar { file }, items))
    }
}

const SPARSE: &str = "packed as a sparse file, which is not read; pack it without --sparse, or unpack the archive and name the folder";
const LINK: &str = "a link in an archive is not followed; unpack the archive, and name the folder";
const OTHER: &str = "not a file but another kind of entry, which is not read";

/// A cut archive lacks documents that a whole one has, so nothing of it is read.
fn cut_off(files: u64, path: &[u8]) -> io::Error {
    let place = match (files, path) {
        (0, _) => "it is empty or cut off".to_owned(),
        (_, []) => {
            format!("it is cut off after entry {files}: the blocks of zeros that end an archive are missing")
        }
        (_, path) => format!("it is cut off in entry {files}, {}", String::from_utf8_lossy(path)),
    };
    invalid(format!(
        "{place}; nothing of it was read; get it again, or unpack what is there and name the folder"
    ))
}

/// For a sparse file in the PAX formats (GNU tar's manual, appendix "Storing Sparse Files"), whose type is that of a regular file:
/// its path, or `Some(None)` if the path is in the header.
fn sparse_path(entry: &mut ::tar::Entry<'_, impl Read>) -> io::Result<Option<Option<Vec<u8>>>> {
    let Some(extensions) = entry.pax_extensions()? else { return Ok(None) };
    let (mut sparse, mut path) = (false, None);
    for extension in extensions {
        let extension = extension?;
        let key = extension.key_bytes();
        sparse |= key.starts_with(b"GNU.sparse.") || key == b"SCHILY.realsize";
        if key == b"GNU.sparse.name" {
            path = Some(extension.value_bytes().to_vec());
        }
    }
    Ok(sparse.then_some(path))
}

/// Reads the headers of an archive, and skips the content between them. Bounds the bytes of one entry's headers: the crate
/// allocates what a header claims for a long path or an extension.
struct Headers<'c> {
    file: BufReader<SharedFile>,
    position: u64,
    /// How many more bytes the headers of this entry may have.
    left: &'c Cell<u64>,
    /// Whether the file ended.
    ended: &'c Cell<bool>,
}

impl Read for &mut Headers<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(bytes)?;
        self.position += read as u64;
        self.ended.set(read == 0);
        let left = self.left.get().checked_sub(read as u64);
        self.left.set(left.ok_or_else(|| invalid("the header of an entry has more than 1 MiB"))?);
        Ok(read)
    }
}

impl Seek for &mut Headers<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = match to {
            // Most documents are smaller than the buffer, and the next header is in it.
            SeekFrom::Current(offset) => {
                self.file.seek_relative(offset)?;
                self.position.checked_add_signed(offset).ok_or(io::ErrorKind::InvalidInput)?
            }
            to => self.file.seek(to)?,
        };
        Ok(self.position)
    }
}

impl Headers<'_> {
    /// Whether anything but zeros follows, after the end of the archive.
    fn has_more(&mut self) -> io::Result<bool> {
        let mut rest = (&mut self.file).take(AFTER_THE_END);
        loop {
            let bytes = rest.fill_buf()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            if bytes.iter().any(|&byte| byte != 0) {
                return Ok(true);
            }
            let read = bytes.len();
            rest.consume(read);
        }
    }
}

impl Source for Tar {
    fn reader(&self) -> io::Result<Box<dyn Reader + '_>> {
        Ok(Box::new(TarReader { file: &self.file, buffer: Buffer::default() }))
    }
}

struct TarReader<'t> {
    file: &'t SharedFile,
    buffer: Buffer,
}

impl Reader for TarReader<'_> {
    fn read(&mut self, entry: &Entry, most: u64) -> io::Result<buffer::Content<'_>> {
        // The listing compared the size with the length of the file.
        let size = entry.size.unwrap_or_default();
        let bytes = self.buffer.space(usize::try_from(size.min(most)).map_err(io::Error::other)?);
        self.file.read_exact_at(entry.key, bytes)?;
        Ok(if size <= most { buffer::Content::Whole(bytes) } else { buffer::Content::Start(bytes) })
    }
}

/// A tar archive that can be read at any offset: the file itself, or a temporary file if it is compressed.
fn open(path: &Path, kind: Kind, limits: &Limits) -> Result<File, ArchiveFault> {
    let file = File::open(path)?;
    let packed = file.metadata()?.len();
    match kind {
        Kind::TarGzip => unpack(flate2::read::MultiGzDecoder::new(BufReader::new(file)), packed, limits),
        Kind::TarZstd => {
            let mut unpacked = zstd::Decoder::new(file)?;
            // A limit of 128 MiB of memory, which `zstd --long=27` needs.
            unpacked.window_log_max(27)?;
            unpack(unpacked, packed, limits)
        }
        Kind::Zip | Kind::Tar => Ok(file),
    }
}

/// Unpacks into a temporary file.
fn unpack(mut unpacked: impl Read, packed: u64, limits: &Limits) -> Result<File, ArchiveFault> {
    let allowance = limits.allowance(packed);
    let mut plain = tempfile::tempfile().map_err(ArchiveFault::Temporary)?;
    let mut buffer = vec![0; 128 << 10];
    let mut written = 0;
    loop {
        let read = match unpacked.read(&mut buffer) {
            Ok(0) => return Ok(plain),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        written += read as u64;
        if written > allowance.bytes {
            return Err(invalid(allowance.exceeded(limits)).into());
        }
        plain.write_all(&buffer[..read]).map_err(ArchiveFault::Temporary)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Size;

    #[test]
    fn what_grows_without_end_is_refused() {
        let limits = Limits { unpacked: Size(100), ..Limits::default() };
        assert_eq!(unpack(io::repeat(b'x').take(100), 1, &limits).unwrap().metadata().unwrap().len(), 100);
        let Err(ArchiveFault::Archive(error)) = unpack(io::repeat(b'x'), 1, &limits) else {
            panic!("it was unpacked")
        };
        assert!(error.to_string().contains("--max-unpacked"), "{error}");
    }
}
