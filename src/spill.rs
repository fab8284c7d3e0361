//! Numbers that need not fit into memory: so much of them is held, and the rest lies in a temporary file without a name.
//!
//! An export keeps books of every segment, unit and name there is. With these its use of memory is the same for a million units
//! and for a hundred million, and as long as everything fits no file is made.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// Numbers in a page: 4 KiB.
const PAGE: usize = 512;
/// Pages that a reader holds of those that are in the file, and pages that it knows the place of.
const READER_PAGES: usize = 256;

type Page = Box<[u64; PAGE]>;

/// A number for each index, 0 where none was put: an array that may be sparse, and longer than memory.
///
/// Fast where neighbours are asked for one after the other. Each page in the file that is asked for in between costs a reading.
pub struct Array {
    /// Pages that may be held.
    room: usize,
    /// Where each page is that has a number in it.
    places: HashMap<u64, Place>,
    held: Vec<Held>,
    /// The page asked for last.
    last: usize,
    /// The page to be considered next where one must go.
    hand: usize,
    file: Option<Mutex<PageFile>>,
}

#[derive(Clone, Copy)]
enum Place {
    /// The index in `held`.
    Held(usize),
    /// Which page of the file.
    InFile(u64),
}

struct Held {
    number: u64,
    page: Page,
    /// Which page of the file has what it was, if one has.
    in_file: Option<u64>,
    /// Whether it is another one than in the file.
    changed: bool,
    /// Whether it was asked for since it was last considered.
    used: bool,
}

impl Array {
    /// An array without numbers, that holds so many bytes in memory and a page at the least.
    pub fn new(room: usize) -> Array {
        let room = (room / size_of::<[u64; PAGE]>()).max(1);
        Array { room, places: HashMap::new(), held: Vec::new(), last: 0, hand: 0, file: None }
    }

    /// The number at an index.
    ///
    /// # Errors
    /// Where the temporary file cannot be made, written or read.
    pub fn get(&mut self, index: u64) -> io::Result<u64> {
        let (page, at) = split(index);
        Ok(match self.hold(page)? {
            Some(held) => self.held[held].page[at],
            None => 0,
        })
    }

    /// Puts a number at an index.
    ///
    /// # Errors
    /// Where the temporary file cannot be made, written or read.
    pub fn put(&mut self, index: u64, number: u64) -> io::Result<()> {
        let (page, at) = split(index);
        let held = match self.hold(page)? {
            Some(held) => held,
            None => self.take_in(page, None)?,
        };
        let held = &mut self.held[held];
        held.page[at] = number;
        held.changed = true;
        Ok(())
    }

    /// Somebody who reads, beside others.
    pub fn reader(&self) -> Reader<'_> {
        let known = std::iter::repeat_n(Cell::new(None), READER_PAGES).collect();
        Reader { array: self, known, pages: RefCell::default() }
    }

    /// The index in `held` of a page; nothing where it has no number.
    fn hold(&mut self, number: u64) -> io::Result<Option<usize>> {
        if self.held.get(self.last).is_some_and(|held| held.number == number) {
            return Ok(Some(self.last));
        }
        let held = match self.places.get(&number) {
            None => return Ok(None),
            Some(&Place::Held(held)) => held,
            Some(&Place::InFile(place)) => self.take_in(number, Some(place))?,
        };
        self.held[held].used = true;
        self.last = held;
        Ok(Some(held))
    }

    /// Makes room for a page, and reads it where it is in the file.
    fn take_in(&mut self, number: u64, in_file: Option<u64>) -> io::Result<usize> {
        let mut taken = if self.held.len() < self.room {
            Held { number, page: Box::new([0; PAGE]), in_file, changed: false, used: true }
        } else {
            let hand = self.put_out()?;
            // Its place in the list is given back below.
            let out = self.held.swap_remove(hand);
            if let Some(moved) = self.held.get(hand) {
                self.places.insert(moved.number, Place::Held(hand));
            }
            let mut page = out.page;
            page.fill(0);
            Held { number, page, in_file, changed: false, used: true }
        };
        if let (Some(place), Some(file)) = (in_file, &mut self.file) {
            file.get_mut().unwrap_or_else(PoisonError::into_inner).read(place, &mut taken.page)?;
        }
        let at = self.held.len();
        self.held.push(taken);
        self.places.insert(number, Place::Held(at));
        self.last = at;
        Ok(at)
    }

    /// Writes a page that was not asked for lately into the file, where it is not there, and gives its index in `held`.
    fn put_out(&mut self) -> io::Result<usize> {
        loop {
            self.hand = (self.hand + 1) % self.held.len();
            if !std::mem::take(&mut self.held[self.hand].used) {
                break;
            }
        }
        let out = &mut self.held[self.hand];
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(Mutex::new(PageFile::new()?)),
        };
        let file = file.get_mut().unwrap_or_else(PoisonError::into_inner);
        let place = match out.in_file {
            Some(place) if !out.changed => place,
            place => file.write(place, &out.page)?,
        };
        self.places.insert(out.number, Place::InFile(place));
        Ok(self.hand)
    }
}

