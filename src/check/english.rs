//! English source texts: function words, prose, opposites.

use super::scan::Word;

/// Frequent function words of English that are no words of other languages, sorted.
const FUNCTION: [&str; 78] = [
    "about", "after", "all", "also", "and", "any", "are", "as", "at", "be", "because", "been", "before",
    "between", "but", "by", "can", "cannot", "could", "do", "does", "each", "for", "from", "has", "have",
    "how", "if", "in", "into", "is", "it", "its", "may", "more", "must", "no", "not", "of", "on", "only",
    "or", "other", "our", "over", "should", "so", "such", "than", "that", "the", "their", "then", "there",
    "these", "they", "this", "those", "through", "to", "under", "until", "up", "use", "was", "were", "what",
    "when", "where", "which", "while", "who", "will", "with", "without", "would", "you", "your",
];

/// Those that are words of other languages of Latin script, or short: not enough to call a text English.
const AMBIGUOUS: [&str; 14] =
    ["all", "also", "any", "as", "at", "be", "do", "in", "is", "it", "on", "or", "so", "was"];

/// Whether a word, in small letters, is a function word.
pub(super) fn is_function_word(word: &str) -> bool {
    FUNCTION.binary_search(&word).is_ok()
}

/// Whether words of a text are English prose: a function word, and two other words in small letters.
pub(super) fn is_prose(prose: &str, words: &[Word]) -> bool {
    let (mut function, mut content) = (0, 0);
    for word in words.iter().filter(|word| word.is_latin) {
        let text = &prose[word.range.clone()];
        if text.bytes().all(|b| b.is_ascii_lowercase()) {
            if is_function_word(text) {
                function += usize::from(!AMBIGUOUS.contains(&text));
            } else {
                content += usize::from(text.len() >= 3);
            }
        }
    }
    function > 0 && content > 1
}

/// Words that mean the opposite of each other, or are as different: in one target they cannot both be right.
const OPPOSITES: [(&str, &str); 41] = [
    ("activate", "deactivate"),
    ("add", "remove"),
    ("added", "removed"),
    ("adds", "removes"),
    ("after", "before"),
    ("allow", "deny"),
    ("bottom", "top"),
    ("can", "cannot"),
    ("child", "parent"),
    ("client", "server"),
    ("close", "open"),
    ("connect", "disconnect"),
    ("create", "delete"),
    ("creates", "deletes"),
    ("decrease", "increase"),
    ("destination", "source"),
    ("disable", "enable"),
    ("disabled", "enabled"),
    ("disables", "enables"),
    ("down", "up"),
    ("downgrade", "upgrade"),
    ("download", "upload"),
    ("end", "start"),
    ("ending", "starting"),
    ("export", "import"),
    ("false", "true"),
    ("first", "last"),
    ("height", "width"),
    ("horizontal", "vertical"),
    ("inbound", "outbound"),
    ("input", "output"),
    ("install", "uninstall"),
    ("left", "right"),
    ("lower", "upper"),
    ("maximum", "minimum"),
    ("negative", "positive"),
    ("new", "old"),
    ("next", "previous"),
    ("private", "public"),
    ("read", "write"),
    ("start", "stop"),
];

/// Whether two words in the same place of two texts change the meaning: numbers, names, opposites. Capitals at the start of a text
/// are no names.
pub(super) fn is_telling(one: &str, other: &str, is_first: bool) -> bool {
    let core = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let (one, other) = (core(one), core(other));
    let (lower, other_lower) = (one.to_lowercase(), other.to_lowercase());
    if lower == other_lower || one.is_empty() || other.is_empty() {
        return false;
    }
    let is_opposite = |first: &str, second: &str| {
        OPPOSITES.iter().any(|(a, b)| (first, second) == (*a, *b) || (first, second) == (*b, *a))
    };
    if is_opposite(&lower, &other_lower) {
        return true;
    }
    let has_digit = |word: &str| word.bytes().any(|b| b.is_ascii_digit());
    if has_digit(&one) && has_digit(&other) {
        let folded = |word: &str| -> String {
            let parts: Vec<&str> =
                word.split(|c: char| !c.is_alphanumeric()).map(|part| part.trim_start_matches('0')).collect();
            parts.join("/")
        };
        return folded(&lower) != folded(&other_lower);
    }
    // One is a form of the other, as in plurals.
    let is_form = lower.starts_with(&other_lower) || other_lower.starts_with(&lower);
    let stem = lower.bytes().zip(other_lower.bytes()).take_while(|(a, b)| a == b).count();
    if is_form || !is_first && stem * 4 >= lower.len().max(other_lower.len()) * 3 {
        return false;
    }
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    let is_name = |word: &str| {
        word.contains('.')
            || word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase)
    };
    is_name(&one) && is_name(&other) || !is_first && is_capital(&one) && is_capital(&other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(FUNCTION.is_sorted() && AMBIGUOUS.is_sorted() && OPPOSITES.is_sorted());
    }

    #[test]
    fn telling_words_are_numbers_names_and_opposites() {
        for (one, other, is_first, telling) in [
            ("start", "Stop", true, true),
            ("06/10/2019", "6/10/2019", false, false),
            ("2019", "2020", true, true),
            ("Az.Ports", "Az.Tides", true, true),
            ("Faculty", "Students", false, true),
            ("Specifies", "Gets", true, false),
            ("berth", "berths", false, false),
            ("a", "the", false, false),
            ("Save", "save", false, false),
        ] {
            assert_eq!(is_telling(one, other, is_first), telling, "{one} {other}");
        }
    }
}
