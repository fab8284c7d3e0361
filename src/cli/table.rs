//! Tables for people.

use unicode_width::UnicodeWidthStr as _;

/// A table whose columns are as wide as their widest cell. The first `names` columns are aligned to the left, the others, which have
/// numbers, to the right.
pub(super) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]], names: usize) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut table = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.width());
            line += &if column < names { format!("{cell}{pad}  ") } else { format!("{pad}{cell}  ") };
        }
        table += line.trim_end();
        table.push('\n');
    }
    table
}
