//! `bitext completions` and `bitext man`: shell completions and manual pages.

use std::io::Write as _;

use super::stdout::Stdout;
use super::{Arguments, CommandFactory, Outcome};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

/// Print the manual page of bitext, or of one of its commands
#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// The command
    command: Option<String>,
}

pub(super) fn completions(arguments: &Completions) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "bitext", &mut script);
    Stdout::plain().write_all(&script)?;
    Ok(Outcome::Done)
}

pub(super) fn man(arguments: &Man) -> anyhow::Result<Outcome> {
    let mut program = Arguments::command();
    program.build();
    let page = match &arguments.command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => anyhow::bail!("there is no command {name:?}; `bitext help` lists them"),
        },
    };
    clap_mangen::Man::new(page).render(&mut Stdout::plain())?;
    Ok(Outcome::Done)
}
