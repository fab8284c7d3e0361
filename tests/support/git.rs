//! Git repositories and bundles made up by a test: objects in memory, which are written as loose objects or as a pack. No `git`
//! program, so that a test can also write what that program refuses.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use gix::ObjectId;
use gix::hash::Kind as Hash;
use gix::objs::Kind;

pub const FILE: &str = "100644";
pub const FOLDER: &str = "40000";
pub const LINK: &str = "120000";
pub const SUBMODULE: &str = "160000";

/// The objects of a repository, and its names: `refs/heads/main`.
pub struct Objects {
    hash: Hash,
    objects: BTreeMap<ObjectId, (Kind, Vec<u8>)>,
    names: BTreeMap<String, ObjectId>,
}

impl Objects {
    pub fn new() -> Objects {
        Objects::with_hash(Hash::Sha1)
    }

    pub fn with_hash(hash: Hash) -> Objects {
        Objects { hash, objects: BTreeMap::new(), names: BTreeMap::new() }
    }

    fn add(&mut self, kind: Kind, bytes: Vec<u8>) -> ObjectId {
        let id = gix::objs::compute_hash(self.hash, kind, &bytes).expect("a hash");
        self.objects.insert(id, (kind, bytes));
        id
    }

    pub fn blob(&mut self, bytes: impl AsRef<[u8]>) -> ObjectId {
        self.add(Kind::Blob, bytes.as_ref().to_vec())
    }

    /// A tree of entries: mode, name, object. They are written as they are.
    pub fn tree(&mut self, entries: &[(&str, &[u8], ObjectId)]) -> ObjectId {
        let mut bytes = Vec::new();
        for (mode, name, id) in entries {
            bytes.extend([mode.as_bytes(), b" ", name, b"\0", id.as_slice()].concat());
        }
        self.add(Kind::Tree, bytes)
    }

    /// A tree of files by their paths.
    pub fn files(&mut self, files: &[(String, Vec<u8>)]) -> ObjectId {
        let mut folders: BTreeMap<&str, Vec<(String, Vec<u8>)>> = BTreeMap::new();
        let mut entries = Vec::new();
        for (path, bytes) in files {
            match path.split_once('/') {
                Some((folder, below)) => {
                    folders.entry(folder).or_default().push((below.to_owned(), bytes.clone()));
                }
                None => entries.push((FILE, path.as_bytes(), self.blob(bytes))),
            }
        }
        let folders: Vec<_> =
            folders.into_iter().map(|(name, files)| (FOLDER, name.as_bytes(), self.files(&files))).collect();
        entries.extend(folders);
        self.tree(&entries)
    }

    pub fn commit(&mut self, tree: ObjectId) -> ObjectId {
        self.commit_with(tree, &[], "1600000000")
    }

    /// A commit with parents, and its date in seconds since 1970.
    pub fn commit_with(&mut self, tree: ObjectId, parents: &[ObjectId], time: &str) -> ObjectId {
        let who = format!("A <a@example.org> {time} +0000");
        let parents: String = parents.iter().map(|id| format!("parent {id}\n")).collect();
        let text = format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\nA commit\n");
        self.add(Kind::Commit, text.into())
    }

    /// A tag object of a commit.
    pub fn tag(&mut self, commit: ObjectId) -> ObjectId {
        self.tag_of("commit", commit)
    }

    /// A tag object of an object of this kind.
    pub fn tag_of(&mut self, kind: &str, id: ObjectId) -> ObjectId {
        let who = "A <a@example.org> 1600000000 +0000";
        self.add(Kind::Tag, format!("object {id}\ntype {kind}\ntag v1\ntagger {who}\n\nA tag\n").into())
    }

    pub fn name(&mut self, name: &str, id: ObjectId) {
        self.names.insert(name.to_owned(), id);
    }

    /// A branch of one commit with these files.
    pub fn branch(&mut self, name: &str, files: &[(String, Vec<u8>)]) -> ObjectId {
        let tree = self.files(files);
        let commit = self.commit(tree);
        self.name(&format!("refs/heads/{name}"), commit);
        commit
    }

    /// Leaves an object out.
    pub fn remove(&mut self, id: ObjectId) {
        self.objects.remove(&id).expect("an object");
    }

    /// Writes a bare repository, or the `.git` folder of a clone.
    pub fn write(&self, folder: &Path) {
        for part in ["objects", "refs"] {
            fs::create_dir_all(folder.join(part)).expect("a folder");
        }
        let config = match self.hash {
            Hash::Sha256 => {
                "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n".to_owned()
            }
            _ => "[core]\n\trepositoryformatversion = 0\n".to_owned(),
        };
        fs::write(folder.join("config"), config).expect("a file");
        fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").expect("a file");
        for (name, id) in &self.names {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, format!("{id}\n")).expect("a file");
        }
        for (id, (kind, bytes)) in &self.objects {
            let path = loose(folder, *id);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            let header = format!("{kind} {}\0", bytes.len());
            fs::write(path, packed(&[header.as_bytes(), bytes].concat())).expect("an object");
        }
    }

    /// A bundle, with further lines in its header.
    pub fn bundle(&self, lines: &str) -> Vec<u8> {
        let mut bytes = match self.hash {
            Hash::Sha256 => b"# v3 git bundle\n@object-format=sha256\n".to_vec(),
            _ => b"# v2 git bundle\n".to_vec(),
        };
        bytes.extend(lines.as_bytes());
        for (name, id) in &self.names {
            bytes.extend(format!("{id} {name}\n").into_bytes());
        }
        bytes.push(b'\n');
        bytes.extend(self.pack());
        bytes
    }

    /// A pack of version 2 without deltas: gitformat-pack(5).
    fn pack(&self) -> Vec<u8> {
        let number = u32::try_from(self.objects.len()).expect("few objects");
        let mut pack = [b"PACK".as_slice(), &2_u32.to_be_bytes(), &number.to_be_bytes()].concat();
        for (kind, bytes) in self.objects.values() {
            let kind = match kind {
                Kind::Commit => 1,
                Kind::Tree => 2,
                Kind::Blob => 3,
                Kind::Tag => 4,
            };
            // Four bits of the size beside the kind, then seven a byte.
            let mut byte = kind << 4 | (bytes.len() & 15) as u8;
            let mut rest = bytes.len() >> 4;
            while rest > 0 {
                pack.push(byte | 128);
                (byte, rest) = ((rest & 127) as u8, rest >> 7);
            }
            pack.push(byte);
            pack.extend(packed(bytes));
        }
        let mut hasher = gix::hash::hasher(self.hash);
        hasher.update(&pack);
        pack.extend(hasher.try_finalize().expect("a hash").as_slice());
        pack
    }
}

/// The file of a loose object.
pub fn loose(folder: &Path, id: ObjectId) -> PathBuf {
    let hex = id.to_string();
    folder.join("objects").join(&hex[..2]).join(&hex[2..])
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ZlibEncoder::new(Vec::new(), Compression::default());
    writer.write_all(bytes).expect("memory");
    writer.finish().expect("memory")
}
