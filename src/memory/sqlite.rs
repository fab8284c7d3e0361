//! Settings of SQLite for the whole process.

/// Turns off SQLite's statistics of memory use, which are on by default: nobody reads them, and each allocation locks one mutex
/// for them, shared by all connections. Returns whether SQLite accepted it, which it does only before its first use.
#[allow(
    unsafe_code,
    reason = "SQLite has no other way to set this after it was compiled, and rusqlite no function for it"
)]
pub(crate) fn without_memory_statistics() -> bool {
    use rusqlite::ffi::{SQLITE_CONFIG_MEMSTATUS, SQLITE_OK, sqlite3_config};
    static ONCE: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    // SAFETY: the option has one C int as its argument. No other thread may use SQLite meanwhile: the only caller is the start
    // of the program, before it starts threads; and SQLite refuses the call if it was used before.
    *ONCE.get_or_init(|| unsafe { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0_i32) == SQLITE_OK })
}
