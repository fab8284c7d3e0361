-- A bitext translation memory. `user_version` is the revision of this schema. A memory of revision 1 to 3 is migrated in place by
-- the next import. No comment has a semicolon, because the program takes single statements from this file.
--
-- A segment is one place of one document. Each text is stored once: a source text as a unit, a target text as a variant of that
-- unit. So a unit has translations, and a variant has places.

pragma application_id = 0x62697478; -- 'bitx'
pragma user_version = 4;

create table locale (
    id   integer primary key,
    name text not null unique -- BCP 47, canonical case
) strict;

-- Documents that were imported together: a folder, an archive, a TMX file.
create table document_set (
    id   integer primary key,
    name text not null unique
) strict;

-- One version of a document. The current version has all its segments. A superseded one, from the history of a Git branch, has those
-- that no newer version of the document has: the same two texts with the same workflow.
create table document (
    id               integer primary key autoincrement, -- never reused
    set_id           integer not null references document_set (id),
    path             text    not null, -- below the set, '/' separated
    hash             blob    not null, -- BLAKE3 of the bytes, keyed by the revision of the reader except for a TMX: unchanged documents are skipped
    source_locale_id integer not null references locale (id),
    target_locale_id integer not null references locale (id),
    locale_stated    integer not null check (locale_stated in (0, 1)), -- 0: the document states no target locale
    id_prefix        text    not null, -- of its segment ids: '41488' of '41488-107'
    workflow         text check (workflow in ('human', 'machine')), -- ms.translationtype
    source_hash      text, -- ms.openlocfilehash
    source_commit    text, -- ms.sourcegitcommit
    handoff          text, -- ms.lasthandoff, as YYYY-MM-DD
    file_id          text, -- ms.locfileid
    title            text,
    description      text,
    no_loc           text, -- a JSON array of terms, null if there are none
    problems         text, -- a JSON array of {"line", "reason"}, null if there are none
    object           blob, -- the Git object id of its bytes, null if it did not come from a Git repository
    reader           integer, -- the revision of the reader that read this object
    commit_id        blob, -- the commit that made this version, or if the history was not read one that has it
    committed        integer, -- when, in seconds since 1970-01-01T00:00:00Z
    superseded       integer -- likewise: when a newer version replaced it, or a commit deleted the document. Null: it is current
) strict;

-- Finds a document by its path. A TMX has a document for each target locale.
create unique index document_by_path on document (set_id, path, target_locale_id) where superseded is null;

-- Finds its superseded versions.
create index superseded_by_path on document (set_id, path) where superseded is not null;

-- The versions of a document in the history of a Git branch that were read, with and without segments.
create table version (
    set_id      integer not null references document_set (id),
    name        text    not null, -- the path of its newest version: a renamed document is one document
    ordinal     integer not null, -- 0 is the newest
    path        text    not null, -- in this version
    object      blob, -- null: this commit deleted it
    commit_id   blob    not null,
    committed   integer not null, -- in seconds since 1970-01-01T00:00:00Z
    reader      integer not null, -- the revision of the reader that read it
    document_id integer references document (id), -- null if each of its segments is in a newer version too
    primary key (set_id, name, ordinal)
) strict, without rowid;

create table unit (
    id        integer primary key autoincrement,
    locale_id integer not null references locale (id),
    hash      integer not null, -- the first 8 bytes of the BLAKE3 of the text, little-endian
    text      text    not null
) strict;

-- Finds a source text: an import looks up each text that is not in its cache.
create index unit_by_hash on unit (hash);

create table variant (
    id        integer primary key autoincrement,
    unit_id   integer not null references unit (id),
    locale_id integer not null references locale (id),
    text      text    not null
) strict;

-- Finds the translations of a unit.
create index variant_by_unit on variant (unit_id, locale_id);

create table segment (
    document_id integer not null references document (id),
    position    integer not null, -- from 0, in document order
    number      integer not null, -- 107 of '41488-107'
    kind        integer not null check (kind in (0, 1)), -- 0 sentence, 1 paragraph
    line        integer not null, -- from 1, at the opening tag of the span
    variant_id  integer not null references variant (id),
    id          text, -- as written, null if it can be derived from prefix, kind and number
    primary key (document_id, position)
) strict, without rowid;

-- The texts of a segment as its document has them, where they differ from those of its variant: with their line breaks, and with the
-- white space at their ends. Texts are compared and exported in the form of the variant.
create table as_written (
    document_id integer not null references document (id),
    position    integer not null,
    source      text, -- null if it does not differ
    target      text, -- likewise
    primary key (document_id, position)
) strict, without rowid;

-- The segments of documents that an alignment of two clean trees made: no span states that the two texts belong together. A document
-- has a row for each of its segments, or for none.
create table aligned (
    document_id integer not null references document (id),
    position    integer not null,
    confidence  integer check (confidence between 0 and 100), -- the probability that the pair is right, in percent, null if unknown
    primary key (document_id, position)
) strict, without rowid;

-- Finds the places of a variant: for its usage, for its contexts, and whether any is left.
create index segment_by_variant on segment (variant_id);

-- Git objects of a set without segments: they are not read again.
create table clean_object (
    set_id integer not null references document_set (id),
    object blob    not null,
    reader integer not null, -- the revision of the reader that read it
    primary key (set_id, object)
) strict, without rowid;

-- The texts beside a superseded segment, at positions whose segment is not stored because a newer version has it.
create table neighbour (
    document_id integer not null references document (id),
    position    integer not null,
    variant_id  integer not null, -- a variant that no segment uses any more is deleted nevertheless
    primary key (document_id, position)
) strict, without rowid;

