//! Git's names for what a repository stores.

use std::fmt;

/// A Git object id: the SHA-1 or SHA-256 hash of a file, a folder or a commit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// The hash, then zeros.
    bytes: [u8; ObjectId::LONGEST],
    length: u8,
}

impl ObjectId {
    /// The length of a SHA-256 hash.
    const LONGEST: usize = 32;

    /// An id of the 20 bytes of a SHA-1 hash or the 32 of a SHA-256 hash; `None` for other lengths.
    pub fn from_bytes(hash: &[u8]) -> Option<ObjectId> {
        if ![20, Self::LONGEST].contains(&hash.len()) {
            return None;
        }
        let mut bytes = [0; Self::LONGEST];
        bytes[..hash.len()].copy_from_slice(hash);
        Some(ObjectId { bytes, length: hash.len() as u8 })
    }

    /// An id in hexadecimal digits; `None` if the text is no such id.
    pub fn from_hex(digits: &str) -> Option<ObjectId> {
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        let bytes = digits.as_bytes().chunks(2).map(|two| match two {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        });
        ObjectId::from_bytes(&bytes.collect::<Option<Vec<u8>>>()?)
    }

    /// The hash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The first 7 hexadecimal digits, as Git shortens ids for people.
    pub fn short(&self) -> String {
        let mut digits = self.to_string();
        digits.truncate(7);
        digits
    }
}

/// In hexadecimal.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectId({self})")
    }
}

/// A commit, and when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// The committer's date, in seconds since 1970. It comes from the repository, so it can be any number. 0 if the commit has
    /// no date that can be read, as for Git.
    pub time: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_id_is_as_long_as_its_hash() {
        for (length, shown) in [(20, "0".repeat(38) + "ab"), (32, "0".repeat(62) + "ab")] {
            let mut hash = vec![0; length];
            hash[length - 1] = 0xab;
            let id = ObjectId::from_bytes(&hash).unwrap();
            assert_eq!(ObjectId::from_hex(&id.to_string()), Some(id));
            assert_eq!(
                (id.as_bytes(), id.to_string(), id.short().as_str()),
                (hash.as_slice(), shown, "0000000")
            );
        }
        assert_ne!(ObjectId::from_bytes(&[0; 20]), ObjectId::from_bytes(&[0; 32]));
        for wrong in [&[][..], &[1; 19], &[1; 33]] {
            assert_eq!(ObjectId::from_bytes(wrong), None);
        }
        for wrong in ["", "ab", &"a".repeat(39), &"g".repeat(40), &"é".repeat(20)] {
            assert_eq!(ObjectId::from_hex(wrong), None, "{wrong}");
        }
    }
}
