//! Whether a regular expression ignores the case of ASCII letters.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Whether the expression matches a text if and only if it matches the text in small letters. With the flag `i` the parser expands
/// each letter to a class of both cases; a part with `(?-i)` keeps its letters.
pub(super) fn is_ignored(expression: &Hir) -> bool {
    match expression.kind() {
        // Assertions depend on whether a character is a letter, not on its case.
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => !literal.0.iter().any(u8::is_ascii_alphabetic),
        HirKind::Class(class) => (b'a'..=b'z').all(|small| {
            let has = |letter: u8| match class {
                Class::Unicode(class) => {
                    let letter = char::from(letter);
                    class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&letter))
                }
                Class::Bytes(class) => {
                    class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&letter))
                }
            };
            has(small) == has(small.to_ascii_uppercase())
        }),
        HirKind::Repetition(repetition) => is_ignored(&repetition.sub),
        HirKind::Capture(capture) => is_ignored(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(is_ignored),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_with_a_letter_of_one_case_does_not_ignore_case() {
        for (expression, expected) in [
            (r"^(?i)th\w+", true),
            (r"(?i)[A-Z]+\bx", true),
            (r"(?i)\p{Lu}[^a-c]", true),
            (r"[0-9]+ \w.저장", true),
            ("th", false),
            ("(?i)a(?-i)b", false),
            ("(?i)a|(?-i:[b-d])", false),
            ("[^a]", false),
            (r"(\p{Lu}-)*", false),
        ] {
            assert_eq!(is_ignored(&regex_syntax::parse(expression).unwrap()), expected, "{expression}");
        }
    }
}
