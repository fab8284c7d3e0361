//! Random histories: what is stored is compared with a list of all versions, and several imports with one.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use bitext::input::{DocumentSet, Limits, Location};
use bitext::memory::Memory;
use bitext::model::Date;
use bitext::operations::import::{HistoryPlan, ImportPlan};
use proptest::prelude::*;

use super::{BEFORE_FIRST, DAY, Repository, assert_sound, identified, tables};
use crate::support::{Bitext, rows};

const PATHS: [&str; 4] = ["a.md", "b.md", "x/a.md", "x/c.md"];

/// A document: its identity, its workflow, and its segments: letter and translation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Document {
    id: u8,
    workflow: u8,
    segments: Vec<(u8, u8)>,
}

impl Document {
    fn pairs(&self) -> impl Iterator<Item = (String, String)> {
        self.segments.iter().map(|&(letter, target)| {
            let source = char::from(b'a' + letter).to_string();
            (source.clone(), format!("{source}{target}"))
        })
    }

    fn workflow(&self) -> &'static str {
        ["human", "machine", "null"][usize::from(self.workflow)]
    }

    fn text(&self) -> String {
        let id = if self.id == 0 { String::new() } else { self.id.to_string() };
        let texts: Vec<String> = self.pairs().map(|(_, target)| target).collect();
        match self.segments.is_empty() {
            true => format!("clean {id}"),
            false => identified(&id, ["HT", "MT", ""][usize::from(self.workflow)], &texts.join(" ")),
        }
    }
}

/// A commit: its files, its parents, and its date in days.
#[derive(Clone, Debug)]
struct Planned {
    files: BTreeMap<&'static str, Document>,
    parents: Vec<usize>,
    day: i64,
}

fn document() -> impl Strategy<Value = Document> {
    let segments = prop::collection::vec((0..4_u8, 0..2_u8), 0..5);
    (0..3_u8, 0..3_u8, segments).prop_map(|(id, workflow, segments)| Document { id, workflow, segments })
}

/// Random commits, the oldest first. The last one is not always reached from the others.
fn commits() -> impl Strategy<Value = Vec<Planned>> {
    let edit = (0..PATHS.len(), prop::option::weighted(0.8, document()));
    let rename = prop::option::weighted(0.2, (0..PATHS.len(), 0..PATHS.len()));
    let back = prop::option::weighted(0.15, 0..6_usize);
    let day = prop_oneof![4 => Just(0_i64), 1 => -4..4_i64];
    let parents = prop::collection::vec(0..4_usize, 0..3);
    let commit = (prop::collection::vec(edit, 0..3), rename, back, day, parents, 0..10_u8);
    prop::collection::vec(commit, 1..9).prop_map(|commits| {
        let mut planned: Vec<Planned> = Vec::new();
        for (edits, rename, back, day, parents, kind) in commits {
            let mut parents: Vec<usize> = match kind {
                // Mostly one parent.
                0..7 => planned.len().checked_sub(1).into_iter().collect(),
                _ => parents.iter().filter_map(|back| planned.len().checked_sub(back + 1)).collect(),
            };
            parents.dedup();
            // Sometimes all is as in an earlier commit: a revert.
            let base = back.and_then(|back| planned.len().checked_sub(back + 1)).or(parents.first().copied());
            let mut files = base.map(|base| planned[base].files.clone()).unwrap_or_default();
            if let Some((from, to)) = rename
                && let Some(document) = files.remove(PATHS[from])
            {
                files.insert(PATHS[to], document);
            }
            for (path, document) in edits {
                match document {
                    Some(document) => files.insert(PATHS[path], document),
                    None => files.remove(PATHS[path]),
                };
            }
            let day = planned.len() as i64 + 1 + day;
            planned.push(Planned { files, parents, day });
        }
        planned
    })
}

/// Writes the commits, and returns the contents of their files by their object ids.
fn write(bitext: &Bitext, commits: &[Planned]) -> (Repository, BTreeMap<String, Document>) {
    let mut repository = Repository::new();
    let mut contents = BTreeMap::new();
    for commit in commits {
        let texts: Vec<_> = commit.files.iter().map(|(path, document)| (*path, document.text())).collect();
        for (document, (_, text)) in commit.files.values().zip(&texts) {
            contents.insert(repository.objects.blob(text).to_string(), document.clone());
        }
        let files: Vec<_> = texts.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let parents: Vec<usize> = commit.parents.iter().map(|parent| parent + 1).collect();
        repository.commit_at(&(BEFORE_FIRST + commit.day * DAY).to_string(), &parents, &files);
    }
    repository.write(bitext);
    (repository, contents)
}

