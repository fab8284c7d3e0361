//! Literals that every match of a regular expression contains: a prefilter, after Russ Cox, "Regular Expression Matching with a
//! Trigram Index" (2012), <https://swtch.com/~rsc/regexp/regexp4.html>. There the literals are cut into trigrams for an index; here
//! they are searched for in the folded texts.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::fold::is_folded;

/// Folded literals of which each match contains at least one.
type Literals = BTreeSet<String>;

/// The most literals: a search for more would not be faster than the expression itself.
const MOST: usize = 16;

/// The most characters of a class. Folding can make them a quarter as many.
const WIDEST_CLASS: usize = 4 * MOST;

/// Folded literals of which the folded text of every match contains at least one; `None` if there are none of use.
pub(super) fn required(expression: &Hir) -> Option<Literals> {
    let Analysis { exact, required } = analyse(expression);
    best([exact.map(trimmed), required])
}

/// The analysis of a part of an expression.
#[derive(Default)]
struct Analysis {
    /// All that the part matches, folded, if these are few texts.
    exact: Option<Literals>,
    /// Literals of which each match of the part contains one.
    required: Option<Literals>,
}

impl Analysis {
    fn exact(texts: impl IntoIterator<Item = String>) -> Analysis {
        let texts: Literals = texts.into_iter().collect();
        Analysis { exact: (texts.len() <= MOST).then_some(texts), required: None }
    }
}

fn analyse(expression: &Hir) -> Analysis {
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => Analysis::exact([String::new()]),
        HirKind::Literal(literal) => {
            let folded = |text: &str| text.chars().map(folded_character).collect();
            Analysis { exact: str::from_utf8(&literal.0).ok().and_then(folded).map(one), required: None }
        }
        HirKind::Class(Class::Unicode(class)) => {
            let size: usize = class.ranges().iter().map(|range| range.len()).sum();
            let characters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let folded: Option<Literals> =
                (size <= WIDEST_CLASS).then(|| characters.map(folded_character).collect()).flatten();
            Analysis { exact: folded.filter(|folded| folded.len() <= MOST), required: None }
        }
        HirKind::Class(Class::Bytes(_)) => Analysis::default(),
        HirKind::Capture(capture) => analyse(&capture.sub),
        HirKind::Repetition(repetition) => {
            let Analysis { exact, required } = analyse(&repetition.sub);
            match (repetition.min, repetition.max, exact) {
                (0, Some(1), Some(exact)) => Analysis::exact(exact.into_iter().chain([String::new()])),
                (0, ..) => Analysis::default(),
                (.., exact) => Analysis { exact: None, required: best([exact.map(trimmed), required]) },
            }
        }
        HirKind::Concat(parts) => concatenation(parts),
        HirKind::Alternation(parts) => alternation(parts),
    }
}

fn concatenation(parts: &[Hir]) -> Analysis {
    let mut is_exact = true;
    let mut found = None;
    // The product of the exact parts since the last one that is not exact.
    let mut current = one(String::new());
    for part in parts {
        let Analysis { exact, required } = analyse(part);
        let product = exact.as_ref().filter(|exact| exact.len() * current.len() <= MOST).map(|exact| {
            current.iter().flat_map(|start| exact.iter().map(move |end| format!("{start}{end}"))).collect()
        });
        match product {
            Some(product) => current = product,
            None => {
                is_exact = false;
                let before = std::mem::replace(&mut current, exact.unwrap_or_else(|| one(String::new())));
                found = best([found, Some(trimmed(before)), required]);
            }
        }
    }
    match is_exact {
        true => Analysis { exact: Some(current), required: None },
        false => Analysis { exact: None, required: best([found, Some(trimmed(current))]) },
    }
}

fn alternation(parts: &[Hir]) -> Analysis {
    let (mut exact, mut required) = (Some(Literals::new()), Some(Literals::new()));
    for part in parts {
        let part = analyse(part);
        let any = best([part.exact.clone().map(trimmed), part.required]);
        let joined = |all: Option<Literals>, more: Option<Literals>| {
            all.zip(more).map(|(all, more)| &all | &more).filter(|all| all.len() <= MOST)
        };
        (exact, required) = (joined(exact, part.exact), joined(required, any));
    }
    Analysis { exact, required }
}

/// Of several sets of literals the one whose shortest literal is the longest, of equals the smallest; none if that literal is empty.
fn best<const SETS: usize>(sets: [Option<Literals>; SETS]) -> Option<Literals> {
    let shortest = |set: &Literals| set.iter().map(String::len).min().unwrap_or(0);
    sets.into_iter()
        .flatten()
        .filter(|set| shortest(set) > 0)
        .max_by_key(|set| (shortest(set), Reverse(set.len())))
}

fn one(text: String) -> Literals {
    Literals::from([text])
}

/// Removes the characters at the end of each literal that folding can compose with a mark after them, if it removes an invisible
/// character between the two: a Hangul syllable without a final consonant, a kana.
fn trimmed(literals: Literals) -> Literals {
    let composes = |c: char| match c {
        '\u{ac00}'..='\u{d7a3}' => (u32::from(c) - 0xac00).is_multiple_of(28),
        '\u{3041}'..='\u{30fe}' => true,
        _ => false,
    };
    literals.into_iter().map(|literal| literal.trim_end_matches(composes).to_owned()).collect()
}

/// The folded form of a character; `None` if it depends on the characters around it.
fn folded_character(c: char) -> Option<String> {
    let folded = match c {
        // These three compose with U+0338.
        '<' | '=' | '>' => return None,
        ' '..='~' => c.to_ascii_lowercase(),
        'ſ' => 's',
        '\u{212a}' => 'k',
        _ if !c.is_control() && is_folded(c) => c,
        _ => return None,
    };
    Some(folded.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found_wherever_they_are_in_an_expression() {
        for (expression, expected) in [
            ("s[ae]ve", &["save", "seve"][..]),
            ("(?i)PowerShell", &["powershell"]),
            ("file|folders?", &["file", "folder", "folders"]),
            (r"\bget-\w+", &["get-"]),
            (r"\w+ing\b", &["ing"]),
            ("(?i)K(s|x)+.", &["k"]),
            ("a(bc)+d", &["bc"]),
            ("파일.*저장", &["저장"]),
            ("저.+장소", &["장"]),
            ("x*", &[]),
            ("ab|.*", &[]),
            ("[A-Z]{5,}", &[]),
            ("é", &[]),
        ] {
            let hir = regex_syntax::parse(expression).unwrap();
            let found: Vec<String> = required(&hir).unwrap_or_default().into_iter().collect();
            assert_eq!(found, expected, "{expression}");
        }
    }
}
