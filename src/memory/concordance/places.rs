//! The places of a pair of texts: which of them count, and what they say together.

use crate::memory::error::Fault;
use crate::memory::usage::UsageReader;
use crate::memory::{Memory, PlaceFilter};
use crate::model::Places;

/// The places of a variant that count; `None` if there is none.
pub(super) fn of(
    memory: &Memory,
    usage: &mut UsageReader,
    filter: &PlaceFilter,
    variant: i64,
) -> Result<Option<Places>, Fault> {
    let Some((usage, first)) = usage.usage(&memory.connection, &[variant], filter)? else { return Ok(None) };
    Ok(Some(Places {
        segments: usage.segments,
        documents: usage.documents,
        workflow: usage.workflow,
        handoff: usage.handoff(),
        first: first.read(&memory.connection)?,
    }))
}

/// Whether the memory holds anything of a TMX.
pub(super) fn has_tmx(memory: &Memory) -> rusqlite::Result<bool> {
    memory.connection.prepare_cached("select 1 from origin limit 1")?.exists([])
}

/// How many segments that count a variant has. In a TMX a segment stands for as many as it says.
pub(super) fn count(
    memory: &Memory,
    usage: &mut UsageReader,
    filter: &PlaceFilter,
    variant: i64,
    tmx: bool,
) -> Result<u64, Fault> {
    if tmx || !filter.is_open() {
        let found = usage.usage(&memory.connection, &[variant], filter)?;
        return Ok(found.map_or(0, |(usage, _)| usage.segments));
    }
    let sql = "select count(*) from segment where variant_id = ?1";
    Ok(memory.connection.prepare_cached(sql)?.query_row([variant], |row| row.get(0))?)
}
