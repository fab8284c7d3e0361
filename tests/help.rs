//! What `--help` says is a golden file for each command, in `tests/snapshots`.
//!
//! A snapshot never updates itself. Started by hand, `INSTA_UPDATE=always cargo test --test commands help` writes what the program says
//! now, and that run is red: a golden file that has just been written has not been read by anyone. Read the difference with
//! `git diff tests/snapshots`; the next run is green.

use crate::support::Bitext;

fn help_of(command: &str) -> String {
    let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
    let bitext = Bitext::new();
    let run = bitext.run(arguments).exits(0).says_nothing();
    // Where the system ends a program's name with `.exe`, its help does too.
    run.stdout().replace("bitext.exe", "bitext")
}

/// The commands that the program's own help lists.
fn commands() -> Vec<String> {
    let help = help_of("");
    let list = help.split_once("Commands:\n").expect("a list of commands").1;
    list.lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn help_says_what_it_said() {
    let updating = std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::assert_snapshot!("help", help_of(""));
        for command in commands().iter().filter(|name| *name != "help") {
            insta::assert_snapshot!(format!("help-{command}"), help_of(command));
        }
    });
    assert!(
        !updating,
        "the golden files were written; read them, and run the tests again without INSTA_UPDATE"
    );
}

#[test]
fn every_line_of_help_fits_a_terminal() {
    for command in commands().iter().map(String::as_str).chain([""]).filter(|name| *name != "help") {
        for line in help_of(command).lines() {
            assert!(line.chars().count() <= 100, "{command}: {line}");
        }
    }
}

#[test]
fn the_man_page_and_the_completions_know_the_commands() {
    let bitext = Bitext::new();
    let page = bitext.run(["man"]).printed();
    for shell in ["bash", "fish", "zsh", "powershell"] {
        let script = bitext.run(["completions", shell]).printed();
        for command in commands() {
            assert!(script.contains(&command), "{command} in {shell}");
            assert!(page.contains(&command), "{command} in the manual");
        }
    }
}

#[test]
fn a_mistyped_command_or_option_is_told_and_exits_with_2() {
    let bitext = Bitext::new();
    bitext.run(["exprot"]).exits(2).prints_nothing().says("export");
    bitext.run(["export", "--formt", "tmx"]).exits(2).prints_nothing().says("--format");
    bitext.run::<&str>([]).exits(2).prints_nothing().says("Usage");
}
