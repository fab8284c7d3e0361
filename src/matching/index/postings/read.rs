//! Reads the lists of a row.

use std::ops::Range;

use super::{FEW, Layout, ListsError, payload};
use crate::matching::index::element::Element;

fn read_number(bytes: &mut &[u8]) -> Result<u32, ListsError> {
    let (mut number, mut shift) = (0_u32, 0);
    loop {
        let (&byte, rest) = bytes.split_first().ok_or(ListsError)?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f).checked_shl(shift).ok_or(ListsError)?;
        if byte < 0x80 {
            return Ok(number);
        }
        shift += 7;
    }
}

/// The lists of a row, found by element.
#[derive(Debug)]
pub struct Lists {
    elements: Vec<Element>,
    /// Where each list ends in the bytes; the first starts at `start`.
    ends: Vec<u32>,
    start: u32,
    bytes: Vec<u8>,
}

/// A slice of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::matching::index) struct Slice {
    /// How many texts are in their short prefix, and how many others.
    pub short: u32,
    pub others: u32,
    /// Where its places are in the bytes of the row.
    pub start: u32,
    pub is_bitmap: bool,
}

impl Lists {
    /// The lists of a row.
    ///
    /// # Errors
    /// If the bytes are not those of a row.
    pub fn from_bytes(first: Element, bytes: &[u8]) -> Result<Lists, ListsError> {
        let mut rest = bytes;
        let count = read_number(&mut rest)? as usize;
        // Each list has two bytes of directory at least.
        if count > rest.len() / 2 {
            return Err(ListsError);
        }
        let (mut elements, mut ends) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let (mut element, mut end) = (first, 0_u32);
        for _ in 0..count {
            element = element.checked_add(read_number(&mut rest)?).ok_or(ListsError)?;
            end = end.checked_add(read_number(&mut rest)?).ok_or(ListsError)?;
            elements.push(element);
            ends.push(end);
        }
        if rest.len() != end as usize || !elements.is_sorted() {
            return Err(ListsError);
        }
        let start = u32::try_from(bytes.len() - rest.len()).map_err(|_| ListsError)?;
        ends.iter_mut().for_each(|end| *end += start);
        Ok(Lists { elements, ends, start, bytes: bytes.to_vec() })
    }

    /// Calls `keep` with the slices of an element in these containers and their numbers, in order.
    pub(in crate::matching::index) fn slices(
        &self,
        element: Element,
        layout: &Layout,
        containers: &Range<usize>,
        mut keep: impl FnMut(usize, Slice),
    ) -> Result<(), ListsError> {
        let Ok(at) = self.elements.binary_search(&element) else { return Ok(()) };
        let start = if at == 0 { self.start } else { self.ends[at - 1] };
        let end = self.ends[at] as usize;
        let mut rest = &self.bytes[start as usize..end];
        let size = read_number(&mut rest)? as usize;
        let mut headers = rest.get(..size).ok_or(ListsError)?;
        let mut start = end - rest.len() + size;
        let mut container = 0;
        while !headers.is_empty() {
            let header = read_number(&mut headers)?;
            container += (header >> 4) as usize;
            if container >= containers.end {
                return Ok(());
            }
            let (short, others) = match FEW.get((header & 15) as usize) {
                Some(&few) => few,
                None => (read_number(&mut headers)?, read_number(&mut headers)?),
            };
            let about = layout.0.get(container).ok_or(ListsError)?;
            let texts =
                short.checked_add(others).filter(|&texts| texts as usize <= about.texts).ok_or(ListsError)?;
            let next = start + payload(about, texts as usize);
            if next > end {
                return Err(ListsError);
            }
            if container >= containers.start {
                let is_bitmap = about.is_bitmap(texts as usize);
                keep(container, Slice { short, others, start: start as u32, is_bitmap });
            }
            (start, container) = (next, container + 1);
        }
        Ok(())
    }

    /// The places of a slice that is no bitmap: those of the texts that have the element in their short prefix, or all.
    pub(in crate::matching::index) fn places(&self, slice: &Slice, only_short: bool) -> &[[u8; 2]] {
        let texts = if only_short { slice.short } else { slice.short + slice.others };
        self.bytes[slice.start as usize..][..2 * texts as usize].as_chunks().0
    }

    /// The words of a slice that is a bitmap of so many.
    pub(in crate::matching::index) fn bitmap(&self, slice: &Slice, words: usize) -> &[[u8; 8]] {
        self.bytes[slice.start as usize..][..8 * words].as_chunks().0
    }

    /// Lists whose bytes are these places.
    #[cfg(test)]
    pub(in crate::matching::index) fn of_places(places: impl Iterator<Item = u16>) -> Lists {
        let bytes = places.flat_map(u16::to_le_bytes).collect();
        Lists { elements: Vec::new(), ends: Vec::new(), start: 0, bytes }
    }
}
