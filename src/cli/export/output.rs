//! Where an export goes: a file takes its name when it is whole.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use flate2::write::GzEncoder;
use tempfile::NamedTempFile;

use crate::input::shown;

/// Where to write, as the command line names it.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Stdout,
    File(PathBuf),
    Folder(PathBuf),
}

impl Output {
    pub fn of(path: Option<&Path>) -> Output {
        match path {
            None => Output::Stdout,
            Some(path) if path.as_os_str() == "-" => Output::Stdout,
            Some(path) => {
                let named_so = path.as_os_str().to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
                if named_so || path.is_dir() {
                    Output::Folder(path.to_owned())
                } else {
                    Output::File(path.to_owned())
                }
            }
        }
    }

    /// The name for messages; empty for standard output.
    pub fn name(&self) -> String {
        match self {
            Output::Stdout => String::new(),
            Output::File(path) | Output::Folder(path) => shown(path),
        }
    }

    /// Opens a file or standard output.
    pub fn open(&self) -> anyhow::Result<Sink> {
        match self {
            Output::Stdout => Ok(Sink { body: Body::Plain(Target::Stdout(io::stdout())) }),
            Output::File(path) => Sink::create(path),
            Output::Folder(path) => bail!("{} is a folder", shown(path)),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Output::Stdout => out.write_str("standard output"),
            Output::File(_) | Output::Folder(_) => out.write_str(&self.name()),
        }
    }
}

/// A file being written under another name beside its own, or standard output.
pub(super) struct Sink {
    body: Body,
}

enum Body {
    Plain(Target),
    Gzip(Box<GzEncoder<Target>>),
    Zstd(Box<zstd::Encoder<'static, Target>>),
}

enum Target {
    Stdout(io::Stdout),
    File(BufWriter<NamedTempFile>, PathBuf),
    /// A pipe or device: it cannot be put in place of another.
    Device(BufWriter<File>),
}

/// Zstandard's own default: small enough, and as fast as the rest.
const ZSTD_LEVEL: i32 = 3;

impl Sink {
    /// Begins a file. Its name says how it is compressed.
    pub fn create(path: &Path) -> anyhow::Result<Sink> {
        let name = path.to_string_lossy();
        if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("") && !folder.is_dir()) {
            bail!("{} cannot be written: there is no folder {}; make it first", shown(path), shown(folder));
        }
        let target = Target::create(path).with_context(|| format!("{} cannot be written", shown(path)))?;
        let body = if name.ends_with(".gz") {
            Body::Gzip(Box::new(GzEncoder::new(target, flate2::Compression::default())))
        } else if name.ends_with(".zst") {
            Body::Zstd(Box::new(zstd::Encoder::new(target, ZSTD_LEVEL)?))
        } else {
            Body::Plain(target)
        };
        Ok(Sink { body })
    }

    /// Ends the file and gives it its name.
    pub fn finish(self) -> io::Result<()> {
        let target = match self.body {
            Body::Plain(target) => target,
            Body::Gzip(encoder) => encoder.finish()?,
            Body::Zstd(encoder) => encoder.finish()?,
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
    fn create(path: &Path) -> io::Result<Target> {
        if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            return Ok(Target::Device(BufWriter::new(File::options().write(true).open(path)?)));
        }
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".bitext-");
        // A temporary file is its owner's alone; an export is a file like others.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        Ok(Target::File(BufWriter::new(builder.tempfile_in(folder)?), path.to_owned()))
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
        match &mut self.body {
            Body::Plain(out) => out.write(bytes),
            Body::Gzip(out) => out.write(bytes),
            Body::Zstd(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.body {
            Body::Plain(out) => out.flush(),
            // Flushing a compressor in the middle would only make the file larger.
            Body::Gzip(_) | Body::Zstd(_) => Ok(()),
        }
    }
}

/// A file's path below a folder, from names that come from outside: no name leads out of the folder, and each can be a file's on
/// every system.
pub(super) fn below(folder: &Path, names: &str) -> PathBuf {
    let mut path = folder.to_owned();
    for name in names.split('/').filter(|name| !name.is_empty()) {
        let harmless: String =
            name.chars().map(|c| if c.is_control() || "<>:\"|?*\\".contains(c) { '_' } else { c }).collect();
        let dots = harmless.chars().all(|c| c == '.' || c == ' ');
        path.push(if dots { "_".repeat(harmless.len()) } else { harmless });
    }
    path
}
