//! Signatures: Bloom filters of one hash function over the tokens of a text, in a few machine words.
//!
//! They are stored transposed, word by word (as the bit-sliced signature files in Zobel, Moffat and Ramamohanarao, "Inverted Files
//! Versus Signature Files for Text Indexing", 1998, are bit by bit). So a scan reads memory in order, and compiles to vector
//! instructions.

/// How many 64-bit words the signature of a text of `length` tokens has. If half of the bits were set, few texts would be excluded.
pub(super) fn words(length: usize) -> usize {
    match length {
        0..=24 => 2,
        25..=64 => 4,
        _ => 8,
    }
}

/// The longest signature in words.
pub(super) const WIDEST: usize = 8;

/// Sets a bit for each token and each recurrence of it, so that `the … the` has two bits. `hashes` are sorted.
pub(super) fn sign(hashes: &[u64], signature: &mut [u64]) {
    signature.fill(0);
    let bits = 64 * signature.len() as u64;
    let (mut last, mut recurrence) = (None, 0_u64);
    for &hash in hashes {
        recurrence = if last == Some(hash) { recurrence + 1 } else { 0 };
        last = Some(hash);
        let bit = mix(hash.wrapping_add(recurrence.wrapping_mul(0x9e37_79b9_7f4a_7c15))) % bits;
        signature[(bit / 64) as usize] |= 1 << (bit % 64);
    }
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// The hash of a folded token: FNV-1a (64 bits), mixed. It is stored in memories: if it changes, all indexes have to be built anew.
pub(super) fn hash(token: impl Iterator<Item = u8>) -> u64 {
    let fnv = token.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mix(fnv)
}

/// Appends the indexes of all signatures that have at least `least` bits in common with the query's. Signatures are transposed: the
/// first words of all, the second words of all, and so on.
#[allow(
    unsafe_code,
    reason = "the only way to call a function that is compiled for more than the oldest processor"
)]
pub(super) fn scan(columns: &[Vec<u64>], query: &[u64], least: u32, survivors: &mut Vec<u32>) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx512f") && has!("avx512bw") && has!("avx512vpopcntdq") {
            // SAFETY: the features that the function is compiled for have just been found in this processor.
            return unsafe { scan_with_avx512(columns, query, least, survivors) };
        }
        if has!("popcnt") {
            // SAFETY: as above.
            return unsafe { scan_with_popcnt(columns, query, least, survivors) };
        }
    }
    scan_portably(columns, query, least, survivors);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq,popcnt")]
fn scan_with_avx512(columns: &[Vec<u64>], query: &[u64], least: u32, survivors: &mut Vec<u32>) {
    scan_portably(columns, query, least, survivors);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn scan_with_popcnt(columns: &[Vec<u64>], query: &[u64], least: u32, survivors: &mut Vec<u32>) {
    scan_portably(columns, query, least, survivors);
}

#[inline(always)]
fn scan_portably(columns: &[Vec<u64>], query: &[u64], least: u32, survivors: &mut Vec<u32>) {
    match query.len() {
        2 => scan_words::<2>(columns, query, least, survivors),
        4 => scan_words::<4>(columns, query, least, survivors),
        _ => scan_words::<8>(columns, query, least, survivors),
    }
}

/// Texts that are tested together: a text that passes is rare, so one branch for all of them is enough.
const LANES: usize = 32;

#[inline(always)]
fn scan_words<const WORDS: usize>(columns: &[Vec<u64>], query: &[u64], least: u32, survivors: &mut Vec<u32>) {
    let (Ok(columns), Ok(query)) =
        (<&[Vec<u64>; WORDS]>::try_from(columns), <&[u64; WORDS]>::try_from(query))
    else {
        return;
    };
    let texts = columns[0].len();
    let least = u64::from(least);
    for start in (0..texts - texts % LANES).step_by(LANES) {
        let mut common = [0_u64; LANES];
        for (column, word) in columns.iter().zip(query) {
            for (sum, signature) in common.iter_mut().zip(&column[start..start + LANES]) {
                *sum += u64::from((signature & word).count_ones());
            }
        }
        if common.iter().fold(0, |most, &sum| most.max(sum)) >= least {
            let sums = (start as u32..).zip(common);
            survivors.extend(sums.filter(|&(_, sum)| sum >= least).map(|(index, _)| index));
        }
    }
    for index in texts - texts % LANES..texts {
        let common: u32 =
            columns.iter().zip(query).map(|(column, word)| (column[index] & word).count_ones()).sum();
        if u64::from(common) >= least {
            survivors.push(index as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_scan_passes_the_same_signatures() {
        for width in [2, 4, 8] {
            let word = |seed: usize| mix(seed as u64) & mix(seed as u64 + 7);
            let columns: Vec<Vec<u64>> =
                (0..width).map(|column| (0..100).map(|text| word(column * 1000 + text)).collect()).collect();
            let query: Vec<u64> = (0..width).map(|column| word(column + 5)).collect();
            for least in 0..20 {
                let common = |text: usize| -> u32 {
                    columns.iter().zip(&query).map(|(column, word)| (column[text] & word).count_ones()).sum()
                };
                let expected: Vec<u32> = (0..100).filter(|&text| common(text as usize) >= least).collect();
                let (mut fast, mut portable) = (Vec::new(), Vec::new());
                scan(&columns, &query, least, &mut fast);
                scan_portably(&columns, &query, least, &mut portable);
                assert_eq!((&fast, &portable), (&expected, &expected));
            }
        }
    }

    #[test]
    fn a_recurring_token_has_a_bit_for_each_time() {
        let bits = |tokens: &[&str]| {
            let mut hashes: Vec<u64> = tokens.iter().map(|token| hash(token.bytes())).collect();
            hashes.sort_unstable();
            let mut signature = [0; WIDEST];
            sign(&hashes, &mut signature);
            signature.iter().map(|word| word.count_ones()).sum::<u32>()
        };
        assert_eq!((bits(&["the"]), bits(&["the", "the"]), bits(&["the", "of", "the"])), (1, 2, 3));
    }

    /// The hash is stored in the index of every memory: if this fails, the number of the index format must change too.
    #[test]
    fn the_hash_of_a_token_stays() {
        assert_eq!(hash("save".bytes()), 0xdf97_077c_9982_b71e);
    }
}
