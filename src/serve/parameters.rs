//! The parameters of a request, from the query of its address.

use std::str::FromStr;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::failure::Failure;

/// The parameters that have not been read yet. One that nobody reads is a mistake of the client, who would wait for its effect.
#[derive(Debug)]
pub(super) struct Parameters {
    rest: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl Parameters {
    /// Of the query of an address, without the `?`.
    pub fn new(query: Option<&str>) -> Parameters {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Parameters { rest: pairs.into_owned().collect(), known: Vec::new() }
    }

    /// All values of a name. Empty ones are those of fields of a form that nobody filled in.
    pub fn all(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        let values = self.rest.extract_if(.., |(key, _)| key == name).map(|(_, value)| value);
        values.filter(|value| !value.is_empty()).collect()
    }

    /// The value of a name.
    pub fn one(&mut self, name: &'static str) -> Result<Option<String>, Failure> {
        let mut values = self.all(name);
        match values.len() {
            0 | 1 => Ok(values.pop()),
            _ => Err(Failure::bad_request(format!("{name} is given more than once"))),
        }
    }

    /// The value of a name, read.
    pub fn parsed<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, Failure> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        value.parse().map(Some).map_err(|error| Failure::bad_request(format!("{name}: {error}")))
    }

    /// Whether something is wanted: `name`, `name=1`, `name=true` or `name=on`.
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Failure> {
        let is_named = self.rest.iter().any(|(key, _)| key == name);
        match self.one(name)?.as_deref() {
            None => Ok(is_named),
            Some("1" | "true" | "on") => Ok(true),
            Some("0" | "false" | "off") => Ok(false),
            Some(_) => Err(Failure::bad_request(format!("{name}: say true or false"))),
        }
    }

    /// One of some names.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, Failure> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        let found = choices.iter().find(|(choice, _)| *choice == value).map(|(_, value)| *value);
        let names = || choices.iter().map(|(choice, _)| *choice).collect::<Vec<_>>().join(", ");
        found.map(Some).ok_or_else(|| Failure::bad_request(format!("{name}: say one of {}", names())))
    }

    /// A number within bounds.
    pub fn number(
        &mut self,
        name: &'static str,
        bounds: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, Failure> {
        let Some(value) = self.one(name)? else { return Ok(None) };
        in_bounds(name, value.parse().ok(), bounds).map(Some)
    }

    /// Nothing else is known.
    pub fn finish(self) -> Result<(), Failure> {
        match self.rest.first() {
            None => Ok(()),
            Some((name, _)) => {
                let known = self.known.join(", ");
                let name: String = name.chars().take(40).collect();
                Err(Failure::bad_request(format!(
                    "the parameter {name:?} is not known here; these are: {known}"
                )))
            }
        }
    }
}

/// A number within bounds.
pub(super) fn in_bounds(
    name: &str,
    number: Option<u64>,
    bounds: std::ops::RangeInclusive<u64>,
) -> Result<u64, Failure> {
    number.filter(|number| bounds.contains(number)).ok_or_else(|| {
        let (least, most) = bounds.into_inner();
        Failure::bad_request(format!("{name}: give a whole number from {least} to {most}"))
    })
}

/// A set of globs of paths; `None` if there are none. As on the command line, `*` stays within a folder.
pub(super) fn globs(name: &str, globs: &[String]) -> Result<Option<GlobSet>, Failure> {
    if globs.is_empty() {
        return Ok(None);
    }
    let set = || -> Result<GlobSet, globset::Error> {
        let mut set = GlobSetBuilder::new();
        for glob in globs {
            set.add(GlobBuilder::new(glob).literal_separator(true).build()?);
        }
        set.build()
    };
    set().map(Some).map_err(|error| Failure::bad_request(format!("{name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_nobody_reads_is_refused() {
        let mut parameters = Parameters::new(Some("text=a+b%2Fc&limit=7&current&to=&colour=red"));
        assert_eq!(parameters.one("text").unwrap().as_deref(), Some("a b/c"));
        assert_eq!(parameters.number("limit", 1..=100).unwrap(), Some(7));
        assert!(parameters.flag("current").unwrap());
        assert_eq!(parameters.one("to").unwrap(), None);
        assert!(parameters.finish().unwrap_err().detail.contains("colour"));
    }

    #[test]
    fn a_value_that_cannot_be_read_is_refused_with_its_name() {
        let parameters = || Parameters::new(Some("limit=-1&current=maybe&in=all&to=!&from=a&from=b"));
        assert!(parameters().number("limit", 1..=9).unwrap_err().detail.contains("from 1 to 9"));
        assert!(parameters().flag("current").unwrap_err().detail.starts_with("current"));
        assert!(parameters().choice("in", &[("source", ())]).unwrap_err().detail.contains("source"));
        assert!(parameters().parsed::<crate::model::Locale>("to").unwrap_err().detail.starts_with("to:"));
        assert!(parameters().one("from").unwrap_err().detail.contains("more than once"));
    }
}
