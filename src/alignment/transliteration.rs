//! Names that are written as they sound: `Gibraltar` and `지브롤터`. A key is what is left of a name in both scripts, its first consonants, as
//! in Soundex: each is one of seven classes of sounds, and vowels are left out.

/// The fewest consonants that say something, and those that count.
const FEWEST: usize = 3;
const COUNTED: usize = 4;
/// A word with so many consonants more than a name may be that name with a particle.
const PARTICLE: usize = 2;

/// A class of consonants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    /// b, p, f, v
    Labial = 1,
    /// g, k, c, q
    Velar,
    /// d, t
    Dental,
    /// s, z, j, ch
    Sibilant,
    /// l, r
    Liquid,
    M,
    N,
}

use Sound::{Dental, Labial, Liquid, M, N, Sibilant, Velar};

/// The consonants of a word.
#[derive(Default)]
struct Skeleton {
    sounds: Vec<Sound>,
    /// Whether the last sound can be doubled, since no vowel came after it.
    is_open: bool,
}

impl Skeleton {
    fn push(&mut self, sound: Sound) {
        if !self.is_open || self.sounds.last() != Some(&sound) {
            self.sounds.push(sound);
        }
        self.is_open = true;
    }

    fn vowel(&mut self) {
        self.is_open = false;
    }

    /// The key of the first sounds.
    fn key(&self, count: usize) -> u64 {
        self.sounds[..count].iter().fold(1, |key, &sound| 8 * key + sound as u64)
    }
}

/// The keys of a name in Latin letters, one or two: with and without an r that no vowel follows, as some languages have none there. None if it
/// does not begin with a capital letter, or has fewer than three consonants.
pub(super) fn of_name(name: &str, mut found: impl FnMut(u64)) {
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
        return;
    }
    let keys = [true, false].map(|has_each_r| {
        let skeleton = skeleton_of_latin(name.as_bytes(), has_each_r);
        let count = skeleton.sounds.len().min(COUNTED);
        (count >= FEWEST).then(|| skeleton.key(count))
    });
    keys[0].into_iter().for_each(&mut found);
    keys[1].filter(|&key| keys[0] != Some(key)).into_iter().for_each(&mut found);
}

