//! Parses the arguments of the process, and shows the help, the version, or what is wrong with the arguments.

use std::ffi::OsString;
use std::io::Write as _;

use clap::Parser;

use super::stdout::Stdout;
use super::terminal;
use super::{Arguments, Outcome};

/// The arguments; otherwise the outcome of showing help, the version or a mistake.
///
/// # Errors
/// If standard output cannot be written.
pub(super) fn arguments() -> anyhow::Result<Result<Arguments, Outcome>> {
    let given: Vec<OsString> = std::env::args_os().collect();
    let error = match Arguments::try_parse_from(&given) {
        Ok(arguments) => return Ok(Ok(arguments)),
        Err(error) => error,
    };
    if error.use_stderr() {
        terminal::print_styled(&mistake(&given, &error));
        return Ok(Err(Outcome::Refused));
    }
    write!(Stdout::styled(), "{}", error.render().ansi())?;
    Ok(Err(Outcome::Done))
}

/// The message for a mistake in the arguments. clap repeats an argument as it is, in many places of a message. So the message is
/// made for arguments that are escaped, where they differ.
fn mistake(given: &[OsString], error: &clap::Error) -> String {
    let texts: Vec<_> = given.iter().map(|argument| argument.to_string_lossy()).collect();
    let escaped: Vec<_> = texts.iter().map(|text| terminal::escape(text)).collect();
    if texts == escaped {
        return error.render().ansi().to_string();
    }
    match Arguments::try_parse_from(escaped.iter().map(|text| &**text)) {
        Err(error) if error.use_stderr() => terminal::escape_lines(&error.render().to_string()).into_owned(),
        // The mistake is in what was escaped.
        _ => terminal::escape(error.render().to_string().trim_end()).into_owned() + "\n",
    }
}
