//! The schema of a memory's file: its text, its revision, and the indexes that an import into an empty memory creates last.

use rusqlite::Connection;

/// The tables, indexes and views.
pub(super) const SCHEMA: &str = include_str!("../../schema.sql");
/// `bitx`: in the header of every memory, so that it differs from any other SQLite file.
pub(super) const APPLICATION_ID: i32 = 0x6269_7478;
/// The revision of the tables that this program knows.
pub(super) const VERSION: i32 = 4;
/// The first revision that can be read. It and those after it are migrated before they are written to.
pub(super) const FIRST: i32 = 1;
/// The last of these.
pub(super) const LAST_EARLIER: i32 = VERSION - 1;

/// Indexes whose order has nothing to do with that in which an import adds rows. An import into an empty memory drops them, and
/// creates them when all rows are there: to sort once takes half the time.
const DEFERRED_INDEXES: [&str; 2] = ["segment_by_variant", "unit_by_hash"];

/// Drops the deferred indexes.
pub(super) fn drop_deferred_indexes(memory: &Connection) -> rusqlite::Result<()> {
    remove_places(memory)?;
    DEFERRED_INDEXES
        .iter()
        .try_for_each(|index| memory.execute_batch(&format!("drop index if exists {index}")))
}

/// Creates those of the deferred indexes that do not exist.
pub(super) fn create_deferred_indexes(memory: &Connection) -> rusqlite::Result<()> {
    remove_places(memory)?;
    create_missing(memory, &DEFERRED_INDEXES)
}

/// The tables of the fuzzy index, which a memory lacks that an earlier version made.
const INDEX_TABLES: [&str; 8] = [
    "fuzzy_generation",
    "fuzzy_part",
    "fuzzy_part_in_order",
    "fuzzy_lists",
    "fuzzy_lists_in_order",
    "fuzzy_frequent",
    "fuzzy_frequent_in_order",
    "fuzzy_order",
];

/// Creates the tables of the fuzzy index if they do not exist, and removes those of an earlier version.
pub(super) fn create_index_tables(memory: &Connection) -> rusqlite::Result<()> {
    if !exists(memory, "fuzzy_generation")? {
        memory.execute_batch(
            "drop table if exists fuzzy_block; drop table if exists fuzzy_lists; drop table if exists fuzzy_order",
        )?;
    }
    create_missing(memory, &INDEX_TABLES)
}

fn create_missing(memory: &Connection, names: &[&str]) -> rusqlite::Result<()> {
    for name in names {
        if !exists(memory, name)? {
            memory.execute_batch(create_statement(name))?;
        }
    }
    Ok(())
}

/// The statement of the schema that creates a table, an index or a view.
fn create_statement(name: &str) -> &'static str {
    let creates = |statement: &'static str| {
        let at = statement.find("create ")?;
        let mut words = statement[at..].split_whitespace().skip_while(|word| !KINDS.contains(word));
        (words.nth(1) == Some(name)).then(|| &statement[at..])
    };
    SCHEMA.split(';').find_map(creates).unwrap_or_default()
}

/// What a statement of the schema creates.
const KINDS: [&str; 3] = ["table", "index", "view"];

