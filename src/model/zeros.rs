//! Blocks of zero bytes in a text: what a crash or a broken download leaves of a part of a file.

/// The length from which zeros can hide a segment of a document or a unit of a TMX: none of these is shorter, with its tags.
const SHORTEST: usize = 64;

/// The position of the first block of zeros that can hide a segment or a unit.
pub fn zero_block(bytes: &[u8]) -> Option<usize> {
    // As in a Boyer-Moore search, one byte in 64 is read of a text without zeros.
    let mut at = SHORTEST - 1;
    while let Some(&byte) = bytes.get(at) {
        if byte != 0 {
            at += SHORTEST;
            continue;
        }
        let start = bytes[..at].iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let end = bytes[at..].iter().position(|&byte| byte != 0).map_or(bytes.len(), |length| at + length);
        if end - start >= SHORTEST {
            return Some(start);
        }
        at = end + SHORTEST;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_found_wherever_it_lies() {
        for before in 0..200 {
            for length in [0, 1, 63, 64, 65, 300] {
                let bytes = [vec![b'a'; before], vec![0; length], vec![b'b'; 90], vec![0; 63]].concat();
                let expected = (length >= SHORTEST).then_some(before);
                assert_eq!(zero_block(&bytes), expected, "{length} zeros after {before} bytes");
                assert_eq!(zero_block(&bytes[..before + length]), expected);
            }
        }
    }
}
