//! `bitext split`: the two clean document trees that are in a side-by-side one.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};

use super::Outcome;
use super::reading::{self, PathArguments, Problems};
use super::terminal::{counted, say, talk};
use crate::input::{self, DocumentSet, Entry};
use crate::model::Problem;
use crate::parallel::available_threads;
use crate::side_by_side;

/// Write the two clean trees of side-by-side documents: the targets, and the sources
///
/// Each document is written with its segments replaced by their targets, and by their sources; everything else stays byte
/// for byte. Documents without segments are the same in both. Segments that cannot be read stay as they are, and are told.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    paths: PathArguments,
    /// Where the documents with their targets go
    #[arg(long, value_name = "DIR")]
    target_dir: PathBuf,
    /// Where the documents with their sources go
    #[arg(long, value_name = "DIR")]
    source_dir: PathBuf,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
    /// Exit with 2 if there was any problem
    #[arg(long)]
    strict: bool,
    /// Say nothing but problems
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut problems = Problems::default();
    let (mut documents, mut found_any) = (0, false);
    let (targets, sources) = (Tree::at(&arguments.target_dir)?, Tree::at(&arguments.source_dir)?);
    if targets.root == sources.root {
        bail!("--target-dir and --source-dir are the same folder; name two");
    }
    for path in &arguments.paths.paths {
        let set = reading::open(path, None)?;
        refuse_overlap(&set, &[&targets, &sources])?;
        problems.tell_listing(&set);
        if !arguments.force {
            refuse_existing(&set, &[&targets, &sources])?;
        }
        let entries: Vec<&Entry> = set.entries.iter().collect();
        let mut found = false;
        input::read_in_order(
            &set,
            &entries,
            available_threads(),
            |entry, bytes| (entry.path.clone(), split(bytes)),
            |(path, split)| -> anyhow::Result<()> {
                for problem in &split.problems {
                    problems.tell(&set, &path, problem);
                }
                if let Some((target, source)) = &split.halves {
                    targets.write(&path, target, arguments.force)?;
                    sources.write(&path, source, arguments.force)?;
                    documents += 1;
                }
                found |= split.found || !split.problems.is_empty();
                Ok(())
            },
        )?;
        if !found {
            problems.count += 1;
            talk(&reading::nothing_in(&set, "split"));
        }
        found_any |= found;
    }
    if !arguments.quiet {
        say(&format!(
            "{} written twice, {}",
            counted(documents, "document"),
            counted(problems.count, "problem")
        ));
    }
    Ok(match () {
        () if arguments.strict && problems.count > 0 => Outcome::Refused,
        () if !found_any => Outcome::NothingFound,
        () => Outcome::Done,
    })
}

struct Split {
    /// The bytes of the two documents; `None` where it could not be read.
    halves: Option<(Vec<u8>, Vec<u8>)>,
    problems: Vec<Problem>,
    /// Whether it had a segment.
    found: bool,
}

fn split(bytes: io::Result<&[u8]>) -> Split {
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            let problems = vec![Problem { line: None, reason: format!("cannot be read: {error}") }];
            return Split { halves: None, problems, found: false };
        }
    };
    if !side_by_side::has_spans(bytes) {
        return Split { halves: Some((bytes.to_vec(), bytes.to_vec())), problems: Vec::new(), found: false };
    }
    let text = match side_by_side::decode(bytes) {
        Ok(text) => text,
        Err(problem) => return Split { halves: None, problems: vec![problem], found: false },
    };
    let halves = side_by_side::halves(text);
    let problems = halves
        .errors
        .iter()
        .map(|error| Problem { line: Some(error.line), reason: error.to_string() })
        .collect();
    let found = halves.segments > 0;
    Split { halves: Some((halves.target.into_bytes(), halves.source.into_bytes())), problems, found }
}

/// A folder that documents are written below, and nowhere else.
struct Tree {
    /// Where it really is.
    root: PathBuf,
    shown: String,
}

impl Tree {
    fn at(folder: &Path) -> anyhow::Result<Tree> {
        let shown = input::shown(folder);
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {shown}"))?;
        let root =
            std::fs::canonicalize(folder).with_context(|| format!("cannot read the folder {shown}"))?;
        Ok(Tree { root, shown })
    }

    /// The place of a document in this tree.
    fn place(&self, document: &str) -> anyhow::Result<PathBuf> {
        let relative = Path::new(document);
        // The paths come from listings that let no other kind through; a second look costs nothing.
        if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
            bail!("{document:?} leads out of {}; it was not written", self.shown);
        }
        Ok(self.root.join(relative))
    }

    fn write(&self, document: &str, bytes: &[u8], force: bool) -> anyhow::Result<()> {
        let place = self.place(document)?;
        let shown = || format!("cannot write {}/{document}", self.shown);
        let folder = place.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder).with_context(shown)?;
        // A link below the folder could lead out of it.
        let real = std::fs::canonicalize(folder).with_context(shown)?;
        if !real.starts_with(&self.root)
            || std::fs::symlink_metadata(&place).is_ok_and(|file| file.is_symlink())
        {
            bail!("{}/{document} lies behind a link; it was not written", self.shown);
        }
        let mut options = OpenOptions::new();
        options.write(true).truncate(force).create(force).create_new(!force);
        let mut file = options.open(&place).with_context(shown)?;
        file.write_all(bytes).with_context(shown)
    }
}

/// Documents written among those that are read would be read as documents the next time.
fn refuse_overlap(set: &DocumentSet, trees: &[&Tree]) -> anyhow::Result<()> {
    for tree in trees {
        if !set.single && tree.root.starts_with(&set.root) && set.root.is_dir() {
            bail!(
                "{} lies inside {}, which is to be split; name a folder outside of it",
                tree.shown,
                set.path
            );
        }
    }
    Ok(())
}

/// Looks for files in the way before the first one is written.
fn refuse_existing(set: &DocumentSet, trees: &[&Tree]) -> anyhow::Result<()> {
    for tree in trees {
        for entry in &set.entries {
            if std::fs::symlink_metadata(tree.place(&entry.path)?).is_ok() {
                bail!("{}/{} is there already; --force writes over it", tree.shown, entry.path);
            }
        }
    }
    Ok(())
}
