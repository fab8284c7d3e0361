//! The versions of documents in the commits of a repository: by tables of small repositories, and compared with a list of all files
//! of all commits of random ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bitext::input::{DocumentSet, Entry, History, InputError, Limits, Location, read_in_order};
use bitext::model::FileVersion as Version;
use gix::ObjectId;
use gix::hash::Kind as Hash;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::git::{FILE, FOLDER, LINK, Objects, SUBMODULE, loose};

/// A repository whose commits have numbers from 1, and dates in this order.
struct Made {
    objects: Objects,
    commits: Vec<ObjectId>,
    contents: BTreeMap<String, String>,
    folder: TempDir,
}

/// Files: their paths and contents.
type Files<'f> = &'f [(&'f str, &'f str)];

impl Made {
    fn new() -> Made {
        Made::with_hash(Hash::Sha1)
    }

    fn with_hash(hash: Hash) -> Made {
        Made {
            objects: Objects::with_hash(hash),
            commits: Vec::new(),
            contents: BTreeMap::new(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Commits of one file tree after the other.
    fn linear(commits: &[Files<'_>]) -> Made {
        let mut made = Made::new();
        for files in commits {
            let parent = made.commits.len();
            let parents = if parent == 0 { vec![] } else { vec![parent] };
            made.commit(&parents, files);
        }
        made
    }

    fn commit(&mut self, parents: &[usize], files: Files<'_>) -> usize {
        let time = 1_600_000_000 + 100 * self.commits.len();
        self.commit_at(&time.to_string(), parents, files)
    }

    fn commit_at(&mut self, time: &str, parents: &[usize], files: Files<'_>) -> usize {
        for (_, content) in files {
            let id = self.objects.blob(content);
            self.contents.insert(id.to_string(), (*content).to_owned());
        }
        let files: Vec<_> =
            files.iter().map(|(path, content)| ((*path).to_owned(), content.as_bytes().to_vec())).collect();
        let tree = self.objects.files(&files);
        self.commit_tree(time, parents, tree)
    }

    fn commit_tree(&mut self, time: &str, parents: &[usize], tree: ObjectId) -> usize {
        let parents: Vec<ObjectId> = parents.iter().map(|number| self.commits[number - 1]).collect();
        self.commits.push(self.objects.commit_with(tree, &parents, time));
        self.commits.len()
    }

    fn write(&self) -> &Path {
        self.objects.write(self.folder.path());
        self.folder.path()
    }

    fn number(&self, version: &Version) -> usize {
        let id = version.commit.id;
        1 + self.commits.iter().position(|commit| commit.as_slice() == id.as_bytes()).unwrap()
    }

    /// `a.md@2` of a version whose content is not known by its id.
    fn version(&self, version: &Version) -> String {
        let content = match version.object {
            Some(id) => self.contents.get(&id.to_string()).map_or("?", String::as_str),
            None => "-",
        };
        format!("{}={content}@{}", version.path, self.number(version))
    }

    fn lines(&self, history: &History) -> Vec<String> {
        let line = |document: &bitext::input::DocumentHistory| {
            let versions: Vec<String> =
                document.versions.iter().map(|version| self.version(version)).collect();
            format!("{}: {}", document.name, versions.join(" "))
        };
        history.documents.iter().map(line).collect()
    }

    /// The history of a revision of the last commit: one line a document, `name: path=content@commit ...`.
    #[track_caller]
    fn shown(&self) -> Vec<String> {
        let history = read(self.write(), &self.last()).unwrap().unwrap();
        assert!(history.problems.is_empty() && !history.is_shallow, "{history:?}");
        self.lines(&history)
    }

    fn last(&self) -> String {
        self.commits.last().unwrap().to_string()
    }
}

fn is_markdown(path: &str) -> bool {
    path.ends_with(".md")
}

/// The words of a document that begin with `id`.
fn identity(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.split(' ').filter(|word| word.starts_with("id")).map(str::to_owned).collect()
}

fn open(path: &Path, revision: &str) -> Result<DocumentSet, InputError> {
    DocumentSet::open(Location { path, revision: Some(revision) }, None, Limits::default(), is_markdown)
}

fn read(path: &Path, revision: &str) -> Result<Option<History>, InputError> {
    open(path, revision)?.history(is_markdown, &identity)
}

#[test]
fn a_version_begins_in_the_commit_that_changed_the_document() {
    let made = Made::linear(&[
        &[("a.md", "one"), ("b/c.md", "x"), ("image.png", "1")],
        &[("a.md", "one"), ("b/c.md", "y"), ("image.png", "2")],
        &[("a.md", "two"), ("b/c.md", "y"), ("image.png", "2"), (".h/a.md", "hidden")],
    ]);
    assert_eq!(made.shown(), ["a.md: a.md=two@3 a.md=one@1", "b/c.md: b/c.md=y@2 b/c.md=x@1"]);
}

#[test]
fn a_reverted_content_is_listed_once_where_it_is_newest() {
    let made =
        Made::linear(&[&[("a.md", "one")], &[("a.md", "two")], &[("a.md", "one")], &[("a.md", "three")]]);
    assert_eq!(made.shown(), ["a.md: a.md=three@4 a.md=one@3 a.md=two@2"]);
}

#[test]
fn a_deleted_document_begins_with_its_deletion_and_one_that_was_added_again_goes_on() {
    let made = Made::linear(&[
        &[("a.md", "one"), ("b.md", "x"), ("c.md", "c")],
        &[("c.md", "c")],
        &[("b.md", "y"), ("c.md", "c")],
        &[("b.md", "y")],
        &[("b.md", "y"), ("c.md", "c")],
    ]);
    // The content of c.md was added again, so there is nothing older than its deletion.
    let expected = ["a.md: a.md=-@2 a.md=one@1", "b.md: b.md=y@3 b.md=-@2 b.md=x@1", "c.md: c.md=c@5"];
    assert_eq!(made.shown(), expected);
}

#[test]
fn a_file_that_becomes_a_folder_or_a_link_is_deleted() {
    let mut made =
        Made::linear(&[&[("a.md", "one"), ("b.md", "two")], &[("a.md/x.md", "x"), ("b.md", "two")]]);
    assert_eq!(made.shown()[0], "a.md: a.md=-@2 a.md=one@1");
    let target = made.objects.blob("two");
    let tree = made.objects.tree(&[(LINK, b"b.md", target)]);
    made.commit_tree("1700000000", &[2], tree);
    let history = read(made.write(), &made.last()).unwrap().unwrap();
    assert_eq!(made.lines(&history)[2], "b.md: b.md=-@3 b.md=two@1");
    assert!(history.problems.is_empty(), "the link is a problem of the set");
}

#[test]
fn a_renamed_document_keeps_its_versions() {
    let made = Made::linear(&[
        &[("a.md", "one")],
        &[("a.md", "two")],
        &[("b.md", "two")],
        &[("b.md", "three")],
        &[("docs/c.md", "three")],
    ]);
    let expected = "docs/c.md: docs/c.md=three@5 b.md=three@4 b.md=two@3 a.md=two@2 a.md=one@1";
    assert_eq!(made.shown(), [expected]);
}

#[test]
fn a_document_that_is_renamed_and_edited_is_known_by_its_identity() {
    let made = Made::linear(&[
        &[("a.md", "id7 one"), ("b.md", "none"), ("c.md", "id8 id9 x")],
        &[("d.md", "id7 two"), ("e.md", "other"), ("f.md", "id9 y")],
    ]);
    let expected = [
        "b.md: b.md=-@2 b.md=none@1",
        "d.md: d.md=id7 two@2 a.md=id7 one@1",
        "e.md: e.md=other@2",
        "f.md: f.md=id9 y@2 c.md=id8 id9 x@1",
    ];
    assert_eq!(made.shown(), expected);
}

#[test]
fn of_several_documents_that_one_may_have_been_renamed_to_that_of_its_file_name_is_first() {
    let made = Made::linear(&[
        &[("a/x.md", "one"), ("a/y.md", "one"), ("a/z.md", "one")],
        &[("b/a.md", "one"), ("b/y.md", "one"), ("b/z.md", "id1 one")],
    ]);
    let expected = [
        "a/z.md: a/z.md=-@2 a/z.md=one@1",
        "b/a.md: b/a.md=one@2 a/x.md=one@1",
        "b/y.md: b/y.md=one@2 a/y.md=one@1",
        "b/z.md: b/z.md=id1 one@2",
    ];
    assert_eq!(made.shown(), expected);
    let made = Made::linear(&[
        &[("a/x.md", "id1 one"), ("a/y.md", "id1 two")],
        &[("b/a.md", "id1 three"), ("b/y.md", "id1 four")],
    ]);
    let expected =
        ["b/a.md: b/a.md=id1 three@2 a/x.md=id1 one@1", "b/y.md: b/y.md=id1 four@2 a/y.md=id1 two@1"];
    assert_eq!(made.shown(), expected);
}

#[test]
fn a_copy_and_two_documents_that_swap_their_paths_are_not_renamed() {
    let made = Made::linear(&[&[("a.md", "one")], &[("a.md", "one"), ("b.md", "one")]]);
    assert_eq!(made.shown(), ["a.md: a.md=one@1", "b.md: b.md=one@2"]);
    let made = Made::linear(&[&[("a.md", "x"), ("b.md", "y")], &[("a.md", "y"), ("b.md", "x")]]);
    assert_eq!(made.shown(), ["a.md: a.md=y@2 a.md=x@1", "b.md: b.md=x@2 b.md=y@1"]);
    let made = Made::linear(&[&[("a.md", "x"), ("b.md", "y")], &[("b.md", "x")]]);
    assert_eq!(made.shown(), ["a.md: a.md=-@2 a.md=x@1", "b.md: b.md=x@2 b.md=y@1"]);
}

#[test]
fn a_path_that_is_used_again_after_a_rename_is_another_document() {
    let made = Made::linear(&[
        &[("a.md", "one")],
        &[("b.md", "one")],
        &[("a.md", "new"), ("b.md", "one")],
        &[("a.md", "one"), ("b.md", "two")],
    ]);
    let expected = ["a.md: a.md=one@4 a.md=new@3", "b.md: b.md=two@4 b.md=one@2 a.md=one@1"];
    assert_eq!(made.shown(), expected);
    // There and back again.
    let made =
        Made::linear(&[&[("a.md", "one")], &[("b.md", "one")], &[("a.md", "one")], &[("c.md", "one")]]);
    assert_eq!(made.shown(), ["c.md: c.md=one@4 a.md=one@3 b.md=one@2"]);
}

/// One root, two branches, and a merge.
fn merged(root: Files<'_>, main: Files<'_>, side: Files<'_>, merge: Files<'_>) -> Vec<String> {
    let mut made = Made::new();
    made.commit(&[], root);
    made.commit(&[1], main);
    made.commit(&[1], side);
    made.commit(&[2, 3], merge);
    made.shown()
}

#[test]
fn what_a_merge_takes_from_a_branch_began_there() {
    let root = [("a.md", "a1"), ("b.md", "b1")];
    let (main, side) = ([("a.md", "a2"), ("b.md", "b1")], [("a.md", "a1"), ("b.md", "b2")]);
    let both = merged(&root, &main, &side, &[("a.md", "a2"), ("b.md", "b2")]);
    assert_eq!(both, ["a.md: a.md=a2@2 a.md=a1@1", "b.md: b.md=b2@3 b.md=b1@1"]);
    let evil = merged(&root, &main, &side, &[("a.md", "a3"), ("b.md", "b2"), ("c.md", "c")]);
    assert_eq!(evil, ["a.md: a.md=a3@4 a.md=a2@2 a.md=a1@1", "b.md: b.md=b2@3 b.md=b1@1", "c.md: c.md=c@4"]);
    // The merge decides against the newer branch: its content is the first all the same.
    let ours = merged(&root, &main, &side, &main);
    assert_eq!(ours, ["a.md: a.md=a2@2 a.md=a1@1", "b.md: b.md=b1@1 b.md=b2@3"]);
}

#[test]
fn a_document_that_a_merge_leaves_out_is_deleted_there() {
    let one = [("a.md", "one")];
    let added = merged(&one, &one, &[("a.md", "one"), ("b.md", "b")], &one);
    assert_eq!(added, ["a.md: a.md=one@1", "b.md: b.md=-@4 b.md=b@3"]);
    let deleted = merged(&one, &[], &[("a.md", "two")], &[]);
    assert_eq!(deleted, ["a.md: a.md=-@4 a.md=two@3 a.md=-@2 a.md=one@1"]);
    let kept = merged(&one, &[], &[("a.md", "two")], &[("a.md", "two")]);
    assert_eq!(kept, ["a.md: a.md=two@3 a.md=-@2 a.md=one@1"]);
    // Later commits do not move the deletion, and a merge that still has the document is not the one.
    let mut made = Made::new();
    made.commit(&[], &one);
    made.commit(&[1], &[("a.md", "one"), ("b.md", "b")]);
    made.commit(&[1], &[("a.md", "two")]);
    made.commit(&[2, 3], &[("a.md", "two"), ("b.md", "b")]);
    made.commit(&[3, 4], &[("a.md", "two")]);
    made.commit(&[5], &[("a.md", "three")]);
    assert_eq!(made.shown()[1], "b.md: b.md=-@5 b.md=b@2");
}

#[test]
fn a_rename_on_one_branch_and_a_change_on_the_other_are_one_document() {
    let one = [("a.md", "one")];
    let moved = [("b.md", "one")];
    let edited = [("a.md", "two")];
    let first = merged(&one, &moved, &edited, &[("b.md", "two")]);
    assert_eq!(first, ["b.md: b.md=two@4 a.md=two@3 b.md=one@2 a.md=one@1"]);
    let both_ways = merged(&one, &moved, &[("c.md", "one")], &[("b.md", "one")]);
    assert_eq!(both_ways, ["b.md: b.md=one@2 a.md=one@1", "c.md: c.md=-@4 c.md=one@3"]);
    let kept = merged(&one, &moved, &edited, &[("a.md", "two"), ("b.md", "one")]);
    assert_eq!(kept, ["a.md: a.md=two@3 a.md=-@2 a.md=one@1", "b.md: b.md=one@2"]);
}

#[test]
fn a_commit_has_any_number_of_parents_or_none() {
    let mut made = Made::new();
    for (number, name) in ["a.md", "b.md", "c.md"].into_iter().enumerate() {
        made.commit(&[], &[(name, "one"), ("same.md", "same")]);
        assert_eq!(made.commits.len(), number + 1);
    }
    let all = [("a.md", "one"), ("b.md", "one"), ("c.md", "two"), ("same.md", "same")];
    made.commit(&[1, 2, 3, 2], &all);
    let expected =
        ["a.md: a.md=one@1", "b.md: b.md=one@2", "c.md: c.md=two@4 c.md=one@3", "same.md: same.md=same@3"];
    assert_eq!(made.shown(), expected);
}

#[test]
fn a_commit_is_newer_than_its_parents_whatever_the_dates_say() {
    let mut made = Made::new();
    made.commit_at("99999999999", &[], &[("a.md", "one")]);
    made.commit_at("-99999999999", &[1], &[("a.md", "two")]);
    made.commit_at("0", &[1], &[("a.md", "three")]);
    made.commit_at("no date", &[2, 3], &[("a.md", "two")]);
    assert_eq!(made.shown(), ["a.md: a.md=two@2 a.md=three@3 a.md=one@1"]);
    let versions = read(made.write(), &made.last()).unwrap().unwrap().documents.remove(0).versions;
    let times: Vec<i64> = versions.iter().map(|version| version.commit.time).collect();
    assert_eq!(times, [-99_999_999_999, 0, 99_999_999_999]);
}

#[test]
fn the_history_of_a_folder_or_a_file_has_its_paths_alone() {
    let made = Made::linear(&[
        &[("docs/a.md", "one"), ("docs/x/b.md", "b"), ("top.md", "t")],
        &[("docs", "a file")],
        &[("docs/a.md", "two"), ("docs/x/c.md", "b"), ("top.md", "t")],
        &[("docs/a.md", "two"), ("docs/x/c.md", "b"), ("top.md", "u")],
    ]);
    let shown = |folder: &str| {
        let revision = format!("{}:{folder}", made.last());
        made.lines(&read(made.write(), &revision).unwrap().unwrap())
    };
    let a = "a.md: a.md=two@3 a.md=-@2 a.md=one@1";
    assert_eq!(shown("docs"), [a, "x/b.md: x/b.md=-@2 x/b.md=b@1", "x/c.md: x/c.md=b@3"]);
    assert_eq!(shown("docs/x"), ["b.md: b.md=-@2 b.md=b@1", "c.md: c.md=b@3"]);
    assert_eq!(shown("docs/a.md"), [a]);
}

#[test]
fn a_tag_a_bundle_and_a_repository_of_sha_256_have_the_same_history() {
    for hash in [Hash::Sha1, Hash::Sha256] {
        let mut made = Made::with_hash(hash);
        made.commit(&[], &[("a.md", "one")]);
        made.commit(&[1], &[("b.md", "one")]);
        let tip = made.commits[1];
        let tag = made.objects.tag(tip);
        made.objects.name("refs/tags/v1", tag);
        made.objects.name("refs/heads/main", tip);
        let bundle = made.folder.path().join("docs.bundle");
        fs::write(&bundle, made.objects.bundle("")).unwrap();
        let repository = made.write();
        for (path, revision) in
            [(repository, "v1"), (repository, "main"), (&*bundle, "main"), (&*bundle, "v1")]
        {
            let set = open(path, revision).unwrap();
            let history = set.history(is_markdown, &identity).unwrap().unwrap();
            assert_eq!(made.lines(&history), ["b.md: b.md=one@2 a.md=one@1"]);
            assert_eq!(Some(history.documents[0].versions[0].commit), set.commit);
        }
        assert!(read(repository, &format!("{}^{{tree}}", made.last())).unwrap().is_none(), "a tree has none");
    }
    let folder = tempfile::tempdir().unwrap();
    let set = DocumentSet::open(folder.path(), None, Limits::default(), is_markdown).unwrap();
    assert!(set.history(is_markdown, &identity).unwrap().is_none());
}

#[test]
fn the_versions_of_a_history_are_read_in_any_order() {
    let made = Made::linear(&[&[("a.md", "one")], &[("a.md", "two")], &[("b.md", "two")], &[]]);
    let set = open(made.write(), &made.last()).unwrap();
    let history = set.history(is_markdown, &identity).unwrap().unwrap();
    let entries: Vec<_> = history.documents[0].versions.iter().filter_map(Entry::of_version).collect();
    let entries: Vec<_> = entries.iter().collect();
    let mut read = Vec::new();
    let text = |bytes: std::io::Result<&[u8]>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
    let work = |entry: &Entry, bytes: std::io::Result<&[u8]>| (entry.path.clone(), text(bytes));
    read_in_order(&set, &entries, 2, work, |found| {
        read.push(found);
        Ok::<(), ()>(())
    })
    .unwrap();
    let pairs = [("b.md", "two"), ("a.md", "two"), ("a.md", "one")];
    assert_eq!(read, pairs.map(|(path, text)| (path.to_owned(), text.to_owned())));
}

#[test]
fn a_shallow_clone_has_the_history_that_it_holds() {
    let mut made = Made::linear(&[&[("a.md", "one")], &[("a.md", "two")], &[("a.md", "three")]]);
    let (first, second) = (made.commits[0], made.commits[1]);
    made.objects.remove(first);
    fs::write(made.write().join("shallow"), format!("{second}\n")).unwrap();
    let history = read(made.folder.path(), &made.last()).unwrap().unwrap();
    assert!(history.is_shallow);
    assert_eq!(made.lines(&history), ["a.md: a.md=three@3 a.md=two@2"]);
    // Without the list of its boundary, it is incomplete.
    fs::remove_file(made.folder.path().join("shallow")).unwrap();
    let error = read(made.folder.path(), &made.last()).unwrap_err().to_string();
    assert!(error.contains(&format!("the object {first} is missing")), "{error}");
}

#[test]
fn objects_that_are_missing_or_damaged_end_the_history_unless_they_are_documents() {
    let made =
        Made::linear(&[&[("x/a.md", "id1 one")], &[("x/b.md", "id1 two")], &[("x/b.md", "id1 three")]]);
    let repository = made.write();
    let tree = |number: usize| {
        let repository = gix::open(repository).unwrap();
        let commit = repository.find_commit(made.commits[number - 1]).unwrap();
        let top = commit.tree().unwrap();
        let inner = top.iter().next().unwrap().unwrap().object_id();
        (top.id, inner)
    };
    let (top, inner) = tree(1);
    let blob = *made
        .contents
        .iter()
        .find(|(_, content)| *content == "id1 one")
        .unwrap()
        .0
        .as_bytes()
        .first_chunk::<40>()
        .unwrap();
    let blob = ObjectId::from_hex(&blob).unwrap();
    for (id, damage) in
        [(made.commits[0], "missing"), (top, "missing"), (inner, "missing"), (inner, "damaged")]
    {
        let path = loose(repository, id);
        let whole = fs::read(&path).unwrap();
        match damage {
            "missing" => fs::remove_file(&path).unwrap(),
            _ => _ = fs::copy(loose(repository, blob), &path).unwrap(),
        }
        let error = read(repository, &made.last()).unwrap_err().to_string();
        assert!(error.contains(&format!("the object {id} is {damage}")), "{error}");
        fs::write(path, whole).unwrap();
    }
    fs::remove_file(loose(repository, blob)).unwrap();
    let lines = made.lines(&read(repository, &made.last()).unwrap().unwrap());
    // What the missing document states of its identity is not known.
    assert_eq!(lines, ["x/a.md: x/a.md=-@2 x/a.md=id1 one@1", "x/b.md: x/b.md=id1 three@3 x/b.md=id1 two@2"]);
}

#[test]
fn what_cannot_be_a_document_in_an_old_commit_is_reported_once() {
    let mut made = Made::new();
    let blob = made.objects.blob("one");
    made.contents.insert(blob.to_string(), "one".to_owned());
    let inner = made.objects.tree(&[(FILE, b"x.md", blob)]);
    let bad: [(&str, &[u8], _); 7] = [
        (FOLDER, b"..", inner),
        (FILE, b"/evil.md", blob),
        (FOLDER, b".git", inner),
        (FILE, b"a.md", blob),
        (LINK, b"link", blob),
        (SUBMODULE, b"module", blob),
        (FILE, b"\xff.md", blob),
    ];
    let hostile = made.objects.tree(&bad);
    let clean = made.objects.tree(&[(FILE, b"a.md", blob), (LINK, b"link", blob)]);
    for (number, tree) in [hostile, clean, hostile, clean].into_iter().enumerate() {
        let parents = if number == 0 { vec![] } else { vec![number] };
        made.commit_tree(&format!("{number}"), &parents, tree);
    }
    let history = read(made.write(), &made.last()).unwrap().unwrap();
    assert_eq!(made.lines(&history), ["a.md: a.md=one@1"]);
    let problems: Vec<_> = history.problems.iter().map(|p| format!("{}: {}", p.path, p.reason)).collect();
    let short = &made.commits[2].to_string()[..7];
    let expected = [
        format!("..: in commit {short}: the name leads out of its folder; the entry was left out"),
        format!("/evil.md: in commit {short}: the name leads out of its folder; the entry was left out"),
        format!(
            "module: in commit {short}: a submodule, which is another repository; name a clone of it to read its documents"
        ),
        format!("\u{fffd}.md: in commit {short}: the name is not UTF-8; rename the file"),
    ];
    assert_eq!(problems, expected);
}

#[test]
fn an_old_commit_with_very_many_paths_is_refused() {
    let mut made = Made::new();
    let names: Vec<String> = (0..1200).map(|number| format!("{number:04}")).collect();
    let (mut mode, mut top) = (FILE, made.objects.blob(""));
    for _ in 0..3 {
        let entries: Vec<_> = names.iter().map(|name| (mode, name.as_bytes(), top)).collect();
        (mode, top) = (FOLDER, made.objects.tree(&entries));
    }
    made.commit_tree("1", &[], top);
    made.commit_at("2", &[1], &[("a.md", "one")]);
    let error = read(made.write(), &made.last()).unwrap_err().to_string();
    assert!(error.contains("changes more than 1,000,000 files and folders"), "{error}");
}

#[test]
fn objects_that_a_user_replaced_are_read_as_they_were_committed() {
    let mut made = Made::linear(&[&[("a.md", "one")], &[("a.md", "two")]]);
    let (first, second) = (made.commits[0], made.commits[1]);
    made.objects.name(&format!("refs/replace/{second}"), first);
    assert_eq!(made.shown(), ["a.md: a.md=two@2 a.md=one@1"]);
}

/// A random repository: the files of each commit, and its parents.
type Plan = Vec<(BTreeMap<&'static str, &'static str>, Vec<usize>)>;

const PATHS: [&str; 6] = ["a.md", "b.md", "x/a.md", "x/b.md", "x/y/c.md", "no.txt"];
const CONTENTS: [&str; 5] = ["one", "two", "id1 one", "id1 two", "id1 id2"];

fn plan() -> impl Strategy<Value = Plan> {
    let edit = (0..PATHS.len(), prop::option::weighted(0.6, 0..CONTENTS.len()));
    let commit = (prop::collection::vec(edit, 0..4), prop::collection::vec(0..4_usize, 0..4), 0..10_u8);
    prop::collection::vec(commit, 1..12).prop_map(|commits| {
        let mut plan: Plan = Vec::new();
        for (edits, back, kind) in commits {
            let mut parents: Vec<usize> = match kind {
                // Mostly one parent.
                0..6 => plan.len().checked_sub(1).into_iter().collect(),
                _ => back.iter().filter_map(|back| plan.len().checked_sub(back + 1)).collect(),
            };
            parents.dedup();
            let mut files = parents.first().map(|&parent| plan[parent].0.clone()).unwrap_or_default();
            for (path, content) in edits {
                match content {
                    Some(content) => files.insert(PATHS[path], CONTENTS[content]),
                    None => files.remove(PATHS[path]),
                };
            }
            plan.push((files, parents));
        }
        plan
    })
}

/// The commits that are reachable from the last one.
fn reachable(plan: &Plan) -> BTreeSet<usize> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![plan.len() - 1]);
    while let Some(commit) = waiting.pop() {
        if found.insert(commit) {
            waiting.extend(&plan[commit].1);
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_history_has_every_content_of_every_path_and_begins_with_what_is_read(
        plan in plan(),
        times in prop::collection::vec(-3..3_i64, 12),
    ) {
        let mut made = Made::new();
        for (number, (files, parents)) in plan.iter().enumerate() {
            let files: Vec<_> = files.iter().map(|(path, content)| (*path, *content)).collect();
            let parents: Vec<usize> = parents.iter().map(|parent| parent + 1).collect();
            made.commit_at(&(number as i64 * (100 * times[number] + 1)).to_string(), &parents, &files);
        }
        let history = read(made.write(), &made.last()).unwrap().unwrap();
        let reachable = reachable(&plan);
        let files = |commit: usize| plan[commit].0.iter().filter(|(path, _)| is_markdown(path));
        let all: BTreeSet<(String, String)> = reachable
            .iter()
            .flat_map(|&commit| files(commit).map(|(path, content)| (path.to_string(), content.to_string())))
            .collect();
        let content = |version: &Version| version.object.map(|id| made.contents[&id.to_string()].clone());
        let mut found = BTreeSet::new();
        let mut tip: BTreeMap<String, String> = files(plan.len() - 1).map(|(a, b)| (a.to_string(), b.to_string())).collect();
        for document in &history.documents {
            let mut own = BTreeSet::new();
            let first = &document.versions[0];
            prop_assert_eq!(content(first), tip.remove(&*document.name), "{:?}", document);
            prop_assert_eq!(&first.path, &document.name);
            for (at, version) in document.versions.iter().enumerate() {
                let number = made.number(version) - 1;
                let (has, parents) = &plan[number];
                prop_assert!(reachable.contains(&number));
                let at_path = |files: &BTreeMap<&str, &str>| files.get(&*version.path).map(ToString::to_string);
                prop_assert_eq!(at_path(has), content(version));
                match content(version) {
                    Some(content) => {
                        prop_assert!(parents.iter().all(|&parent| at_path(&plan[parent].0) != Some(content.clone())));
                        prop_assert!(own.insert((version.path.to_string(), content.clone())), "twice");
                        found.insert((version.path.to_string(), content));
                    }
                    None => {
                        prop_assert!(parents.iter().any(|&parent| at_path(&plan[parent].0).is_some()));
                        prop_assert!(document.versions[at + 1].object.is_some());
                    }
                }
            }
        }
        prop_assert!(tip.is_empty(), "{:?}", tip);
        prop_assert_eq!(found, all);
        let names: Vec<_> = history.documents.iter().map(|document| &document.name).collect();
        prop_assert!(names.is_sorted_by(|a, b| a < b));
    }
}
