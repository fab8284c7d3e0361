//! All checks, in the order in which they are listed and reported.

use super::definition::Check;
use super::rules;

/// All checks: errors, warnings, what is only informative, classes. A pair's findings are in this order.
pub static CHECKS: [Check; 3] = [rules::empty::CHECK, rules::empty_link::CHECK, rules::link_space::CHECK];

/// The check of an id.
pub fn check_of_id(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}
