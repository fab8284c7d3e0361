//! The bands of an analysis, and what is counted in each.

use std::ops::{Add, AddAssign};

use crate::model::Workflow;
use crate::segmentation;

/// A band: each segment is in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// In a document that has changed, the earlier version has it too. Only with `changed_since`.
    Unchanged,
    /// The memory has the text between the same neighbours: 101.
    Context,
    /// The memory has the text: 100.
    Exact,
    /// The document has the text before, and the memory has it not.
    Repetition,
    /// The same of an earlier document.
    CrossRepetition,
    /// The most similar text of the memory, or of the documents that were read.
    Fuzzy(Similarity, Origin),
    /// Nothing of 50 or more.
    NoMatch,
    /// Digits and no letter.
    Numbers,
    /// Inline codes or symbols alone.
    Code,
}

/// A range of scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Similarity {
    /// 95 to 99.
    From95,
    /// 85 to 94.
    From85,
    /// 75 to 84.
    From75,
    /// 50 to 74.
    From50,
}

/// Where a similar text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In the memory.
    Memory,
    /// Earlier in the documents that were read: it will have been translated.
    Internal,
}

impl Similarity {
    /// The range that a percentage is in; `None` below 50.
    pub fn of(percent: u8) -> Option<Similarity> {
        Some(match percent {
            95.. => From95,
            85.. => From85,
            75.. => From75,
            50.. => From50,
            _ => return None,
        })
    }
}

use Origin::{Internal, Memory};
use Similarity::{From50, From75, From85, From95};

impl Band {
    /// All bands, in the order of a report.
    pub const ALL: [Band; 16] = [
        Band::Unchanged,
        Band::Context,
        Band::Exact,
        Band::Repetition,
        Band::CrossRepetition,
        Band::Fuzzy(From95, Memory),
        Band::Fuzzy(From85, Memory),
        Band::Fuzzy(From75, Memory),
        Band::Fuzzy(From50, Memory),
        Band::Fuzzy(From95, Internal),
        Band::Fuzzy(From85, Internal),
        Band::Fuzzy(From75, Internal),
        Band::Fuzzy(From50, Internal),
        Band::NoMatch,
        Band::Numbers,
        Band::Code,
    ];

    /// The name in JSON, CSV and files of rates.
    pub fn name(self) -> &'static str {
        match self {
            Band::Unchanged => "unchanged",
            Band::Context => "context",
            Band::Exact => "exact",
            Band::Repetition => "repetition",
            Band::CrossRepetition => "cross-repetition",
            Band::Fuzzy(From95, Memory) => "95-99",
            Band::Fuzzy(From85, Memory) => "85-94",
            Band::Fuzzy(From75, Memory) => "75-84",
            Band::Fuzzy(From50, Memory) => "50-74",
            Band::Fuzzy(From95, Internal) => "internal-95-99",
            Band::Fuzzy(From85, Internal) => "internal-85-94",
            Band::Fuzzy(From75, Internal) => "internal-75-84",
            Band::Fuzzy(From50, Internal) => "internal-50-74",
            Band::NoMatch => "no-match",
            Band::Numbers => "numbers",
            Band::Code => "code",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Band::Unchanged => "unchanged",
            Band::Context => "context (101)",
            Band::Exact => "exact (100)",
            Band::Repetition => "repetitions in a document",
            Band::CrossRepetition => "repetitions across documents",
            Band::Fuzzy(From95, Memory) => "95 to 99",
            Band::Fuzzy(From85, Memory) => "85 to 94",
            Band::Fuzzy(From75, Memory) => "75 to 84",
            Band::Fuzzy(From50, Memory) => "50 to 74",
            Band::Fuzzy(From95, Internal) => "internal, 95 to 99",
            Band::Fuzzy(From85, Internal) => "internal, 85 to 94",
            Band::Fuzzy(From75, Internal) => "internal, 75 to 84",
            Band::Fuzzy(From50, Internal) => "internal, 50 to 74",
            Band::NoMatch => "no match",
            Band::Numbers => "numbers only",
            Band::Code => "code or symbols only",
        }
    }

    /// The band of this name.
    pub fn of_name(name: &str) -> Option<Band> {
        Band::ALL.into_iter().find(|band| band.name() == name)
    }

    fn index(self) -> usize {
        Band::ALL.iter().position(|band| *band == self).unwrap_or_default()
    }
}

/// A number of segments with their words and characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Segments.
    pub segments: u64,
    /// Words (Unicode Standard Annex 29).
    pub words: u64,
    /// Characters that are not white space.
    pub characters: u64,
}

impl Volume {
    /// Of one segment.
    pub(super) fn of_segment(volume: segmentation::Volume) -> Volume {
        Volume { segments: 1, words: volume.words.into(), characters: volume.characters.into() }
    }
}

impl Add for Volume {
    type Output = Volume;

    fn add(self, other: Volume) -> Volume {
        Volume {
            segments: self.segments + other.segments,
            words: self.words + other.words,
            characters: self.characters + other.characters,
        }
    }
}

impl AddAssign for Volume {
    fn add_assign(&mut self, other: Volume) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Volume {
    fn sum<I: Iterator<Item = Volume>>(volumes: I) -> Volume {
        volumes.fold(Volume::default(), Add::add)
    }
}

/// What a band has, by who translated the matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Matches that a person translated.
    pub human: Volume,
    /// Matches that a machine translated.
    pub machine: Volume,
    /// Matches of which it is not known, and segments without a match.
    pub unknown: Volume,
}

impl Shares {
    /// All together.
    pub fn all(&self) -> Volume {
        self.human + self.machine + self.unknown
    }
}

/// The counts of a document, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts([Shares; Band::ALL.len()]);

impl Counts {
    /// Adds a segment.
    pub(super) fn add(&mut self, band: Band, workflow: Option<Workflow>, volume: Volume) {
        let shares = &mut self.0[band.index()];
        *match workflow {
            Some(Workflow::Human) => &mut shares.human,
            Some(Workflow::Machine) => &mut shares.machine,
            None => &mut shares.unknown,
        } += volume;
    }

    /// What a band has.
    pub fn of(&self, band: Band) -> &Shares {
        &self.0[band.index()]
    }

    /// The bands with their counts, in the order of a report.
    pub fn iter(&self) -> impl Iterator<Item = (Band, &Shares)> {
        Band::ALL.into_iter().zip(&self.0)
    }

    /// All bands together.
    pub fn all(&self) -> Volume {
        self.0.iter().map(Shares::all).sum()
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Counts) {
        for (sum, shares) in self.0.iter_mut().zip(&other.0) {
            sum.human += shares.human;
            sum.machine += shares.machine;
            sum.unknown += shares.unknown;
        }
    }
}
