//! Elements of a text: its tokens as a set. The second `the` of a text is another element than the first.
//!
//! The overlap of two multisets of tokens is the number of elements that both have, if an element is a token with its number among
//! the equal ones: the usual reduction of multisets to sets (Xiao et al., "Efficient Similarity Joins for Near Duplicate Detection",
//! 2008). So a text is at most once in the list of an element.

use super::code::TokenCode;

/// A token code, with its number among the equal codes of the text above it, from 0.
pub type Element = u32;

/// The elements of a text, in no order worth relying on. `codes` is sorted.
pub(super) fn elements(codes: &mut [TokenCode]) -> impl Iterator<Item = Element> {
    codes.sort_unstable();
    let (mut last, mut number) = (None, 0);
    codes.iter().map(move |&code| {
        number = if last == Some(code) { number + 1 } else { 0 };
        last = Some(code);
        number << TokenCode::BITS | Element::from(code)
    })
}

/// The token code of an element, and its number among the equal ones, from 0.
pub(super) fn parts(element: Element) -> (TokenCode, u32) {
    (element as TokenCode, element >> TokenCode::BITS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_tokens_are_different_elements() {
        let found: Vec<_> = elements(&mut [7, 3, 7, 7]).map(parts).collect();
        assert_eq!(found, [(3, 0), (7, 0), (7, 1), (7, 2)]);
    }

    proptest! {
        #[test]
        fn common_elements_are_the_common_tokens(
            mut one in prop::collection::vec(0_u16..6, 0..20),
            mut other in prop::collection::vec(0_u16..6, 0..20),
        ) {
            let count = |codes: &[u16], code| codes.iter().filter(|&&other| other == code).count();
            let expected: usize = (0..6).map(|code| count(&one, code).min(count(&other, code))).sum();
            let other: Vec<Element> = elements(&mut other).collect();
            prop_assert_eq!(elements(&mut one).filter(|element| other.contains(element)).count(), expected);
        }
    }
}
