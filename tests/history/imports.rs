//! Imports with and without the history in any order, damaged and replaced branches, shallow clones, and imports that are killed.

use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::{Repository, assert_same, content, doc, history, plain};
use crate::support::git::loose;
use crate::support::{Bitext, rows};

/// Three documents in five commits: one is edited, one renamed, one deleted.
fn repository() -> Repository {
    let (o, p) = (doc("HT", "o1 q1"), doc("HT", "p1 q1"));
    let a = ["a1 b1 c1", "a2 b1 c1", "a2 b2 c1", "a1 b1 c3", "a4 b4 c4"].map(|texts| doc("HT", texts));
    let machine = doc("MT", "a4 b2");
    Repository::linear(&[
        &[("a.md", &a[0]), ("x/o.md", &o), ("x/p.md", &p)],
        &[("a.md", &a[1]), ("x/o.md", &o), ("x/p.md", &p)],
        &[("a.md", &a[2]), ("y/o.md", &o)],
        &[("a.md", &a[0]), ("y/o.md", &doc("MT", "o1 q2"))],
        &[("a.md", &machine), ("y/o.md", &doc("MT", "o1 q2"))],
    ])
}

/// Checks a commit out into the folder `docs`.
fn check_out(bitext: &Bitext, repository: &Repository, commit: usize) {
    let _ = fs::remove_dir_all(bitext.path("docs"));
    let run = bitext.run(["extract", &repository.at(commit)]).exits(0).says_nothing();
    let documents: std::collections::BTreeSet<String> =
        run.json_lines().iter().map(|line| line["document"].as_str().unwrap().to_owned()).collect();
    let git = gix::open(bitext.path("docs.git")).unwrap();
    let tree = git.find_commit(repository.commits[commit - 1]).unwrap().tree().unwrap();
    for path in documents {
        let object = tree.lookup_entry_by_path(&path).unwrap().unwrap().object().unwrap();
        bitext.write(format!("docs/{path}"), &object.data);
    }
}

#[test]
fn imports_with_and_without_the_history_in_any_order_end_in_the_same_memory() {
    let bitext = Bitext::new();
    let repository = repository();
    repository.write(&bitext);
    let fresh = repository.fresh(&bitext, 5, &[]);
    // `h` with the history, `p` without, `f` the checked-out folder; and the commit.
    for order in [
        "p1 h5",
        "p3 p5 h5",
        "h1 p3 h5",
        "h3 p5 h5",
        "h2 p4 h4 h5",
        "h5 p2 h5",
        "p5 f5 h5",
        "h3 f5 h5",
        "f3 h5",
        "h4 p1 p5 h5",
    ] {
        let memory = format!("{}.db", order.replace(' ', "-"));
        for step in order.split(' ') {
            let commit = step[1..].parse().unwrap();
            match &step[..1] {
                "h" => history(&bitext, &repository.at(commit), &memory, &[]),
                "p" => plain(&bitext, &repository.at(commit), &memory),
                _ => {
                    check_out(&bitext, &repository, commit);
                    plain(&bitext, "docs", &memory);
                }
            }
        }
        assert_same(&content(&bitext, &memory), &fresh, order);
    }
}

#[test]
fn a_folder_that_is_imported_after_the_history_leaves_the_history() {
    let bitext = Bitext::new();
    let repository = repository();
    repository.write(&bitext);
    history(&bitext, &repository.at(5), "bitext.db", &[]);
    let before = content(&bitext, "bitext.db");
    check_out(&bitext, &repository, 5);
    let run = bitext.run(["import", "docs", "--json"]).exits(0).says_nothing();
    assert_eq!([&run.json()["documents_unchanged"], &run.json()["versions"]], [2, 0]);
    assert_same(&content(&bitext, "bitext.db"), &before, "");
}

#[test]
fn what_was_removed_is_imported_again() {
    let bitext = Bitext::new();
    let repository = repository();
    repository.write(&bitext);
    let fresh = repository.fresh(&bitext, 5, &[]);
    history(&bitext, &repository.at(5), "bitext.db", &[]);
    for pattern in ["a.md", "x/**", "y/o.md", "**"] {
        bitext.run(["remove", "--document", pattern]).exits(0).prints_nothing().says("removed");
        history(&bitext, &repository.at(5), "bitext.db", &[]);
        assert_same(&content(&bitext, "bitext.db"), &fresh, pattern);
    }
}

