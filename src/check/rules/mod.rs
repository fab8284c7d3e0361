//! The rules, one file each: the documentation of a check, and the function that finds it.

use super::definition::{Check, Example, Hits, Kind, Severity, quoted};
use super::facts::Facts;

use super::scan::OBJECT;
use super::side::Side;
use super::subject::Subject;

pub(super) mod empty;
pub(super) mod empty_link;
pub(super) mod link_space;
