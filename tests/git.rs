//! Documents from Git repositories and bundles, without a checkout.

mod history;

use std::fs;

use bitext::input::{DocumentSet, Limits};
use gix::hash::Kind as Hash;

use crate::support::documents::{document, write_set};
use crate::support::git::{FILE, FOLDER, LINK, Objects, SUBMODULE, loose};
use crate::support::{Bitext, dump, tree};

/// A document of one segment, whose source is a given text.
fn text(id: &str, source: &str) -> Vec<u8> {
    document(id, &[("저장", source)]).into_bytes()
}

/// The files of a folder `docs` in the test's folder, with a hidden one and one that is no document.
fn docs(bitext: &Bitext) -> Vec<(String, Vec<u8>)> {
    write_set(bitext, "docs", 50);
    bitext.write("docs/.github/notes.md", text("00001", "Hidden"));
    bitext.write("docs/image.png", "no document");
    bitext.write("docs/clean.md", "no segments");
    tree(&bitext.path("docs"))
}

/// The sources that `extract` prints of a path, and the documents they are in.
#[track_caller]
fn extracted(bitext: &Bitext, arguments: &[&str]) -> Vec<(String, String)> {
    let run = bitext.run(["extract"].iter().chain(arguments)).exits(0).says_nothing();
    let field = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap().to_owned();
    run.json_lines().iter().map(|line| (field(line, "document"), field(line, "source"))).collect()
}

fn pair(document: &str, source: &str) -> (String, String) {
    (document.to_owned(), source.to_owned())
}

/// The Markdown documents of a path in the test's folder.
#[track_caller]
fn open(bitext: &Bitext, path: &str) -> DocumentSet {
    let is_markdown = |path: &str| path.ends_with(".md");
    DocumentSet::open(&bitext.path(path), None, Limits::default(), is_markdown).unwrap()
}

#[test]
fn a_git_revision_makes_the_same_memory_as_its_checkout() {
    let bitext = Bitext::new();
    let files = docs(&bitext);
    for hash in [Hash::Sha1, Hash::Sha256] {
        let mut objects = Objects::with_hash(hash);
        let commit = objects.branch("live-sxs", &files);
        let tag = objects.tag(commit);
        objects.name("refs/tags/v1", tag);
        objects.write(&bitext.path("docs.git"));
        bitext.write("docs.bundle", objects.bundle(""));
        let before = tree(&bitext.path("docs.git"));
        let mut dumps = Vec::new();
        let sources = ["docs", "docs.git@live-sxs", "docs.bundle@live-sxs", "docs.git@v1", "docs.bundle@v1"];
        for first in [sources[0], sources[1], sources[4]] {
            for (source, new, unchanged) in [(first, 50, 0)].into_iter().chain(sources.map(|s| (s, 0, 50))) {
                let run = bitext.run(["import", source, "--db", "one.db", "--json"]).exits(0).says_nothing();
                let counts = run.json();
                let found =
                    ["new", "changed", "unchanged"].map(|name| counts[format!("documents_{name}")].clone());
                assert_eq!(found, [new, 0, unchanged], "{first} {source}");
            }
            dumps.push(dump(&bitext.path("one.db")));
            fs::remove_file(bitext.path("one.db")).unwrap();
        }
        assert!(dumps.iter().all(|other| *other == dumps[0]));
        assert_eq!(tree(&bitext.path("docs.git")), before, "nothing is written into a repository");
        fs::remove_dir_all(bitext.path("docs.git")).unwrap();
    }
}

