//! Objects of a repository, and the sentences for those that cannot be read.

use std::fmt;
use std::io;

use gix::Repository;
use gix::hash::{ObjectId, oid};

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
