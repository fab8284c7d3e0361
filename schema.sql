-- A bitext translation memory. `user_version` is the revision of this schema.
--
-- A segment is one place of one document. Each text is stored once: a source text as a unit, a target text as a variant of that
-- unit. So a unit has translations, and a variant has places.

pragma application_id = 0x62697478; -- 'bitx'
pragma user_version = 1;

create table locale (
    id   integer primary key,
    name text not null unique -- BCP 47, canonical case
) strict;

-- Documents that were imported together: a folder, an archive, a TMX file.
create table document_set (
    id   integer primary key,
    name text not null unique
) strict;

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
    unique (set_id, path, target_locale_id)
) strict;

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

-- Finds the places of a variant: for its usage, for its contexts, and whether any is left.
create index segment_by_variant on segment (variant_id);

-- The text indexes. They can be built again from the texts at any time. A generation has the texts with ids between two bounds,
-- like an immutable segment in Lucene. Ids are never reused, so it may have deleted texts but never wrong ones.

create table text_generation (
    id     integer primary key autoincrement, -- never reused: blocks are cached by it
    role   integer not null check (role in (0, 1)), -- 0: source texts, ids of units; 1: target texts, ids of variants
    after  integer not null, -- exclusive lower bound of the ids
    upto   integer not null, -- inclusive upper bound
    texts  integer not null, -- the number of texts
    format integer not null  -- of the blocks. Other formats are ignored and built again
) strict;

-- The fuzzy index: a block has the texts of one number of tokens, as columns (src/matching/index/block.rs).
create table fuzzy_block (
    generation_id integer not null references text_generation (id),
    locale_id     integer not null references locale (id),
    length        integer not null, -- in tokens
    texts         integer not null,
    block         blob    not null
) strict;

-- Finds the blocks of the lengths that can reach a score.
create unique index fuzzy_block_by_length on fuzzy_block (generation_id, locale_id, length);

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
       iif(segment.kind = 1, 'paragraph', 'sentence') as kind,
       segment.line,
       source_locale.name as source_locale,
       target_locale.name as target_locale,
       unit.text as source,
       variant.text as target,
       document.workflow,
       document.source_hash,
       document.source_commit,
       document.handoff,
       document.file_id
from segment
join document on document.id = segment.document_id
join document_set on document_set.id = document.set_id
join locale as source_locale on source_locale.id = document.source_locale_id
join locale as target_locale on target_locale.id = document.target_locale_id
join variant on variant.id = segment.variant_id
join unit on unit.id = variant.unit_id;
