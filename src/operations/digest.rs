//! Digests of several texts, which tell apart where one ends and the next begins.

/// BLAKE3 of some texts, each behind its length.
pub(super) fn digest_of<'t>(texts: impl IntoIterator<Item = &'t [u8]>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text);
    }
    *hasher.finalize().as_bytes()
}

/// The first half of [`digest_of`], which is enough for the key of a map.
pub(super) fn key_of<'t>(texts: impl IntoIterator<Item = &'t [u8]>) -> [u8; 16] {
    let digest = digest_of(texts);
    std::array::from_fn(|at| digest[at])
}
