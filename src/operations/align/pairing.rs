//! Which document of the target tree translates which of the source tree: by path, in the layouts of localized repositories.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use crate::model::Locale;

/// How the paths of the two trees correspond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The same path in two trees.
    SamePath,
    /// A folder is named after the locale: `content/en/` and `content/ja/`.
    Folder {
        /// The name of the folder of the source; `None` if the source has none.
        source: Option<String>,
        /// The name of the folder of the target.
        target: String,
    },
    /// `docs/` and `i18n/ja/docusaurus-plugin-content-docs/current/`, as Docusaurus has it.
    Docusaurus {
        /// The name of the folder below `i18n/`.
        target: String,
    },
    /// `page.md` and `page.ja.md`.
    Ending {
        /// The locale in the names of the target.
        target: String,
    },
    /// `pages/` and `pages.ja/`.
    FolderEnding {
        /// The locale in the names of the target's folders.
        target: String,
    },
    /// A pattern that the user named.
    Map(Map),
}

impl fmt::Display for Layout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Layout::SamePath => out.write_str("the same path in both"),
            Layout::Folder { source: Some(source), target } => write!(out, "{source}/ and {target}/"),
            Layout::Folder { source: None, target } => {
                write!(out, "a path, and the same one below {target}/")
            }
            Layout::Docusaurus { target } => {
                write!(out, "docs/ and i18n/{target}/docusaurus-plugin-content-docs/current/")
            }
            Layout::Ending { target } => write!(out, "page.md and page.{target}.md"),
            Layout::FolderEnding { target } => write!(out, "pages/ and pages.{target}/"),
            Layout::Map(map) => write!(out, "{}", map.pattern),
        }
    }
}

/// A pattern such as `content/{locale}/**`: the text before and after the name of the locale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    pattern: String,
    before: String,
    after: String,
}

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} has to have {{locale}} once, as in content/{{locale}}/**")]
pub struct MapError(String);

impl std::str::FromStr for Map {
    type Err = MapError;

    fn from_str(pattern: &str) -> Result<Self, MapError> {
        let parts: Vec<&str> = pattern.split("{locale}").collect();
        let &[before, after] = &parts[..] else { return Err(MapError(pattern.to_owned())) };
        let before = before.trim_start_matches("**/").trim_start_matches("./").to_owned();
        let after = after.trim_end_matches("**").trim_end_matches('*').to_owned();
        Ok(Map { pattern: pattern.to_owned(), before, after })
    }
}

/// The names that a locale has in paths, the most specific first: `zh-CN`, `zh-cn`, `zh_CN`, `zh` and the like. Names are compared
/// without regard to case and to `-` or `_`.
#[derive(Clone, Debug)]
struct Names(Vec<String>);

impl Names {
    fn of(locale: &Locale) -> Names {
        let name = locale.as_str().to_ascii_lowercase();
        let mut names = vec![name.clone()];
        // What repositories call Chinese.
        let more: &[&str] = match name.as_str() {
            "zh-cn" | "zh-hans" | "zh-hans-cn" => &["zh-hans", "zh-cn", "zh-hans-cn", "cn"],
            "zh-tw" | "zh-hant" | "zh-hant-tw" => &["zh-hant", "zh-tw", "zh-hant-tw", "tw"],
            _ => &[],
        };
        names.extend(more.iter().map(ToString::to_string));
        names.push(locale.language().to_owned());
        names.dedup();
        Names(names)
    }

    fn are(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase().replace('_', "-");
        self.0.contains(&name)
    }
}

/// Two documents that belong together, by their indexes in the lists of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The path that both have in common: without the name of the locale.
    pub path: String,
    /// The index of the source.
    pub source: usize,
    /// The index of the target.
    pub target: usize,
}

/// The documents of two trees, paired.
#[derive(Clone, Debug)]
pub struct Pairing {
    /// How the paths correspond.
    pub layout: Layout,
    /// The pairs, in the order of their common paths.
    pub pairs: Vec<Pair>,
    /// The indexes of the documents of the source without a target, in order.
    pub source_only: Vec<usize>,
    /// The indexes of the documents of the target without a source, in order.
    pub target_only: Vec<usize>,
}

/// Pairs the paths of two trees, or of one tree that has both sides: the layout that pairs the most documents. A map that the user named
/// is the only one that is tried.
pub fn pair(
    source: &[&str],
    target: &[&str],
    is_one_tree: bool,
    (from, to): (&Locale, &Locale),
    map: Option<&Map>,
) -> Option<Pairing> {
    let (from, to) = (Names::of(from), Names::of(to));
    let layouts = match map {
        Some(map) => vec![Layout::Map(map.clone())],
        None => candidates(source, target, is_one_tree, &from, &to),
    };
    let pairings = layouts.into_iter().map(|layout| pair_in(layout, source, target, &from, &to));
    // The first one of those with the most pairs.
    let best = pairings.reduce(|best, next| if next.pairs.len() > best.pairs.len() { next } else { best });
    best.filter(|best| !best.pairs.is_empty())
}