/// Imports a commit; `plan` changes the options. Returns how many versions were read.
fn import(
    bitext: &Bitext,
    repository: &Repository,
    commit: usize,
    memory: &str,
    plan: impl Fn(&mut ImportPlan),
) -> u64 {
    let mut import = ImportPlan::new([bitext.path(repository.at(commit))], "en-US".parse().unwrap());
    import.history = Some(HistoryPlan::default());
    import.threads = 1;
    plan(&mut import);
    let mut memory = Memory::open_or_create(&bitext.path(memory)).unwrap();
    import.list().unwrap().import(&mut memory, &mut ()).unwrap().counts.versions
}

fn identity(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let id = text.lines().find_map(|line| line.strip_prefix("ms.locfileid: "));
    id.map(|id| format!("file {id}")).into_iter().collect()
}

/// The segments that a memory has to have: name, path, position, texts, workflow, commit, date, and when it was superseded.
fn expected(bitext: &Bitext, revision: &str, contents: &BTreeMap<String, Document>) -> Vec<String> {
    let is_markdown = |path: &str| path.ends_with(".md");
    let location = Location { path: &bitext.path("docs.git"), revision: Some(revision) };
    let set = DocumentSet::open(location, None, Limits::default(), is_markdown).unwrap();
    let history = set.history(is_markdown, &identity).unwrap().unwrap();
    let mut expected = Vec::new();
    for document in &history.documents {
        let mut newer = HashSet::new();
        for (at, version) in document.versions.iter().enumerate() {
            let Some(object) = version.object else { continue };
            let content = &contents[&object.to_string()];
            let superseded = match at {
                0 => "null".to_owned(),
                _ => document.versions[at - 1].commit.time.to_string(),
            };
            let key = |pair: &(String, String)| (pair.clone(), content.workflow);
            for (position, pair) in content.pairs().enumerate() {
                if at == 0 || !newer.contains(&key(&pair)) {
                    expected.push(format!(
                        "{}|{position}|{}|{}|{}|{}|{}|{superseded}",
                        version.path,
                        pair.0,
                        pair.1,
                        content.workflow(),
                        version.commit.id,
                        version.commit.time
                    ));
                }
            }
            newer.extend(content.pairs().map(|pair| key(&pair)));
        }
    }
    expected.sort();
    expected
}

/// Of a set without a segment in any version, the memory has nothing: it is read again.
fn is_empty(bitext: &Bitext) -> bool {
    rows(&bitext.path("bitext.db"), "select id from document").is_empty()
}

fn stored(memory: &Path) -> Vec<String> {
    let sql = "select document.path, position, unit.text, variant.text, document.workflow, lower(hex(commit_id)), committed, superseded
               from segment join document on document.id = document_id
               join variant on variant.id = variant_id join unit on unit.id = unit_id";
    let mut stored = rows(memory, sql);
    stored.sort();
    stored
}

