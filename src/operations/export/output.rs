//! The files of an export on disk. A file gets its name when it is complete.

use std::borrow::Cow;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use tempfile::NamedTempFile;

use super::error::ExportError;
use super::unfinished::UnfinishedFiles;
use crate::exchange::segments::OutputFile;
use crate::input::shown;
use crate::model::is_unsafe_to_show;

/// One output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SingleOutput {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl fmt::Display for SingleOutput {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SingleOutput::Stdout => out.write_str("standard output"),
            SingleOutput::File(path) => out.write_str(&shown(path)),
        }
    }
}

/// Opens the files that an export writes.
pub trait OutputFiles {
    /// Opens one output.
    ///
    /// # Errors
    /// If it cannot be opened, or its folder does not exist.
    fn open(&self, output: &SingleOutput) -> Result<Box<dyn OutputFile>, ExportError>;

    /// Opens a file, and makes the folders above it.
    ///
    /// # Errors
    /// If one of them cannot be made.
    fn open_with_folders(&self, path: &Path) -> Result<Box<dyn OutputFile>, ExportError>;
}

/// The files of this machine. The extensions `.gz` and `.zst` select a compression.
#[derive(Debug, Default)]
pub struct Disk {
    unfinished: UnfinishedFiles,
}

impl OutputFiles for Disk {
    #[expect(
        clippy::disallowed_methods,
        reason = "for callers of the library; the command line has an output of its own"
    )]
    fn open(&self, output: &SingleOutput) -> Result<Box<dyn OutputFile>, ExportError> {
        Ok(Box::new(match output {
            SingleOutput::Stdout => Sink::Plain(Target::Stdout(io::stdout())),
            SingleOutput::File(path) => Sink::create(path, &self.unfinished)?,
        }))
    }

    fn open_with_folders(&self, path: &Path) -> Result<Box<dyn OutputFile>, ExportError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|source| ExportError::MakeFolder { folder: shown(folder), source })?;
        }
        Ok(Box::new(Sink::create(path, &self.unfinished)?))
    }
}

/// A file with its compression.
enum Sink {
    Plain(Target),
    Gzip(Box<GzEncoder<Target>>),
    Zstd(Box<zstd::Encoder<'static, Target>>),
}

enum Target {
    Stdout(io::Stdout),
    /// A temporary file in the folder of the path that it is renamed to.
    File(BufWriter<NamedTempFile>, PathBuf),
    /// A pipe or device. It cannot be replaced by a rename.
    Device(BufWriter<File>),
}

/// Zstandard's default level. It compresses as fast as the export writes.
const ZSTD_LEVEL: i32 = 3;

impl Sink {
    fn create(path: &Path, unfinished: &UnfinishedFiles) -> Result<Sink, ExportError> {
        if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("") && !folder.is_dir()) {
            return Err(ExportError::NoFolder { file: shown(path), folder: shown(folder) });
        }
        let create = || -> io::Result<Sink> {
            let target = Target::create(path, unfinished)?;
            let name = path.to_string_lossy();
            Ok(if name.ends_with(".gz") {
                Sink::Gzip(Box::new(GzEncoder::new(target, flate2::Compression::default())))
            } else if name.ends_with(".zst") {
                Sink::Zstd(Box::new(zstd::Encoder::new(target, ZSTD_LEVEL)?))
            } else {
                Sink::Plain(target)
            })
        };
        create().map_err(|source| ExportError::Write { output: shown(path), source })
    }
}

impl OutputFile for Sink {
    fn finish(self: Box<Self>) -> io::Result<()> {
        let target = match *self {
            Sink::Plain(target) => target,
            Sink::Gzip(encoder) => encoder.finish()?,
            Sink::Zstd(encoder) => encoder.finish()?,
        };
        match target {
            Target::Stdout(mut out) => out.flush(),
            Target::Device(mut out) => out.flush(),
            Target::File(out, path) => {
                let file = out.into_inner().map_err(|error| error.into_error())?;
                file.persist(path).map(|_| ()).map_err(|error| error.error)
            }
        }
    }
}

