//! Imports point down: which layer of `src` may use which other, and which crate is used where. The layers, top to bottom, are
//! those of the table in `src/lib.rs`; an arrow that points up is named here with its file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::tree;

/// The layers, top to bottom: each may use those below it.
const LAYERS: [&str; 18] = [
    "main",
    "cli",
    "serve",
    "html",
    "operations",
    "exchange",
    "json",
    "memory",
    "matching",
    "alignment",
    "segmentation",
    "check",
    "side_by_side",
    "markup",
    "input",
    "parallel",
    "model",
    "lib",
];

/// Layers that may use fewer than all below them.
const NARROWER: [(&str, &[&str]); 11] = [
    ("main", &["cli"]),
    ("html", &["operations", "matching", "check", "model"]),
    ("exchange", &["json", "matching", "side_by_side", "markup", "parallel", "model"]),
    ("json", &["matching", "check", "markup", "model"]),
    ("memory", &["matching", "side_by_side", "markup", "parallel", "model"]),
    ("matching", &["markup", "model"]),
    ("alignment", &["segmentation"]),
    ("segmentation", &["side_by_side", "markup", "model"]),
    ("check", &["markup", "model"]),
    ("side_by_side", &["model"]),
    ("markup", &["model"]),
];

/// Whether a layer may use another.
fn may_use(layer: &str, used: &str) -> bool {
    let position = |name| LAYERS.iter().position(|layer| *layer == name);
    let narrower = NARROWER.iter().find(|(name, _)| *name == layer);
    position(layer) < position(used) && narrower.is_none_or(|(_, allowed)| allowed.contains(&used))
}