#[test]
fn a_git_revision_states_its_commit_and_the_ids_of_its_documents() {
    let bitext = Bitext::new();
    for hash in [Hash::Sha1, Hash::Sha256] {
        let mut objects = Objects::with_hash(hash);
        let blob = objects.blob(b"One");
        let tree = objects.tree(&[(FILE, b"a.md", blob)]);
        let commit = objects.commit(tree);
        let dated = |objects: &mut Objects, time: &str| objects.commit_with(tree, &[], time);
        let [old, late, undated] = ["-5", "99999999999", "never"].map(|time| dated(&mut objects, time));
        let tag = objects.tag(commit);
        let again = objects.tag_of("tag", tag);
        let names =
            [("one", commit), ("two", again), ("three", tree), ("old", old), ("late", late), ("no", undated)];
        names.into_iter().for_each(|(name, id)| objects.name(&format!("refs/tags/{name}"), id));
        objects.write(&bitext.path("docs.git"));
        let of_tag = |name: &str| open(&bitext, &format!("docs.git@{name}"));
        let shown = |name: &str| of_tag(name).commit.map(|commit| (commit.id.to_string(), commit.time));
        assert_eq!(shown("one"), Some((commit.to_string(), 1_600_000_000)));
        assert_eq!(shown("two"), shown("one"));
        assert_eq!(shown("three"), None, "a tree is no commit");
        assert_eq!(shown("old"), Some((old.to_string(), -5)));
        assert_eq!(shown("late"), Some((late.to_string(), 99_999_999_999)));
        assert_eq!(shown("no"), Some((undated.to_string(), 0)));
        let object = of_tag("one").entries[0].object.unwrap();
        assert_eq!(object.as_bytes(), blob.as_slice());
        fs::remove_dir_all(bitext.path("docs.git")).unwrap();
    }
    bitext.write("docs/a.md", "One");
    let folder = open(&bitext, "docs");
    assert_eq!((folder.commit, folder.entries[0].object), (None, None));
}

#[test]
fn a_git_repository_without_a_revision_is_read_at_its_side_by_side_branch() {
    let bitext = Bitext::new();
    let one = [("a.md".to_owned(), text("0a1b2", "One"))];
    let two = [("a.md".to_owned(), text("0a1b2", "Two"))];
    let mut objects = Objects::new();
    objects.branch("main", &[("a.md".to_owned(), b"clean".to_vec())]);
    let commit = objects.branch("x", &two);
    objects.name("refs/remotes/origin/HEAD", commit);
    objects.write(&bitext.path("none.git"));
    bitext
        .run(["extract", "none.git"])
        .exits(2)
        .prints_nothing()
        .says_all(
            "bitext: cannot read none.git: it has no branch live-sxs, and not exactly one whose name ends in -sxs; name a \
             revision as none.git@REVISION; its branches are main, x\n",
        );
    objects.name("refs/remotes/origin/release-sxs", commit);
    objects.write(&bitext.path("remote.git"));
    objects.branch("live-sxs", &one);
    objects.write(&bitext.path("local.git"));
    bitext.write("local.bundle", objects.bundle(""));
    for (path, branch, source) in [
        ("remote.git", "origin/release-sxs", "Two"),
        ("local.git", "live-sxs", "One"),
        ("local.bundle", "live-sxs", "One"),
    ] {
        let run = bitext.run(["extract", path]).exits(0);
        let run = run.says_all(&format!("bitext: no revision was named; {path}@{branch} is read\n"));
        assert_eq!(run.json_lines()[0]["source"], source, "{path}");
        bitext.run(["import", path, "--quiet", "--dry-run"]).succeeds_silently();
    }
    bitext
        .run(["import", "local.git@live-sxs", "local.git@x", "--dry-run"])
        .exits(2)
        .prints_nothing()
        .says("would both be the document set \"local\"; import one of them with --set NAME");
    objects.branch("live-sxs", &[("a.md".to_owned(), b"clean".to_vec())]);
    objects.write(&bitext.path("clean.git"));
    bitext
        .run(["extract", "clean.git"])
        .exits(1)
        .prints_nothing()
        .says("nothing to extract in clean.git@live-sxs: no file with side-by-side spans; is this a clean branch? the")
        .says("no revision was named");
    // As for `git checkout`, the name of a remote's branch is enough.
    assert_eq!(extracted(&bitext, &["remote.git@release-sxs"]), [pair("a.md", "Two")]);
    bitext.run(["extract", "local.git@no"]).exits(2).prints_nothing().says_all(
        "bitext: cannot read local.git@no: it has no branch, tag or commit \"no\"; its branches are live-sxs, main, x, \
         origin/release-sxs\n",
    );
    bitext.run(["extract", "local.git@main"]).exits(1).prints_nothing().says_all(
        "bitext: nothing to extract in local.git@main: no file with side-by-side spans; is this a clean branch? `bitext \
         extract local.git@live-sxs` reads the side-by-side one\nbitext: 1 problem\n",
    );
}

