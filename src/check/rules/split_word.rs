//! Korean words in single syllables.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Subject, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "split_word",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "A Korean word is split into single syllables by blanks.",
    example: Example {
        locale: "ko-KR",
        source: "The tenant of the berth pays.",
        target: "선석의 테 넌 트가 지불합니다.",
    },
    traps: "Two single syllables in a row, neither of which is a word or an ending that old engines wrote apart (`에 대 한`).",
    rule,
};

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    if subject.language() != "ko" || subject.is_copy() {
        return;
    }
    let found = split_words(&subject.target.prose);
    if let Some(first) = found.first() {
        let reason = format!("a word in single syllables: {}", quoted(subject.target.at(first)));
        hits.add(Vec::new(), found, reason);
    }
}

/// Runs of single syllables with a space between them that begin with two that are no words.
fn split_words(prose: &str) -> Vec<Range<usize>> {
    /// A syllable of Hangul has three bytes.
    const SYLLABLE: usize = 3;
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut before = None;
    for part in prose.split(' ') {
        let this = single(part).filter(|c| !WORDS.contains(*c)).map(|_| at);
        if let (Some(start), Some(here)) = (before, this) {
            match found.last_mut() {
                Some(run) if run.end == start + SYLLABLE => run.end = here + SYLLABLE,
                _ => found.push(start..here + SYLLABLE),
            }
        }
        before = this;
        at += part.len() + 1;
    }
    found
}

/// The only character of a part between spaces, if it is a syllable of Hangul.
fn single(part: &str) -> Option<char> {
    let mut characters = part.chars();
    characters.next().filter(|c| matches!(c, '\u{ac00}'..='\u{d7a3}') && characters.next().is_none())
}

/// Words of one syllable, and endings that machine translation wrote apart, in the order of their code points.
const WORDS: &str = "가각간값개건것게겸고곧곳공과권그기긴길꼭꽃꽉끌끝나내네년누눈는다단달당대더덜데도되된될됨두둔둘뒤들등때또뜻랩로루룸를만말 \
     맨맵며면명몇몸못문물뭐및밖백번본볼부분뷰비빈뺀뿐새색서선성세셀셸속손수순시식쌍쓴쓸안앞앱약어에여연열영옆예온올와왜외용원 \
     월웹위은을의이인일자잘장적전절점좀주줄중즉지집쪽차참창채책첫초총축측칸콜큐큰클키탭투팀팩폼표풀하한할함해행호홈화회후힙";