/// The revision of a memory's schema.
pub(super) fn revision(memory: &Connection) -> rusqlite::Result<i32> {
    memory.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Migrates a memory, if it is one of an earlier revision, in the transaction that was begun: a process that dies leaves the memory
/// as it was.
pub(super) fn migrate_earlier(memory: &Connection) -> rusqlite::Result<()> {
    let revision = revision(memory)?;
    if !(FIRST..=LAST_EARLIER).contains(&revision) {
        return Ok(());
    }
    if revision == FIRST {
        add_versions(memory)?;
    }
    if revision < 3 {
        // Its rows come with the next import: it reads all documents again, because the revision of the reader has changed too.
        memory.execute_batch(create_statement("as_written"))?;
    }
    memory.execute_batch(create_statement("aligned"))?;
    memory.execute_batch("drop view if exists extracted")?;
    memory.execute_batch(create_statement("extracted"))?;
    memory.pragma_update(None, "user_version", VERSION)
}

/// What revision 2 has and the first has not: versions of documents.
fn add_versions(memory: &Connection) -> rusqlite::Result<()> {
    // SQLite cannot remove the unique constraint of a table, so the table of documents is copied. Its ids are never reused, so the
    // highest id that was ever used is copied too.
    let columns = "id, set_id, path, hash, source_locale_id, target_locale_id, locale_stated, id_prefix, workflow, source_hash,
                   source_commit, handoff, file_id, title, description, no_loc, problems";
    let statements = [
        // It is created again at the end of the migration.
        "drop view extracted".to_owned(),
        "alter table document rename to earlier_document".to_owned(),
        create_statement("document").to_owned(),
        format!("insert into document ({columns}) select {columns} from earlier_document"),
        "delete from sqlite_sequence where name = 'document'".to_owned(),
        "update sqlite_sequence set name = 'document' where name = 'earlier_document'".to_owned(),
        "drop table earlier_document".to_owned(),
        create_statement("document_by_path").to_owned(),
        create_statement("superseded_by_path").to_owned(),
        create_statement("version").to_owned(),
        create_statement("neighbour").to_owned(),
        create_statement("clean_object").to_owned(),
        "alter table origin add column superseded integer".to_owned(),
        "alter table origin add column commit_id blob".to_owned(),
    ];
    // `alter table … rename` would change the references of other tables to the new name.
    memory.pragma_update(None, "legacy_alter_table", true)?;
    let migrated = statements.iter().try_for_each(|statement| memory.execute_batch(statement));
    memory.pragma_update(None, "legacy_alter_table", false)?;
    migrated
}

/// Makes a memory of an earlier revision readable on this connection, by temporary views and tables with what it lacks. They
/// hide the tables of the same names. The memory itself is not written to.
pub(super) fn provide_later_columns(memory: &Connection) -> rusqlite::Result<()> {
    let revision = revision(memory)?;
    memory.execute_batch(
        "create temp table aligned (document_id integer, position integer, confidence integer)",
    )?;
    if revision < 3 {
        let no_texts =
            "create temp table as_written (document_id integer, position integer, source text, target text)";
        memory.execute_batch(no_texts)?;
    }
    if revision > FIRST {
        return Ok(());
    }
    memory.execute_batch(
        "create temp view document as
             select *, null as object, null as reader, null as commit_id, null as committed, null as superseded
             from main.document;
         create temp view origin as select *, null as superseded, null as commit_id from main.origin;
         create temp table neighbour (document_id integer, position integer, variant_id integer);
         create temp table version (document_id integer)",
    )
}

/// Whether the deferred indexes exist. They do not during an import into an empty memory, nor after one that died.
pub(super) fn has_deferred_indexes(memory: &Connection) -> rusqlite::Result<bool> {
    DEFERRED_INDEXES.iter().try_fold(true, |all, index| Ok(all && exists(memory, index)?))
}

/// Whether a table or an index exists: no two have the same name.
pub(super) fn exists(memory: &Connection, name: &str) -> rusqlite::Result<bool> {
    let exists = "select exists (select 1 from sqlite_schema where name = ?1)";
    memory.query_row(exists, [name], |row| row.get(0))
}

/// Makes the places of a variant readable by its id, if the index for it does not exist yet. Without it every look-up would cost a
/// pass over all segments. A copy of the places, in this order, goes to a temporary table: the memory itself is not written to.
///
/// A temporary view with the name of the table hides the table on this connection, so that queries need not know of it.
pub(super) fn provide_places(memory: &Connection) -> rusqlite::Result<()> {
    remove_places(memory)?;
    if exists(memory, "segment_by_variant")? {
        return Ok(());
    }
    memory.execute_batch(
        "create temp table place_of_variant (
             variant_id  integer not null,
             document_id integer not null,
             position    integer not null,
             primary key (variant_id, document_id, position)
         ) without rowid;
         insert into temp.place_of_variant
             select variant_id, document_id, position from main.segment order by 1, 2, 3;
         create temp view segment as
             select place.variant_id, place.document_id, place.position, row.number, row.kind, row.line, row.id
             from temp.place_of_variant as place
             join main.segment as row using (variant_id, document_id, position)",
    )
}