#[test]
fn a_clone_of_a_clean_git_branch_names_the_command_that_reads_the_other() {
    let bitext = Bitext::new();
    bitext.write("docs/a.md", "clean");
    let mut objects = Objects::new();
    let commit = objects.branch("main", &[("a.md".to_owned(), text("0a1b2", "One"))]);
    objects.name("refs/remotes/origin/live-sxs", commit);
    objects.write(&bitext.path("docs/.git"));
    bitext.run(["import", "docs", "--dry-run", "--quiet"]).exits(1).prints_nothing().says_all(
        "bitext: nothing to import in docs: no file with side-by-side spans; is this a clean branch? `bitext import \
         docs@origin/live-sxs` reads the side-by-side one\n",
    );
    let set = |path: &str| {
        let run = bitext.run(["extract", path]).exits(0).says_nothing();
        run.json_lines()[0]["set"].as_str().unwrap().to_owned()
    };
    assert_eq!(set("docs@origin/live-sxs"), "docs");
    assert_eq!(set("docs/.git@origin/live-sxs"), "docs");
    // A linked worktree: gitrepository-layout(5).
    bitext.write("tree/.git", format!("gitdir: {}\n", bitext.path("docs/.git/worktrees/tree").display()));
    bitext.write("docs/.git/worktrees/tree/HEAD", "ref: refs/heads/main\n");
    bitext.write("docs/.git/worktrees/tree/commondir", "../..\n");
    bitext.write("docs/.git/worktrees/tree/gitdir", format!("{}\n", bitext.path("tree/.git").display()));
    assert_eq!(set("tree@HEAD"), "tree");
}

#[test]
fn a_folder_of_a_git_revision_is_read_as_that_folder_of_its_checkout() {
    let bitext = Bitext::new();
    let files = [("top.md", "Top"), ("a/b/x.md", "X"), ("a/b/c/y.md", "Y"), ("z/z.md", "Z")];
    let mut all = Vec::new();
    for (path, source) in files {
        bitext.write(format!("docs/{path}"), text("0a1b2", source));
        all.push((path.to_owned(), text("0a1b2", source)));
    }
    let mut objects = Objects::new();
    objects.branch("main", &all);
    objects.write(&bitext.path("docs.git"));
    for (folder, checkout) in
        [("", "docs"), ("a/b", "docs/a/b"), ("/a//b/", "docs/a/b"), ("a/b/x.md", "docs/a/b/x.md")]
    {
        let revision = bitext.run(["extract", &format!("docs.git@main:{folder}")]).printed();
        assert_eq!(revision, bitext.run(["extract", checkout]).printed(), "{folder}");
        let option = bitext.run(["extract", "docs.git", "--ref", &format!("main:{folder}")]).printed();
        assert_eq!(option, revision);
    }
    for folder in ["no", "top.md/x", "a/../z"] {
        bitext
            .run(["extract", &format!("docs.git@main:{folder}")])
            .exits(2)
            .prints_nothing()
            .says(&format!("the revision has no folder or file {folder}"));
    }
    // Each tree of a split is that of the checkout too.
    for (source, trees) in [("docs", "one"), ("docs.git@main", "two")] {
        let (target, english) = (format!("{trees}/target"), format!("{trees}/source"));
        let split = ["split", source, "--target-dir", &target, "--source-dir", &english, "--quiet"];
        bitext.run(split).succeeds_silently();
    }
    assert_eq!(tree(&bitext.path("one")), tree(&bitext.path("two")));
}

