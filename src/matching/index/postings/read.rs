//! Reads the lists of a row.

use std::ops::Range;

use super::{FEW, Layout, ListsError};
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

/// Reads a run of ascending places.
fn read_places(bytes: &mut &[u8], count: u32, places: &mut Vec<u16>) -> Result<(), ListsError> {
    let mut place = 0_u16;
    for _ in 0..count {
        let between = match **bytes {
            [one @ ..0x80, ref rest @ ..] => {
                *bytes = rest;
                u16::from(one)
            }
            [one @ 0x80..=0xfe, other, ref rest @ ..] => {
                *bytes = rest;
                u16::from_be_bytes([one - 0x80, other]) + 0x80
            }
            [0xff, one, other, ref rest @ ..] => {
                *bytes = rest;
                u16::from_le_bytes([one, other])
            }
            _ => return Err(ListsError),
        };
        place = place.checked_add(between).ok_or(ListsError)?;
        places.push(place);
    }
    Ok(())
}

/// The lists of a row, found by element. The places are decoded once, when the row is read.
#[derive(Debug)]
pub struct Lists {
    elements: Vec<Element>,
    lists: Vec<List>,
    /// The headers of all slices.
    headers: Vec<u8>,
    places: Vec<u16>,
}

/// A list of a row.
#[derive(Clone, Debug)]
struct List {
    /// Where its headers are.
    headers: Range<u32>,
    /// The number of its first place in those of the row.
    first: u32,
}

/// A slice of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::matching::index) struct Slice {
    /// How many texts are in their short prefix, and how many others.
    pub short: u32,
    pub others: u32,
    /// The number of its first place in those of the row.
    first: u32,
}

/// The next header: how many containers are passed over, and how many texts the slice has in their short prefix, and others.
fn read_header(headers: &mut &[u8]) -> Result<(usize, u32, u32), ListsError> {
    let header = read_number(headers)?;
    let (short, others) = match FEW.get((header & 15) as usize) {
        Some(&few) => few,
        None => (read_number(headers)?, read_number(headers)?),
    };
    Ok(((header >> 4) as usize, short, others))
}

impl Lists {
    /// The lists of a row of a generation with this layout.
    ///
    /// # Errors
    /// If the bytes are not those of a row, or name a text that the generation does not have.
    pub fn from_bytes(first: Element, bytes: &[u8], layout: &Layout) -> Result<Lists, ListsError> {
        let mut rest = bytes;
        let count = read_number(&mut rest)? as usize;
        // Each list has two bytes of directory at least.
        if count > rest.len() / 2 {
            return Err(ListsError);
        }
        let mut directory = Vec::with_capacity(count);
        let mut element = first;
        for _ in 0..count {
            element = element.checked_add(read_number(&mut rest)?).ok_or(ListsError)?;
            directory.push((element, read_number(&mut rest)? as usize));
        }
        if !directory.is_sorted() {
            return Err(ListsError);
        }
        let mut lists = Lists {
            elements: Vec::with_capacity(count),
            lists: Vec::with_capacity(count),
            headers: Vec::new(),
            places: Vec::with_capacity(rest.len()),
        };
        for (element, size) in directory {
            let (list, others) = rest.split_at_checked(size).ok_or(ListsError)?;
            lists.push(element, list, layout)?;
            rest = others;
        }
        lists.headers.shrink_to_fit();
        lists.places.shrink_to_fit();
        if rest.is_empty() { Ok(lists) } else { Err(ListsError) }
    }

    fn push(&mut self, element: Element, mut list: &[u8], layout: &Layout) -> Result<(), ListsError> {
        let size = read_number(&mut list)? as usize;
        let (mut headers, mut rest) = list.split_at_checked(size).ok_or(ListsError)?;
        let (start, first) = (self.headers.len() as u32, self.places.len() as u32);
        self.headers.extend_from_slice(headers);
        let mut container = 0;
        while !headers.is_empty() {
            let (passed, short, others) = read_header(&mut headers)?;
            container += passed;
            let texts = layout.0.get(container).ok_or(ListsError)?.texts;
            container += 1;
            for count in [short, others] {
                read_places(&mut rest, count, &mut self.places)?;
                // A run is ascending.
                if count > 0 && self.places.last().is_none_or(|&last| usize::from(last) >= texts) {
                    return Err(ListsError);
                }
            }
        }
        self.elements.push(element);
        self.lists.push(List { headers: start..self.headers.len() as u32, first });
        if rest.is_empty() { Ok(()) } else { Err(ListsError) }
    }

    /// Calls `keep` with the slices of an element in these containers and their numbers, in order.
    pub(in crate::matching::index) fn slices(
        &self,
        element: Element,
        containers: &Range<usize>,
        mut keep: impl FnMut(usize, Slice),
    ) -> Result<(), ListsError> {
        let Ok(at) = self.elements.binary_search(&element) else { return Ok(()) };
        let List { headers, mut first } = self.lists[at].clone();
        let mut headers = &self.headers[headers.start as usize..headers.end as usize];
        let mut container = 0;
        while !headers.is_empty() {
            let (passed, short, others) = read_header(&mut headers)?;
            container += passed;
            if container >= containers.end {
                return Ok(());
            }
            if container >= containers.start {
                keep(container, Slice { short, others, first });
            }
            (first, container) = (first + short + others, container + 1);
        }
        Ok(())
    }

    /// The places of a slice: those of the texts that have the element in their short prefix, or all.
    pub(in crate::matching::index) fn places(&self, slice: &Slice, only_short: bool) -> &[u16] {
        let texts = if only_short { slice.short } else { slice.short + slice.others };
        &self.places[slice.first as usize..][..texts as usize]
    }
}