#[test]
fn another_source_locale_is_that_of_all_versions() {
    let bitext = Bitext::new();
    let repository = repository();
    repository.write(&bitext);
    history(&bitext, &repository.at(4), "bitext.db", &[]);
    let locale = ["--source-locale", "en-GB"];
    history(&bitext, &repository.at(5), "bitext.db", &locale);
    assert_same(&content(&bitext, "bitext.db"), &repository.fresh(&bitext, 5, &locale), "");
}

#[test]
fn a_version_is_superseded_only_by_a_document_that_can_be_read() {
    let bitext = Bitext::new();
    let (one, two, o) = (doc("HT", "a1 b1"), doc("HT", "a2 b1"), doc("HT", "o1"));
    // Cut off in the second segment.
    let cut = &two[..two.rfind("sxs-lookup").unwrap()];
    let mut repository =
        Repository::linear(&[&[("a.md", &one), ("o.md", &o)], &[("a.md", cut), ("o.md", &o)]]);
    repository.write(&bitext);
    history(&bitext, &repository.at(1), "bitext.db", &[]);
    let before = repository.shown(&bitext.path("bitext.db"));
    for _ in 0..2 {
        let run = bitext.run(["import", &repository.at(2), "--history", "--quiet"]).exits(2).prints_nothing();
        drop(run.says(":a.md: the document is damaged; the memory keeps the earlier version"));
        assert_eq!(repository.shown(&bitext.path("bitext.db")), before);
        super::assert_sound(&bitext.path("bitext.db"));
    }
    // Mended: what could be read of the damaged version is a version too.
    repository.then(&[("a.md", &two), ("o.md", &o)]);
    repository.write(&bitext);
    for memory in ["bitext.db", "fresh.db"] {
        let run = bitext.run(["import", &repository.at(3), "--history", "--quiet", "--db", memory]);
        drop(
            run.exits(0)
                .prints_nothing()
                .says(&format!(":a.md at {}", &repository.commits[1].to_string()[..7])),
        );
    }
    assert_same(&content(&bitext, "bitext.db"), &content(&bitext, "fresh.db"), "");
    assert_eq!(
        repository.shown(&bitext.path("bitext.db")),
        [
            "a.md 101 a>a2 human @3 from 3 now",
            "a.md 102 b>b1 human @3 from 3 now",
            "a.md 101 a>a1 human @1 from 1 until 2",
            "o.md 101 o>o1 human @1 from 1 now",
        ]
    );
}

#[test]
fn bounds_are_of_the_dates_of_commits_and_can_be_widened() {
    let bitext = Bitext::new();
    let repository = repository();
    repository.write(&bitext);
    let commits = |memory: &str| {
        let sql = "select distinct strftime('%d', committed, 'unixepoch') + 0 from version where path = 'a.md' order by 1";
        rows(&bitext.path(memory), sql).join(" ")
    };
    for (options, expected) in [
        (&["--since", "2020-01-03"][..], "3 4 5"),
        (&["--until", "2020-01-02"], "2 5"),
        (&["--since", "2020-01-03", "--until", "2020-01-03"], "3 5"),
        (&["--since", "2021-01-01"], "5"),
    ] {
        let memory = format!("db{}.db", options.join("-"));
        history(&bitext, &repository.at(5), &memory, options);
        assert_eq!(commits(&memory), expected, "{options:?}");
        let narrow = content(&bitext, &memory);
        history(&bitext, &repository.at(5), &memory, &["--since", "2022-01-01"]);
        assert_same(&content(&bitext, &memory), &narrow, &format!("{options:?}: what is known stays"));
        history(&bitext, &repository.at(5), &memory, &[]);
        assert_same(&content(&bitext, &memory), &repository.fresh(&bitext, 5, &[]), &format!("{options:?}"));
        // Known versions are read again if they have to be, whatever the bounds.
        plain(&bitext, &repository.at(3), &memory);
        history(&bitext, &repository.at(5), &memory, &["--since", "2022-01-01"]);
        assert_same(&content(&bitext, &memory), &repository.fresh(&bitext, 5, &[]), &format!("{options:?}"));
    }
    bitext
        .run(["import", &repository.at(5), "--since", "2020-01-01"])
        .exits(2)
        .prints_nothing()
        .says("--history");
}

/// A branch that goes on from the first commit of [`repository`], without the others.
fn replaced(repository: &mut Repository) -> usize {
    repository.commit(&[1], &[("a.md", &doc("HT", "a7 b1")), ("z.md", &doc("HT", "z1"))])
}