/// Crates that belong to some layers alone.
const CRATES: [(&str, &[&str]); 17] = [
    // `json` escapes what a terminal obeys; what `memory` writes stays in its file.
    ("serde_json", &["json", "memory"]),
    ("rusqlite", &["memory"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("anyhow", &["cli"]),
    ("indicatif", &["cli"]),
    ("anstream", &["cli"]),
    ("anstyle", &["cli"]),
    ("gix", &["input"]),
    ("axum", &["serve"]),
    ("hyper", &["serve"]),
    ("maud", &["serve", "html"]),
    ("tokio", &["serve"]),
    ("tower_http", &["serve"]),
    ("tracing", &["serve", "cli"]),
    ("tracing_subscriber", &["cli"]),
];

/// The only crates that `model` may use: they describe its types, and do nothing.
const CRATES_OF_MODEL: [&str; 5] = ["std", "jiff", "memchr", "serde", "thiserror"];

/// What prints. `cli` alone may.
const PRINTING: [&str; 5] = ["println!", "eprintln!", "print!", "eprint!", "std::process::exit"];

/// A file of `src`.
struct File {
    /// Its path below `src`.
    path: String,
    /// The first part of its path: `memory` of `memory/units/mod.rs`, `parallel` of `parallel.rs`.
    layer: String,
    /// Its text without comments, strings and test modules.
    code: String,
}

impl File {
    /// The modules it is in, from the crate's root: `["memory", "units"]` of both `memory/units.rs` and `memory/units/mod.rs`.
    fn module(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        if path == "lib" || path == "main" { Vec::new() } else { path.split('/').collect() }
    }

    /// All paths in the code that start with `crate`, `super`, `bitext` or `self`, from the crate's root, and those of `use` lists.
    fn paths(&self) -> BTreeSet<Vec<String>> {
        let mut paths = BTreeSet::new();
        for (at, _) in self.code.match_indices("::") {
            let start = self.code[..at].rfind(|c: char| !is_name(c)).map_or(0, |before| before + 1);
            let first = &self.code[start..at];
            if self.code[..start].ends_with("::") || !["crate", "super", "bitext", "self"].contains(&first) {
                continue;
            }
            for path in expanded(&self.code[start..]) {
                paths.extend(self.rooted(&path));
            }
        }
        paths
    }

    fn rooted(&self, path: &[String]) -> Option<Vec<String>> {
        let mut from: Vec<String> = self.module().iter().map(ToString::to_string).collect();
        let mut rest = path.iter().peekable();
        match rest.next()?.as_str() {
            "crate" | "bitext" => from.clear(),
            "super" => {
                from.pop()?;
                while rest.next_if(|part| *part == "super").is_some() {
                    from.pop()?;
                }
            }
            _ => {}
        }
        from.extend(rest.cloned());
        Some(from)
    }

    /// The crates whose names start a path or a `use`.
    fn uses_crate(&self, name: &str) -> bool {
        self.code.match_indices(name).any(|(at, _)| {
            let before = self.code[..at].chars().next_back();
            let after = &self.code[at + name.len()..];
            before.is_none_or(|c| !is_name(c) && c != ':') && after.starts_with("::")
        })
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths of a `use` tree or of an expression: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expanded(code: &str) -> Vec<Vec<String>> {
    let (paths, _) = tree_of(code.trim_start());
    paths
}

fn tree_of(code: &str) -> (Vec<Vec<String>>, &str) {
    if let Some(mut rest) = code.strip_prefix('{') {
        let mut all = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if let Some(after) = rest.strip_prefix('}') {
                return (all, after);
            }
            let (paths, after) = tree_of(rest);
            if after.len() == rest.len() {
                // Something else than a list of paths: a block of code.
                return (all, "");
            }
            all.extend(paths);
            rest = after.trim_start();
            if let Some(renamed) = rest.strip_prefix("as ") {
                rest = renamed.trim_start_matches(is_name);
            }
        }
    }
    let end = code.find(|c: char| !is_name(c)).unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    if name.is_empty() {
        return (Vec::new(), rest);
    }
    match rest.strip_prefix("::") {
        Some(below) => {
            let (paths, rest) = tree_of(below);
            let with_name = |path: Vec<String>| [vec![name.to_owned()], path].concat();
            let paths = if paths.is_empty() { vec![Vec::new()] } else { paths };
            (paths.into_iter().map(with_name).collect(), rest)
        }
        None => (vec![vec![name.to_owned()]], rest),
    }
}

/// The code without comments at the ends of lines, and as far as its test module, which may use what it wants.
fn code_of(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    let without_comment = |line: &'_ str| {
        let is_comment = line.trim_start().starts_with("//");
        if is_comment { String::new() } else { line.split(" // ").next().unwrap_or_default().to_owned() }
    };
    text.lines().map(without_comment).collect::<Vec<_>>().join("\n")
}

fn files() -> Vec<File> {
    let files = tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let rust = files.into_iter().filter(|(path, _)| path.ends_with(".rs") && !path.ends_with("tests.rs"));
    let files: Vec<File> = rust
        .map(|(path, bytes)| {
            let layer = path.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
            let code = code_of(&String::from_utf8_lossy(&bytes));
            File { path, layer, code }
        })
        .collect();
    assert!(files.len() > 50);
    files
}

#[track_caller]
fn assert_none(broken: &BTreeSet<String>) {
    assert!(broken.is_empty(), "these break the rule:\n{broken:#?}");
}

#[test]
fn imports_point_down() {
    let mut broken = BTreeSet::new();
    for file in files() {
        if !LAYERS.contains(&file.layer.as_str()) {
            broken.insert(format!("{} -> no layer of the table", file.path));
        }
        for path in file.paths() {
            let Some(used) = path.first().filter(|used| LAYERS.contains(&used.as_str())) else { continue };
            if *used != file.layer && !may_use(&file.layer, used) {
                broken.insert(format!("{} -> {used}", file.path));
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn a_crate_is_used_where_it_belongs() {
    let mut broken = BTreeSet::new();
    for file in files() {
        for (name, layers) in CRATES {
            if file.uses_crate(name) && !layers.contains(&file.layer.as_str()) {
                broken.insert(format!("{} -> {name}", file.path));
            }
        }
        if file.layer == "model" {
            let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
                .expect("the manifest");
            let (_, dependencies) = manifest.split_once("[dependencies]").expect("a table of dependencies");
            let (dependencies, _) = dependencies.split_once("\n[").expect("another table");
            let crates = dependencies
                .lines()
                .filter_map(|line| line.split_once(" = "))
                .map(|(name, _)| name.replace('-', "_"));
            for name in crates.filter(|name| !CRATES_OF_MODEL.contains(&name.as_str())) {
                if file.uses_crate(&name) {
                    broken.insert(format!("{} -> {name}", file.path));
                }
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn only_the_command_line_prints_and_only_main_ends_the_program() {
    let mut broken = BTreeSet::new();
    for file in files().iter().filter(|file| file.layer != "cli") {
        for word in PRINTING.iter().filter(|word| file.code.contains(**word)) {
            broken.insert(format!("{} -> {word}", file.path));
        }
    }
    assert_none(&broken);
}

/// Two files of one folder that use each other are one file in two pieces.
#[test]
fn no_two_files_of_a_folder_use_each_other() {
    let files = files();
    let modules: BTreeMap<Vec<String>, &File> =
        files.iter().map(|file| (file.module().iter().map(ToString::to_string).collect(), file)).collect();
    // The file that a path leads to: the longest beginning of it that is a module.
    let file_of =
        |path: &[String]| (1..=path.len()).rev().find_map(|length| modules.get(&path[..length]).copied());
    let mut arrows = BTreeSet::new();
    for file in &files {
        for path in file.paths() {
            let Some(used) = file_of(&path) else { continue };
            let (from, to) = (file.module(), used.module());
            let are_siblings = from.len() == to.len()
                && from.split_last().map(|(_, above)| above) == to.split_last().map(|(_, above)| above);
            if from.len() > 1 && are_siblings && file.path != used.path {
                arrows.insert((file.path.clone(), used.path.clone()));
            }
        }
    }
    assert!(arrows.len() > 40, "{arrows:?}");
    let circles =
        arrows.iter().filter(|(from, to)| from < to && arrows.contains(&(to.clone(), from.clone())));
    assert_none(&circles.map(|(from, to)| format!("{from} <-> {to}")).collect());
}

#[test]
fn every_file_of_tests_is_part_of_the_one_crate() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let main = fs::read_to_string(folder.join("main.rs")).expect("the crate's root");
    for (path, _) in tree(&folder) {
        let name = path
            .strip_suffix("/mod.rs")
            .or_else(|| path.strip_suffix(".rs").filter(|name| !name.contains('/')));
        if let Some(name) = name.filter(|name| *name != "main") {
            assert!(
                main.contains(&format!("mod {name};\n")),
                "tests/{path} is not named in tests/main.rs, so it is never run"
            );
        }
    }
}

#[test]
fn the_reader_of_this_test_sees_every_form_of_an_import() {
    let file = |path: &str, code: &str| File { path: path.into(), layer: String::new(), code: code_of(code) };
    let paths = |path: &str, code: &str| -> Vec<String> {
        file(path, code).paths().into_iter().map(|path| path.join("::")).collect()
    };
    assert_eq!(
        paths("a/b.rs", "use crate::c::{self, d::{E, F as G}, h};"),
        ["c::d::E", "c::d::F", "c::h", "c::self"]
    );
    assert_eq!(paths("a/b.rs", "use super::c;\nfn f() { crate::d::e::<u8>() }"), ["a::c", "d::e"]);
    assert_eq!(paths("a/b/mod.rs", "use super::super::c; // crate::x"), ["c"]);
    assert_eq!(
        paths("a/b.rs", "use self::c::D;\n// use crate::no;\n#[cfg(test)]\nmod tests { use crate::no; }"),
        ["a::b::c::D"]
    );
    assert!(file("a.rs", "anyhow::bail!()").uses_crate("anyhow"));
    assert!(!file("a.rs", "use crate::anyhow::x; not_anyhow::x").uses_crate("anyhow"));
}
