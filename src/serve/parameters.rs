//! The parameters of a request: in the query of its address, or in the JSON object of its body.

use std::collections::BTreeMap;
use std::str::FromStr;

use globset::GlobSet;

use super::failure::Failure;
use crate::json::OptionValue;
use crate::operations;

/// The parameters that have not been read yet. One that nobody reads is a mistake of the client, who would wait for its effect.
#[derive(Debug)]
pub(super) struct Parameters {
    rest: Vec<(String, OptionValue)>,
    known: Vec<&'static str>,
    source: Source,
}

/// Where parameters come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// An address: every value is a text.
    Address,
    /// JSON: numbers and flags have types of their own.
    Json,
}

impl Parameters {
    /// Of the query of an address, without the `?`.
    pub fn new(query: Option<&str>) -> Parameters {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned();
        let rest = pairs.map(|(name, value)| (name, OptionValue::Text(value))).collect();
        Parameters { rest, known: Vec::new(), source: Source::Address }
    }

    /// Of the options of a JSON object.
    pub fn of_json(options: BTreeMap<String, Option<OptionValue>>) -> Parameters {
        let rest = options.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        Parameters { rest, known: Vec::new(), source: Source::Json }
    }

    fn values(&mut self, name: &'static str) -> impl Iterator<Item = OptionValue> {
        self.known.push(name);
        let values = self.rest.extract_if(.., move |(key, _)| key == name).map(|(_, value)| value);
        // An empty text is that of a field of a form that nobody filled in.
        values.filter(|value| *value != OptionValue::Text(String::new()))
    }

    fn value(&mut self, name: &'static str) -> Result<Option<OptionValue>, Failure> {
        let mut values: Vec<OptionValue> = self.values(name).collect();
        match values.len() {
            0 | 1 => Ok(values.pop()),
            _ => Err(Failure::bad_request(format!("{name} is given more than once"))),
        }
    }

    /// All texts of a name.
    pub fn all(&mut self, name: &'static str) -> Vec<String> {
        let text = |value| if let OptionValue::Text(text) = value { Some(text) } else { None };
        self.values(name).filter_map(text).collect()
    }

    /// The text of a name.
    pub fn one(&mut self, name: &'static str) -> Result<Option<String>, Failure> {
        match self.value(name)? {
            None => Ok(None),
            Some(OptionValue::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Failure::bad_request(format!("{name}: give a string"))),
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

    /// Whether something is wanted: in an address `name`, `name=1`, `name=true` or `name=on`.
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Failure> {
        let is_named = self.rest.iter().any(|(key, _)| key == name);
        let (value, source) = (self.value(name)?, self.source);
        match (value, source) {
            (None, _) => Ok(is_named && source == Source::Address),
            (Some(OptionValue::Flag(flag)), _) => Ok(flag),
            (Some(OptionValue::Text(text)), Source::Address) if ["1", "true", "on"].contains(&&*text) => {
                Ok(true)
            }
            (Some(OptionValue::Text(text)), Source::Address) if ["0", "false", "off"].contains(&&*text) => {
                Ok(false)
            }
            _ => Err(Failure::bad_request(format!("{name}: say true or false"))),
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
        let number = match (self.value(name)?, self.source) {
            (None, _) => return Ok(None),
            (Some(OptionValue::Number(number)), _) => Some(number),
            (Some(OptionValue::Text(text)), Source::Address) => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| bounds.contains(number)).map(Some).ok_or_else(|| {
            let (least, most) = bounds.into_inner();
            Failure::bad_request(format!("{name}: give a whole number from {least} to {most}"))
        })
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

/// The set of globs of a parameter; `None` if there are none.
pub(super) fn globs(name: &str, globs: &[String]) -> Result<Option<GlobSet>, Failure> {
    operations::globs::globs(globs).map_err(|error| Failure::bad_request(format!("{name}: {error}")))
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
    fn values_in_json_have_types() {
        let parameters = |json: &str| Parameters::of_json(crate::json::from_bytes(json.as_bytes()).unwrap());
        let mut read = parameters(r#"{"limit": 7, "current": true, "to": "ko-KR", "from": null}"#);
        assert_eq!(read.number("limit", 1..=9).unwrap(), Some(7));
        assert!(read.flag("current").unwrap());
        assert_eq!(read.one("to").unwrap().as_deref(), Some("ko-KR"));
        assert_eq!(read.one("from").unwrap(), None);
        read.finish().unwrap();
        let mut wrong = parameters(r#"{"limit": "7", "current": "true", "to": 1, "other": ""}"#);
        assert!(wrong.number("limit", 1..=9).unwrap_err().detail.contains("from 1 to 9"));
        assert!(wrong.flag("current").is_err() && wrong.one("to").is_err());
        assert!(wrong.finish().unwrap_err().detail.contains("other"));
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
