//! The README and the book in `docs/`: their commands are run, their outputs compared, their links followed.
//!
//! Each page is run by itself, in a folder with a copy of `fixtures/`. The language of a block says what it is:
//!
//! | block | means |
//! |---|---|
//! | `sh` | commands for a shell, which stops at the first that fails. The built program runs in place of `cargo run --release --` and of an installed `bitext` |
//! | `sql` | a query, run on the page's `bitext.db` |
//! | `text`, `json`, `xml` | standard output of the block directly before it. A `…` stands for any text |
//! | `toml` | an excerpt of a file, which is not checked |
//! | `python` | a program, which the tests of the Python package run |

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

use crate::support::{Bitext, fixture, is_like, tree};

const README: &str = "README.md";
const BOOK: &str = "docs/src/";
const CONTENTS: &str = "docs/src/SUMMARY.md";
/// A README that is longer is not read to its end.
const MOST_LINES: usize = 250;

/// The README or a chapter.
struct Page {
    /// Its path in the project, `/` separated.
    path: String,
    blocks: Vec<Block>,
    /// The lines outside blocks, with their numbers.
    prose: Vec<(usize, String)>,
}

/// A fenced block.
struct Block {
    line: usize,
    language: String,
    body: String,
    /// Whether only empty lines stand between it and the block before it.
    is_adjacent: bool,
}

/// Commands or a query, and what they print according to the page.
struct Example<'p> {
    block: &'p Block,
    output: Option<&'p str>,
}

impl Page {
    fn read(path: impl Into<String>) -> Page {
        let path = path.into();
        let text = fs::read_to_string(fixture("..").join(&path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        let (mut blocks, mut prose) = (Vec::new(), Vec::new());
        let mut is_adjacent = false;
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let Some(language) = line.strip_prefix("```") else {
                assert!(!line.contains("```"), "{path}:{}: a block begins at the first column", at + 1);
                is_adjacent &= line.is_empty();
                prose.push((at + 1, line.to_owned()));
                continue;
            };
            let body: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let (language, body) = (language.to_owned(), body.join("\n"));
            blocks.push(Block { line: at + 1, language, body, is_adjacent });
            is_adjacent = true;
        }
        Page { path, blocks, prose }
    }

    fn examples(&self) -> Vec<Example<'_>> {
        let mut examples: Vec<Example<'_>> = Vec::new();
        let mut is_open = false;
        for block in &self.blocks {
            let place = format!("{}:{}", self.path, block.line);
            match (block.language.as_str(), examples.last_mut()) {
                ("sh" | "sql", _) => examples.push(Example { block, output: None }),
                ("text" | "json" | "xml", Some(example)) if is_open && block.is_adjacent => {
                    example.output = Some(&block.body);
                }
                ("text" | "json" | "xml", _) => panic!("{place}: an output without commands before it"),
                ("toml" | "python", _) => {}
                (language, _) => panic!("{place}: nothing is known of the language {language:?}"),
            }
            is_open = matches!(block.language.as_str(), "sh" | "sql");
        }
        examples
    }

    /// The targets of its links, with their lines.
    fn links(&self) -> Vec<(usize, String)> {
        static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\]\(([^()\s]+)\)").expect("a pattern"));
        let mut links = Vec::new();
        for (number, line) in &self.prose {
            let line = without_code(line);
            links.extend(LINK.captures_iter(&line).map(|link| (*number, link[1].to_owned())));
        }
        links
    }

    /// The anchors of its headings, as mdBook and code hosts make them.
    fn anchors(&self) -> BTreeSet<String> {
        let headings = self.prose.iter().filter(|(_, line)| line.starts_with('#'));
        let anchor = |text: &str| -> String {
            let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
            text.trim().to_lowercase().replace('`', "").chars().filter(kept).collect()
        };
        headings.map(|(_, line)| anchor(line.trim_start_matches('#')).replace(' ', "-")).collect()
    }
}

/// A line of Markdown without its code spans.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// The README and all chapters.
fn pages() -> Vec<Page> {
    let chapters = chapters().into_iter().map(|name| format!("{BOOK}{name}"));
    [README.to_owned()].into_iter().chain(chapters).map(Page::read).collect()
}

/// The names of the chapters' files.
fn chapters() -> Vec<String> {
    let files = tree(&fixture("..").join(BOOK)).into_iter().map(|(name, _)| name);
    files.filter(|name| name.ends_with(".md") && name != "SUMMARY.md").collect()
}

/// What a test cannot run inside itself: builds, tests, an installation, a server (`tests/serve` runs it), a measurement on documents that
/// are not here.
fn is_left_out(command: &str) -> bool {
    ["cargo test", "cargo install", "cargo doc", "pip install", "mdbook", "benches/", "bitext serve", "curl"]
        .iter()
        .any(|start| command.starts_with(start))
}

