//! Sentence rules in SRX 2.0 (Segmentation Rules eXchange), compiled to automata.
//!
//! At each position the first rule whose `beforebreak` matches the text before and whose `afterbreak` matches the text after decides;
//! without such a rule there is no break. The expressions before are one automaton that reads backwards, those after one that reads
//! forwards, so a decision reads each side once, however many rules there are.

use std::sync::LazyLock;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use regex_automata::hybrid::BuildError;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::start;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind, PatternSet};

/// The rules for English that [`Rules::english`] compiles: the file as other tools load it.
pub const ENGLISH: &str = include_str!("english.srx");

/// Stands for an inline code in the text that rules see: code, an image, an address.
pub const PLACEHOLDER: char = '\u{fffc}';

/// The most bytes of an automaton before it is determinized: a bound on rules that someone else wrote.
const LARGEST: usize = 16 << 20;

/// Sentence rules.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Whether the rule with this number is one of a break.
    breaks: Vec<bool>,
    /// All `beforebreak`, read backwards from the position.
    before: DFA,
    /// All `afterbreak`, read forwards.
    after: DFA,
    /// The bytes that can be directly before a position that a rule matches.
    last: [bool; 256],
    /// The bytes that can be directly after one.
    first: [bool; 256],
}

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SrxError {
    /// The file is not well-formed.
    #[error("not XML: {0}")]
    Xml(#[from] quick_xml::Error),
    /// The file has no rule.
    #[error("no rule in it: an SRX file has the elements rule, beforebreak and afterbreak")]
    NoRules,
    /// An expression is invalid, or too large.
    #[error("a rule cannot be used: {0}")]
    Expression(#[from] Box<BuildError>),
}

impl Rules {
    /// The rules for English text, compiled once.
    pub fn english() -> &'static Rules {
        static RULES: LazyLock<Rules> =
            LazyLock::new(|| Rules::from_srx(ENGLISH).expect("the file is compiled in and tested"));
        &RULES
    }

    /// Compiles the rules of an SRX file, in their order. All rules are used, whatever languages they are mapped to.
    ///
    /// # Errors
    /// If the file is not well-formed or has no rule, or an expression is not regular: look-around and back-references are not.
    pub fn from_srx(srx: &str) -> Result<Rules, SrxError> {
        let rules = read(srx)?;
        if rules.is_empty() {
            return Err(SrxError::NoRules);
        }
        let patterns = |of: fn(&Rule) -> &str| rules.iter().map(of).collect::<Vec<_>>();
        let before = compile(&patterns(|rule| &rule.before), true)?;
        let after = compile(&patterns(|rule| &rule.after), false)?;
        let (last, first) = (start_bytes(&before), start_bytes(&after));
        Ok(Rules { breaks: rules.iter().map(|rule| rule.is_break).collect(), before, after, last, first })
    }

    /// Calls `found` with each byte position of the text at which there is a break, in order.
    pub fn breaks(&self, text: &str, matches: &mut Matches, mut found: impl FnMut(usize)) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(length) = bytes[at..].iter().position(|&byte| self.last[byte as usize]) {
            at += length + 1;
            let is_candidate = bytes.get(at).is_some_and(|&byte| self.first[byte as usize]);
            if is_candidate && text.is_char_boundary(at) && self.is_break(text, at, matches) {
                found(at);
            }
        }
    }

    fn is_break(&self, text: &str, at: usize, matches: &mut Matches) -> bool {
        let Matches { before, after, before_cache, after_cache } = matches;
        before.clear();
        matching(&self.before, before_cache, text.as_bytes()[..at].iter().rev(), before);
        if before.is_empty() {
            return false;
        }
        after.clear();
        matching(&self.after, after_cache, text.as_bytes()[at..].iter(), after);
        let first = before.iter().find(|&rule| after.contains(rule));
        first.is_some_and(|rule| self.breaks[rule.as_usize()])
    }

    /// Memory for [`Rules::breaks`].
    pub fn matches(&self) -> Matches {
        let set = PatternSet::new(self.breaks.len());
        Matches {
            before: set.clone(),
            after: set,
            before_cache: self.before.create_cache(),
            after_cache: self.after.create_cache(),
        }
    }
}

