use std::cmp::Reverse;
use std::sync::Arc;

use proptest::prelude::*;
use rusqlite::OptionalExtension;

use super::*;
use crate::memory::interner::text_hash;
use crate::memory::{LookupOptions, Memory};
use crate::model::{Place, QueryPlace, Workflow};

/// The frequent text first. Two texts are the same in all languages.
const SOURCES: [&str; 4] = ["Yes.", "No.", "Save", "README"];
const TARGETS: [&str; 4] = ["예.", "아니요.", "Save", "README"];
/// Source and target locale of a document: two translations of English, and one into it.
const DIRECTIONS: [(i64, i64); 3] = [(1, 2), (1, 3), (2, 1)];

#[derive(Clone, Copy, Debug)]
enum Version {
    Current,
    Superseded(i64),
    Tmx,
}

#[derive(Clone, Debug)]
struct NewSegment {
    source: usize,
    target: usize,
    /// Whether it is stored as a segment. Of a superseded version, others are stored as neighbours.
    is_kept: bool,
    stated: [Option<usize>; 2],
    workflow: Option<Workflow>,
    superseded: Option<i64>,
}

#[derive(Clone, Debug)]
struct NewDocument {
    version: Version,
    path: usize,
    direction: usize,
    workflow: Option<Workflow>,
    segments: Vec<NewSegment>,
}

fn workflows() -> impl Strategy<Value = Option<Workflow>> {
    prop::sample::select(vec![None, Some(Workflow::Human), Some(Workflow::Machine)])
}

fn texts() -> impl Strategy<Value = usize> {
    prop_oneof![6 => Just(0_usize), 4 => 0..4_usize]
}

fn segments() -> impl Strategy<Value = NewSegment> {
    let stated = prop::array::uniform2(prop::option::of(texts()));
    (texts(), texts(), any::<bool>(), stated, workflows(), prop::option::of(0..2_i64)).prop_map(
        |(source, target, is_kept, stated, workflow, superseded)| NewSegment {
            source,
            target,
            is_kept,
            stated,
            workflow,
            superseded,
        },
    )
}

fn documents() -> impl Strategy<Value = Vec<NewDocument>> {
    let version = prop_oneof![
        3 => Just(Version::Current),
        1 => (0..2_i64).prop_map(Version::Superseded),
        1 => Just(Version::Tmx),
    ];
    let direction = prop_oneof![4 => Just(0_usize), 1 => Just(1), 1 => Just(2)];
    let document = (version, 0..2_usize, direction, workflows(), prop::collection::vec(segments(), 1..40));
    let document = document.prop_map(|(version, path, direction, workflow, segments)| NewDocument {
        version,
        path,
        direction,
        workflow,
        segments,
    });
    prop::collection::vec(document, 1..14)
}

