//! How SQLite is set up for the whole process. Knows nothing of memories.

/// Turns off SQLite's statistics of its memory use. With them, which is the default, each allocation of each thread waits for
/// one lock, although each thread has a connection of its own; nobody reads them. Returns whether SQLite accepted it.
///
/// For the start of a program: it has no effect once a connection was opened.
#[allow(
    unsafe_code,
    reason = "SQLite has no other way to set this after it was compiled, and rusqlite no function for it"
)]
pub(crate) fn without_memory_statistics() -> bool {
    use rusqlite::ffi::{SQLITE_CONFIG_MEMSTATUS, SQLITE_OK, sqlite3_config};
    static ONCE: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    // SAFETY: the option takes one C int. SQLite demands that no other thread uses it meanwhile: the caller is the start of the
    // program, which has no other thread; and SQLite refuses the call where it was used before.
    *ONCE.get_or_init(|| unsafe { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0_i32) == SQLITE_OK })
}
