//! Where the output goes: a full disk, a closed pipe, a terminal. Each command, and each format of an export.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Output, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::Bitext;
use crate::support::documents::{document, write_set};

/// Commands that print more than a pipe holds, or little, in a folder with the set `set` and its memory.
const PRINTING: [&str; 27] = [
    "import set --json",
    "extract set",
    "extract set --format tsv",
    "extract set --format csv",
    "extract set --format parquet",
    "export",
    "export -f jsonl",
    "export -f tsv",
    "export -f csv",
    "export -f po",
    "export -f xliff",
    "export -f parquet",
    "query --json Save.",
    "query --min 10 Save.",
    "query --batch queries.txt",
    "search Berth",
    "search Berth --limit 0 --json",
    "search Berth --count",
    "stats",
    "stats --json",
    "verify --sample 2",
    "completions bash",
    "man",
    "man export",
    "--version",
    "--help",
    "help export",
];

fn with_memory(documents: usize) -> Bitext {
    let bitext = Bitext::new();
    write_set(&bitext, "set", documents);
    bitext.write("queries.txt", "Select Save.\n".repeat(2000));
    bitext.import("set");
    bitext
}

fn ended(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().expect("the program starts");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_a_sentence_and_exit_2_for_every_command() {
    let bitext = with_memory(20);
    for arguments in PRINTING {
        let mut command = bitext.command(arguments.split(' '));
        command.stdout(File::options().write(true).open("/dev/full").unwrap());
        let (code, said) = ended(command);
        let sentence = "bitext: standard output cannot be written: No space left on device";
        assert!(said.lines().any(|line| line.starts_with(sentence)), "{arguments}: {said:?}");
        assert!(!said.contains("panicked"), "{arguments}: {said}");
        assert_eq!(code, Some(2), "{arguments}: {said}");
    }
}

#[test]
fn a_closed_pipe_is_not_an_error_of_any_command() {
    // An export of so many segments does not fit into the buffer of a pipe, nor into those of the program.
    let bitext = with_memory(400);
    for arguments in PRINTING {
        let mut command = bitext.command(arguments.split(' '));
        let (reader, writer) = std::io::pipe().unwrap();
        command.stdout(writer);
        drop(reader);
        let (code, said) = ended(command);
        assert_eq!(code, Some(0), "{arguments}: {said}");
        assert!(!said.contains("pipe") && !said.contains("panicked"), "{arguments}: {said}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_under_standard_error_changes_no_exit_code() {
    let bitext = with_memory(20);
    for (expected, arguments) in [
        (0, "import set"),
        (0, "export -o memory.tmx"),
        (0, "export -f csv --json"),
        (1, "query nothing-like-it"),
        (2, "stats --db nowhere.db"),
        (2, "export --formt tmx"),
        (2, ""),
    ] {
        let mut command = bitext.command(arguments.split_whitespace());
        command.stderr(File::options().write(true).open("/dev/full").unwrap()).stdout(Stdio::null());
        assert_eq!(command.status().unwrap().code(), Some(expected), "{arguments}");
    }
}

/// What a command writes to a terminal that is its standard output, and the rest of its result.
fn on_a_terminal(command: Command) -> (String, Output) {
    with_a_terminal(command, |command, terminal| command.stdout(terminal).stderr(Stdio::piped()))
}

/// What a command writes to a terminal, which `connect` makes one of its outputs, and the rest of its result.
fn with_a_terminal(
    mut command: Command,
    connect: impl FnOnce(&mut Command, File) -> &mut Command,
) -> (String, Output) {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    grantpt(&controller).expect("a pseudo-terminal");
    unlockpt(&controller).expect("a pseudo-terminal");
    let name = ptsname(&controller, Vec::new()).expect("its name").into_string().expect("UTF-8");
    let terminal = File::options().read(true).write(true).open(name).expect("the terminal");
    connect(&mut command, terminal);
    let child = command.spawn().expect("the program starts");
    // The command holds the terminal open, so the reader would never see its end.
    drop(command);
    let reader = std::thread::spawn(move || {
        let (mut shown, mut bytes) = (Vec::new(), [0; 4096]);
        let mut controller = File::from(controller);
        // Linux reports an error at the end, other systems the end.
        while let Ok(read @ 1..) = controller.read(&mut bytes) {
            shown.extend_from_slice(&bytes[..read]);
        }
        String::from_utf8(shown).expect("UTF-8")
    });
    let output = child.wait_with_output().expect("an end");
    (reader.join().expect("all of the output"), output)
}

#[test]
fn a_removal_shows_its_progress_on_a_terminal() {
    let bitext = with_memory(400);
    let mut command = bitext.command(["remove", "--set", "set"]);
    // A terminal without a type, or of the type `dumb`, shows no progress.
    command.env("TERM", "xterm");
    let (shown, output) =
        with_a_terminal(command, |command, terminal| command.stderr(terminal).stdout(Stdio::piped()));
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), b"".as_slice()), "{shown:?}");
    for phrase in ["/400 documents removed", "freeing space", "removed 400 documents"] {
        assert!(shown.contains(phrase), "no {phrase:?} in {shown:?}");
    }
}

