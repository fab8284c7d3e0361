//! The harness of the command tests: a folder of its own for each test, the built binary, and a result whose exit code,
//! standard output and standard error are all looked at.

pub mod documents;
#[cfg(feature = "git")]
pub mod git;

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// The built program in an empty folder, which is its current folder: its memory is `bitext.db` there.
pub struct Bitext {
    folder: TempDir,
}

impl Bitext {
    pub fn new() -> Bitext {
        Bitext { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// The test's folder, or a path in it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the test's folder, with the folders above it.
    pub fn write(&self, name: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a path in the test's folder")).expect("a folder");
        fs::write(&path, contents).expect("a file");
        path
    }

    /// The program with these arguments, not yet started: for tests that need its process.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bitext"));
        command.args(arguments);
        self.at_home(command)
    }

    /// A command that is to run in the test's folder, without the variables that change what the program does.
    pub fn at_home(&self, mut command: Command) -> Command {
        command.current_dir(self.folder.path());
        for variable in ["BITEXT_DB", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs the program to its end.
    #[track_caller]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Run {
        let command = self.command(arguments);
        let shown = format!("{command:?}");
        Run::of(shown, assert_cmd::Command::from_std(command).output().expect("the program starts"))
    }

    /// Runs the program, and ends it after so many seconds; its exit code is -1 then. For what must not wait for ever.
    #[track_caller]
    pub fn run_within<A: AsRef<OsStr>>(&self, seconds: u64, arguments: impl IntoIterator<Item = A>) -> Run {
        Run::in_time(self.command(arguments), seconds)
    }

    /// Runs the program with so many MiB of address space: an allocation beyond them aborts it, and its exit code is -1.
    ///
    /// Address space, because Linux limits nothing else of a process. It is more than the memory in use: the program itself, the
    /// stacks of its threads and what the allocator reserves count too, 100 MiB for a build with debug assertions.
    #[cfg(target_os = "linux")]
    #[track_caller]
    pub fn limited_memory<A: AsRef<OsStr>>(
        &self,
        mebibytes: u64,
        arguments: impl IntoIterator<Item = A>,
    ) -> Run {
        let mut command = Command::new("sh");
        let script = format!("ulimit -v {} && exec \"$0\" \"$@\"", mebibytes << 10);
        command.args(["-c", &script, env!("CARGO_BIN_EXE_bitext")]).args(arguments);
        // Else glibc reserves 64 MiB for each thread.
        command.env("MALLOC_ARENA_MAX", "1");
        Run::in_time(self.at_home(command), 120)
    }

    /// Runs the program with a text on its standard input.
    #[track_caller]
    pub fn run_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: &str,
    ) -> Run {
        let command = self.command(arguments);
        let shown = format!("{command:?}");
        let mut command = assert_cmd::Command::from_std(command);
        Run::of(shown, command.write_stdin(input).output().expect("the program starts"))
    }

    /// Imports a path without talk and without problems: the beginning of most tests.
    #[track_caller]
    pub fn import(&self, path: impl AsRef<OsStr>) -> &Bitext {
        self.run([OsStr::new("import"), path.as_ref(), OsStr::new("--quiet")]).succeeds_silently();
        self
    }

    /// The memory's rows for a query, as text, one a line, the columns separated by `|`: what the file says to anyone.
    pub fn sql(&self, query: &str) -> Vec<String> {
        rows(&self.path("bitext.db"), query)
    }
}

/// The rows of a query in a memory, as text, one a line, the columns separated by `|`.
pub fn rows(memory: &Path, query: &str) -> Vec<String> {
    use rusqlite::types::ValueRef;
    let connection = rusqlite::Connection::open(memory).expect("a memory");
    let mut statement = connection.prepare(query).expect("a query");
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..columns).map(|column| match row.get_ref_unwrap(column) {
            ValueRef::Null => "null".to_owned(),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        });
        Ok(cells.collect::<Vec<_>>().join("|"))
    });
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

