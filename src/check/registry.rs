//! All checks, in the order in which they are listed and reported.

use super::definition::Check;
use super::rules;

/// All checks: errors, warnings, what is only informative, classes. A pair's findings are in this order.
pub static CHECKS: [Check; 55] = [
    rules::empty::CHECK,
    rules::untranslated::CHECK,
    rules::empty_link::CHECK,
    rules::link_space::CHECK,
    rules::link::CHECK,
    rules::url::CHECK,
    rules::code::CHECK,
    rules::markup::CHECK,
    rules::placeholder::CHECK,
    rules::emphasis::CHECK,
    rules::bold_cut::CHECK,
    rules::entity::CHECK,
    rules::residue::CHECK,
    rules::repeated::CHECK,
    rules::encoding::CHECK,
    rules::foreign_script::CHECK,
    rules::guid::CHECK,
    rules::email::CHECK,
    rules::switch::CHECK,
    rules::stop_in_name::CHECK,
    rules::same_target::CHECK,
    rules::name_lost::CHECK,
    rules::name_case::CHECK,
    rules::abbreviation::CHECK,
    rules::file_name::CHECK,
    rules::no_loc::CHECK,
    rules::alien_name::CHECK,
    rules::partly_untranslated::CHECK,
    rules::length::CHECK,
    rules::slipped::CHECK,
    rules::number::CHECK,
    rules::bold_lost::CHECK,
    rules::bold_moved::CHECK,
    rules::brackets::CHECK,
    rules::quotes::CHECK,
    rules::cut::CHECK,
    rules::start_mark::CHECK,
    rules::orphan_particle::CHECK,
    rules::split_word::CHECK,
    rules::wrong_han::CHECK,
    rules::tag::CHECK,
    rules::broken_mark::CHECK,
    rules::doubled::CHECK,
    rules::double_space::CHECK,
    rules::space_before::CHECK,
    rules::end_comma::CHECK,
    rules::fragment::CHECK,
    rules::invisible::CHECK,
    rules::bidi::CHECK,
    rules::bold_gained::CHECK,
    rules::inconsistent::CHECK,
    rules::replaced_human::CHECK,
    rules::copied::CHECK,
    rules::nothing_to_translate::CHECK,
    rules::ko_spacing::CHECK,
];

/// The check of an id.
pub fn check_of_id(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}
