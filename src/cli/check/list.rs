//! The list of checks.

use std::fmt::Write as _;

use anstyle::Style;

use crate::check::{Check, Kind};

const NAME: Style = Style::new().bold();

/// The checks with their documentation.
pub(super) fn list(checks: impl Iterator<Item = &'static Check>) -> String {
    let mut out = String::new();
    for check in checks {
        let severities = match check.kind {
            Kind::Class => "a class, only with --only".to_owned(),
            Kind::Fault if check.machine == check.human => severity(check.machine),
            Kind::Fault => format!("machine {}, human {}", severity(check.machine), severity(check.human)),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{NAME}{}{NAME:#}  {severities}", check.id);
        let _ = writeln!(out, "    {}", check.says);
        let example = check.example;
        let width = example.locale.len().max(5);
        let _ = writeln!(out, "    {:width$}  {}", "en-US", example.source);
        let _ = writeln!(out, "    {:width$}  {}", example.locale, example.target);
        if !check.traps.is_empty() {
            let _ = writeln!(out, "    {}", check.traps);
        }
    }
    out
}

fn severity(severity: crate::check::Severity) -> String {
    let off = if severity == crate::check::Severity::Info { ", off" } else { "" };
    format!("{severity}{off}")
}