/// All that a memory says, in an order that does not depend on how it came to be.
pub fn dump(memory: &Path) -> String {
    let extracted =
        rows(memory, "select * from extracted order by \"set\", document, target_locale, position");
    let documents = rows(
        memory,
        "select document_set.name, path, lower(hex(hash)), locale_stated, title, description, no_loc, problems
         from document join document_set on document_set.id = set_id order by 1, 2, 3",
    );
    let texts = rows(
        memory,
        "select unit.text, locale.name, variant.text from unit join variant on variant.unit_id = unit.id
         join locale on locale.id = variant.locale_id order by 1, 2, 3",
    );
    [extracted, documents, texts].concat().join("\n")
}

/// What SQLite itself says of the file.
pub fn integrity(memory: &Path) -> String {
    rows(memory, "pragma integrity_check").join("\n")
}

/// The result of a run. Each of the exit code, standard output and standard error has to be checked: a result that is dropped
/// with one of them unchecked fails the test. Reading an output as data ([`Run::json`], [`Run::stdout`] and their like) checks
/// it, as far as the test then compares what it read.
pub struct Run {
    shown: String,
    code: i32,
    stdout: String,
    stderr: String,
    checked: [Cell<bool>; 3],
    origin: &'static Location<'static>,
}

/// The three results of a run, as indexes into [`Run::checked`].
const NAMES: [&str; 3] = ["exit code", "standard output", "standard error"];
const CODE: usize = 0;
const STDOUT: usize = 1;
const STDERR: usize = 2;

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let unchecked: Vec<&str> = NAMES
            .iter()
            .zip(&self.checked)
            .filter(|(_, checked)| !checked.get())
            .map(|(name, _)| *name)
            .collect();
        assert!(
            unchecked.is_empty(),
            "{}: nobody checked the {} of {}\nexit code: {}\nstdout: {}\nstderr: {}",
            self.origin,
            unchecked.join(" and the "),
            self.shown,
            self.code,
            self.stdout,
            self.stderr
        );
    }
}

impl Run {
    #[track_caller]
    fn of(shown: String, output: Output) -> Run {
        Run {
            shown,
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
            checked: Default::default(),
            origin: Location::caller(),
        }
    }

    #[track_caller]
    fn in_time(command: Command, seconds: u64) -> Run {
        let shown = format!("{command:?}");
        let mut command = assert_cmd::Command::from_std(command);
        let output = command.timeout(Duration::from_secs(seconds)).output();
        Run::of(shown, output.expect("the program starts"))
    }

    fn mark(&self, which: usize) {
        self.checked[which].set(true);
    }

