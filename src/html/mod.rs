//! Parts of HTML pages: texts of the memory, plots, and the style. The server and the reports of the command line use them.

pub(crate) mod alignment;
pub(crate) mod analysis;
pub(crate) mod check_report;
#[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "only the server uses all of it"))]
pub(crate) mod plot;
#[cfg_attr(not(feature = "serve"), expect(dead_code, reason = "only the server uses all of it"))]
pub(crate) mod text;

/// The style sheet.
pub(crate) const STYLE: &str = include_str!("style.css");