fn has_git() -> bool {
    Command::new("git").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Runs the examples of a page. Returns the number of commands.
fn run_examples(page: &Page) -> usize {
    let examples = page.examples();
    if examples.iter().any(|example| example.block.body.contains("git ")) && !has_git() {
        eprintln!("skipped: {}, because the program git is not there", page.path);
        return 0;
    }
    let bitext = Bitext::new();
    for (name, bytes) in tree(&fixture("")) {
        bitext.write(format!("fixtures/{name}"), bytes);
    }
    let mut run = 0;
    for Example { block, output } in examples {
        let place = format!("{}:{}", page.path, block.line);
        let printed = match block.language.as_str() {
            "sql" => bitext.sql(&block.body).join("\n"),
            _ => {
                let lines: Vec<&str> = block.body.lines().filter(|line| !is_left_out(line)).collect();
                run += lines.len();
                run_script(&bitext, &place, &lines.join("\n"))
            }
        };
        if let Some(output) = output {
            let is_right = is_like(printed.trim_end(), output);
            assert!(is_right, "{place}:\n{}\nprinted\n{printed}\nand not\n{output}", block.body);
        }
    }
    run
}

/// Runs commands in the test's folder. Returns what they print on standard output.
fn run_script(bitext: &Bitext, place: &str, script: &str) -> String {
    let built = Path::new(env!("CARGO_BIN_EXE_bitext")).parent().map(Path::to_path_buf);
    let programs = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(built.into_iter().chain(std::env::split_paths(&programs)));
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", &script.replace("cargo run --release --", "bitext")]);
    shell.env("PATH", path.expect("a path of folders"));
    // A user's configuration of Git may sign commits or run hooks.
    shell.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")]);
    // `sort` orders by it.
    shell.env("LC_ALL", "C");
    let output = bitext.at_home(shell).output().expect("a shell");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{place}:\n{script}\nstdout: {stdout}\nstderr: {stderr}");
    stdout.into_owned()
}

#[test]
#[cfg_attr(
    not(all(feature = "git", feature = "html", feature = "parquet")),
    ignore = "the examples have a Git repository, a rendered page and Parquet"
)]
fn the_commands_of_the_readme_and_the_book_do_what_they_say() {
    let pages = pages();
    let run: Vec<(&str, usize)> = std::thread::scope(|scope| {
        let threads: Vec<_> = pages.iter().map(|page| (page, scope.spawn(|| run_examples(page)))).collect();
        let run = threads.into_iter().map(|(page, thread)| (page.path.as_str(), thread.join()));
        run.map(|(path, run)| (path, run.unwrap_or_else(|_| panic!("{path} is wrong; see above")))).collect()
    });
    // So that a mistake in reading the pages is found.
    assert!(run[0].1 >= 8, "only {} commands were found in the README", run[0].1);
    let sum: usize = run.iter().map(|(_, run)| run).sum();
    assert!(sum >= 60, "only {sum} commands were found: {run:?}");
}

#[test]
fn every_link_has_a_target() {
    for page in pages().into_iter().chain([Page::read(CONTENTS)]) {
        for (line, link) in page.links() {
            let place = format!("{}:{line}: {link}", page.path);
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => page.path.clone(),
                file => beside(&page.path, file),
            };
            assert!(fixture("..").join(&target).exists(), "{place}: there is no {target}");
            // Other files of the project are not beside the built book.
            let is_in_book = target.starts_with(BOOK) && target.ends_with(".md");
            assert!(page.path == README || is_in_book, "{place}: a chapter links to chapters only");
            if !anchor.is_empty() {
                let anchors = Page::read(target).anchors();
                assert!(anchors.contains(anchor), "{place}: the headings are {anchors:?}");
            }
        }
    }
}

/// The path in the project of a file that a page links to.
fn beside(page: &str, link: &str) -> String {
    let mut path = PathBuf::new();
    for part in Path::new(page).parent().expect("a folder").join(link).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{page}: {link} is outside the project"),
            part => path.push(part),
        }
    }
    path.to_string_lossy().into_owned()
}

#[test]
fn the_contents_of_the_book_list_every_chapter_once() {
    let mut listed: Vec<String> =
        Page::read(CONTENTS).links().into_iter().map(|(_, link)| link.replace("./", "")).collect();
    listed.sort();
    assert_eq!(listed, chapters());
}

#[test]
fn the_readme_is_short() {
    let readme = fs::read_to_string(fixture("..").join(README)).expect("the README");
    let lines = readme.lines().count();
    assert!(lines <= MOST_LINES, "the README has {lines} lines; details belong in the book, in docs/src");
}

/// The README repeats some of the book. If only one of the two were changed, the other would be wrong.
#[test]
fn figures_and_gaps_that_the_readme_lists_are_those_of_the_book() {
    let readme = Page::read(README);
    for (heading, chapter) in [("## How fast", "speed.md"), ("## Not yet", "not-yet.md")] {
        let chapter = Page::read(format!("{BOOK}{chapter}"));
        let section = readme.prose.iter().skip_while(|(_, line)| line != heading).skip(1);
        let section = section.take_while(|(_, line)| !line.starts_with("## "));
        let listed: Vec<_> = section.filter(|(_, line)| line.starts_with(['|', '-'])).collect();
        assert!(!listed.is_empty(), "{heading}");
        for (number, line) in listed {
            let is_in_book = chapter.prose.iter().any(|(_, other)| other == line);
            assert!(is_in_book, "{README}:{number}: this line is not in {}:\n{line}", chapter.path);
        }
    }
}

#[test]
fn the_readme_names_every_command() {
    let readme = fs::read_to_string(fixture("..").join(README)).expect("the README");
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
