//! Which rows become one row group.

use std::collections::BTreeMap;

use crate::exchange::arrow::SegmentRows;

/// The most rows of a row group, and the most bytes of its record batch: enough to compress well.
const GROUP_ROWS: usize = 1 << 16;
const GROUP_BYTES: usize = 16 << 20;
/// A row group has one pair of locales, so that a filter by locale skips the others, but for groups of fewer rows.
const LEAST_ROWS: usize = 1 << 12;
/// The most bytes of the record batches of all groups that wait for more rows.
const HELD_BYTES: usize = 24 << 20;

/// The rows of a row group.
#[derive(Debug, Default)]
pub struct Group {
    /// The path of the folder of its file, with `/` at its end; empty for one file.
    pub folder: String,
    /// The rows.
    pub rows: SegmentRows,
}

/// Collects rows, and cuts them into row groups. The cuts depend on the rows alone.
#[derive(Debug, Default)]
pub struct Groups {
    open: BTreeMap<String, Group>,
    /// The bytes of all of them.
    bytes: usize,
}

impl Groups {
    /// Moves rows into the group for the file in a folder, and calls `emit` with each group that is complete. `room` makes room for a new
    /// group.
    ///
    /// # Errors
    /// Those of `emit`.
    pub fn push<E>(
        &mut self,
        folder: &str,
        rows: &mut SegmentRows,
        room: &dyn Fn() -> SegmentRows,
        emit: &mut impl FnMut(Group) -> Result<(), E>,
    ) -> Result<(), E> {
        if rows.is_empty() {
            return Ok(());
        }
        let is_other = |group: &Group| {
            group.rows.len() + rows.len() > GROUP_ROWS
                || group.rows.bytes() + rows.bytes() > GROUP_BYTES
                || (group.rows.len() >= LEAST_ROWS && group.rows.locales() != rows.locales())
        };
        if self.open.get(folder).is_some_and(is_other) {
            self.take(folder).map_or(Ok(()), &mut *emit)?;
        }
        self.bytes += rows.bytes();
        let group = || Group { folder: String::new(), rows: room() };
        self.open.entry(folder.to_owned()).or_insert_with(group).rows.append(rows);
        if self.bytes > HELD_BYTES {
            let largest = self.open.iter().max_by_key(|(_, group)| group.rows.bytes());
            let largest = largest.map(|(folder, _)| folder.clone()).unwrap_or_default();
            self.take(&largest).map_or(Ok(()), emit)?;
        }
        Ok(())
    }

    fn take(&mut self, folder: &str) -> Option<Group> {
        let (folder, mut group) = self.open.remove_entry(folder)?;
        self.bytes -= group.rows.bytes();
        group.folder = folder;
        Some(group)
    }

    /// The groups that are left at the end.
    pub fn into_rest(self) -> impl Iterator<Item = Group> {
        self.open.into_iter().map(|(folder, group)| Group { folder, ..group })
    }
}
