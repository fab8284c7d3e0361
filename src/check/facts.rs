//! What is learned from all pairs of a set in one pair of locales, before they are checked.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;
use std::sync::OnceLock;

use foldhash::fast::FixedState;

use super::compare;
use super::registry::check_of_id;
use super::scan;
use super::selection::Selection;
use super::subject::{Pair, Subject};
use crate::model::Workflow;

/// What is known of a set. The default knows nothing: then the rules that need it find nothing.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    /// Of human translations whose source has bold text: how many there are, and how many have less of it.
    human_bold: Share,
    /// For the hash of each name: in how many pairs it is, and how many keep it.
    names: HashMap<u64, Share, FixedState>,
    /// For the hash of a word: how many targets have it twice in a row.
    doubled: HashMap<u64, u32, FixedState>,
    /// The hashes of Latin words in human translations into another script.
    words_of_people: HashSet<u64, FixedState>,
    copied_by_people: HashSet<&'a str, FixedState>,
    targets: HashMap<&'a str, Few<(&'a str, Option<Workflow>)>, FixedState>,
    sources: HashMap<&'a str, Few<&'a str>, FixedState>,
    /// For a source, the newest human translation of an earlier version.
    human_before: HashMap<&'a str, &'a str, FixedState>,
    lengths: Lengths,
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    seen: u32,
    hits: u32,
}

/// A list that is not empty. Most have one element, which needs no allocation.
#[derive(Debug)]
struct Few<T> {
    first: T,
    others: Vec<T>,
}

impl<T> Few<T> {
    fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// Which facts are learned: those that some checks alone need take time.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    /// The targets of each source.
    targets: bool,
    /// Words that occur twice in a row.
    doubled: bool,
}

impl Wanted {
    fn new(selection: &Selection) -> Wanted {
        let any = |ids: &[&str]| {
            let checks = ids.iter().filter_map(|id| check_of_id(id));
            let mut workflows = checks.flat_map(|check| {
                [None, Some(Workflow::Human), Some(Workflow::Machine)].map(|workflow| (check, workflow))
            });
            workflows.any(|(check, workflow)| selection.has(check, workflow))
        };
        Wanted { targets: any(&["inconsistent", "replaced_human"]), doubled: any(&["doubled"]) }
    }
}

/// The most targets of a source, and sources of a target, that are kept: rules look at all of them for each pair.
const MOST: usize = 24;

/// Above this share, in percent, of human translations that lose bold text, the loss is a habit.
const HABIT: u32 = 5;
/// The fewest human translations with bold text that show a habit.
const FEWEST_FOR_HABIT: u32 = 20;

impl<'a> Facts<'a> {
    /// Learns from the different pairs of a set what the selected checks need.
    pub fn learn(pairs: impl IntoIterator<Item = Pair<'a>>, selection: &Selection) -> Self {
        let mut facts = Facts::default();
        let wanted = Wanted::new(selection);
        for pair in pairs {
            facts.add(pair, wanted);
        }
        facts
    }

    fn add(&mut self, pair: Pair<'a>, wanted: Wanted) {
        let is_human = pair.workflow == Some(Workflow::Human);
        if wanted.targets {
            add_distinct(self.targets.entry(pair.source), (pair.target, pair.workflow), is_same_text);
        }
        if pair.source == pair.target {
            if is_human {
                self.copied_by_people.insert(pair.source);
            }
            let subject = Subject::new(pair);
            for name in subject.source.names() {
                self.names.entry(hash(&name.text)).or_default().add(true);
            }
            return;
        }
        add_distinct(self.sources.entry(pair.target), pair.source, PartialEq::eq);
        let subject = Subject::new(pair);
        let (source, target) = (&subject.source, &subject.target);
        let bold = compare::bold_count(source);
        if is_human && bold > 0 {
            self.human_bold.add(compare::bold_count(target) < bold);
        }
        if is_human && scan::is_of_other_script(subject.language()) {
            let latin = target.words().iter().filter(|word| word.is_latin && word.range.len() > 3);
            self.words_of_people
                .extend(latin.map(|word| hash(&target.prose[word.range.clone()].to_lowercase())));
        }
        for name in source.names() {
            self.names.entry(hash(&name.text)).or_default().add(target.flat().contains(&name.text));
        }
        if wanted.doubled
            && let Some(range) = compare::doubled_word(&target.prose)
        {
            *self.doubled.entry(hash(compare::first_of_doubled(target.at(&range)))).or_default() += 1;
        }
        self.lengths.add(compare::weight(source), compare::weight(target), 1);
    }

