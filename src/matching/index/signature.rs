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
pub(super) fn hash(token: &str) -> u64 {
    let fnv = token.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mix(fnv)
}

/// Appends the places of all signatures that have at least `least` bits in common with the query's.
pub(super) fn scan(signatures: &[u64], query: &[u64], least: u32, passed: &mut Vec<u32>) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("popcnt") {
        // SAFETY: the one feature that the function is compiled for has just been found in this processor.
        unsafe { scan_with_popcnt(signatures, query, least, passed) };
        return;
    }
    scan_portably(signatures, query, least, passed);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn scan_with_popcnt(signatures: &[u64], query: &[u64], least: u32, passed: &mut Vec<u32>) {
    scan_portably(signatures, query, least, passed);
}

#[inline(always)]
fn scan_portably(signatures: &[u64], query: &[u64], least: u32, passed: &mut Vec<u32>) {
    match query.len() {
        2 => scan_words::<2>(signatures, query, least, passed),
        4 => scan_words::<4>(signatures, query, least, passed),
        _ => scan_words::<8>(signatures, query, least, passed),
    }
}

#[inline(always)]
fn scan_words<const WORDS: usize>(signatures: &[u64], query: &[u64], least: u32, passed: &mut Vec<u32>) {
    let (signatures, _) = signatures.as_chunks::<WORDS>();
    let Ok(query) = <&[u64; WORDS]>::try_from(query) else { return };
    let start = passed.len();
    passed.resize(start + signatures.len(), 0);
    // Written always and kept only where it passed: no branch to mispredict.
    let mut end = start;
    for (place, signature) in signatures.iter().enumerate() {
        let common: u32 = signature.iter().zip(query).map(|(a, b)| (a & b).count_ones()).sum();
        passed[end] = place as u32;
        end += (common >= least) as usize;
    }
    passed.truncate(end);
}
