//! Signatures: which tokens a text has, in a few machine words.

/// How many 64-bit words the signature of a text of `length` tokens has: a bit set for every second one would tell little.
pub(super) fn words(length: usize) -> usize {
    match length {
        0..=24 => 2,
        25..=64 => 4,
        _ => 8,
    }
}

/// The longest signature in words.
pub(super) const WIDEST: usize = 8;

/// Sets a bit for every token and every recurrence of it, so that `the … the` has two bits. `hashes` are sorted.
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

/// The hash of a folded token: FNV-1a (64 bits), mixed. It is written into memories: to change it is to build all indexes anew.
pub(super) fn hash(token: impl Iterator<Item = u8>) -> u64 {
    let fnv = token.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mix(fnv)
}

/// Appends the places of all signatures that have at least `least` bits in common with the query's. Signatures come as
/// planes: the first words of all, the second words of all, and so on.
#[allow(
    unsafe_code,
    reason = "the only way to call a function that is compiled for more than the oldest processor"
)]
pub(super) fn scan(planes: &[Vec<u64>], query: &[u64], least: u32, passed: &mut Vec<u32>) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx512f") && has!("avx512bw") && has!("avx512vpopcntdq") {
            // SAFETY: the features that the function is compiled for have just been found in this processor.
            return unsafe { scan_with_avx512(planes, query, least, passed) };
        }
        if has!("popcnt") {
            // SAFETY: as above.
            return unsafe { scan_with_popcnt(planes, query, least, passed) };
        }
    }
    scan_portably(planes, query, least, passed);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512vpopcntdq,popcnt")]
fn scan_with_avx512(planes: &[Vec<u64>], query: &[u64], least: u32, passed: &mut Vec<u32>) {
    scan_portably(planes, query, least, passed);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn scan_with_popcnt(planes: &[Vec<u64>], query: &[u64], least: u32, passed: &mut Vec<u32>) {
    scan_portably(planes, query, least, passed);
}

#[inline(always)]
fn scan_portably(planes: &[Vec<u64>], query: &[u64], least: u32, passed: &mut Vec<u32>) {
    match query.len() {
        2 => scan_words::<2>(planes, query, least, passed),
        4 => scan_words::<4>(planes, query, least, passed),
        _ => scan_words::<8>(planes, query, least, passed),
    }
}

/// Texts that are looked at together. Whether one of them passes is rare enough to ask for all at once.
const LANES: usize = 32;

#[inline(always)]
fn scan_words<const WORDS: usize>(planes: &[Vec<u64>], query: &[u64], least: u32, passed: &mut Vec<u32>) {
    let (Ok(planes), Ok(query)) = (<&[Vec<u64>; WORDS]>::try_from(planes), <&[u64; WORDS]>::try_from(query))
    else {
        return;
    };
    let texts = planes[0].len();
    let least = u64::from(least);
    for start in (0..texts - texts % LANES).step_by(LANES) {
        let mut common = [0_u64; LANES];
        for (plane, word) in planes.iter().zip(query) {
            for (sum, signature) in common.iter_mut().zip(&plane[start..start + LANES]) {
                *sum += u64::from((signature & word).count_ones());
            }
        }
        if common.iter().fold(0, |most, &sum| most.max(sum)) >= least {
            let places = (start as u32..).zip(common);
            passed.extend(places.filter(|&(_, sum)| sum >= least).map(|(place, _)| place));
        }
    }
    for place in texts - texts % LANES..texts {
        let common: u32 =
            planes.iter().zip(query).map(|(plane, word)| (plane[place] & word).count_ones()).sum();
        if u64::from(common) >= least {
            passed.push(place as u32);
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
            let planes: Vec<Vec<u64>> =
                (0..width).map(|plane| (0..100).map(|text| word(plane * 1000 + text)).collect()).collect();
            let query: Vec<u64> = (0..width).map(|plane| word(plane + 5)).collect();
            for least in 0..20 {
                let common = |text: usize| -> u32 {
                    planes.iter().zip(&query).map(|(plane, word)| (plane[text] & word).count_ones()).sum()
                };
                let expected: Vec<u32> = (0..100).filter(|&text| common(text as usize) >= least).collect();
                let (mut fast, mut portable) = (Vec::new(), Vec::new());
                scan(&planes, &query, least, &mut fast);
                scan_portably(&planes, &query, least, &mut portable);
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

    /// The hash is in every memory's index: where this fails, the number of the index's format must change too.
    #[test]
    fn the_hash_of_a_token_stays() {
        assert_eq!(hash("save".bytes()), 0xdf97_077c_9982_b71e);
    }
}
