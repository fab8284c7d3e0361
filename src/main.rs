//! The `bitext` program: a thin shell over the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    bitext::cli::run()
}