    /// The exit code is this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, code, "{}\nstdout: {}\nstderr: {}", self.shown, self.stdout, self.stderr);
        self.mark(CODE);
        self
    }

    /// The exit code, for a test that compares it itself; -1 if a signal ended the program.
    pub fn code(&self) -> i32 {
        self.mark(CODE);
        self.code
    }

    /// Standard error contains this phrase.
    #[track_caller]
    pub fn says(self, phrase: &str) -> Run {
        assert!(self.stderr().contains(phrase), "{}\nno {phrase:?} in stderr: {}", self.shown, self.stderr);
        self
    }

    /// Standard error is this text; a `…` in it matches anything, such as a number of seconds.
    #[track_caller]
    pub fn says_all(self, pattern: &str) -> Run {
        assert!(is_like(self.stderr(), pattern), "{}\nnot {pattern:?}: {:?}", self.shown, self.stderr);
        self
    }

    /// Standard error is empty.
    #[track_caller]
    pub fn says_nothing(self) -> Run {
        assert_eq!(self.stderr(), "", "{}", self.shown);
        self
    }

    /// Standard output contains this phrase.
    #[track_caller]
    pub fn prints(self, phrase: &str) -> Run {
        assert!(self.stdout().contains(phrase), "{}\nno {phrase:?} in stdout: {}", self.shown, self.stdout);
        self
    }

    /// Standard output is empty.
    #[track_caller]
    pub fn prints_nothing(self) -> Run {
        assert_eq!(self.stdout(), "", "{}", self.shown);
        self
    }

    /// The program did what it was asked, without a word on either output.
    #[track_caller]
    pub fn succeeds_silently(self) {
        self.exits(0).prints_nothing().says_nothing();
    }

    /// The program succeeded without a word on standard error; gives its standard output.
    #[track_caller]
    pub fn printed(self) -> String {
        self.exits(0).says_nothing().stdout().to_owned()
    }

    /// Standard output, for a test that compares it itself.
    pub fn stdout(&self) -> &str {
        self.mark(STDOUT);
        &self.stdout
    }

    /// Standard error, for a test that compares it itself.
    pub fn stderr(&self) -> &str {
        self.mark(STDERR);
        &self.stderr
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(self.stdout()).unwrap_or_else(|e| panic!("{}: {e}: {}", self.shown, self.stdout))
    }

    /// Standard output as JSON lines.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let line =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{}: {e}: {line}", self.shown));
        self.stdout().lines().map(line).collect()
    }
}

/// Whether a text is a pattern in which each `…` matches any text.
pub fn is_like(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[test]
fn a_pattern_is_the_whole_text_but_for_its_gaps() {
    for (text, pattern, expected) in [
        ("1 unit in 0.01 s\n", "1 unit in … s\n", true),
        ("1 unit in 0.01 s\n", "1 unit in … s", false),
        ("1 unit in 0.01 s\nmore\n", "1 unit in … s\n", false),
        ("a", "a", true),
        ("ab", "a", false),
        ("", "…", true),
        ("axbyc", "a…b…c", true),
        ("axc", "a…b…c", false),
    ] {
        assert_eq!(is_like(text, pattern), expected, "{text:?} {pattern:?}");
    }
}

#[test]
#[should_panic(expected = "nobody checked the standard error")]
fn a_result_that_is_not_checked_fails_the_test() {
    let _run = Bitext::new().run(["--version"]).exits(0).prints("bitext");
}

#[cfg(target_os = "linux")]
#[test]
fn the_limit_of_memory_ends_a_program_that_needs_more() {
    let bitext = Bitext::new();
    bitext.limited_memory(400, ["--version"]).exits(0).prints("bitext").says_nothing();
    let run = bitext.limited_memory(4, ["--version"]).prints_nothing();
    let message = run.stderr().to_owned();
    assert_ne!(run.code(), 0, "{message}");
}

/// One of the problems of `fixtures/difficult`, as every command that reads them reports it.
pub const DIFFICULT_PROBLEM: &str = "difficult/no_source.md:13: segment 1a019-102 has no source";

/// A path below `fixtures/`.
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// A folder with the five documents this program was asked for; `None`, and says so, where it is not beside the project.
pub fn seeds() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no seeds at {}", folder.display());
    None
}

/// The files below a folder, `/` separated, in order, with what they hold.
pub fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(folder: &Path, below: &str, files: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            match entry.file_type().expect("a type").is_dir() {
                true => walk(&entry.path(), &format!("{name}/"), files),
                false => files.push((name, fs::read(entry.path()).expect("a file"))),
            }
        }
    }
    let mut files = Vec::new();
    walk(folder, "", &mut files);
    files.sort();
    files
}

/// The fields of a segment, promised in this order: in a JSON line, as the columns of a table and of the view `extracted`.
pub const COLUMNS: [&str; 15] = [
    "document",
    "set",
    "id",
    "number",
    "kind",
    "line",
    "source_locale",
    "target_locale",
    "source",
    "target",
    "workflow",
    "source_hash",
    "source_commit",
    "handoff",
    "file_id",
];