#[test]
fn a_replaced_branch_loses_nothing_unless_it_is_pruned() {
    let bitext = Bitext::new();
    let mut repository = repository();
    let new = replaced(&mut repository);
    repository.write(&bitext);
    let texts = |memory: &str| {
        let sql = "select distinct source, target, workflow from extracted order by 1, 2, 3";
        rows(&bitext.path(memory), sql)
    };
    for memory in ["kept.db", "pruned.db"] {
        history(&bitext, &repository.at(5), memory, &[]);
    }
    let before = texts("kept.db");
    history(&bitext, &repository.at(new), "kept.db", &[]);
    let after = texts("kept.db");
    assert!(before.iter().all(|text| after.contains(text)), "{before:?} {after:?}");
    super::assert_sound(&bitext.path("kept.db"));
    let run = bitext.run(["import", &repository.at(new), "--history", "--db", "kept.db", "--json"]);
    assert_eq!(run.exits(0).says_nothing().json()["versions"], 0);
    history(&bitext, &repository.at(new), "pruned.db", &["--prune"]);
    assert_same(&content(&bitext, "pruned.db"), &repository.fresh(&bitext, new, &[]), "");
    history(&bitext, &repository.at(new), "kept.db", &["--prune"]);
    assert_same(&content(&bitext, "kept.db"), &repository.fresh(&bitext, new, &[]), "");
}

#[test]
fn what_is_excluded_is_not_pruned() {
    let bitext = Bitext::new();
    let mut repository = repository();
    let new = replaced(&mut repository);
    repository.write(&bitext);
    history(&bitext, &repository.at(5), "bitext.db", &[]);
    let of_a = "select document, id, source, target, workflow, \"commit\", superseded from extracted where document = 'a.md'
                order by superseded, id";
    let before = rows(&bitext.path("bitext.db"), of_a);
    history(&bitext, &repository.at(new), "bitext.db", &["--prune", "--exclude", "a.md"]);
    assert_eq!(rows(&bitext.path("bitext.db"), of_a), before);
    assert_eq!(
        rows(&bitext.path("bitext.db"), "select distinct document from extracted order by 1"),
        ["a.md", "x/o.md", "x/p.md", "z.md"]
    );
}

#[test]
fn a_shallow_clone_adds_to_a_memory_and_takes_nothing_from_it() {
    let bitext = Bitext::new();
    let mut repository = repository();
    repository.write(&bitext);
    for memory in ["full.db", "pruned.db", "early.db"] {
        history(&bitext, &repository.at(5), memory, &[]);
    }
    fs::remove_file(bitext.path("early.db")).unwrap();
    history(&bitext, &repository.at(2), "early.db", &[]);
    let full = content(&bitext, "full.db");
    fs::write(bitext.path("docs.git/shallow"), format!("{}\n", repository.commits[3])).unwrap();
    let path = repository.at(5);
    let warning = format!(
        "bitext: {path} is in a shallow clone: older versions are missing; `git fetch --unshallow` gets them\n"
    );
    for (memory, options) in [("full.db", &[][..]), ("pruned.db", &["--prune"])] {
        for _ in 0..2 {
            let import = ["import", &path, "--history", "--quiet", "--db", memory];
            bitext.run(import.iter().chain(options)).exits(0).prints_nothing().says_all(&warning);
            assert_same(&content(&bitext, memory), &full, &format!("{options:?}"));
        }
    }
    // The branch deleted a document in a commit that the clone does not have.
    let import = ["import", &path, "--history", "--quiet", "--db", "early.db", "--prune"];
    bitext.run(import).exits(0).prints_nothing().says_all(&warning);
    let shown = repository.shown(&bitext.path("early.db"));
    assert!(shown.contains(&"x/p.md 101 p>p1 human @1 from 1 until 5".to_owned()), "{shown:?}");
    // Later the clone has all.
    fs::remove_file(bitext.path("docs.git/shallow")).unwrap();
    history(&bitext, &path, "early.db", &["--prune"]);
    repository.commits.truncate(5);
    assert_same(&content(&bitext, "early.db"), &full, "");
}

