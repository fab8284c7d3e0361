//! Bulk inserts. A statement inserts several rows, which takes half the time of one statement for each row.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

/// How many rows a statement inserts: the first size while there are enough rows, the others for the remainder.
const SIZES: [usize; 3] = [64, 8, 1];

/// The value of a column. Borrows its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<'t>(ValueRef<'t>);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Cell(ValueRef::Integer(number))
    }
}

impl From<Option<i64>> for Cell<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Cell(ValueRef::Null), Cell::from)
    }
}

impl<'t> From<&'t str> for Cell<'t> {
    fn from(text: &'t str) -> Self {
        Cell(ValueRef::Text(text.as_bytes()))
    }
}

impl<'t> From<&'t [u8]> for Cell<'t> {
    fn from(bytes: &'t [u8]) -> Self {
        Cell(ValueRef::Blob(bytes))
    }
}

impl<'t> From<Option<&'t [u8]>> for Cell<'t> {
    fn from(bytes: Option<&'t [u8]>) -> Self {
        bytes.map_or(Cell(ValueRef::Null), Cell::from)
    }
}

impl<'t> From<Option<&'t str>> for Cell<'t> {
    fn from(text: Option<&'t str>) -> Self {
        text.map_or(Cell(ValueRef::Null), Cell::from)
    }
}

/// Buffers rows of `COLUMNS` values for one table, and inserts them when the buffer is full and on [`finish`](Bulk::finish).
pub(super) struct Bulk<'m, 't, const COLUMNS: usize> {
    memory: &'m Connection,
    table: &'static str,
    columns: [&'static str; COLUMNS],
    /// The statements by size, prepared on first use.
    statements: [Option<CachedStatement<'m>>; SIZES.len()],
    buffer: Vec<[Cell<'t>; COLUMNS]>,
}

impl<'m, 't, const COLUMNS: usize> Bulk<'m, 't, COLUMNS> {
    /// A bulk insert into these columns of a table.
    pub fn new(memory: &'m Connection, table: &'static str, columns: [&'static str; COLUMNS]) -> Self {
        Bulk { memory, table, columns, statements: [const { None }; SIZES.len()], buffer: Vec::new() }
    }

    /// Adds a row.
    pub fn put(&mut self, row: [Cell<'t>; COLUMNS]) -> rusqlite::Result<()> {
        self.buffer.push(row);
        if self.buffer.len() == SIZES[0] { self.finish() } else { Ok(()) }
    }

    /// Inserts the buffered rows.
    pub fn finish(&mut self) -> rusqlite::Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        let mut rest = buffer.as_slice();
        for (which, size) in SIZES.into_iter().enumerate() {
            while let Some((rows, others)) = rest.split_at_checked(size) {
                self.write(which, rows)?;
                rest = others;
            }
        }
        self.buffer = buffer;
        self.buffer.clear();
        Ok(())
    }

    fn write(&mut self, which: usize, rows: &[[Cell<'t>; COLUMNS]]) -> rusqlite::Result<()> {
        let statement = match &mut self.statements[which] {
            Some(prepared) => prepared,
            unprepared => {
                let row = format!("({})", ["?"; COLUMNS].join(","));
                let rows = vec![row.as_str(); rows.len()].join(",");
                let sql = format!("insert into {} ({}) values {rows}", self.table, self.columns.join(","));
                unprepared.insert(self.memory.prepare_cached(&sql)?)
            }
        };
        for (index, cell) in rows.as_flattened().iter().enumerate() {
            statement.raw_bind_parameter(index + 1, cell)?;
        }
        statement.raw_execute()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_rows_is_written_in_order() {
        let memory = Connection::open_in_memory().unwrap();
        memory.execute_batch("create table t (id integer primary key, text text, number integer)").unwrap();
        let texts: Vec<String> = (0..500).map(|number| format!("text {number}")).collect();
        let mut written = 0;
        for count in [0, 1, 7, 8, 63, 64, 65, 137] {
            let mut bulk = Bulk::new(&memory, "t", ["text", "number"]);
            for text in &texts[written..written + count] {
                let number = (text.len() == 6).then_some(6);
                bulk.put([text.as_str().into(), number.into()]).unwrap();
            }
            bulk.finish().unwrap();
            written += count;
            let mut all = memory.prepare("select text, number from t order by id").unwrap();
            let all: Vec<(String, Option<i64>)> = all
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            let expected = texts[..written].iter().map(|text| (text.clone(), (text.len() == 6).then_some(6)));
            assert_eq!(all, expected.collect::<Vec<_>>());
        }
    }
}