impl Target {
    fn create(path: &Path, unfinished: &UnfinishedFiles) -> io::Result<Target> {
        if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            return Ok(Target::Device(BufWriter::new(File::options().write(true).open(path)?)));
        }
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        Ok(Target::File(BufWriter::new(unfinished.create_in(folder)?), path.to_owned()))
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Target::Stdout(out) => out.write(bytes),
            Target::File(out, _) => out.write(bytes),
            Target::Device(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Target::Stdout(out) => out.flush(),
            Target::File(out, _) => out.flush(),
            Target::Device(out) => out.flush(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Plain(out) => out.write(bytes),
            Sink::Gzip(out) => out.write(bytes),
            Sink::Zstd(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Plain(out) => out.flush(),
            // To flush a compressor in the middle would only make the file larger.
            Sink::Gzip(_) | Sink::Zstd(_) => Ok(()),
        }
    }
}

/// The path of a file below a folder. The names come from imported data: none may lead out of the folder, hide or reorder the
/// text beside it in a listing, or be too long. A name that cannot be used as it is gets a digest of the name before its
/// extension, so that two names never become one file.
pub(super) fn below(folder: &Path, names: &str) -> PathBuf {
    let mut path = folder.to_owned();
    path.extend(names.split('/').filter(|name| !name.is_empty()).map(|name| usable_name(name).into_owned()));
    path
}

/// The longest name of a file on most systems, in bytes.
const LONGEST_NAME: usize = 255;

fn usable_name(name: &str) -> Cow<'_, str> {
    let is_usable = |c: char| !is_unsafe_to_show(c) && !"<>:\"|?*\\".contains(c);
    // Windows removes a dot or a space at the end.
    let is_whole = !name.ends_with(['.', ' ']) && name.len() <= LONGEST_NAME;
    if is_whole && name.chars().all(is_usable) {
        return Cow::Borrowed(name);
    }
    let digest = &blake3::hash(name.as_bytes()).to_hex()[..8];
    let safe: String = name.chars().map(|c| if is_usable(c) { c } else { '_' }).collect();
    let is_extension =
        |text: &str| matches!(text.len(), 1..=16) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let (stem, extension) = match safe.rsplit_once('.') {
        Some((stem, extension)) if is_extension(extension) => (stem, format!(".{extension}")),
        _ => (&*safe, String::new()),
    };
    let longest = LONGEST_NAME - extension.len() - digest.len() - "~".len();
    let fits = |(at, c): &(usize, char)| at + c.len_utf8() <= longest;
    let end = stem.char_indices().take_while(fits).last().map_or(0, |(at, c)| at + c.len_utf8());
    let stem = &stem[..end];
    let stem = if stem.chars().all(|c| c == '.' || c == ' ') { "_" } else { stem };
    Cow::Owned(format!("{stem}~{digest}{extension}"))
}

/// The path that begins with `stem` and ends with `suffix`. The extension of a compression remains the last one.
pub(super) fn beside(stem: &Path, suffix: &str) -> PathBuf {
    let name = stem.to_string_lossy();
    let (name, compression) = [".gz", ".zst"]
        .into_iter()
        .find_map(|extension| name.strip_suffix(extension).map(|name| (name, extension)))
        .unwrap_or((&*name, ""));
    PathBuf::from(format!("{name}{suffix}{compression}"))
}

/// Whether there is something in a folder.
pub(in crate::operations) fn holds_files(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_used_gets_a_digest_and_never_that_of_another() {
        let name = |name: &str| {
            let path = below(Path::new(""), name);
            path.into_os_string().into_string().unwrap().replace(std::path::MAIN_SEPARATOR, "/")
        };
        assert_eq!(name("ko-KR/set//deep/a b.md.xlf"), "ko-KR/set/deep/a b.md.xlf");
        for (given, expected) in [
            ("../up.xlf", "_~X/up.xlf"),
            ("a?b.md.xlf", "a_b.md~X.xlf"),
            ("a\u{202e}dm.xlf", "a_dm~X.xlf"),
            ("end./a.xlf", "end.~X/a.xlf"),
            ("a\\..\\b", "a_.._b~X"),
        ] {
            let digest = given.split('/').next().map(|name| blake3::hash(name.as_bytes()).to_hex());
            let digest = &digest.unwrap()[..8];
            assert_eq!(name(given), expected.replace('X', digest), "{given}");
        }
        assert_ne!(name("a?b"), name("a*b"));
        let long = name(&format!("{}.md.xlf", "가".repeat(200)));
        assert!(long.len() <= LONGEST_NAME && long.ends_with(".xlf"), "{long}");
    }
}