fn skeleton_of_latin(name: &[u8], has_each_r: bool) -> Skeleton {
    let mut skeleton = Skeleton::default();
    let at = |index: usize| name.get(index).map_or(b' ', u8::to_ascii_lowercase);
    let is_vowel = |c: u8| matches!(c, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let is_soft = |c: u8| matches!(c, b'e' | b'i' | b'y');
    for index in 0..name.len() {
        let next = at(index + 1);
        match at(index) {
            b'p' | b'b' | b'f' | b'v' => skeleton.push(Labial),
            b's' | b'z' | b'j' => skeleton.push(Sibilant),
            b'c' if is_soft(next) || next == b'h' => skeleton.push(Sibilant),
            b'g' if is_soft(next) => skeleton.push(Sibilant),
            b'c' | b'g' | b'k' | b'q' => skeleton.push(Velar),
            b'x' => [Velar, Sibilant].into_iter().for_each(|sound| skeleton.push(sound)),
            b'd' | b't' => skeleton.push(Dental),
            b'l' => skeleton.push(Liquid),
            b'r' if has_each_r || is_vowel(next) => skeleton.push(Liquid),
            b'm' => skeleton.push(M),
            b'n' => skeleton.push(N),
            c if is_vowel(c) => skeleton.vowel(),
            _ => {}
        }
    }
    skeleton
}

/// The keys of a word in Hangul, Katakana or Cyrillic letters, which may be a name and a particle after it.
pub(super) fn of_word(word: &str, mut found: impl FnMut(u64)) {
    let mut skeleton = Skeleton::default();
    for c in word.chars() {
        match c {
            '가'..='힣' => push_hangul(&mut skeleton, c),
            'ァ'..='ヿ' => push_katakana(&mut skeleton, c),
            _ => push_cyrillic(&mut skeleton, c),
        }
    }
    let count = skeleton.sounds.len();
    if count >= COUNTED {
        found(skeleton.key(COUNTED));
    }
    if (FEWEST..=FEWEST + PARTICLE).contains(&count) {
        found(skeleton.key(FEWEST));
    }
}

/// A syllable: consonant, vowel, and perhaps a consonant at its end (The Unicode Standard, 3.12, Conjoining Jamo Behavior).
fn push_hangul(skeleton: &mut Skeleton, syllable: char) {
    let index = syllable as u32 - 0xac00;
    let initial = match index / 588 {
        0 | 1 | 15 => Some(Velar),
        2 => Some(N),
        3 | 4 | 16 => Some(Dental),
        5 => Some(Liquid),
        6 => Some(M),
        7 | 8 | 17 => Some(Labial),
        9 | 10 | 12..=14 => Some(Sibilant),
        _ => None,
    };
    if let Some(sound) = initial {
        skeleton.push(sound);
    }
    skeleton.vowel();
    let last = match index % 28 {
        1..=3 | 24 => Some(Velar),
        4..=6 | 21 => Some(N),
        7 | 19 | 20 | 22 | 23 | 25 => Some(Dental),
        8..=15 => Some(Liquid),
        16 => Some(M),
        17 | 18 | 26 => Some(Labial),
        _ => None,
    };
    if let Some(sound) = last {
        skeleton.push(sound);
    }
}

fn push_katakana(skeleton: &mut Skeleton, c: char) {
    let sound = match c {
        'カ'..='ゴ' => Velar,
        'サ'..='ゾ' | 'チ' | 'ヂ' | 'ツ' | 'ヅ' => Sibilant,
        'タ' | 'ダ' | 'テ'..='ド' => Dental,
        'ナ'..='ノ' | 'ン' => N,
        'バ' | 'パ' | 'ビ' | 'ピ' | 'フ'..='プ' | 'ベ' | 'ペ' | 'ボ' | 'ポ' | 'ヴ' => Labial,
        'マ'..='モ' => M,
        'ラ'..='ロ' => Liquid,
        _ => return skeleton.vowel(),
    };
    skeleton.push(sound);
    if c != 'ン' {
        skeleton.vowel();
    }
}

fn push_cyrillic(skeleton: &mut Skeleton, c: char) {
    match c.to_lowercase().next().unwrap_or(c) {
        'б' | 'п' | 'в' | 'ф' => skeleton.push(Labial),
        'г' | 'к' | 'х' | 'ґ' => skeleton.push(Velar),
        'д' | 'т' => skeleton.push(Dental),
        'ж' | 'з' | 'с' | 'ц' | 'ч' | 'ш' | 'щ' => skeleton.push(Sibilant),
        'л' | 'р' => skeleton.push(Liquid),
        'м' => skeleton.push(M),
        'н' => skeleton.push(N),
        'а' | 'е' | 'ё' | 'и' | 'о' | 'у' | 'ы' | 'э' | 'ю' | 'я' | 'і' | 'ї' | 'є' | 'й' => {
            skeleton.vowel()
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_same(name: &str, word: &str) -> bool {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        of_name(name, |key| ours.push(key));
        of_word(word, |key| theirs.push(key));
        ours.iter().any(|key| theirs.contains(key))
    }

    #[test]
    fn a_name_is_found_in_another_script() {
        for (name, word) in [
            ("Gibraltar", "지브롤터"),
            ("Belarus", "벨로루시"),
            ("Martinique", "마르티니크"),
            ("Madagascar", "마다가스카르는"),
            ("Partner", "파트너를"),
            ("Madagascar", "マダガスカル"),
            ("Gibraltar", "ジブラルタル"),
            ("Madagascar", "Мадагаскаром"),
            ("Martinique", "Мартинике"),
        ] {
            assert!(is_same(name, word), "{name} {word}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for (name, word) in [
            ("Jersey", "카자흐스탄"),
            ("Kosovo", "레소토"),
            ("Benin", "벨로루시"),
            ("Gambia", "ジブラルタル"),
            ("gibraltar", "지브롤터"),
        ] {
            assert!(!is_same(name, word), "{name} {word}");
        }
    }
}