#[test]
fn a_path_with_an_at_sign_that_exists_is_no_git_revision() {
    let bitext = Bitext::new();
    let mut objects = Objects::new();
    objects.branch("main", &[("a.md".to_owned(), text("0a1b2", "In the repository"))]);
    objects.write(&bitext.path("docs"));
    objects.write(&bitext.path("docs@work"));
    assert_eq!(extracted(&bitext, &["docs@main"]), [pair("a.md", "In the repository")]);
    bitext.write("docs@main/b.md", text("0a1b2", "In the folder"));
    assert_eq!(extracted(&bitext, &["docs@main"]), [pair("b.md", "In the folder")]);
    assert_eq!(extracted(&bitext, &["docs@work@main"]), [pair("a.md", "In the repository")]);
    assert_eq!(extracted(&bitext, &["docs", "--ref", "main"]), [pair("a.md", "In the repository")]);
    bitext.run(["extract", "docs@main@x"]).exits(2).prints_nothing().says("it is no Git repository");
    bitext.run(["extract", "no@main"]).exits(2).prints_nothing().says("cannot read no@main: No such file");
    bitext
        .run(["import", "docs", "docs@work", "docs", "--ref", "main", "--set", "all", "--dry-run"])
        .exits(0)
        .prints_nothing()
        .says("has this document already");
}

#[test]
fn names_in_a_git_tree_cannot_lead_out_of_it() {
    let bitext = Bitext::new();
    let mut objects = Objects::new();
    let blob = objects.blob(text("0a1b2", "Evil"));
    let good = objects.blob(text("0a1b2", "Good"));
    let target = objects.blob("../../secret");
    let inner = objects.tree(&[(FILE, b"x.md", blob)]);
    let entries: [(&str, &[u8], _); 12] = [
        (FILE, b"..", blob),
        (FOLDER, b"..", inner),
        (FOLDER, b".", inner),
        (FILE, b"a/../../evil.md", blob),
        (FILE, b"/evil.md", blob),
        (FILE, b"\xff.md", blob),
        (FOLDER, b".git", inner),
        (FILE, b".hidden.md", blob),
        (LINK, b"link", target),
        (SUBMODULE, b"module", blob),
        (FILE, b"good.md", blob),
        (FILE, b"good.md", good),
    ];
    let top = objects.tree(&entries);
    let commit = objects.commit(top);
    objects.name("refs/heads/main", commit);
    objects.write(&bitext.path("docs.git"));
    let problems = "docs.git@main:.: the name leads out of its folder; the entry was left out
docs.git@main:..: the name leads out of its folder; the entry was left out
docs.git@main:..: the name leads out of its folder; the entry was left out
docs.git@main:/evil.md: the name leads out of its folder; the entry was left out
docs.git@main:a/../../evil.md: the name leads out of its folder; the entry was left out
docs.git@main:link: a symbolic link in a repository is not followed; check the revision out, and name the folder
docs.git@main:module: a submodule, which is another repository; name a clone of it to read its documents
docs.git@main:\u{fffd}.md: the name is not UTF-8; rename the file
docs.git@main:good.md: this path occurs twice; the last one counts
";
    let run = bitext
        .run(["extract", "docs.git@main"])
        .exits(0)
        .says_all(&format!("{problems}bitext: 9 problems\n"));
    let found: Vec<_> = run.json_lines().iter().map(|line| line["source"].clone()).collect();
    assert_eq!(found, ["Good"]);
}

#[test]
fn a_small_git_repository_with_very_many_paths_is_refused() {
    let bitext = Bitext::new();
    let mut objects = Objects::new();
    let names: Vec<String> = (0..1200).map(|number| format!("{number:04}")).collect();
    let (mut mode, mut top) = (FILE, objects.blob(""));
    for _ in 0..2 {
        let entries: Vec<_> = names.iter().map(|name| (mode, name.as_bytes(), top)).collect();
        (mode, top) = (FOLDER, objects.tree(&entries));
    }
    let commit = objects.commit(top);
    objects.name("refs/heads/main", commit);
    objects.write(&bitext.path("docs.git"));
    bitext
        .run_within(60, ["extract", "docs.git@main"])
        .exits(2)
        .prints_nothing()
        .says("the revision has more than 1,000,000 files and folders");
}