/// The rules that match on the two sides of a position, and the states of the automata so far.
#[derive(Clone, Debug)]
pub struct Matches {
    before: PatternSet,
    after: PatternSet,
    before_cache: Cache,
    after_cache: Cache,
}

/// Adds the patterns that match at the start of the bytes.
fn matching<'b>(
    dfa: &DFA,
    cache: &mut Cache,
    bytes: impl Iterator<Item = &'b u8>,
    patterns: &mut PatternSet,
) -> Option<()> {
    // An error means that the cache is of no use, or that an expression asks for a boundary of words in other letters than ASCII: no
    // rule matches then.
    let mut state = dfa.start_state(cache, &start::Config::new().anchored(Anchored::Yes)).ok()?;
    let add = |cache: &Cache, state, patterns: &mut PatternSet| {
        for index in 0..dfa.match_len(cache, state) {
            patterns.insert(dfa.match_pattern(cache, state, index));
        }
    };
    for &byte in bytes {
        state = dfa.next_state(cache, state, byte).ok()?;
        if state.is_tagged() {
            if state.is_match() {
                add(cache, state, patterns);
            } else if state.is_dead() || state.is_quit() {
                return Some(());
            }
        }
    }
    state = dfa.next_eoi_state(cache, state).ok()?;
    if state.is_match() {
        add(cache, state, patterns);
    }
    Some(())
}

fn compile(patterns: &[&str], backwards: bool) -> Result<DFA, SrxError> {
    DFA::builder()
        .configure(Config::new().match_kind(MatchKind::All))
        .thompson(thompson::Config::new().reverse(backwards).nfa_size_limit(Some(LARGEST)))
        .syntax(syntax::Config::new().multi_line(false))
        .build_many(patterns)
        .map_err(|error| SrxError::Expression(Box::new(error)))
}

/// The bytes that lead from the start of the automaton to something.
fn start_bytes(dfa: &DFA) -> [bool; 256] {
    let mut cache = dfa.create_cache();
    let mut bytes = [false; 256];
    for behind in [None, Some(b'\n'), Some(b'a'), Some(b' ')] {
        let config = start::Config::new().anchored(Anchored::Yes).look_behind(behind);
        for byte in 0..=255 {
            let start = dfa.start_state(&mut cache, &config);
            let next = start.map(|state| dfa.next_state(&mut cache, state, byte));
            bytes[byte as usize] |= next.is_ok_and(|next| next.is_ok_and(|state| !state.is_dead()));
        }
    }
    bytes
}

/// One `rule` element.
#[derive(Debug, Default)]
struct Rule {
    is_break: bool,
    before: String,
    after: String,
}

fn read(srx: &str) -> Result<Vec<Rule>, SrxError> {
    #[derive(Clone, Copy)]
    enum Side {
        Before,
        After,
        Neither,
    }
    let mut reader = Reader::from_str(srx);
    let (mut rules, mut side) = (Vec::<Rule>::new(), Side::Neither);
    loop {
        let text = match reader.read_event()? {
            Event::Start(element) => {
                match element.local_name().as_ref() {
                    "rule" => {
                        // The default of the attribute is `yes`.
                        let kept = element.attributes().flatten().any(|attribute| {
                            attribute.key.as_ref() == "break" && attribute.value.as_ref() == "no"
                        });
                        rules.push(Rule { is_break: !kept, ..Rule::default() });
                    }
                    "beforebreak" => side = Side::Before,
                    "afterbreak" => side = Side::After,
                    _ => {}
                }
                continue;
            }
            Event::End(_) => {
                side = Side::Neither;
                continue;
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(name) => match name.resolve_char_ref()? {
                Some(character) => character.to_string(),
                None => resolve_xml_entity(&name).unwrap_or_default().to_owned(),
            },
            Event::Eof => return Ok(rules),
            _ => continue,
        };
        match (side, rules.last_mut()) {
            (Side::Before, Some(rule)) => rule.before.push_str(&text),
            (Side::After, Some(rule)) => rule.after.push_str(&text),
            _ => {}
        }
    }
}
