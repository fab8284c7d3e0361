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
const AMBIGUOUS: [&str; 17] = [
    "all", "also", "any", "as", "at", "be", "do", "from", "in", "is", "it", "on", "or", "so", "under", "was",
    "will",
];

/// Whether a text has a function word that is no word of other languages.
pub(super) fn has_function_word(prose: &str, words: &[Word]) -> bool {
    words.iter().filter(|word| word.is_latin).any(|word| {
        let text = &prose[word.range.clone()];
        is_function_word(text) && !AMBIGUOUS.contains(&text)
    })
}

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

/// Titles of so many words name a product or an offer.
const LONG_TITLE: usize = 6;

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

/// Whether two words in the same place of two texts of so many words change the meaning: numbers, names, opposites. In a short
/// title, words with capitals are no names, and two of them often mean the same.
pub(super) fn is_telling(one: &str, other: &str, words: usize) -> bool {
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
        // `17` and `17th`
        let values = |word: &str| -> String { word.chars().filter(char::is_ascii_digit).collect() };
        let letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count();
        if values(&lower) == values(&other_lower) && letters(&one).max(letters(&other)) <= 2 {
            return false;
        }
        let folded = |word: &str| -> String {
            let parts: Vec<&str> =
                word.split(|c: char| !c.is_alphanumeric()).map(|part| part.trim_start_matches('0')).collect();
            parts.join("/")
        };
        return folded(&lower) != folded(&other_lower);
    }
    // Forms of one word, and spellings: `Multichannel`, `multi-channel`.
    let letters = |word: &str| -> Vec<char> { word.chars().filter(|c| c.is_alphanumeric()).collect() };
    let (first, second) = (letters(&lower), letters(&other_lower));
    let shorter = first.len().min(second.len());
    let stem = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
    let ends = first.iter().rev().zip(second.iter().rev()).take(shorter - stem);
    let end = ends.take_while(|(a, b)| a == b).count();
    if stem + end + 2 >= first.len().max(second.len()) {
        return false;
    }
    let is_capital = |word: &str| word.starts_with(char::is_uppercase);
    let is_name = |word: &str| {
        word.contains('.')
            || word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase)
    };
    if is_name(&one) && is_name(&other) {
        return true;
    }
    let is_form = stem * 2 >= first.len().max(second.len());
    let is_content = !is_form && !is_function_word(&lower) && !is_function_word(&other_lower);
    words >= LONG_TITLE && is_content && is_capital(&one) && is_capital(&other)
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
        for (one, other, words, telling) in [
            ("start", "Stop", 2, true),
            ("06/10/2019", "6/10/2019", 1, false),
            ("2019", "2020", 1, true),
            ("Az.Ports", "Az.Tides", 2, true),
            ("Faculty", "Students", 8, true),
            ("Concerns", "Considerations", 2, false),
            ("Berth", "Berths", 8, false),
            ("A", "The", 8, false),
            ("Save", "save", 8, false),
        ] {
            assert_eq!(is_telling(one, other, words), telling, "{one} {other}");
        }
    }
}