fn split(index: u64) -> (u64, usize) {
    (index / PAGE as u64, (index % PAGE as u64) as usize)
}

/// Reads an [`Array`] beside others, on any thread.
pub struct Reader<'a> {
    array: &'a Array,
    /// Pages that are held for all, by their number's remainder.
    known: Vec<Cell<Option<(u64, &'a Page)>>>,
    /// Pages of the file, likewise.
    pages: RefCell<HashMap<usize, (u64, Page)>>,
}

impl Reader<'_> {
    /// The number at an index; 0 where none was put.
    ///
    /// # Errors
    /// Where the temporary file cannot be read.
    pub fn get(&self, index: u64) -> io::Result<u64> {
        let (number, at) = split(index);
        let known = &self.known[number as usize % READER_PAGES];
        if let Some((has, page)) = known.get()
            && has == number
        {
            return Ok(page[at]);
        }
        match self.array.places.get(&number) {
            None => Ok(0),
            Some(&Place::Held(held)) => {
                let page = &self.array.held[held].page;
                known.set(Some((number, page)));
                Ok(page[at])
            }
            Some(&Place::InFile(place)) => self.read(number, place, at),
        }
    }

    fn read(&self, number: u64, place: u64, at: usize) -> io::Result<u64> {
        let mut pages = self.pages.borrow_mut();
        let (has, page) =
            pages.entry(number as usize % READER_PAGES).or_insert_with(|| (u64::MAX, Box::new([0; PAGE])));
        if *has != number {
            // Until it is whole it is no page at all.
            *has = u64::MAX;
            if let Some(file) = &self.array.file {
                file.lock().unwrap_or_else(PoisonError::into_inner).read(place, page)?;
            }
            *has = number;
        }
        Ok(page[at])
    }
}

/// A temporary file of pages.
struct PageFile {
    file: File,
    pages: u64,
    bytes: Box<[u8; PAGE * 8]>,
}

impl PageFile {
    fn new() -> io::Result<PageFile> {
        let file = tempfile::tempfile().map_err(|error| named("be made", &error))?;
        Ok(PageFile { file, pages: 0, bytes: Box::new([0; PAGE * 8]) })
    }

    /// Writes a page where it was before, or to the end, and gives where.
    fn write(&mut self, place: Option<u64>, page: &Page) -> io::Result<u64> {
        for (bytes, number) in self.bytes.chunks_exact_mut(8).zip(page.iter()) {
            bytes.copy_from_slice(&number.to_le_bytes());
        }
        let place = place.unwrap_or(self.pages);
        let sought = self.file.seek(SeekFrom::Start(place * self.bytes.len() as u64));
        sought
            .and_then(|_| self.file.write_all(&*self.bytes))
            .map_err(|error| named("be written", &error))?;
        self.pages = self.pages.max(place + 1);
        Ok(place)
    }

    fn read(&mut self, place: u64, page: &mut Page) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(place * self.bytes.len() as u64))?;
        self.file.read_exact(&mut *self.bytes)?;
        for (number, bytes) in page.iter_mut().zip(self.bytes.as_chunks().0) {
            *number = u64::from_le_bytes(*bytes);
        }
        Ok(())
    }
}