/// The layouts that the paths can have, the most likely first.
fn candidates(source: &[&str], target: &[&str], is_one_tree: bool, from: &Names, to: &Names) -> Vec<Layout> {
    let mut layouts = Vec::new();
    if !is_one_tree {
        layouts.push(Layout::SamePath);
    }
    // The names of folders as they are written, the most frequent first.
    let folders = |paths: &[&str], names: &Names| {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for path in paths {
            let name = path.split('/').rev().skip(1).find(|folder| names.are(folder));
            if let Some(name) = name {
                *found.entry(name.to_owned()).or_default() += 1;
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        found.into_iter().map(|(name, _)| name).take(3).collect::<Vec<_>>()
    };
    let sources = folders(source, from);
    for target in folders(target, to) {
        for source in &sources {
            layouts.push(Layout::Folder { source: Some(source.clone()), target: target.clone() });
        }
        layouts.push(Layout::Docusaurus { target: target.clone() });
        layouts.push(Layout::Folder { source: None, target });
    }
    let endings = |of_name: fn(&str) -> Option<&str>| {
        let mut found: Vec<String> = Vec::new();
        for ending in target.iter().filter_map(|path| of_name(path)).filter(|ending| to.are(ending)) {
            if !found.iter().any(|known| known == ending) {
                found.push(ending.to_owned());
            }
        }
        found
    };
    layouts.extend(endings(ending_of_file).into_iter().map(|target| Layout::Ending { target }));
    layouts.extend(endings(ending_of_folder).into_iter().map(|target| Layout::FolderEnding { target }));
    layouts
}

/// `ja` of `a/page.ja.md`.
fn ending_of_file(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    name.rsplit_once('.')?.0.rsplit_once('.').map(|(_, ending)| ending)
}

/// `ja` of `pages.ja/a.md`: of the first folder with an ending.
fn ending_of_folder(path: &str) -> Option<&str> {
    let (folders, _) = path.rsplit_once('/')?;
    folders.split('/').find_map(|folder| {
        folder.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending)
    })
}

/// A path without the folder of this name, and where it was.
fn without_folder(path: &str, name: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts[..parts.len() - 1].iter().position(|part| *part == name)?;
    Some([&parts[..at], &parts[at + 1..]].concat().join("/"))
}

fn pair_in(layout: Layout, source: &[&str], target: &[&str], from: &Names, to: &Names) -> Pairing {
    let keys = |paths: &[&str], is_target: bool| -> BTreeMap<String, usize> {
        let key = |path: &str| {
            if is_target { target_key(&layout, path, to) } else { source_key(&layout, path, from) }
        };
        let mut keys = BTreeMap::new();
        for (at, path) in paths.iter().enumerate() {
            if let Some(key) = key(path) {
                keys.entry(key).or_insert(at);
            }
        }
        keys
    };
    let (ours, mut theirs) = (keys(source, false), keys(target, true));
    let (mut pairs, mut source_only) = (Vec::new(), Vec::new());
    for (path, source) in ours {
        match theirs.remove(&path) {
            Some(target) => pairs.push(Pair { path, source, target }),
            None => source_only.push(source),
        }
    }
    let target_only = theirs.into_values().collect();
    let mut pairing = Pairing { layout, pairs, source_only, target_only };
    // In one tree, a document of the target can look like one of the source.
    let targets: HashSet<&str> = pairing.pairs.iter().map(|pair| target[pair.target]).collect();
    pairing.source_only.retain(|&at| !targets.contains(source[at]));
    pairing
}

/// The common path of a document of the source.
fn source_key(layout: &Layout, path: &str, from: &Names) -> Option<String> {
    match layout {
        Layout::SamePath | Layout::Folder { source: None, .. } => Some(path.to_owned()),
        Layout::Docusaurus { .. } => {
            let is_translated = path.split('/').any(|part| part == "i18n");
            if is_translated { None } else { after_folder(path, "docs") }
        }
        Layout::Folder { source: Some(name), .. } => without_folder(path, name),
        Layout::Ending { .. } => {
            let (stem, ending) = path.rsplit_once('.')?;
            match ending_of_file(path) {
                Some(locale) if from.are(locale) => {
                    Some(format!("{}.{ending}", &stem[..stem.len() - locale.len() - 1]))
                }
                _ => Some(path.to_owned()),
            }
        }
        Layout::FolderEnding { .. } => match ending_of_folder(path) {
            // `pages.en/` and `pages.ja/`
            Some(ending) if from.are(ending) => Some(path.replacen(&format!(".{ending}/"), "/", 1)),
            Some(_) => None,
            None => Some(path.to_owned()),
        },
        Layout::Map(map) => map.key(path, |name| from.are(name)),
    }
}

/// The common path of a document of the target.
fn target_key(layout: &Layout, path: &str, to: &Names) -> Option<String> {
    match layout {
        Layout::SamePath => Some(path.to_owned()),
        Layout::Folder { target, .. } => without_folder(path, target),
        Layout::Docusaurus { target } => {
            let rest = after_folder(path, &format!("i18n/{target}"))?;
            let rest = rest.strip_prefix("docusaurus-plugin-content-docs/")?;
            rest.strip_prefix("current/").map(str::to_owned)
        }
        Layout::Ending { target } => {
            let (stem, ending) = path.rsplit_once('.')?;
            let stem = stem.strip_suffix(target.as_str())?.strip_suffix('.')?;
            Some(format!("{stem}.{ending}"))
        }
        Layout::FolderEnding { target } => {
            let ending = format!(".{target}/");
            let at = path.find(&ending)?;
            Some(format!("{}/{}", &path[..at], &path[at + ending.len()..]))
        }
        Layout::Map(map) => map.key(path, |name| to.are(name)),
    }
}

/// What follows a folder in a path.
fn after_folder(path: &str, folder: &str) -> Option<String> {
    let rest = match path.strip_prefix(folder) {
        Some(rest) => rest.strip_prefix('/'),
        None => path.split_once(&format!("/{folder}/")).map(|(_, rest)| rest),
    };
    rest.map(str::to_owned)
}

impl Map {
    fn key(&self, path: &str, is_locale: impl Fn(&str) -> bool) -> Option<String> {
        let rest = path.strip_prefix(&self.before)?;
        let end = rest.find(['/', '.']).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let rest = rest.strip_prefix(&self.after)?;
        is_locale(name).then(|| rest.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(
        source: &[&str],
        target: &[&str],
        one: bool,
        map: Option<&str>,
    ) -> Option<(String, Vec<String>, usize, usize)> {
        let locales = ("en-US".parse().unwrap(), "ja-JP".parse().unwrap());
        let map = map.map(|map| map.parse().unwrap());
        let found = pair(source, target, one, (&locales.0, &locales.1), map.as_ref())?;
        let pairs = found
            .pairs
            .iter()
            .map(|pair| format!("{}: {} = {}", pair.path, source[pair.source], target[pair.target]));
        Some((found.layout.to_string(), pairs.collect(), found.source_only.len(), found.target_only.len()))
    }

    #[test]
    fn the_layout_is_found_by_itself() {
        let same = ["a/x.md", "b.md", "c.md"];
        let found = shown(&same, &same[..2], false, None).unwrap();
        assert_eq!((found.0.as_str(), found.1.len(), found.2, found.3), ("the same path in both", 2, 1, 0));
        for (tree, layout, pairs) in [
            (
                &["content/en/a.md", "content/en/b.md", "content/ja/a.md", "content/fr/a.md"][..],
                "en/ and ja/",
                &["content/a.md: content/en/a.md = content/ja/a.md"][..],
            ),
            (
                &["docs/a/x.md", "docs/b.md", "i18n/ja/docusaurus-plugin-content-docs/current/a/x.md"],
                "docs/ and i18n/ja/docusaurus-plugin-content-docs/current/",
                &["a/x.md: docs/a/x.md = i18n/ja/docusaurus-plugin-content-docs/current/a/x.md"],
            ),
            (
                &["page.md", "page.ja.md", "other.md"],
                "page.md and page.ja.md",
                &["page.md: page.md = page.ja.md"],
            ),
            (
                &["pages/common/tar.md", "pages.ja/common/tar.md", "pages.ko/common/tar.md"],
                "pages/ and pages.ja/",
                &["pages/common/tar.md: pages/common/tar.md = pages.ja/common/tar.md"],
            ),
            (&["a.md", "ja/a.md"], "a path, and the same one below ja/", &["a.md: a.md = ja/a.md"]),
        ] {
            let found = shown(tree, tree, true, None).unwrap();
            assert_eq!(
                (found.0.as_str(), found.1),
                (layout, pairs.iter().map(ToString::to_string).collect())
            );
        }
        assert_eq!(shown(&["a.md"], &["b.md"], false, None), None);
    }

    #[test]
    fn a_map_is_followed() {
        let tree = ["x/en/a.md", "x/ja/a.md", "y/en/a.md", "y/ja/a.md"];
        let found = shown(&tree, &tree, true, Some("x/{locale}/**")).unwrap();
        assert_eq!(found.1, ["a.md: x/en/a.md = x/ja/a.md"]);
        assert!("x/**".parse::<Map>().is_err() && "{locale}/{locale}".parse::<Map>().is_err());
    }
}