#[test]
fn a_version_that_cannot_be_read_is_reported_and_read_by_a_later_import() {
    let bitext = Bitext::new();
    let mut repository = repository();
    repository.write(&bitext);
    let fresh = repository.fresh(&bitext, 5, &[]);
    let blob = repository.objects.blob(doc("HT", "a2 b1 c1"));
    let file = loose(&bitext.path("docs.git"), blob);
    let whole = fs::read(&file).unwrap();
    let short = &repository.commits[1].to_string()[..7];
    for (memory, damage) in [("missing.db", None), ("damaged.db", Some(&whole[..whole.len() / 2]))] {
        fs::remove_file(&file).unwrap();
        damage.inspect(|bytes| fs::write(&file, bytes).unwrap());
        for _ in 0..2 {
            let run = bitext.run(["import", &repository.at(5), "--history", "--quiet", "--db", memory]);
            let run = run.exits(0).prints_nothing();
            drop(run.says(&format!("docs.git@{}:a.md at {short}: ", repository.commits[4])));
            super::assert_sound(&bitext.path(memory));
        }
        bitext
            .run(["import", &repository.at(5), "--history", "--quiet", "--db", memory, "--strict"])
            .exits(2)
            .prints_nothing()
            .says(short);
        fs::write(&file, &whole).unwrap();
        history(&bitext, &repository.at(5), memory, &[]);
        assert_same(&content(&bitext, memory), &fresh, memory);
    }
}

#[test]
fn versions_of_an_earlier_reader_that_the_branch_no_longer_has_are_kept_and_not_read_again() {
    let bitext = Bitext::new();
    let mut repository = repository();
    let new = replaced(&mut repository);
    repository.write(&bitext);
    history(&bitext, &repository.at(5), "bitext.db", &[]);
    let earlier = "update version set reader = 0; update document set reader = 0";
    rusqlite::Connection::open(bitext.path("bitext.db")).unwrap().execute_batch(earlier).unwrap();
    history(&bitext, &repository.at(new), "bitext.db", &[]);
    let run = bitext.run(["import", &repository.at(new), "--history", "--json"]).exits(0).says_nothing();
    assert_eq!(run.json()["versions"], 0);
    rusqlite::Connection::open(bitext.path("bitext.db")).unwrap().execute_batch(earlier).unwrap();
    history(&bitext, &repository.at(5), "bitext.db", &["--prune"]);
    assert_same(&content(&bitext, "bitext.db"), &repository.fresh(&bitext, 5, &[]), "");
}

/// Documents with many versions: it takes a debug build about a second.
fn large() -> Repository {
    let mut repository = Repository::new();
    for version in 0..12 {
        let documents: Vec<(String, String)> = (0..40)
            .map(|number| {
                let texts: Vec<String> = (0..12)
                    .map(|letter| {
                        format!(
                            "{}{number}-{}",
                            char::from(b'a' + letter),
                            version * u8::from(version % 12 >= letter)
                        )
                    })
                    .collect();
                (format!("{number:02}.md"), doc("HT", &texts.join(" ")))
            })
            .collect();
        let files: Vec<_> = documents.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        repository.then(&files);
    }
    repository
}

fn start(bitext: &Bitext, path: &str, memory: &str) -> Child {
    let mut command = bitext.command(["import", path, "--history", "--quiet", "--db", memory]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

#[test]
fn two_imports_of_a_history_at_once_and_one_that_was_killed_are_one() {
    let bitext = Bitext::new();
    let repository = large();
    repository.write(&bitext);
    let (half, whole) = (repository.at(6), repository.at(12));
    let began = std::time::Instant::now();
    history(&bitext, &whole, "fresh.db", &[]);
    let taken = began.elapsed();
    let fresh = content(&bitext, "fresh.db");
    let children = [&whole, &half, &whole].map(|path| start(&bitext, path, "bitext.db"));
    for child in children {
        let output = child.wait_with_output().expect("a process");
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    }
    super::assert_sound(&bitext.path("bitext.db"));
    history(&bitext, &whole, "bitext.db", &[]);
    assert_same(&content(&bitext, "bitext.db"), &fresh, "");
    for (number, percent) in [20, 50, 70, 90].into_iter().enumerate() {
        let memory = format!("killed-{number}.db");
        if number % 2 == 1 {
            history(&bitext, &half, &memory, &[]);
        }
        let mut child = start(&bitext, &whole, &memory);
        sleep(taken.min(Duration::from_secs(4)) * percent / 100);
        child.kill().expect("a process to kill");
        child.wait().expect("a process");
        history(&bitext, &whole, &memory, &[]);
        assert_same(&content(&bitext, &memory), &fresh, &format!("killed after {percent} % of {taken:?}"));
    }
}
