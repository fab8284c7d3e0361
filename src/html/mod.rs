//! Parts of HTML pages: texts of the memory, plots, and the style. The server and the reports of the command line use them.

pub(crate) mod check_report;
pub(crate) mod plot;
pub(crate) mod text;

/// The style sheet.
pub(crate) const STYLE: &str = include_str!("style.css");
