//! Token codes: hashes of tokens. They are stored in memories: if one changes, all indexes have to be built anew.

use crate::matching::token::folded;

/// A hash of a token with 16 bits. Equal tokens have equal codes; tokens whose codes collide only make texts look more alike.
pub(super) type TokenCode = u16;

/// How many token codes there are.
pub(super) const CODES: usize = 1 << TokenCode::BITS;

/// The code of a token, which need not be folded.
pub(super) fn token_code(token: &str) -> TokenCode {
    let hash = match token.is_ascii() {
        true => hash(token.bytes().map(|byte| byte.to_ascii_lowercase())),
        false => hash(folded(token).bytes()),
    };
    (hash >> 48) as TokenCode
}

/// The hash of a folded token: FNV-1a (64 bits), and the finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom
/// number generators, 2014).
fn hash(token: impl Iterator<Item = u8>) -> u64 {
    let mut bits = token.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes are stored in the index of every memory: if this fails, the number of the index format must change too.
    #[test]
    fn the_code_of_a_token_stays() {
        assert_eq!(hash("save".bytes()), 0xdf97_077c_9982_b71e);
        assert_eq!([token_code("Save"), token_code("save"), token_code("저장")], [0xdf97, 0xdf97, 0x5762]);
    }

    #[test]
    fn tokens_that_are_equal_when_folded_have_one_code() {
        for (one, other) in [("STRASSE", "straße"), ("caf\u{e9}", "cafe\u{301}"), ("co\u{ad}op", "CoOp")] {
            assert_eq!(token_code(one), token_code(other), "{one} / {other}");
        }
    }
}