#[test]
fn git_objects_that_are_missing_or_damaged_are_problems_of_their_documents() {
    let bitext = Bitext::new();
    let mut objects = Objects::new();
    let [good, missing, other, broken] =
        ["Good", "Missing", "Other", "Broken"].map(|source| objects.blob(text("0a1b2", source)));
    let large = objects.blob([text("0a1b2", "Large"), vec![b' '; 5000]].concat());
    let names: [(&str, &[u8], _); 5] = [
        (FILE, b"broken.md", broken),
        (FILE, b"good.md", good),
        (FILE, b"large.md", large),
        (FILE, b"missing.md", missing),
        (FILE, b"other.md", other),
    ];
    let inner = objects.tree(&names);
    let top = objects.tree(&[(FOLDER, b"docs", inner)]);
    let commit = objects.commit(top);
    objects.name("refs/heads/main", commit);
    objects.remove(missing);
    let repository = bitext.path("docs.git");
    objects.write(&repository);
    bitext.write("partial.bundle", objects.bundle(""));
    fs::copy(loose(&repository, good), loose(&repository, other)).unwrap();
    fs::write(loose(&repository, broken), "not compressed").unwrap();

    let run = bitext.run(["import", "docs.git@main", "--max-document", "2KiB"]).exits(0).prints_nothing();
    let run = run
        .says(&format!("docs.git@main:docs/missing.md: cannot be read: the object {missing} is missing"))
        .says("`git fetch --refetch --no-filter` gets it")
        .says(&format!("docs.git@main:docs/other.md: cannot be read: the object {other} is damaged"))
        .says(&format!("docs.git@main:docs/broken.md: cannot be read: the object {broken} cannot be read"))
        .says("docs.git@main:docs/large.md: cannot be read: larger than 2 KiB; --max-document SIZE")
        .says("documents: 1 new");
    assert_eq!(run.stderr().lines().count(), 6, "{}", run.stderr());

    bitext.run(["extract", "partial.bundle@main"]).exits(0).prints("Good").says(&format!(
        "partial.bundle@main:docs/missing.md: cannot be read: the object {missing} is missing"
    ));
    for id in [inner, top, commit] {
        fs::remove_file(loose(&repository, id)).unwrap();
        bitext
            .run(["extract", "docs.git@main"])
            .exits(2)
            .prints_nothing()
            .says(&format!("cannot read docs.git@main: the object {id} is missing"));
    }
}

#[test]
fn a_git_bundle_that_is_cut_off_or_needs_more_is_refused_with_a_sentence() {
    let bitext = Bitext::new();
    let mut objects = Objects::new();
    let commit = objects.branch("live-sxs", &[("a.md".to_owned(), text("0a1b2", "One"))]);
    let whole = objects.bundle("");
    for (name, bytes, sentence) in [
        (
            "needs.bundle",
            objects.bundle(&format!("-{commit} A commit\n")),
            "the bundle has only a part of a repository",
        ),
        (
            "other.bundle",
            b"no bundle".to_vec(),
            "it is not a Git bundle that can be read: its header is cut off",
        ),
        (
            "newer.bundle",
            b"# v9 git bundle\n\n".to_vec(),
            "it does not begin as a bundle of version 2 or 3 does",
        ),
        (
            "name.bundle",
            objects.bundle(&format!("{commit} refs/../../x\n")),
            "a line of its header is no name of an object",
        ),
        ("capable.bundle", objects.bundle("@fly\n"), "it needs the capability \"fly\""),
        ("empty.bundle", Objects::new().bundle(""), "it has no branches"),
    ] {
        bitext.write(name, bytes);
        bitext.run(["import", name]).exits(2).prints_nothing().says(sentence);
    }
    for length in 0..whole.len() {
        if length % 7 == 0 {
            bitext.write("cut.bundle", &whole[..length]);
            bitext.run(["extract", "cut.bundle"]).exits(2).prints_nothing().says("cannot read cut.bundle: ");
        }
    }
    bitext
        .run(["extract", "needs.bundle", "--max-unpacked", "10"])
        .exits(2)
        .prints_nothing()
        .says("--max-unpacked SIZE reads larger ones");
    // Known by its content too.
    bitext.write("docs.pack", &whole);
    assert_eq!(extracted(&bitext, &["docs.pack@live-sxs"]), [pair("a.md", "One")]);
}
