//! Numbers in prose.

use std::collections::HashSet;
use std::ops::Range;

use super::scan::{MOST_ITEMS, OBJECT};

/// A number.
pub(super) struct Number {
    pub range: Range<usize>,
    /// As written.
    pub text: String,
    /// Its digits in ASCII, without separators and leading zeros.
    digits: String,
}

impl Number {
    /// Whether two numbers are the same: separators and leading zeros do not count, and a year can have two digits.
    pub fn is_same(&self, other: &Number) -> bool {
        let is_year = |long: &str, short: &str| {
            long.len() == 4
                && short.len() == 2
                && (long.starts_with("20") || long.starts_with("19"))
                && long.ends_with(short)
        };
        self.digits == other.digits
            || is_year(&self.digits, &other.digits)
            || is_year(&other.digits, &self.digits)
    }

    /// Whether it is larger than the numbers that are often written as words, months or hours.
    pub fn is_large(&self) -> bool {
        self.digits.len() > 2 || self.digits.parse::<u32>().is_ok_and(|value| value > 12)
    }

    /// Its runs of digits.
    pub fn parts(&self) -> impl Iterator<Item = String> {
        runs(&self.text).map(folded)
    }
}

/// The value of a digit, also full-width or Arabic.
fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        '٠'..='٩' => char::from_digit(u32::from(c) - u32::from('٠'), 10),
        '۰'..='۹' => char::from_digit(u32::from(c) - u32::from('۰'), 10),
        _ => None,
    }
}

/// The runs of digits of a text.
pub(super) fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| digit(c).is_none()).filter(|run| !run.is_empty())
}

/// A run of digits in ASCII, without leading zeros.
pub(super) fn folded(run: &str) -> String {
    let digits: String = run.chars().filter_map(digit).collect();
    digits.trim_start_matches('0').to_owned()
}

/// Whether a year of four digits is written with two in a set of numbers, or the reverse: 2021 of `FY21`.
pub(super) fn is_year_in(year: &str, digits: &HashSet<String>) -> bool {
    match year.len() {
        4 if year.starts_with("20") => digits.contains(year[2..].trim_start_matches('0')),
        1 | 2 => digits.contains(&format!("20{year:0>2}")),
        _ => false,
    }
}

/// The numbers of a prose, the first ones. Digits beside Latin letters are parts of names, and no numbers.
pub(super) fn numbers(prose: &str) -> Vec<Number> {
    let mut numbers = Vec::new();
    let mut characters = prose.char_indices().peekable();
    let mut before = ' ';
    while let Some((start, c)) = characters.next() {
        if numbers.len() == MOST_ITEMS {
            break;
        }
        if digit(c).is_none() {
            before = c;
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some(&(at, next)) = characters.peek() {
            let after = prose[at + next.len_utf8()..].chars().next();
            let joins = matches!(next, '.' | ',' | '\u{a0}' | '٫' | '٬')
                && after.is_some_and(|after| digit(after).is_some());
            if digit(next).is_none() && !joins {
                break;
            }
            end = at + next.len_utf8();
            characters.next();
        }
        let after = prose[end..].chars().next().unwrap_or(' ');
        let is_part = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '#' | '$' | '&' | OBJECT);
        let text = &prose[start..end];
        let digits = folded(text);
        if !is_part(before) && !is_part(after) && !is_version_of_brand(&digits, &prose[..start]) {
            numbers.push(Number { range: start..end, text: text.to_owned(), digits });
        }
        before = '0';
    }
    numbers
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Whether a number after a capitalized word belongs to its name: `Office 365`, `Project 2013`. A year after a month does not.
fn is_version_of_brand(digits: &str, before: &str) -> bool {
    let is_year = digits.len() == 4 && (digits.starts_with("20") || digits.starts_with("19"));
    if digits != "365" && !is_year {
        return false;
    }
    let before = before.trim_end();
    let length = before.bytes().rev().take(30).take_while(u8::is_ascii_alphabetic).count();
    let word = &before[before.len() - length..];
    digits == "365"
        || word.starts_with(|c: char| c.is_ascii_uppercase()) && word.len() > 2 && !MONTHS.contains(&word)
}

/// Whether a source or target has a number that is rightly written in another form: hours with AM and PM, words for numbers, units
/// of ten thousand.
pub(super) fn is_excused(source: &str, target: &str) -> bool {
    // "more than 5" is "6 or more" in Japanese and Korean.
    const WORDS: [&str; 30] = [
        "hexadecimal",
        "hex ",
        "[hex]",
        "decimal",
        "octal",
        "teen",
        "twelve",
        "ninety",
        "a.m.",
        "p.m.",
        "thousandth",
        "millionth",
        "hundredth",
        "tenth",
        "thousand",
        "million",
        "billion",
        "hundred",
        "dozen",
        "half",
        "degree",
        "percent of",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "more than",
        "fewer than",
        "less than",
        "greater than",
    ];
    let lower = source.to_lowercase();
    let has_hours = lower.match_indices("am").chain(lower.match_indices("pm")).any(|(at, _)| {
        let before = lower[..at].trim_end().chars().next_back();
        let after = lower[at + 2..].chars().next();
        before.is_some_and(|c| c.is_ascii_digit()) && !after.is_some_and(char::is_alphanumeric)
    });
    has_hours
        || WORDS.iter().any(|word| lower.contains(word))
        || target.chars().zip(target.chars().skip(1)).any(|(before, c)| {
            digit(before).is_some() && matches!(c, '万' | '萬' | '만' | '억' | '億' | '亿' | '천' | '千')
        })
}