/// Says where the file is, which has no name, and what could not be done with it.
fn named(what: &str, error: &io::Error) -> io::Error {
    let folder = crate::input::shown(&std::env::temp_dir());
    io::Error::new(error.kind(), format!("a temporary file in {folder} cannot {what}: {error}"))
}

/// Which numbers were met: a set that may be larger than memory. For numbers that are spread evenly, as hashes are.
pub struct Seen {
    room: usize,
    /// Each number at or after its share of the way through the table; so a larger table has them in the same order.
    table: Array,
    slots: u64,
    count: u64,
}

impl Seen {
    /// A set without numbers, that holds so many bytes in memory, and twice that while it grows.
    pub fn new(room: usize) -> Seen {
        Seen { room, table: Array::new(room), slots: PAGE as u64, count: 0 }
    }

    /// Takes a number in, and gives whether it is new. 0 and 1 are one number.
    ///
    /// # Errors
    /// Where the temporary file cannot be made, written or read.
    pub fn insert(&mut self, number: u64) -> io::Result<bool> {
        if self.count * 4 >= self.slots * 3 {
            self.grow()?;
        }
        let new = put(&mut self.table, self.slots, number.max(1))?;
        self.count += u64::from(new);
        Ok(new)
    }

    fn grow(&mut self) -> io::Result<()> {
        let slots = self.slots + self.slots / 2;
        let mut table = Array::new(self.room);
        for slot in 0..self.slots {
            let number = self.table.get(slot)?;
            if number != 0 {
                put(&mut table, slots, number)?;
            }
        }
        (self.table, self.slots) = (table, slots);
        Ok(())
    }
}

/// Puts a number into a table that has room for it, and gives whether it was not there.
fn put(table: &mut Array, slots: u64, number: u64) -> io::Result<bool> {
    let mut slot = ((u128::from(number) * u128::from(slots)) >> 64) as u64;
    loop {
        match table.get(slot)? {
            0 => {
                table.put(slot, number)?;
                return Ok(true);
            }
            found if found == number => return Ok(false),
            _ => slot = (slot + 1) % slots,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Different numbers in no order.
    fn mixed(number: u64) -> u64 {
        number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29).wrapping_mul(0xBF58_476D_1CE4_E5B9)
    }

    #[test]
    fn an_array_gives_what_was_put() {
        for room in [0, 3 * 4096, 1 << 20] {
            let mut array = Array::new(room);
            let mut known = HashMap::new();
            for step in 0..20_000_u64 {
                // Near each other, far from each other, and at the ends.
                let index = match step % 4 {
                    0 => step,
                    1 => mixed(step) % 40_000,
                    2 => mixed(step % 5),
                    _ => u64::MAX - step % 700,
                };
                assert_eq!(array.get(index).unwrap(), known.get(&index).copied().unwrap_or(0));
                array.put(index, step).unwrap();
                known.insert(index, step);
            }
            assert_eq!(
                array.file.is_some(),
                room < 1 << 20,
                "whether there is a file with room for {room} bytes"
            );
            assert!(array.held.len() <= array.room);
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    let (reader, known) = (array.reader(), &known);
                    scope.spawn(move || {
                        for (&index, &number) in known {
                            assert_eq!(reader.get(index).unwrap(), number);
                            assert_eq!(reader.get((1 << 40) + index % 100_000).unwrap(), 0);
                        }
                    });
                }
            });
            assert!(known.iter().all(|(&index, &number)| array.get(index).unwrap() == number));
        }
    }

    #[test]
    fn a_number_is_new_once() {
        for room in [0, 1 << 20] {
            let mut seen = Seen::new(room);
            // Hashes, and some that share the ends of the table.
            let numbers = |range: std::ops::Range<u64>| {
                range.map(|number| match number % 9 {
                    0 => number,
                    1 => u64::MAX - number,
                    _ => mixed(number),
                })
            };
            let all: HashSet<u64> = numbers(1..6_000).collect();
            let new = numbers(1..6_000).filter(|&number| seen.insert(number).unwrap()).count();
            assert_eq!(new, all.len());
            assert!(!numbers(1..6_000).any(|number| seen.insert(number).unwrap()));
            assert!(seen.insert(mixed(6_001)).unwrap());
        }
    }
}
