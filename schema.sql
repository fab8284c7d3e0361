-- A bitext translation memory. One file, made from this text; `user_version` counts its revisions.
--
-- A segment is one place in one document. What it says is kept once: its source text as a unit, its target text as a variant
-- of that unit. So a unit has the translations, and a variant has the places.

pragma application_id = 0x62697478; -- 'bitx'
pragma user_version = 1;

create table locale (
    id   integer primary key,
    name text not null unique -- BCP 47, canonical case
) strict;

-- What was imported together: a folder, an archive, a TMX file.
create table document_set (
    id   integer primary key,
    name text not null unique
) strict;

create table document (
    id               integer primary key autoincrement, -- never given twice, so an index can name what is gone
    set_id           integer not null references document_set (id),
    path             text    not null, -- below its set, '/' separated
    hash             blob    not null, -- BLAKE3 of its bytes, keyed by the reader's revision but for a TMX: what is unchanged is skipped
    source_locale_id integer not null references locale (id),
    target_locale_id integer not null references locale (id),
    locale_stated    integer not null check (locale_stated in (0, 1)), -- 0: the locale is that of the set around it
    id_prefix        text    not null, -- of the segments' ids: '41488' of '41488-107'
    workflow         text check (workflow in ('human', 'machine')), -- ms.translationtype
    source_hash      text, -- ms.openlocfilehash
    source_commit    text, -- ms.sourcegitcommit
    handoff          text, -- ms.lasthandoff, as YYYY-MM-DD
    file_id          text, -- ms.locfileid
    title            text,
    description      text,
    no_loc           text, -- a JSON array of terms, null where there are none
    problems         text, -- a JSON array of {"line", "reason"}, null where there are none
    unique (set_id, path, target_locale_id)
) strict;

-- The same source text in other locales: documents of one source version.
create index document_by_source_hash on document (source_hash) where source_hash is not null;

create table unit (
    id        integer primary key autoincrement,
    locale_id integer not null references locale (id),
    hash      integer not null, -- the first 8 bytes of the BLAKE3 of the text, little-endian
    text      text    not null
) strict;

-- A text as written: import asks it of every source text that is new to it, query for exact matches.
create index unit_by_hash on unit (hash);

create table variant (
    id        integer primary key autoincrement,
    unit_id   integer not null references unit (id),
    locale_id integer not null references locale (id),
    text      text    not null
) strict;

-- The translations of a unit.
create index variant_by_unit on variant (unit_id, locale_id);

create table segment (
    document_id integer not null references document (id),
    position    integer not null, -- from 0, in document order
    number      integer not null, -- 107 of '41488-107'
    kind        integer not null check (kind in (0, 1)), -- 0 sentence, 1 paragraph
    line        integer not null, -- from 1, where the span opens
    variant_id  integer not null references variant (id),
    id          text, -- the id as written, only where the document's prefix, kind and number do not give it
    primary key (document_id, position)
) strict, without rowid;

-- The places of a variant: usage counts, context, and what nothing uses any more.
create index segment_by_variant on segment (variant_id);

-- The text indexes. They can be made anew from the texts at any time, and hold ids of units and variants, which are never
-- given twice. A generation holds the texts whose ids were there when it was made: what is newer is in none, which shows.

create table text_generation (
    id     integer primary key autoincrement, -- never given twice: what was read of one is true as long as it is there
    role   integer not null check (role in (0, 1)), -- 0: source texts, ids of units; 1: target texts, ids of variants
    after  integer not null, -- it holds the ids above this one
    upto   integer not null, -- and not above this one
    texts  integer not null, -- how many there were
    format integer not null  -- of the blocks; one of another format is made anew
) strict;

-- What a query looks through: the texts of one number of tokens, as columns.
create table fuzzy_block (
    generation_id integer not null references text_generation (id),
    locale_id     integer not null references locale (id),
    length        integer not null, -- in tokens
    texts         integer not null,
    block         blob    not null
) strict;

-- The blocks of the lengths that can reach a score.
create unique index fuzzy_block_by_length on fuzzy_block (generation_id, locale_id, length);

-- What a search looks through: folded texts, compressed, those of about the same length together.
create table concordance_block (
    generation_id integer not null references text_generation (id),
    locale_id     integer not null references locale (id),
    ordinal       integer not null, -- from 0
    shortest      integer not null, -- the bytes of the shortest text in it, folded
    texts         integer not null,
    block         blob    not null
) strict;

-- The blocks of a generation in their order.
create unique index concordance_block_in_order on concordance_block (generation_id, locale_id, ordinal);

-- What a TMX said of a segment's translation; a document that has rows here is a TMX. Where a row is, it counts for the segment
-- and the document does not: who translated and when, how often, and what stands around it.
create table origin (
    document_id integer not null references document (id),
    position    integer not null,
    workflow    text check (workflow in ('human', 'machine')),
    created     integer, -- seconds since 1970-01-01T00:00:00Z
    changed     integer, -- likewise
    usage       integer not null, -- in how many segments it stood
    documents   integer not null, -- in how many documents
    in_context  integer not null check (in_context in (0, 1)), -- 1: holds between these neighbours only
    previous    text, -- the source text before
    next        text, -- the source text after
    rest        text, -- a JSON object of what only an export gives back, null where there is nothing
    primary key (document_id, position)
) strict, without rowid;

-- Every segment with all that `bitext extract` shows, for people with SQL.
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
