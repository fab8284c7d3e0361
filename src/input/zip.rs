//! The documents in a zip archive.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use ::zip::ZipArchive;

use super::archive::{ArchiveFault, Content, Items, invalid};
use super::buffer::Buffer;
use super::shared_file::SharedFile;
use super::{Entry, Limits, Reader, Source, TWICE, buffer};

/// A zip archive. The key of an entry is its position in the archive's directory, which all threads share.
#[derive(Debug)]
pub(super) struct Zip {
    archive: ZipArchive<Buffered>,
}

impl Zip {
    pub(super) fn list(path: &Path) -> Result<(Zip, Items), ArchiveFault> {
        let file = Buffered(BufReader::new(SharedFile::new(File::open(path)?)?));
        let mut archive = ZipArchive::new(file.clone()).map_err(io::Error::from)?;
        Items::check_number(archive.len())?;
        let mut items = Items::default();
        for position in 0..archive.len() {
            let file = archive.by_index_data(position).map_err(io::Error::from)?;
            if !file.is_dir() {
                let content = Content { size: file.size(), key: position as u64 };
                items.add(file.name_raw(), if file.is_symlink() { Err(LINK) } else { Ok(content) })?;
            }
        }
        for name in names_seen_twice(&mut archive, file)? {
            items.add_problem_at(&name, TWICE);
        }
        Ok((Zip { archive }, items))
    }

    /// Refuses documents that share bytes, as in a zip bomb (Fifield, 2019), or that unpack to more than is allowed.
    pub(super) fn check_documents(&self, documents: &[Entry], limits: &Limits) -> Result<(), ArchiveFault> {
        let mut unpacked = 0_u64;
        let mut ranges = Vec::with_capacity(documents.len());
        for document in documents {
            let file = self.archive.by_index_data(document.key as usize).map_err(io::Error::from)?;
            unpacked = unpacked.saturating_add(file.size());
            ranges.push((file.header_start(), file.compressed_size(), &document.path));
        }
        let allowance = limits.allowance(self.archive.central_directory_start());
        if unpacked > allowance.bytes {
            return Err(invalid(allowance.exceeded(limits)).into());
        }
        ranges.sort_unstable();
        for pair in ranges.windows(2) {
            let [(start, length, first), (next, _, second)] = pair else { continue };
            if start.saturating_add(LOCAL_HEADER).saturating_add(*length) > *next {
                let reason =
                    format!("{first} and {second} share bytes of it; if that is right, unpack it first");
                return Err(invalid(reason).into());
            }
        }
        Ok(())
    }
}

const LINK: &str = "a link in an archive is not followed; unpack the archive, and name the folder";

/// The length of a file's header without its name (APPNOTE.TXT, 4.3.7).
const LOCAL_HEADER: u64 = 30;

/// The names that an archive's directory states more than once, each once. The crate reads the last file of each name.
pub fn names_seen_twice<R>(
    archive: &mut ZipArchive<R>,
    mut file: impl Read + Seek,
) -> io::Result<Vec<Vec<u8>>>
where
    R: Read + Seek,
{
    let mut twice = Vec::new();
    if !archive.has_duplicate_names() {
        return Ok(twice);
    }
    file.seek(SeekFrom::Start(archive.central_directory_start()))?;
    let mut seen = HashSet::new();
    // A header of the directory (APPNOTE.TXT, 4.3.12): 46 bytes, the name, the extra field, the comment.
    let mut header = [0; 46];
    while file.read_exact(&mut header).is_ok() && header.starts_with(b"PK\x01\x02") {
        let [name, extra, comment] = [28, 30, 32].map(|at| u16::from_le_bytes([header[at], header[at + 1]]));
        let mut bytes = vec![0; usize::from(name)];
        file.read_exact(&mut bytes)?;
        file.seek_relative(i64::from(extra) + i64::from(comment))?;
        if !seen.insert(bytes.clone()) {
            twice.push(bytes);
        }
    }
    twice.sort_unstable();
    twice.dedup();
    Ok(twice)
}

impl Source for Zip {
    fn reader(&self) -> io::Result<Box<dyn Reader + '_>> {
        Ok(Box::new(ZipReader { archive: self.archive.clone(), buffer: Buffer::default() }))
    }
}

struct ZipReader {
    archive: ZipArchive<Buffered>,
    buffer: Buffer,
}

impl Reader for ZipReader {
    fn read(&mut self, entry: &Entry, most: u64) -> io::Result<buffer::Content<'_>> {
        let file = self.archive.by_index(entry.key as usize)?;
        let size = file.size();
        // The bound of what an archive may unpack to relies on the sizes that the directory states.
        match self.buffer.read(file, most.min(size))? {
            buffer::Content::Start(_) if most >= size => {
                Err(invalid("larger than the directory of the archive states"))
            }
            content => Ok(content),
        }
    }
}

/// A buffered reader. A clone has a position of its own.
#[derive(Debug)]
struct Buffered(BufReader<SharedFile>);

impl Clone for Buffered {
    fn clone(&self) -> Self {
        Buffered(BufReader::new(self.0.get_ref().clone()))
    }
}

impl Read for Buffered {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl Seek for Buffered {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }

    fn seek_relative(&mut self, offset: i64) -> io::Result<()> {
        self.0.seek_relative(offset)
    }
}
