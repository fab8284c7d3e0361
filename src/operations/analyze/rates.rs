//! Rates: which part of a word of each band is paid. The weighted words of an analysis are the words times the rate of their band.

use std::path::Path;

use toml_edit::{DocumentMut, Item, TableLike};

use super::bands::{Band, Counts, Origin, Shares, Volume};
use crate::model::{Workflow, shown};

/// The rate of each band, for matches that a person translated (and those of which it is not known), and that a machine translated.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates([[f64; 2]; Band::ALL.len()]);

/// Why a file of rates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RatesError {
    /// It cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// As the user named it.
        path: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// It is no file of rates.
    #[error("{path} is no file of rates: {reason}")]
    Content {
        /// As the user named it.
        path: String,
        /// A sentence.
        reason: String,
    },
}

impl Rates {
    /// Reads a TOML file: `exact = 0.1`, a line for each band by [`Band::name`], and a table `[machine]` for the bands whose matches by a
    /// machine have another rate.
    ///
    /// # Errors
    /// If it cannot be read, or is no file of rates.
    pub fn read(path: &Path) -> Result<Rates, RatesError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| RatesError::Unreadable { path: shown(path), source })?;
        Rates::parse(&text).map_err(|reason| RatesError::Content { path: shown(path), reason })
    }

    /// Parses the content of such a file.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(toml: &str) -> Result<Rates, String> {
        let document: DocumentMut =
            toml.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
        let mut people = rates_of(document.as_table())?;
        // What is seldom agreed on has a default.
        for band in Band::ALL {
            let index = index(band);
            if people[index].is_none() {
                people[index] = match band {
                    Band::Unchanged | Band::Numbers | Band::Code => Some(0.0),
                    Band::CrossRepetition => people[self::index(Band::Repetition)],
                    Band::Fuzzy(similarity, Origin::Internal) => {
                        people[self::index(Band::Fuzzy(similarity, Origin::Memory))]
                    }
                    _ => None,
                };
            }
        }
        let has_default =
            |band: &Band| matches!(band, Band::CrossRepetition | Band::Fuzzy(_, Origin::Internal));
        let missing: Vec<&str> = Band::ALL
            .into_iter()
            .filter(|band| people[index(*band)].is_none() && !has_default(band))
            .map(Band::name)
            .collect();
        if !missing.is_empty() {
            return Err(format!("it has no rate for {}", missing.join(", ")));
        }
        let machine = match document.get("machine") {
            Some(item) => {
                let table = item.as_table_like().ok_or("machine must be a table")?;
                rates_of(table)?
            }
            None => [None; Band::ALL.len()],
        };
        let mut rates = [[0.0; 2]; Band::ALL.len()];
        for ((rate, person), machine) in rates.iter_mut().zip(people).zip(machine) {
            let person = person.unwrap_or_default();
            *rate = [person, machine.unwrap_or(person)];
        }
        Ok(Rates(rates))
    }

    /// The rate of a band, for matches of a workflow.
    pub fn of(&self, band: Band, workflow: Workflow) -> f64 {
        self.0[index(band)][usize::from(workflow == Workflow::Machine)]
    }

    /// The weighted number of counts: of words, or of what `of` selects.
    pub fn weighted(&self, counts: &Counts, of: impl Fn(&Volume) -> u64) -> f64 {
        let band = |(band, shares): (Band, &Shares)| {
            of(&(shares.human + shares.unknown)) as f64 * self.of(band, Workflow::Human)
                + of(&shares.machine) as f64 * self.of(band, Workflow::Machine)
        };
        counts.iter().map(band).sum()
    }
}

fn index(band: Band) -> usize {
    Band::ALL.iter().position(|other| *other == band).unwrap_or_default()
}

fn rates_of(table: &dyn TableLike) -> Result<[Option<f64>; Band::ALL.len()], String> {
    let mut rates = [None; Band::ALL.len()];
    for (key, item) in table.iter().filter(|(key, _)| *key != "machine") {
        let band = Band::of_name(key).ok_or_else(|| {
            let names = Band::ALL.map(Band::name).join(", ");
            format!("{key} is no band; the bands are {names}")
        })?;
        let number = |item: &Item| item.as_float().or(item.as_integer().map(|number| number as f64));
        let rate = number(item).filter(|rate| rate.is_finite() && *rate >= 0.0);
        rates[index(band)] =
            Some(rate.ok_or_else(|| format!("{key} must be a number from 0, such as 0.35"))?);
    }
    Ok(rates)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: &str = "context = 0\nexact = 0.1\nrepetition = 0.2\n\"95-99\" = 0.3\n\"85-94\" = 0.5\n\
                         75-84 = 0.7\n50-74 = 1\nno-match = 1.0\n";

    #[test]
    fn words_are_weighted_by_their_band_and_by_who_translated() {
        let mut counts = Counts::default();
        let words = |words| Volume { segments: 1, words, characters: 0 };
        counts.add(Band::Exact, Some(Workflow::Human), words(100));
        counts.add(Band::Exact, Some(Workflow::Machine), words(100));
        counts.add(Band::CrossRepetition, None, words(10));
        counts.add(Band::NoMatch, None, words(7));
        counts.add(Band::Code, None, words(1000));
        let weighted = |toml: &str| Rates::parse(toml).unwrap().weighted(&counts, |volume| volume.words);
        assert!((weighted(RATES) - 29.0).abs() < 1e-9);
        assert!((weighted(&format!("{RATES}[machine]\nexact = 0.4\n")) - 59.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for (toml, reason) in [
            ("exact = 0.1\n", "no rate for context, repetition, 95-99"),
            ("exakt = 0.1\n", "exakt is no band"),
            ("exact = \"much\"\n", "exact must be a number"),
            ("exact = -1\n", "exact must be a number"),
            ("exact = nan\n", "exact must be a number"),
            ("machine = 1\n", "machine must be a table"),
            ("[", ""),
        ] {
            let toml = if toml.starts_with("machine") { format!("{RATES}{toml}") } else { toml.to_owned() };
            let error = Rates::parse(&toml).unwrap_err();
            assert!(error.contains(reason), "{toml}: {error}");
        }
    }
}