-- The text indexes. They can be built again from the texts at any time. A generation has the texts with ids between two bounds,
-- like an immutable segment in Lucene. Ids are never reused, so it may have deleted texts but never wrong ones.

create table text_generation (
    id     integer primary key autoincrement,
    role   integer not null check (role in (0, 1)), -- 0: source texts, ids of units. 1: target texts, ids of variants
    after  integer not null, -- exclusive lower bound of the ids
    upto   integer not null, -- inclusive upper bound
    texts  integer not null, -- the number of texts
    format integer not null  -- of the blocks. Other formats are ignored and built again
) strict;

-- Generations of the fuzzy index: as those of the concordance index, but merged further.
create table fuzzy_generation (
    id     integer primary key autoincrement, -- never reused: parts and lists are cached by it
    role   integer not null check (role in (0, 1)),
    after  integer not null,
    upto   integer not null,
    texts  integer not null,
    format integer not null
) strict;

-- The texts of a generation, as token codes, by their number of tokens (src/matching/index/block.rs).
create table fuzzy_part (
    generation_id integer not null references fuzzy_generation (id),
    locale_id     integer not null references locale (id),
    length        integer not null, -- in tokens
    part          integer not null, -- from 0
    texts         integer not null, -- the number of texts
    block         blob    not null
) strict;

-- Finds a part, and the number of texts of each length. No two parts have the same number.
create unique index fuzzy_part_in_order on fuzzy_part (generation_id, locale_id, length, part, texts);

-- For each rare token of the texts of a generation, the texts that have it (src/matching/index/postings.rs). Small generations have none.
create table fuzzy_lists (
    generation_id integer not null references fuzzy_generation (id),
    locale_id     integer not null references locale (id),
    first         integer not null, -- the element of the first list in this row
    lists         blob    not null
) strict;

-- Finds the lists of a token.
create unique index fuzzy_lists_in_order on fuzzy_lists (generation_id, locale_id, first);

-- Which of the most frequent tokens of a generation its texts have (src/matching/index/frequent.rs).
create table fuzzy_frequent (
    generation_id integer not null references fuzzy_generation (id),
    locale_id     integer not null references locale (id),
    container     integer not null, -- from 0: up to 65,536 texts of one number of tokens
    bits          blob    not null
) strict;

-- Finds the bits of a container.
create unique index fuzzy_frequent_in_order on fuzzy_frequent (generation_id, locale_id, container);

-- How rare the tokens in a generation are (src/matching/index/order.rs).
create table fuzzy_order (
    generation_id integer not null references fuzzy_generation (id),
    locale_id     integer not null references locale (id),
    classes       blob    not null,
    primary key (generation_id, locale_id)
) strict, without rowid;

-- The concordance index: folded texts of about the same length, compressed (src/matching/concordance/block.rs).
create table concordance_block (
    generation_id integer not null references text_generation (id),
    locale_id     integer not null references locale (id),
    ordinal       integer not null, -- from 0
    shortest      integer not null, -- the length in bytes of its shortest folded text
    texts         integer not null,
    block         blob    not null
) strict;

-- Finds the blocks of a generation, in order.
create unique index concordance_block_in_order on concordance_block (generation_id, locale_id, ordinal);

-- The metadata that a TMX states for a segment: workflow, dates, usage and neighbours. They replace those of the document. A
-- document with rows here is a TMX.
create table origin (
    document_id integer not null references document (id),
    position    integer not null,
    workflow    text check (workflow in ('human', 'machine')),
    created     integer, -- seconds since 1970-01-01T00:00:00Z
    changed     integer, -- likewise
    superseded  integer, -- likewise. Null: it is current
    commit_id   blob, -- the commit of the version that has it, if superseded
    usage       integer not null, -- the number of segments
    documents   integer not null, -- the number of documents
    in_context  integer not null check (in_context in (0, 1)), -- 1: valid between these neighbours only
    previous    text, -- the source text before
    next        text, -- the source text after
    rest        text, -- a JSON object of the metadata that only an export reads, or null
    primary key (document_id, position)
) strict, without rowid;

-- Every segment with the fields of `bitext extract`, for queries by hand.
create view extracted as
select document_set.name as "set",
       document.path as document,
       segment.position,
       coalesce(segment.id, document.id_prefix || '-' || iif(segment.kind = 1, 'p', '') || segment.number) as id,
       segment.number,
       iif(aligned.position is not null, 'aligned', iif(segment.kind = 1, 'paragraph', 'sentence')) as kind,
       aligned.confidence,
       segment.line,
       source_locale.name as source_locale,
       target_locale.name as target_locale,
       unit.text as source,
       variant.text as target,
       document.workflow,
       document.source_hash,
       document.source_commit,
       document.handoff,
       document.file_id,
       lower(hex(coalesce(document.commit_id, origin.commit_id))) as "commit",
       strftime('%Y-%m-%dT%H:%M:%SZ', document.committed, 'unixepoch') as committed,
       coalesce(
           strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(document.superseded, origin.superseded), 'unixepoch'),
           cast(coalesce(document.superseded, origin.superseded) as text) -- seconds since 1970, beyond the year 9999
       ) as superseded
from segment
join document on document.id = segment.document_id
join document_set on document_set.id = document.set_id
join locale as source_locale on source_locale.id = document.source_locale_id
join locale as target_locale on target_locale.id = document.target_locale_id
join variant on variant.id = segment.variant_id
join unit on unit.id = variant.unit_id
left join aligned on aligned.document_id = segment.document_id and aligned.position = segment.position
left join origin on origin.document_id = segment.document_id and origin.position = segment.position;