/// The commits from the first to a commit, along one parent of each.
fn chain(commits: &[Planned], to: usize, choice: usize) -> Vec<usize> {
    let mut chain = vec![to];
    while let Some(last) = chain.last()
        && let parents = &commits[*last].parents
        && !parents.is_empty()
    {
        chain.push(parents[choice % parents.len()]);
    }
    chain.reverse();
    chain
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_pair_is_stored_where_it_is_newest(commits in commits()) {
        let bitext = Bitext::new();
        let (repository, contents) = write(&bitext, &commits);
        let last = commits.len();
        import(&bitext, &repository, last, "bitext.db", |_| {});
        let revision = repository.commits[last - 1].to_string();
        assert_sound(&bitext.path("bitext.db"));
        prop_assert_eq!(stored(&bitext.path("bitext.db")), expected(&bitext, &revision, &contents));
    }

    #[test]
    fn several_imports_of_a_growing_branch_are_one(
        commits in commits(), choice in 0..3_usize, picked in prop::collection::vec(any::<bool>(), 9),
    ) {
        let bitext = Bitext::new();
        let (repository, contents) = write(&bitext, &commits);
        let last = commits.len();
        let mut known = HashSet::new();
        for commit in chain(&commits, last - 1, choice) {
            if commit + 1 == last || picked[commit] {
                known.insert(commit);
                import(&bitext, &repository, commit + 1, "bitext.db", |_| {});
                assert_sound(&bitext.path("bitext.db"));
            }
        }
        let grown = tables(&bitext.path("bitext.db"));
        let read = import(&bitext, &repository, last, "bitext.db", |_| {});
        prop_assert!(read == 0 || is_empty(&bitext), "nothing is new, but {} versions were read", read);
        prop_assert_eq!(&tables(&bitext.path("bitext.db")), &grown);
        let revision = repository.commits[last - 1].to_string();
        prop_assert_eq!(stored(&bitext.path("bitext.db")), expected(&bitext, &revision, &contents), "{:?}", known);
        import(&bitext, &repository, last, "fresh.db", |_| {});
        prop_assert_eq!(grown, tables(&bitext.path("fresh.db")));
    }

    #[test]
    fn after_any_imports_one_that_prunes_leaves_what_a_fresh_one_has(
        commits in commits(),
        imports in prop::collection::vec((0..9_usize, 0..4_u8, 0..9_i64), 0..5),
    ) {
        let bitext = Bitext::new();
        let (repository, _) = write(&bitext, &commits);
        let day = |days: i64| -> Date { format!("2020-01-{:02}", days.max(1)).parse().unwrap() };
        for (commit, kind, days) in imports {
            import(&bitext, &repository, 1 + commit % commits.len(), "bitext.db", |plan| match kind {
                0 => plan.history = None,
                1 => plan.history = Some(HistoryPlan { since: Some(day(days)), until: None }),
                2 => plan.history = Some(HistoryPlan { since: None, until: Some(day(days)) }),
                _ => {}
            });
            assert_sound(&bitext.path("bitext.db"));
        }
        let last = commits.len();
        import(&bitext, &repository, last, "bitext.db", |plan| plan.prune = true);
        let pruned = tables(&bitext.path("bitext.db"));
        let read = import(&bitext, &repository, last, "bitext.db", |plan| plan.prune = true);
        prop_assert!(read == 0 || is_empty(&bitext), "nothing is new, but {} versions were read", read);
        prop_assert_eq!(&tables(&bitext.path("bitext.db")), &pruned);
        // Nothing is pruned if the branch has no segments: it may be the wrong one.
        if commits[last - 1].files.values().any(|document| !document.segments.is_empty()) {
            import(&bitext, &repository, last, "fresh.db", |_| {});
            prop_assert_eq!(pruned, tables(&bitext.path("fresh.db")));
        }
    }

    #[test]
    fn nothing_is_lost_without_prune(
        commits in commits(), imports in prop::collection::vec(0..9_usize, 1..5),
    ) {
        let bitext = Bitext::new();
        let (repository, _) = write(&bitext, &commits);
        let texts = || -> HashSet<String> {
            let sql = "select unit.text, variant.text, document.workflow from segment
                       join document on document.id = document_id
                       join variant on variant.id = variant_id join unit on unit.id = unit_id";
            rows(&bitext.path("bitext.db"), sql).into_iter().collect()
        };
        let mut known: HashSet<String> = HashSet::new();
        for commit in imports {
            import(&bitext, &repository, 1 + commit % commits.len(), "bitext.db", |_| {});
            assert_sound(&bitext.path("bitext.db"));
            let found = texts();
            prop_assert!(known.is_subset(&found), "{:?}", known.difference(&found));
            known = found;
            let before = tables(&bitext.path("bitext.db"));
            let read = import(&bitext, &repository, 1 + commit % commits.len(), "bitext.db", |_| {});
            prop_assert!(read == 0 || is_empty(&bitext), "nothing is new, but {} versions were read", read);
            prop_assert_eq!(tables(&bitext.path("bitext.db")), before);
        }
    }
}

/// Each case makes several memories.
const CASES: u32 = 18;
