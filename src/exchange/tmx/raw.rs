//! The elements and attributes of one `<tu>`, without interpretation.

use std::borrow::Cow;

use quick_xml::events::BytesStart;
use quick_xml::events::attributes::Attribute;

use super::date;
use super::profile::Field;
use crate::model::{DateTime, Locale};

/// A cache of locale names, so that each is parsed once.
#[derive(Debug, Default)]
pub(super) struct Locales(Vec<(String, Locale)>);

/// The size limit of the cache: more than real files have, and a bound for hostile ones.
const REMEMBERED: usize = 256;

impl Locales {
    /// The locale of a name, or the reason why it is not one.
    fn named(&mut self, name: &str) -> Result<Locale, String> {
        if let Some((_, locale)) = self.0.iter().find(|(known, _)| known == name) {
            return Ok(locale.clone());
        }
        let locale = name.parse::<Locale>().map_err(|error| error.to_string())?;
        if self.0.len() < REMEMBERED {
            self.0.push((name.to_string(), locale.clone()));
        }
        Ok(locale)
    }
}

/// The attributes that `tu` and `tuv` share. A value that cannot be parsed is an error with a message for the user.
#[derive(Clone, Debug, Default)]
pub(super) struct RawAttributes {
    pub name: Option<String>,
    pub language: Option<Result<Locale, String>>,
    pub srclang: Option<String>,
    pub created: Option<Result<DateTime, String>>,
    pub changed: Option<Result<DateTime, String>>,
    pub last_used: Option<Result<DateTime, String>>,
    pub creator: Option<String>,
    pub changer: Option<String>,
    pub usage: Option<u64>,
}

impl RawAttributes {
    /// Reads the attributes of an element. In a tag that is known to be well-formed, no name is looked for a second time.
    pub fn of(tag: &BytesStart<'_>, is_sound: bool, locales: &mut Locales) -> Result<Self, String> {
        let mut raw = RawAttributes::default();
        let mut old_language = None;
        for attribute in tag.attributes().with_checks(!is_sound) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = || unescaped(&attribute);
            match attribute.key.as_ref() {
                "tuid" => raw.name = Some(value()?.into_owned()),
                "xml:lang" => raw.language = language(&value()?, locales),
                "lang" => old_language = language(&value()?, locales),
                "srclang" => raw.srclang = Some(value()?.into_owned()),
                "creationdate" => raw.created = Some(date(&value()?)),
                "changedate" => raw.changed = Some(date(&value()?)),
                "lastusagedate" => raw.last_used = Some(date(&value()?)),
                "creationid" => raw.creator = Some(value()?.into_owned()),
                "changeid" => raw.changer = Some(value()?.into_owned()),
                "usagecount" => raw.usage = value()?.trim().parse().ok(),
                _ => {}
            }
        }
        raw.language = raw.language.or(old_language);
        Ok(raw)
    }
}

fn unescaped<'a>(attribute: &Attribute<'a>) -> Result<Cow<'a, str>, String> {
    attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).map_err(|error| error.to_string())
}

fn language(name: &str, locales: &mut Locales) -> Option<Result<Locale, String>> {
    (!name.is_empty()).then(|| locales.named(name))
}

fn date(written: &str) -> Result<DateTime, String> {
    date::parse(written).ok_or_else(|| {
        let shown: String = written.chars().take(40).collect();
        format!("{shown:?} is not a date as TMX has them, YYYYMMDDThhmmssZ; the unit is without it")
    })
}

/// The value of an attribute; `is_sound` as for [`RawAttributes::of`].
pub(super) fn attribute<'a>(
    tag: &'a BytesStart<'_>,
    is_sound: bool,
    name: &str,
) -> Result<Option<Cow<'a, str>>, String> {
    let mut found = None;
    for attribute in tag.attributes().with_checks(!is_sound) {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.key.as_ref() == name {
            found = Some(unescaped(&attribute)?);
        }
    }
    Ok(found)
}

/// The `type` of a property.
#[derive(Clone, Debug)]
pub(super) enum PropertyName {
    /// One of this program's own, with its spelling.
    Known(Field, &'static str),
    Other(String),
}

impl PropertyName {
    /// Reads the type of a `prop`.
    pub fn of(tag: &BytesStart<'_>, is_sound: bool) -> Result<Self, String> {
        let name = attribute(tag, is_sound, "type")?.unwrap_or_default();
        Ok(match Field::of(&name) {
            Some((field, name)) => PropertyName::Known(field, name),
            None => PropertyName::Other(name.into_owned()),
        })
    }

    pub fn as_str(&self) -> &str {
        match self {
            PropertyName::Known(_, name) => name,
            PropertyName::Other(name) => name,
        }
    }

    pub fn field(&self) -> Option<Field> {
        match self {
            PropertyName::Known(field, _) => Some(*field),
            PropertyName::Other(_) => None,
        }
    }
}

/// Properties and notes of a `tu` or a `tuv`.
#[derive(Clone, Debug, Default)]
pub(super) struct Remarks {
    pub properties: Vec<(PropertyName, String)>,
    pub notes: Vec<String>,
}

/// One `<tuv>`.
#[derive(Clone, Debug, Default)]
pub(super) struct RawVariant {
    pub attributes: RawAttributes,
    pub remarks: Remarks,
    pub text: Option<String>,
}

/// One `<tu>`.
#[derive(Clone, Debug, Default)]
pub(super) struct RawUnit {
    pub line: u64,
    pub attributes: RawAttributes,
    pub remarks: Remarks,
    pub variants: Vec<RawVariant>,
}

impl RawUnit {
    /// The element of a property or note: the last `tuv` if it is inside one, else the `tu`.
    pub fn innermost(&mut self, inside: bool) -> &mut Remarks {
        match self.variants.last_mut() {
            Some(variant) if inside => &mut variant.remarks,
            _ => &mut self.remarks,
        }
    }
}
