//! Git bundles: a pack of objects behind a list of names. Indexes the pack in a temporary folder, which then is a repository.
//!
//! The format is in gitformat-bundle(5).

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use gix::hash::Kind;
use gix::odb::pack;
use tempfile::TempDir;

use super::object::{GitFault, in_one_line};
use crate::input::Limits;

/// The longest header. That of a repository with 100,000 branches and tags has some 8 MiB.
const LONGEST_HEADER: u64 = 64 << 20;

/// What a bundle states before its pack.
#[derive(Debug)]
struct Header {
    hash: Kind,
    /// The hash of an object in hexadecimal, and the full name of a branch, a tag or `HEAD`.
    names: Vec<(String, String)>,
}

/// The most bytes that are allocated for one object: a delta can be larger than the document that is made with it.
pub(super) fn alloc_limit(limits: &Limits) -> u64 {
    limits.document.0.max(Limits::default().document.0)
}

/// A repository in a temporary folder, with the objects, branches and tags of a bundle.
pub(super) fn unpack(path: &Path, limits: &Limits) -> Result<TempDir, GitFault> {
    let file = File::open(path).map_err(GitFault::Unreadable)?;
    let length = file.metadata().map_err(GitFault::Unreadable)?.len();
    if length > limits.unpacked.0 {
        let reason =
            format!("the bundle is larger than {}; --max-unpacked SIZE reads larger ones", limits.unpacked);
        return Err(GitFault::Reason(reason));
    }
    let mut file = BufReader::new(file);
    let header = read_header(&mut (&mut file).take(LONGEST_HEADER))?;
    let folder = tempfile::tempdir().map_err(GitFault::Temporary)?;
    let objects = folder.path().join("objects/pack");
    fs::create_dir_all(&objects).map_err(GitFault::Temporary)?;
    fs::create_dir(folder.path().join("refs")).map_err(GitFault::Temporary)?;
    write_names(folder.path(), &header).map_err(GitFault::Temporary)?;
    let options = pack::bundle::write::Options {
        alloc_limit_bytes: usize::try_from(alloc_limit(limits)).ok(),
        ..Default::default()
    };
    pack::Bundle::write_to_directory(
        &mut file,
        Some(&objects),
        &mut gix::progress::Discard,
        &AtomicBool::new(false),
        None::<gix::objs::find::Never>,
        header.hash,
        options,
    )
    .map_err(|error| bundle_fault(&error))?;
    Ok(folder)
}

fn read_header(file: &mut impl BufRead) -> Result<Header, GitFault> {
    let invalid =
        |reason: &str| GitFault::Reason(format!("it is not a Git bundle that can be read: {reason}"));
    let mut line = || -> Result<String, GitFault> {
        let mut line = Vec::new();
        file.read_until(b'\n', &mut line).map_err(GitFault::Unreadable)?;
        let text = String::from_utf8(line).map_err(|_| invalid("its header is not UTF-8"))?;
        let ended = text.strip_suffix('\n').map(str::to_owned);
        ended.ok_or_else(|| invalid("its header is cut off"))
    };
    let version = line()?;
    if !["# v2 git bundle", "# v3 git bundle"].contains(&version.as_str()) {
        return Err(invalid("it does not begin as a bundle of version 2 or 3 does"));
    }
    let mut header = Header { hash: Kind::Sha1, names: Vec::new() };
    let mut needed = 0_u64;
    loop {
        let text = line()?;
        if text.is_empty() {
            break;
        }
        if let Some(capability) = text.strip_prefix('@') {
            match capability {
                "object-format=sha1" => {}
                "object-format=sha256" => header.hash = Kind::Sha256,
                // Some objects are missing, and each is reported where it is needed.
                _ if capability.starts_with("filter=") => {}
                other => return Err(invalid(&format!("it needs the capability {other:?}"))),
            }
        } else if text.starts_with('-') {
            needed += 1;
        } else {
            let (id, name) =
                text.split_once(' ').ok_or_else(|| invalid("a line of its header is no name"))?;
            let is_id = id.len() == header.hash.len_in_hex() && id.bytes().all(|b| b.is_ascii_hexdigit());
            let is_name = name == "HEAD"
                || name.starts_with("refs/") && gix::validate::reference::name(name.into()).is_ok();
            if !is_id || !is_name {
                return Err(invalid("a line of its header is no name of an object"));
            }
            header.names.push((id.to_owned(), name.to_owned()));
        }
    }
    if needed > 0 {
        return Err(GitFault::Reason(
            "the bundle has only a part of a repository, and needs the repository that it was made from; in a clone of \
             that, run `git fetch BUNDLE BRANCH:BRANCH`, and name the clone"
                .to_owned(),
        ));
    }
    header.names.sort_by(|a, b| a.1.cmp(&b.1));
    header.names.dedup_by(|a, b| a.1 == b.1);
    Ok(header)
}

/// Writes the files that make a folder a repository: gitrepository-layout(5).
fn write_names(folder: &Path, header: &Header) -> io::Result<()> {
    let config = match header.hash {
        Kind::Sha256 => {
            "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n"
        }
        _ => "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
    };
    fs::write(folder.join("config"), config)?;
    let (mut head, mut packed) =
        ("ref: refs/heads/main".to_owned(), "# pack-refs with: sorted \n".to_owned());
    for (id, name) in &header.names {
        match name.as_str() {
            "HEAD" => head.clone_from(id),
            name => packed += &format!("{id} {name}\n"),
        }
    }
    fs::write(folder.join("HEAD"), head + "\n")?;
    fs::write(folder.join("packed-refs"), packed)
}

fn bundle_fault(error: &impl fmt::Display) -> GitFault {
    GitFault::Reason(format!("the bundle cannot be read: {}; get it again", in_one_line(error)))
}