    /// Adds what was learned from later pairs of the same set. The result does not depend on how the pairs were divided.
    pub fn merge(&mut self, later: Facts<'a>) {
        self.human_bold.merge(later.human_bold);
        for (name, share) in later.names {
            self.names.entry(name).or_default().merge(share);
        }
        for (word, count) in later.doubled {
            *self.doubled.entry(word).or_default() += count;
        }
        self.copied_by_people.extend(later.copied_by_people);
        self.words_of_people.extend(later.words_of_people);
        for (source, targets) in later.targets {
            merge_distinct(self.targets.entry(source), targets, is_same_text);
        }
        for (target, sources) in later.sources {
            merge_distinct(self.sources.entry(target), sources, PartialEq::eq);
        }
        self.lengths.merge(&later.lengths);
    }

    /// Adds what a person had translated in an earlier version of a document, newer versions first.
    pub fn add_human_before(&mut self, source: &'a str, target: &'a str) {
        self.human_before.entry(source).or_insert(target);
    }

    /// The translation of a source by a person in an earlier version, if no person's translation of it is current.
    pub(super) fn human_before(&self, source: &str) -> Option<&'a str> {
        let earlier = *self.human_before.get(source)?;
        let mut current = self.targets_of(source);
        (!current.any(|(_, workflow)| workflow == Some(Workflow::Human))).then_some(earlier)
    }

    /// Whether people who translate this set replace bold text by something else.
    pub(super) fn people_replace_bold(&self) -> bool {
        let Share { seen, hits } = self.human_bold;
        seen >= FEWEST_FOR_HABIT && hits * 100 > seen * HABIT
    }

    /// For a name that a pair does not keep: the number of other pairs with it, and how many of them keep it.
    pub(super) fn kept(&self, name: &str) -> (u32, u32) {
        self.names.get(&hash(name)).map_or((0, 0), |share| (share.seen.saturating_sub(1), share.hits))
    }

    /// How many targets have a word twice in a row.
    pub(super) fn doubled(&self, word: &str) -> u32 {
        self.doubled.get(&hash(word)).copied().unwrap_or(0)
    }

    /// Whether a person left a source as it is.
    pub(super) fn is_copied_by_people(&self, source: &str) -> bool {
        self.copied_by_people.contains(source)
    }

    /// Whether a human translation has a Latin word, in small letters.
    pub(super) fn is_word_of_people(&self, word: &str) -> bool {
        self.words_of_people.contains(&hash(word))
    }

    /// The different targets of a source, as far as they are kept, with who translated them first.
    pub(super) fn targets_of(&self, source: &str) -> impl Iterator<Item = (&'a str, Option<Workflow>)> {
        self.targets.get(source).into_iter().flat_map(Few::iter).copied()
    }

    /// The different sources of a target, as far as they are kept, without the target itself.
    pub(super) fn sources_of(&self, target: &str) -> impl Iterator<Item = &'a str> {
        self.sources.get(target).into_iter().flat_map(Few::iter).copied()
    }

    /// How far the ratio of two lengths is from the median of its class, in robust standard deviations. `None` if too little is known.
    pub(super) fn length_deviation(&self, from: usize, to: usize) -> Option<f64> {
        self.lengths.deviation(from, to)
    }
}

impl Share {
    fn add(&mut self, hit: bool) {
        self.seen += 1;
        self.hits += u32::from(hit);
    }

    fn merge(&mut self, other: Share) {
        self.seen += other.seen;
        self.hits += other.hits;
    }
}

fn hash(text: &str) -> u64 {
    // A collision makes a count of a habit a little wrong, no more.
    FixedState::with_seed(0).hash_one(text)
}

fn is_same_text(one: &(&str, Option<Workflow>), other: &(&str, Option<Workflow>)) -> bool {
    one.0 == other.0
}

