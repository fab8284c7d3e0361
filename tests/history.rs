//! `import --history`: which segments of earlier versions the memory keeps, and what the other commands say of them.

mod commands;
mod hostile;
mod imports;
mod kept;
mod migration;
mod random;

use std::collections::BTreeMap;
use std::path::Path;

use gix::ObjectId;

use crate::support::documents::segment;
use crate::support::git::Objects;
use crate::support::{Bitext, rows};

/// A day in seconds.
const DAY: i64 = 86_400;
/// The first of January 2020: the date of the first commit, less a day. So commit 3 is of the third of January.
const BEFORE_FIRST: i64 = 1_577_836_800 - DAY;

/// A repository whose commits have numbers from 1 and dates one day apart. Its last commit is the branch `live-sxs`.
struct Repository {
    objects: Objects,
    commits: Vec<ObjectId>,
}

/// Files: their paths and contents.
type Files<'f> = &'f [(&'f str, &'f str)];

impl Repository {
    fn new() -> Repository {
        Repository { objects: Objects::new(), commits: Vec::new() }
    }

    /// Commits of one tree of files after the other.
    fn linear(commits: &[Files<'_>]) -> Repository {
        let mut repository = Repository::new();
        for files in commits {
            repository.then(files);
        }
        repository
    }

    /// A commit after the last one.
    fn then(&mut self, files: Files<'_>) -> usize {
        let parent = self.commits.len();
        self.commit(if parent == 0 { &[] } else { std::slice::from_ref(&parent) }, files)
    }

    /// A commit with these parents.
    fn commit(&mut self, parents: &[usize], files: Files<'_>) -> usize {
        let number = self.commits.len() as i64 + 1;
        self.commit_at(&(BEFORE_FIRST + number * DAY).to_string(), parents, files)
    }

    /// A commit with this date, in seconds since 1970.
    fn commit_at(&mut self, time: &str, parents: &[usize], files: Files<'_>) -> usize {
        let files: Vec<_> =
            files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        let tree = self.objects.files(&files);
        let parents: Vec<ObjectId> = parents.iter().map(|number| self.commits[number - 1]).collect();
        let commit = self.objects.commit_with(tree, &parents, time);
        self.commits.push(commit);
        self.objects.name("refs/heads/live-sxs", commit);
        self.commits.len()
    }

    /// Writes it as `docs.git` in the test's folder.
    fn write(&self, bitext: &Bitext) -> &Repository {
        self.objects.write(&bitext.path("docs.git"));
        self
    }

    /// The path of a commit, for the command line.
    fn at(&self, commit: usize) -> String {
        format!("docs.git@{}", self.commits[commit - 1])
    }

    /// The number of a commit by its id, or `-`.
    fn number(&self, id: &str) -> String {
        let commit = ObjectId::from_hex(id.as_bytes()).ok();
        let number = self.commits.iter().position(|known| Some(*known) == commit);
        number.map_or_else(|| "-".to_owned(), |number| (number + 1).to_string())
    }

    /// Each segment as `document id source>target workflow @commit from DAY until DAY`, or `now`; in order.
    fn shown(&self, memory: &Path) -> Vec<String> {
        let sql = "select document, id, source, target, coalesce(workflow, '-'), coalesce(\"commit\", ''),
                          coalesce(substr(committed, 9, 2) + 0, '-'), coalesce(substr(superseded, 9, 2) + 0, 'now')
                   from extracted order by document, superseded is not null, superseded desc, committed desc, position";
        let rows = rows(memory, sql);
        let show = |row: &String| {
            let cells: Vec<&str> = row.split('|').collect();
            let [document, id, source, target, workflow, commit, from, until] = cells[..] else {
                panic!("{row}")
            };
            let end = if until == "now" { "now".to_owned() } else { format!("until {until}") };
            format!(
                "{document} {} {source}>{target} {workflow} @{} from {from} {end}",
                id.rsplit('-').next().unwrap(),
                self.number(commit)
            )
        };
        rows.iter().map(show).collect()
    }

    /// What a fresh memory has after one import of a commit with its history and further options.
    #[track_caller]
    fn fresh(&self, bitext: &Bitext, commit: usize, options: &[&str]) -> Content {
        let memory = format!("fresh-{commit}-{}.db", options.join("-").replace('/', "_"));
        if !bitext.path(&memory).exists() {
            history(bitext, &self.at(commit), &memory, options);
        }
        content(bitext, &memory)
    }
}

/// Imports a revision with its history into a memory, without a word.
#[track_caller]
fn history(bitext: &Bitext, path: &str, memory: &str, options: &[&str]) {
    let arguments = ["import", path, "--history", "--quiet", "--db", memory];
    bitext.run(arguments.iter().chain(options)).succeeds_silently();
}

/// Imports a path without its history.
#[track_caller]
fn plain(bitext: &Bitext, path: &str, memory: &str) {
    bitext.run(["import", path, "--quiet", "--db", memory]).succeeds_silently();
}

/// A document of a workflow: `HT`, `MT`, or empty. Each word of `texts` is a segment: the source is a letter, and the target this
/// letter and what follows, as in `a1 b1 a2`.
fn doc(workflow: &str, texts: &str) -> String {
    identified("", workflow, texts)
}

/// As [`doc`], with an `ms.locfileid`.
fn identified(id: &str, workflow: &str, texts: &str) -> String {
    let mut text = "---\nms.contentlocale: ko-KR\nms.lasthandoff: 04/23/2019\n".to_owned();
    if !workflow.is_empty() {
        text += &format!("ms.translationtype: {workflow}\n");
    }
    if !id.is_empty() {
        text += &format!("ms.locfileid: \"{id}\"\n");
    }
    text += "---\n";
    for (number, target) in (101..).zip(texts.split(' ').filter(|target| !target.is_empty())) {
        text += &segment(&format!("0a1b2-{number}"), target, &target[..1]);
        text += "\n\n";
    }
    text
}

/// All that a memory has, in an order that does not depend on how it came to be.
#[derive(Debug, PartialEq, Eq)]
struct Content(BTreeMap<&'static str, Vec<String>>);

/// The tables of a memory, with the texts in place of ids.
const CONTENT: [(&str, &str); 5] = [
    (
        "segments",
        "select * from extracted order by \"set\", document, target_locale, superseded is not null, superseded, \"commit\", position",
    ),
    (
        "documents",
        "select document_set.name, path, lower(hex(hash)), locale_stated, title, problems, lower(hex(object)), reader,
                lower(hex(commit_id)), committed, superseded
         from document join document_set on document_set.id = set_id order by 1, 2, superseded, object",
    ),
    (
        "versions",
        "select document_set.name, version.name, ordinal, version.path, lower(hex(version.object)), lower(hex(version.commit_id)),
                version.committed, version.reader, version.document_id is not null, document.path, document.superseded
         from version join document_set on document_set.id = version.set_id
         left join document on document.id = document_id order by 1, 2, 3",
    ),
    (
        "neighbours",
        "select document.path, lower(hex(document.object)), document.superseded, position, unit.text, variant.text
         from neighbour left join document on document.id = document_id
         left join variant on variant.id = variant_id left join unit on unit.id = unit_id order by 1, 2, 3, 4",
    ),
    (
        "texts",
        "select unit.text, locale.name, variant.text from unit join variant on variant.unit_id = unit.id
         join locale on locale.id = variant.locale_id order by 1, 2, 3",
    ),
];

/// Two contents are the same; else the first difference is shown.
#[track_caller]
fn assert_same(found: &Content, expected: &Content, what: &str) {
    for (name, expected) in &expected.0 {
        let found = &found.0[name];
        let at = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
        assert!(
            found == expected,
            "{what}: {name}, line {at} of {} and {}\n found: {:?}\n expected: {:?}",
            found.len(),
            expected.len(),
            found.get(at),
            expected.get(at)
        );
    }
}

fn tables(memory: &Path) -> Content {
    Content(CONTENT.iter().map(|&(name, sql)| (name, rows(memory, sql))).collect())
}

/// The tables, the exports and the statistics.
#[track_caller]
fn content(bitext: &Bitext, memory: &str) -> Content {
    let mut content = tables(&bitext.path(memory));
    assert_sound(&bitext.path(memory));
    for (name, command) in [
        ("JSON lines", &["export", "--history", "--untranslated", "keep", "-q", "-f", "jsonl"][..]),
        ("TMX", &["export", "-q"]),
        ("TMX of all", &["export", "-q", "--history"]),
        ("TMX of current ones", &["export", "-q", "--current"]),
        ("statistics", &["stats", "--json"]),
    ] {
        let run = bitext.run(command.iter().chain(&["--db", memory]));
        let printed = run.printed();
        // The size of the file depends on how it came to be.
        let printed = match name {
            "statistics" => printed.split("\"bytes\"").next().unwrap_or_default(),
            _ => &printed,
        };
        content.0.insert(name, printed.lines().map(str::to_owned).collect());
    }
    content
}

/// No row refers to one that does not exist, no text is unused, and each superseded document is a known version.
#[track_caller]
fn assert_sound(memory: &Path) {
    for (what, sql) in [
        (
            "a segment without a document",
            "select * from segment where document_id not in (select id from document)",
        ),
        (
            "a segment without a text",
            "select * from segment where variant_id not in (select id from variant)",
        ),
        ("an unused variant", "select * from variant where id not in (select variant_id from segment)"),
        ("an unused unit", "select * from unit where id not in (select unit_id from variant)"),
        (
            "a neighbour without a document",
            "select * from neighbour where document_id not in (select id from document)",
        ),
        (
            "a neighbour without a text",
            "select * from neighbour where variant_id not in (select id from variant)",
        ),
        (
            "a neighbour that is a segment",
            "select * from neighbour join segment on segment.document_id = neighbour.document_id
             and segment.position = neighbour.position",
        ),
        (
            "a superseded document that is no version",
            "select path from document where superseded is not null
             and id not in (select document_id from version where document_id is not null)",
        ),
        (
            "two versions with one document",
            "select document_id from version where document_id is not null group by document_id having count(*) > 1",
        ),
        (
            "a document without segments",
            "select path from document where not exists (select 1 from segment where document_id = document.id)",
        ),
    ] {
        assert_eq!(rows(memory, sql), [""; 0], "{what}");
    }
    assert_eq!(crate::support::integrity(memory), "ok");
}