/// Removes what [`provide_places`] made. A connection that writes, or makes the index, needs the table itself.
fn remove_places(memory: &Connection) -> rusqlite::Result<()> {
    memory.execute_batch("drop view if exists temp.segment; drop table if exists temp.place_of_variant")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema of revision 1, as far as later ones change it.
    const EARLIER_TABLES: &str = "
        create table document (
            id integer primary key autoincrement, set_id integer not null, path text not null, hash blob not null,
            source_locale_id integer not null, target_locale_id integer not null, locale_stated integer not null,
            id_prefix text not null, workflow text, source_hash text, source_commit text, handoff text, file_id text,
            title text, description text, no_loc text, problems text, unique (set_id, path, target_locale_id)
        ) strict;
        create table origin (
            document_id integer not null references document (id), position integer not null, workflow text,
            created integer, changed integer, usage integer not null, documents integer not null,
            in_context integer not null, previous text, next text, rest text, primary key (document_id, position)
        ) strict, without rowid;
        create view extracted as select path from document;
        insert into document values (7, 1, 'a.md', x'00', 1, 2, 1, 'a', 'human', null, null, null, null, null, null, null, null);
        insert into document values (9, 1, 'b.md', x'00', 1, 2, 1, 'b', null, null, null, null, null, null, null, null, null);
        delete from document where id = 9;
        insert into origin values (7, 0, 'human', 5, null, 1, 1, 0, 'before', null, null)";

    fn sql_of(memory: &Connection, name: &str) -> String {
        let sql = "select sql from sqlite_schema where name = ?1";
        memory.query_row(sql, [name], |row| row.get(0)).unwrap()
    }

    /// The tables that later revisions do not change, and those of revision 1.
    fn earlier() -> Connection {
        let memory = Connection::open_in_memory().unwrap();
        crate::memory::set_up(&memory).unwrap();
        for name in ["locale", "document_set", "unit", "variant", "segment"] {
            memory.execute_batch(create_statement(name)).unwrap();
        }
        memory.execute_batch(EARLIER_TABLES).unwrap();
        memory.pragma_update(None, "user_version", FIRST).unwrap();
        memory
    }

    #[test]
    fn each_statement_of_the_schema_is_found_by_its_name() {
        let memory = Connection::open_in_memory().unwrap();
        memory.execute_batch(SCHEMA).unwrap();
        let mut names = memory
            .prepare("select name from sqlite_schema where sql is not null and name not like 'sqlite%'")
            .unwrap();
        let names: Vec<String> =
            names.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(names.len(), SCHEMA.matches("create ").count());
        for name in names {
            let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
            assert_eq!(words(create_statement(&name)), words(&sql_of(&memory, &name)), "{name}");
        }
    }

    #[test]
    fn a_migrated_memory_has_the_schema_of_a_new_one_and_its_rows() {
        let memory = earlier();
        migrate_earlier(&memory).unwrap();
        let new = Connection::open_in_memory().unwrap();
        new.execute_batch(SCHEMA).unwrap();
        for name in [
            "document",
            "document_by_path",
            "version",
            "clean_object",
            "neighbour",
            "as_written",
            "aligned",
            "extracted",
        ] {
            let sql = sql_of(&memory, name).replace('"', "");
            assert_eq!(sql, sql_of(&new, name).replace('"', ""), "{name}");
        }
        let segment = sql_of(&memory, "segment");
        assert!(segment.contains("references document (id)"), "{segment}");
        let row =
            "select document.path, document.workflow, document.superseded, origin.previous, origin.superseded
                   from document join origin on origin.document_id = document.id";
        let row: (String, String, Option<i64>, String, Option<i64>) = memory
            .query_row(row, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
            .unwrap();
        assert_eq!(row, ("a.md".to_owned(), "human".to_owned(), None, "before".to_owned(), None));
    }

    #[test]
    fn ids_of_deleted_documents_are_not_used_again_after_a_migration() {
        let memory = earlier();
        migrate_earlier(&memory).unwrap();
        let next = "select seq from sqlite_sequence where name = 'document'";
        assert_eq!(memory.query_row(next, [], |row| row.get::<_, i64>(0)).unwrap(), 9);
    }

    #[test]
    fn a_memory_of_the_earlier_revision_is_read_with_the_later_columns() {
        let memory = earlier();
        provide_later_columns(&memory).unwrap();
        let row =
            "select document.superseded is null, origin.superseded is null, neighbour.variant_id is null
                   from document join origin on origin.document_id = document.id
                   left join neighbour on neighbour.document_id = document.id";
        let row: (bool, bool, bool) =
            memory.query_row(row, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        assert_eq!(row, (true, true, true));
    }
}