/// A memory with these documents, written row by row.
fn memory_of(documents: &[NewDocument]) -> rusqlite::Result<Memory> {
    let memory = Memory::transient().unwrap();
    let connection = &memory.connection;
    connection.execute_batch(
        "begin;
         insert into locale values (1, 'en-US'), (2, 'ko-KR'), (3, 'ja-JP');
         insert into document_set values (1, 'docs')",
    )?;
    for (document, id) in documents.iter().zip(1_i64..) {
        let (source_locale, target_locale) = DIRECTIONS[document.direction];
        // Versions have the path of their document; a TMX or a current version has its own.
        let (path, superseded) = match document.version {
            Version::Superseded(at) => (format!("{}.md", document.path), Some(at)),
            Version::Current | Version::Tmx => (format!("{}-{}.md", document.path, 1000 - id), None),
        };
        connection.execute(
            "insert into document (id, set_id, path, hash, source_locale_id, target_locale_id, locale_stated,
                                   id_prefix, workflow, superseded)
             values (?1, 1, ?2, x'00', ?3, ?4, 1, ?1, ?5, ?6)",
            (id, path, source_locale, target_locale, document.workflow.map(Workflow::name), superseded),
        )?;
        for (segment, position) in document.segments.iter().zip(0_i64..) {
            let (source, target) = match source_locale {
                1 => (SOURCES[segment.source], TARGETS[segment.target]),
                _ => (TARGETS[segment.source], SOURCES[segment.target]),
            };
            let unit = id_of(connection, "unit", "locale_id = ?1 and text = ?2", (source_locale, source))?;
            let unit = match unit {
                Some(unit) => unit,
                None => {
                    let insert = "insert into unit (locale_id, hash, text) values (?1, ?2, ?3)";
                    let hash = text_hash(source).cast_signed();
                    connection.prepare_cached(insert)?.insert((source_locale, hash, source))?
                }
            };
            let key = (unit, target_locale, target);
            let same = "unit_id = ?1 and locale_id = ?2 and text = ?3";
            let variant = match id_of(connection, "variant", same, key)? {
                Some(variant) => variant,
                None => {
                    let insert = "insert into variant (unit_id, locale_id, text) values (?1, ?2, ?3)";
                    connection.prepare_cached(insert)?.insert(key)?
                }
            };
            let is_neighbour = superseded.is_some() && !segment.is_kept;
            let insert = match is_neighbour {
                true => "insert into neighbour values (?1, ?2, ?3)",
                false => {
                    "insert into segment (document_id, position, number, kind, line, variant_id)
                     values (?1, ?2, ?2, 0, 1, ?3)"
                }
            };
            connection.execute(insert, (id, position, variant))?;
            if matches!(document.version, Version::Tmx) {
                let [previous, next] = segment.stated.map(|text| text.map(|text| SOURCES[text]));
                connection.execute(
                    "insert into origin (document_id, position, workflow, superseded, usage, documents, in_context,
                                         previous, next)
                     values (?1, ?2, ?3, ?4, 1, 1, 0, ?5, ?6)",
                    (id, position, segment.workflow.map(Workflow::name), segment.superseded, previous, next),
                )?;
            }
        }
    }
    connection.execute_batch("commit")?;
    Ok(memory)
}

fn id_of(
    connection: &Connection,
    table: &str,
    condition: &str,
    key: impl rusqlite::Params,
) -> rusqlite::Result<Option<i64>> {
    let sql = format!("select id from {table} where {condition}");
    connection.prepare_cached(&sql)?.query_row(key, |row| row.get(0)).optional()
}

/// A place as it is compared without an index.
struct PlainPlace {
    document: i64,
    position: i64,
    variant: i64,
    path: String,
    target_locale: i64,
    document_superseded: Option<i64>,
    workflow: Option<String>,
    is_superseded: bool,
    /// The neighbours that a TMX states.
    stated: Option<[Option<String>; 2]>,
}

/// All places in order, and the two texts at each position.
struct Plain {
    places: Vec<PlainPlace>,
    texts: std::collections::HashMap<(i64, i64), [String; 2]>,
}

