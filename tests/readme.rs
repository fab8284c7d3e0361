//! The README's commands, run as they stand there: each `sh` block by a shell, in a folder that holds what a clone holds, with
//! the built program in the place of `cargo run --release --` and of an installed `bitext`. Where a `text` block follows, it
//! is what the block's commands print on standard output; a line `…` in it stands for any lines.

use std::fs;
use std::process::Command;

use crate::support::{Bitext, fixture, tree};

/// A block of commands of the README, and what they are said to print.
struct Example {
    commands: String,
    output: Option<String>,
}

fn examples() -> Vec<Example> {
    let readme = fs::read_to_string(fixture("../README.md")).expect("the README");
    let mut blocks = Vec::new();
    let mut rest = readme.as_str();
    while let Some((before, after)) = rest.split_once("```") {
        let (language, body) = after.split_once('\n').expect("a block's first line");
        let (body, after) = body.split_once("\n```").expect("a block's end");
        blocks.push((before.trim().is_empty(), language, body.to_owned()));
        rest = after;
    }
    let mut examples: Vec<Example> = Vec::new();
    let mut last_was_commands = false;
    for (follows_at_once, language, body) in blocks {
        match (language, examples.last_mut()) {
            ("text", Some(example)) if last_was_commands && follows_at_once => example.output = Some(body),
            ("sh", _) => examples.push(Example { commands: body, output: None }),
            _ => {}
        }
        last_was_commands = language == "sh";
    }
    examples
}

/// What a test cannot run inside itself: the tests, an installation, a measurement on documents that are not here.
fn is_left_out(command: &str) -> bool {
    ["cargo test", "cargo install", "benches/", "git clone", "cd bitext"]
        .iter()
        .any(|start| command.starts_with(start))
}

#[track_caller]
fn assert_output(commands: &str, expected: &str, printed: &str) {
    let mut rest = printed;
    let parts: Vec<&str> = expected.split('…').map(|part| part.trim_matches('\n')).collect();
    for (position, part) in parts.iter().enumerate() {
        let found =
            rest.find(part).unwrap_or_else(|| panic!("{commands}\nprinted\n{printed}\nwithout\n{part}"));
        assert!(
            position > 0 || found == 0,
            "{commands}\nprinted\n{printed}\nwhich does not begin with\n{part}"
        );
        rest = &rest[found + part.len()..];
    }
    let ends = parts.last().is_some_and(|part| part.is_empty()) || rest.trim().is_empty();
    assert!(ends, "{commands}\nprinted more than the README says:\n{rest}");
}

#[test]
fn the_commands_of_the_readme_do_what_it_says() {
    let bitext = Bitext::new();
    for (name, bytes) in tree(&fixture("")) {
        bitext.write(format!("fixtures/{name}"), bytes);
    }
    let built = std::path::Path::new(env!("CARGO_BIN_EXE_bitext"));
    let path = std::env::join_paths(
        built
            .parent()
            .map(std::path::Path::to_path_buf)
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut run = 0;
    for Example { commands, output } in examples() {
        let kept: Vec<&str> = commands.lines().filter(|line| !is_left_out(line)).collect();
        if kept.is_empty() {
            continue;
        }
        let script = kept.join("\n").replace("cargo run --release --", "bitext");
        let result = Command::new("sh")
            .args(["-e", "-c", &script])
            .current_dir(bitext.path(""))
            .env("PATH", path.as_ref().expect("a path of folders"))
            .env_remove("BITEXT_DB")
            .output()
            .expect("a shell");
        let (stdout, stderr) =
            (String::from_utf8_lossy(&result.stdout), String::from_utf8_lossy(&result.stderr));
        assert!(result.status.success(), "{script}\nstdout: {stdout}\nstderr: {stderr}");
        if let Some(output) = output {
            assert_output(&script, &output, &stdout);
        }
        run += kept.len();
    }
    assert!(run >= 8, "only {run} commands were found in the README");
}

#[test]
fn the_readme_names_every_command() {
    let readme = fs::read_to_string(fixture("../README.md")).expect("the README");
    let help = Bitext::new().run(["--help"]).printed();
    let list = help.split_once("Commands:\n").expect("a list of commands").1;
    for line in list.lines().take_while(|line| !line.is_empty()) {
        let name = line.split_whitespace().next().unwrap_or_default();
        assert!(
            name == "help" || line.starts_with("   ") || readme.contains(&format!("`bitext {name}")),
            "{name}"
        );
    }
}