fn add_distinct<T>(entry: Entry<'_, &str, Few<T>>, new: T, is_same: fn(&T, &T) -> bool) {
    match entry {
        Entry::Vacant(entry) => drop(entry.insert(Few { first: new, others: Vec::new() })),
        Entry::Occupied(mut entry) => {
            let known = entry.get_mut();
            if known.others.len() + 1 < MOST && !known.iter().any(|old| is_same(old, &new)) {
                known.others.push(new);
            }
        }
    }
}

fn merge_distinct<T: Copy>(entry: Entry<'_, &str, Few<T>>, later: Few<T>, is_same: fn(&T, &T) -> bool) {
    match entry {
        Entry::Vacant(entry) => drop(entry.insert(later)),
        Entry::Occupied(mut entry) => {
            let known = entry.get_mut();
            for new in later.iter() {
                if known.others.len() + 1 < MOST && !known.iter().any(|old| is_same(old, new)) {
                    known.others.push(*new);
                }
            }
        }
    }
}

/// Ratios of the lengths of target and source: a histogram for each class of lengths, powers of two.
#[derive(Debug, Default)]
struct Lengths {
    classes: Vec<Vec<u32>>,
    /// Median and robust standard deviation of each class.
    usual: OnceLock<Vec<Option<(f64, f64)>>>,
}

impl Lengths {
    /// Steps of a histogram for the natural logarithm of a ratio from -4 to 4.
    const STEPS: usize = 320;
    const STEP: f64 = 8.0 / Lengths::STEPS as f64;
    /// The fewest pairs of a class that show what is usual.
    const FEWEST: u32 = 100;
    /// The smallest deviation: in a set with one ratio, small differences would be outliers.
    const SMALLEST: f64 = 0.12;

    fn log_ratio(from: usize, to: usize) -> Option<(usize, f64)> {
        let class = from.checked_ilog2()? as usize;
        (to > 0).then(|| (class, (to as f64 / from as f64).ln()))
    }

    fn add(&mut self, from: usize, to: usize, count: u32) {
        let Some((class, ratio)) = Lengths::log_ratio(from, to) else { return };
        if self.classes.len() <= class {
            self.classes.resize_with(class + 1, || vec![0; Lengths::STEPS]);
        }
        let step = ((ratio + 4.0) / Lengths::STEP).clamp(0.0, Lengths::STEPS as f64 - 1.0);
        self.classes[class][step as usize] += count;
    }

    fn merge(&mut self, other: &Lengths) {
        if self.classes.len() < other.classes.len() {
            self.classes.resize_with(other.classes.len(), || vec![0; Lengths::STEPS]);
        }
        for (own, others) in self.classes.iter_mut().zip(&other.classes) {
            own.iter_mut().zip(others).for_each(|(own, other)| *own += other);
        }
    }

    fn deviation(&self, from: usize, to: usize) -> Option<f64> {
        let (class, ratio) = Lengths::log_ratio(from, to)?;
        let usual = self.usual.get_or_init(|| self.classes.iter().map(|class| usual(class)).collect());
        let (median, deviation) = (*usual.get(class)?)?;
        Some((ratio - median) / deviation)
    }
}

/// The median of a histogram, and its robust standard deviation: 1.4826 times the median of the absolute deviations.
fn usual(histogram: &[u32]) -> Option<(f64, f64)> {
    let total: u32 = histogram.iter().sum();
    if total < Lengths::FEWEST {
        return None;
    }
    let middle = median(histogram.iter().copied(), total)?;
    let at = |step: usize| histogram.get(step).copied().unwrap_or(0);
    let distances = (0..histogram.len()).map(|distance| match distance {
        0 => at(middle),
        _ => at(middle + distance) + middle.checked_sub(distance).map_or(0, at),
    });
    let deviation = median(distances, total)? as f64 * Lengths::STEP * 1.4826;
    Some((middle as f64 * Lengths::STEP - 4.0 + Lengths::STEP / 2.0, deviation.max(Lengths::SMALLEST)))
}

/// The position at which half of all counts are reached.
fn median(mut counts: impl Iterator<Item = u32>, total: u32) -> Option<usize> {
    let mut seen = 0;
    counts.position(|count| {
        seen += count;
        seen * 2 >= total
    })
}