impl Plain {
    fn of(memory: &Memory) -> rusqlite::Result<Plain> {
        let connection = &memory.connection;
        let sql = "select segment.document_id, segment.position, segment.variant_id, document.path,
                          document.target_locale_id, document.superseded,
                          iif(origin.position is null, document.workflow, origin.workflow),
                          coalesce(document.superseded, origin.superseded) is not null,
                          origin.position is not null, origin.previous, origin.next
                   from segment join document on document.id = segment.document_id
                   left join origin
                       on origin.document_id = segment.document_id and origin.position = segment.position
                   order by 1, 2";
        let mut statement = connection.prepare(sql)?;
        let places = statement.query_map([], |row| {
            let is_stated: bool = row.get(8)?;
            Ok(PlainPlace {
                document: row.get(0)?,
                position: row.get(1)?,
                variant: row.get(2)?,
                path: row.get(3)?,
                target_locale: row.get(4)?,
                document_superseded: row.get(5)?,
                workflow: row.get(6)?,
                is_superseded: row.get(7)?,
                stated: if is_stated { Some([row.get(9)?, row.get(10)?]) } else { None },
            })
        })?;
        let places = places.collect::<Result<_, _>>()?;
        let sql = "select document_id, position, unit.text, variant.text
                   from (select document_id, position, variant_id from segment
                         union all select document_id, position, variant_id from neighbour) as place
                   join variant on variant.id = place.variant_id join unit on unit.id = variant.unit_id";
        let mut statement = connection.prepare(sql)?;
        let texts =
            statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), [row.get(2)?, row.get(3)?])))?;
        let texts = texts.collect::<Result<_, _>>()?;
        Ok(Plain { places, texts })
    }

    /// The first place of a variant between two texts, as document and segment id.
    fn first(
        &self,
        variant: i64,
        role: TextRole,
        neighbours: [Option<&str>; 2],
        filter: &PlaceFilter,
    ) -> Option<(String, String)> {
        let side = usize::from(role == TextRole::Target);
        let text = |document: i64, position: i64| -> Option<String> {
            self.texts.get(&(document, position)).map(|texts| texts[side].clone())
        };
        let found = self.places.iter().filter(|place| {
            let (document, position) = (place.document, place.position);
            // What a TMX does not state is an end of the document only beside a neighbour that it states.
            let end = || Some(String::new());
            let beside = match place.stated.clone() {
                Some([None, None]) => [None, None],
                Some(stated) => stated.map(|text| text.or_else(end)),
                None => [-1, 1].map(|distance| text(document, position + distance).or_else(end)),
            };
            let is_beside =
                |side: usize| neighbours[side].is_none() || neighbours[side] == beside[side].as_deref();
            place.variant == variant
                && is_beside(0)
                && is_beside(1)
                && (filter.workflow.is_none()
                    || filter.workflow.map(Workflow::name) == place.workflow.as_deref())
                && !(filter.only_current && place.is_superseded)
                && filter.without_document.as_deref() != Some(&place.path)
        });
        let first = found.min_by_key(|place| {
            let superseded = place.document_superseded;
            (superseded.is_some(), Reverse(superseded), &place.path, place.position, place.target_locale)
        })?;
        Some((first.path.clone(), format!("{}-{}", first.document, first.position)))
    }
}

/// Documents to leave out, one after the other: none, the first, the last, and none again.
fn left_out(plain: &Plain) -> [Option<Arc<str>>; 4] {
    let path = |place: Option<&PlainPlace>| place.map(|place| place.path.as_str().into());
    [None, path(plain.places.first()), path(plain.places.last()), None]
}

fn options(from: &str, workflow: Option<Workflow>, only_current: bool) -> LookupOptions {
    LookupOptions {
        from: Some(from.parse().unwrap()),
        to: None,
        floor: Score::EXACT,
        limit: 100,
        penalties: Default::default(),
        workflow,
        only_current,
    }
}