/// Characters that a terminal obeys. It makes CR LF of each line feed itself.
fn obeyed(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace("\r\n", "\n")
        .chars()
        .filter(|&c| (c.is_control() && c != '\n' && c != '\t') || hidden(c))
        .collect()
}

const EVIL: &str = "Berth \u{1b}]0;title\u{7} \u{202e}gnp\u{202c} \u{9b}2J \u{2028}map\u{7f}";

#[test]
fn no_format_shows_a_terminal_what_it_obeys() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("선석 \u{1b}[2J\u{202e}지도\u{7}", EVIL)]));
    bitext.import("set");
    for arguments in [
        "extract set",
        "extract set --format tsv",
        "extract set --format csv",
        "export",
        "export --profile omegat",
        "export -f jsonl",
        "export -f tsv",
        "export -f csv",
        "export -f po",
        "export -f xliff",
    ] {
        let (shown, output) = on_a_terminal(bitext.command(arguments.split(' ')));
        assert_eq!(output.status.code(), Some(0), "{arguments}: {output:?}");
        assert!(shown.contains("Berth") && shown.contains("9b"), "{arguments}: {shown:?}");
        assert_eq!(obeyed(&shown), "", "{arguments}: {shown:?}");
    }
}

#[test]
fn a_pipe_receives_the_text_as_it_is_and_json_can_be_shown_too() {
    let bitext = Bitext::new();
    bitext.write("set/a.md", document("0a1b2", &[("선석", EVIL)]));
    bitext.import("set");
    for command in ["extract set --format csv", "export -f tsv", "export -f csv"] {
        let run = bitext.run(command.split(' ')).exits(0).prints(EVIL);
        assert!(!run.stderr().contains("Berth"), "{command}: {}", run.stderr());
    }
    for command in ["extract set", "export -f jsonl", "search Berth --json"] {
        let run = bitext.run(command.split(' ')).exits(0);
        assert_eq!(obeyed(run.stdout()), "", "{command}: {:?}", run.stdout());
        assert_eq!(run.json_lines()[0]["source"], EVIL, "{command}");
        assert!(!run.stderr().contains("Berth"), "{command}: {}", run.stderr());
    }
}

#[test]
fn an_argument_is_repeated_in_a_message_without_its_controls() {
    let bitext = Bitext::new();
    let evil = "\u{1b}]0;title\u{7}\u{202e}\nbitext: forged";
    for arguments in [
        vec!["exp\u{1b}]0;title\u{7}rt".to_owned()],
        vec![evil.to_owned()],
        vec!["stats".to_owned(), format!("--{evil}")],
        vec!["stats".to_owned(), evil.to_owned()],
        vec!["export".to_owned(), "--format".to_owned(), evil.to_owned()],
        vec!["export".to_owned(), "--to".to_owned(), evil.to_owned()],
        vec!["export".to_owned(), "--since".to_owned(), evil.to_owned()],
        vec!["export".to_owned(), "--match".to_owned(), format!("({evil}")],
        vec!["query".to_owned(), "--min".to_owned(), evil.to_owned(), "x".to_owned()],
        vec!["man".to_owned(), evil.to_owned()],
    ] {
        let run = bitext.run(&arguments).exits(2).prints_nothing();
        assert_eq!(obeyed(run.stderr()), "", "{arguments:?}: {:?}", run.stderr());
        assert!(!run.stderr().lines().any(|line| line.starts_with("bitext: forged")), "{}", run.stderr());
        assert!(run.stderr().contains("\\u{1b}"), "{arguments:?}: {}", run.stderr());
    }
}
