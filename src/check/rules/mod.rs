//! The rules, one file each: the documentation of a check, and the function that finds it.

use super::definition::{Check, Example, Hits, Kind, Severity, quoted};
use super::facts::Facts;
use super::scan::{self, MARK, Name, NameKind, OBJECT, Script, Word};
use super::side::Side;
use super::subject::Subject;
use super::{compare, english, numbers};

pub(super) mod abbreviation;
pub(super) mod alien_name;
pub(super) mod bidi;
pub(super) mod bold_cut;
pub(super) mod bold_gained;
pub(super) mod bold_lost;
pub(super) mod bold_moved;
pub(super) mod brackets;
pub(super) mod broken_mark;
pub(super) mod code;
pub(super) mod copied;
pub(super) mod cut;
pub(super) mod double_space;
pub(super) mod doubled;
pub(super) mod email;
pub(super) mod emphasis;
pub(super) mod empty;
pub(super) mod empty_link;
pub(super) mod encoding;
pub(super) mod end_comma;
pub(super) mod entity;
pub(super) mod file_name;
pub(super) mod foreign_script;
pub(super) mod fragment;
pub(super) mod guid;
pub(super) mod inconsistent;
pub(super) mod invisible;
pub(super) mod ko_spacing;
pub(super) mod length;
pub(super) mod link;
pub(super) mod link_space;
pub(super) mod markup;
pub(super) mod name_case;
pub(super) mod name_lost;
pub(super) mod no_loc;
pub(super) mod nothing_to_translate;
pub(super) mod number;
pub(super) mod orphan_particle;
pub(super) mod partly_untranslated;
pub(super) mod placeholder;
pub(super) mod quotes;
pub(super) mod repeated;
pub(super) mod replaced_human;
pub(super) mod residue;
pub(super) mod same_target;
pub(super) mod slipped;
pub(super) mod space_before;
pub(super) mod split_word;
pub(super) mod start_mark;
pub(super) mod stop_in_name;
pub(super) mod switch;
pub(super) mod tag;
pub(super) mod untranslated;
pub(super) mod url;
pub(super) mod wrong_han;

/// Reports the names of the source that `is_hit` chooses, in one finding with the reason for the first.
fn report_names(
    subject: &Subject<'_>,
    hits: &mut Hits<'_>,
    is_hit: impl Fn(&Name) -> bool,
    reason: impl FnOnce(&Name) -> String,
) {
    if subject.is_copy() {
        return;
    }
    let found: Vec<&Name> = subject.source.names().iter().filter(|name| is_hit(name)).collect();
    if let Some(first) = found.first() {
        hits.add(found.iter().map(|name| name.range.clone()).collect(), Vec::new(), reason(first));
    }
}

/// Whether a name is one of prose, which can be an identifier: no file, host or option.
fn is_of_prose(name: &Name) -> bool {
    !matches!(name.kind, NameKind::File | NameKind::Switch | NameKind::Host)
}