/// Contexts of a frequent text, a text that is the same in all languages, one that the memory does not have, and an end of the document.
fn contexts(texts: [&'static str; 4]) -> Vec<[Option<&'static str>; 2]> {
    let neighbours = [Some(texts[0]), Some(texts[2]), Some("Nowhere."), Some(""), None];
    neighbours
        .iter()
        .flat_map(|&before| neighbours.iter().map(move |&after| [before, after]))
        .filter(|neighbours| *neighbours != [None, None])
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// Of each variant, from each index, in each context.
    #[test]
    fn the_first_place_in_context_is_that_of_a_plain_search(
        documents in documents(),
        workflow in workflows(),
        only_current in any::<bool>(),
    ) {
        let memory = memory_of(&documents).unwrap();
        let plain = Plain::of(&memory).unwrap();
        let sql = "select variant.id, unit.locale_id, variant.locale_id
                   from variant join unit on unit.id = variant.unit_id";
        let mut statement = memory.connection.prepare(sql).unwrap();
        let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let variants: Vec<(i64, i64, i64)> =
            statement.query_map([], columns).unwrap().collect::<Result<_, _>>().unwrap();
        for (from, texts) in [("en", SOURCES), ("ko", TARGETS)] {
            let mut lookup = Lookup::new(&memory, options(from, workflow, only_current)).unwrap();
            // The caches of the first round answer the second.
            for left_out in left_out(&plain) {
                lookup.leave_out(left_out);
                let filter = lookup.place_filter();
                for index in 0..lookup.indexes.len() {
                    let (role, locale) = (lookup.indexes.get(index).role, lookup.indexes.get(index).locale_id);
                    for &(variant, source, target) in &variants {
                        let target_locale = if target == locale { source } else { target };
                        for neighbours in contexts(texts) {
                            let expected = plain.first(variant, role, neighbours, &filter);
                            let [previous, next] = neighbours.map(|text| text.map(Into::into));
                            let wanted = Wanted::new(&Context { previous, next }, index, target_locale);
                            let found = lookup.first_in_context(&[variant], &wanted, &filter).unwrap();
                            let found = found.map(|place| place.read(&memory.connection).unwrap());
                            let found = found.map(|Place { document, segment, .. }| (document, segment));
                            prop_assert_eq!(found, expected, "{} {:?} {:?}", variant, role, neighbours);
                        }
                    }
                }
            }
        }
    }

    /// Matches of 100 and more are the same by the hash of a text as by a search.
    #[test]
    fn an_exact_look_up_is_a_search_with_the_highest_floor(
        documents in documents(),
        workflow in workflows(),
        only_current in any::<bool>(),
    ) {
        let memory = memory_of(&documents).unwrap();
        let plain = Plain::of(&memory).unwrap();
        for (from, texts) in [("en", SOURCES), ("ko", TARGETS)] {
            let mut lookup = Lookup::new(&memory, options(from, workflow, only_current)).unwrap();
            for left_out in left_out(&plain) {
                lookup.leave_out(left_out.clone());
                for text in texts.into_iter().chain(["Nowhere.", "yes."]) {
                    for [previous, next] in contexts(texts).into_iter().chain([[None, None]]) {
                        let context = Context { previous: previous.map(Into::into), next: next.map(Into::into) };
                        let place = QueryPlace { context, document: left_out.clone() };
                        let expected = lookup.find_at(text, &place).unwrap();
                        prop_assert_eq!(lookup.find_exact_at(text, &place).unwrap(), expected.clone());
                        prop_assert_eq!(lookup.has_exact(text).unwrap(), !expected.is_empty());
                    }
                }
            }
        }
    }

    #[test]
    fn cached_usage_is_the_usage_that_was_read(documents in documents(), workflow in workflows()) {
        let memory = memory_of(&documents).unwrap();
        let mut lookup = Lookup::new(&memory, options("en", workflow, false)).unwrap();
        let plain = Plain::of(&memory).unwrap();
        let place = |usage: Option<(Usage, PlaceRef)>| {
            usage.map(|(usage, first)| (usage, first.read(&memory.connection).unwrap()))
        };
        for left_out in left_out(&plain) {
            lookup.leave_out(left_out);
            let filter = lookup.place_filter();
            for variant in 1..=i64::try_from(SOURCES.len() * TARGETS.len()).unwrap() {
                let read = UsageReader::default().usage(&memory.connection, &[variant], &filter).unwrap();
                let read = place(read);
                for _ in 0..2 {
                    prop_assert_eq!(place(lookup.usage_of(&[variant], &filter).unwrap()), read.clone());
                }
            }
        }
    }
}

#[test]
fn a_cache_that_is_full_is_cleared_and_answers_the_same() {
    let segment = |source: usize| NewSegment {
        source,
        target: source,
        is_kept: true,
        stated: [None; 2],
        workflow: None,
        superseded: None,
    };
    let segments: Vec<NewSegment> = (0..200).map(|number| segment(usize::from(number % 3 == 0))).collect();
    let document = NewDocument { version: Version::Current, path: 0, direction: 0, workflow: None, segments };
    let memory = memory_of(&[document.clone(), document]).unwrap();
    let mut lookup = Lookup::new(&memory, options("en", None, false)).unwrap();
    let context = Context { previous: Some("No.".into()), next: Some("Yes.".into()) };
    let find = |lookup: &mut Lookup<'_>| lookup.find("Yes.", &context).unwrap();
    let found = find(&mut lookup);
    assert_eq!(found[0].score, Score::CONTEXT);
    assert_eq!(find(&mut lookup), found, "from the cache");
    lookup.frequent.fill();
    assert_eq!(find(&mut lookup), found, "cleared in the middle of a look-up");
}
