//! Objects of a repository, and the sentences for those that cannot be read.

use std::fmt;
use std::io;

use gix::Repository;
use gix::hash::{ObjectId, oid};
use gix::objs::{Find as _, Kind};
use gix_pack::cache::lru::MemoryCappedHashmap;

use crate::model;

/// Why a revision cannot be read.
#[derive(Debug)]
pub(in crate::input) enum GitFault {
    /// The repository is not readable.
    Unreadable(io::Error),
    /// The temporary copy of a bundle cannot be written.
    Temporary(io::Error),
    /// A sentence.
    Reason(String),
}

/// An object, whose hash was compared.
pub(super) fn object(repository: &Repository, id: ObjectId) -> Result<gix::Object<'_>, GitFault> {
    let object = repository.try_find_object(id).map_err(|error| GitFault::Reason(unreadable(id, &error)))?;
    let object = object.ok_or_else(|| GitFault::Reason(missing(id)))?;
    match gix::objs::compute_hash(id.kind(), object.kind, &object.data) {
        Ok(hash) if hash == id => Ok(object),
        _ => Err(GitFault::Reason(damaged(id))),
    }
}

/// Reads an object into `bytes`, replaces their content, and compares the hash. Returns the kind.
pub(super) fn object_into(
    repository: &Repository,
    id: ObjectId,
    bytes: &mut Vec<u8>,
) -> Result<Kind, GitFault> {
    let found = repository.objects.try_find(&id, bytes);
    let found = found.map_err(|error| GitFault::Reason(unreadable(id, &error)))?;
    let kind = found.ok_or_else(|| GitFault::Reason(missing(id)))?.kind;
    match gix::objs::compute_hash(id.kind(), kind, bytes) {
        Ok(hash) if hash == id => Ok(kind),
        _ => Err(GitFault::Reason(damaged(id))),
    }
}

/// The bytes of objects that a reader keeps, because others are stored as differences from them. The versions of a document are
/// a chain of such differences, and without these bytes each one would be decoded from the beginning of the chain.
pub(super) const BASES_OF_DOCUMENTS: usize = 16 << 20;

/// The same for the trees of a history: the trees of successive commits are differences from each other.
pub(super) const BASES_OF_TREES: usize = 32 << 20;

/// Sets the cache of such objects of a repository, which has none.
pub(super) fn cache_bases(repository: &mut Repository, bytes: usize) {
    repository.objects.set_pack_cache(move || Box::new(MemoryCappedHashmap::new(bytes)));
}

pub(super) fn missing(id: ObjectId) -> String {
    format!(
        "the object {id} is missing, as in a partial clone or an incomplete bundle; \
         in a clone, `git fetch --refetch --no-filter` gets it"
    )
}

pub(super) fn damaged(id: ObjectId) -> String {
    format!("the object {id} is damaged; `git fsck` lists what else is; clone the repository again")
}

pub(super) fn unreadable(id: ObjectId, error: &impl fmt::Display) -> String {
    format!("the object {id} cannot be read: {}", in_one_line(error))
}

/// An error of the library, which may have several lines.
pub(super) fn in_one_line(error: &impl fmt::Display) -> String {
    error.to_string().lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The id of an object, in the type that all modules share.
pub(super) fn id_of(id: &oid) -> model::ObjectId {
    model::ObjectId::from_bytes(id.as_bytes()).expect("SHA-1 and SHA-256 hashes have 20 and 32 bytes")
}

/// The id of an object, in the type of the library.
pub(super) fn object_id(id: &model::ObjectId) -> ObjectId {
    ObjectId::from_bytes_or_panic(id.as_bytes())
}
