-- The index: trees (one per indexed ref), the files of each generation, and immutable segments of
-- content-addressed blobs with their text, terms and symbols.
--
-- A segment is written row by row but seen all at once: readers look only at published segments,
-- and at tree_files rows whose generation has come and not yet gone.

create sequence quarry.generations;

create table quarry.trees (
  id bigint generated always as identity primary key,
  repository_id uuid not null references quarry.repositories (id) on delete cascade,
  ref text not null,
  commit_oid text,
  generation bigint,
  oldest_generation bigint,
  is_cleaning boolean not null default false,
  -- Only this is indexed, which few publishes change: what each of them changes would leave a dead index entry.
  has_ended boolean generated always as (is_cleaning or coalesce(oldest_generation < generation, false)) stored,
  features text[] not null default '{}',
  file_count integer not null default 0,
  skipped_count integer not null default 0,
  too_large_count integer not null default 0,
  extractor_version integer,
  format_version integer,
  packed_commit_oid text,
  upgrade_asked_for text[],
  indexed_at timestamptz,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  unique (repository_id, ref)
);
comment on column quarry.trees.extractor_version is
  'With format_version: what every file of the published generation is extracted by. A file by file comparison brings older ones up to it.';
comment on column quarry.trees.upgrade_asked_for is 'The extractor and format for which a job was queued, and the image that was launched last by then, until it has published: none is queued twice.';
-- Of all: what a publish changes would be in the condition of an index of those that are published.
create index trees_by_version on quarry.trees (extractor_version, format_version);
comment on column quarry.trees.packed_commit_oid is 'The commit whose objects tree_packs hold; null when they hold none.';
comment on column quarry.trees.retired_at is
  'Since when the ref is no longer followed: it was the default branch and another one is now. It serves until that one is published.';
comment on column quarry.trees.features is
  'What the published generation can be asked for: text and symbols, or text alone until the symbols of a first index are there. Nobody looks at outlines or pages '
  'of names for a tree without symbols: what there is of them may be half.';
comment on column quarry.trees.generation is 'The published generation; null until the first publish. Grows with every publish.';
comment on column quarry.trees.is_cleaning is 'Of the generations before the oldest, files or segments may be left that the next sweep deletes.';
create index trees_to_clean on quarry.trees (id) where has_ended;
comment on column quarry.trees.has_ended is 'Of generations before the published one something is left that a sweep is to delete, now or later. Of an idle system no tree.';
comment on column quarry.trees.oldest_generation is 'Generations before this one have been cleaned away: a cursor that pins one gets 410.';

create table quarry.tree_packs (
  tree_id bigint not null references quarry.trees (id) on delete cascade,
  pack_no integer not null,
  name text not null constraint name_is_a_hash check (name ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
  pack bytea not null,
  pack_index bytea not null,
  primary key (tree_id, pack_no)
);
-- Compressed by git.
alter table quarry.tree_packs alter column pack set storage external;
comment on table quarry.tree_packs is
  'The commit and tree objects of the last indexed commit, as packs of git: an empty machine that has them is told by the host only what '
  'has changed since, and compares only the directories that differ.';

create table quarry.dropped_trees (
  tree_id bigint primary key,
  repository_id uuid not null references quarry.repositories (id) on delete cascade,
  ref text not null
);
create index dropped_trees_by_ref on quarry.dropped_trees (repository_id, ref);
comment on table quarry.dropped_trees is
  'Refs that are no longer followed, until a delete_ref job has deleted their files. Nobody sees them: the ref may be followed anew meanwhile.';

create table quarry.segments (
  id bigint generated always as identity primary key,
  repository_id uuid not null references quarry.repositories (id) on delete cascade,
  job_id uuid not null,
  lease_token uuid not null,
  published_at timestamptz,
  format_version integer not null,
  term_count integer not null default 0,
  blob_count integer not null default 0,
  source_bytes bigint not null default 0,
  dead_blobs integer not null default 0,
  created_at timestamptz not null default clock_timestamp()
);
comment on column quarry.segments.blob_count is 'Of a published segment: 0 while its text is published alone.';
comment on column quarry.segments.dead_blobs is 'Blobs that no file of any generation that is kept has any more. About: one that comes back is not taken off.';
create index segments_by_repository on quarry.segments (repository_id, id);
create index unpublished_segments on quarry.segments (created_at) where published_at is null;

create table quarry.blobs (
  segment_id bigint not null,
  blob_no integer not null,
  blob_oid bytea not null,
  language text not null,
  text_language text,
  text_marks smallint not null,
  size_bytes integer,
  line_count integer not null,
  decoded_leniently boolean not null,
  skip_reason text,
  symbols_skip_reason text,
  extractor_version integer not null,
  outline bytea,
  primary key (segment_id, blob_no) with (fillfactor = 100)
);
-- Compressed by who writes it. Half a page beside the row costs less than pieces elsewhere, and one read instead of three.
alter table quarry.blobs alter column outline set storage external;
alter table quarry.blobs set (toast_tuple_target = 4064);
comment on column quarry.blobs.outline is
  'Definitions, imports and references, packed by the code that reads them too, in raw deflate; null when there are none.';
create index blobs_by_oid on quarry.blobs (blob_oid, segment_id);
comment on column quarry.blobs.language is
  'What the path speaks of: Linguist''s name, or empty. Part of the key: the same bytes as .ts and as .js are two extractions.';
comment on column quarry.blobs.text_language is
  'What a text with this key is in, where it says so itself and it is another language: a script without an extension, a header of C++. Null elsewhere.';
comment on column quarry.blobs.text_marks is
  'What a text says of its file, as bits of tree_files.marks: a signature of what generated it, lines that are too long to be written by hand.';

create table quarry.blob_chunks (
  segment_id bigint not null,
  chunk_no integer not null,
  blob_no integer not null,
  first_line integer not null,
  content bytea not null,
  primary key (segment_id, chunk_no) include (blob_no, first_line) with (fillfactor = 100)
);
-- Compressed by who writes it. Up to a page beside the row: it is read whole, and the rest of a page is filled by others.
alter table quarry.blob_chunks alter column content set storage external;
alter table quarry.blob_chunks set (toast_tuple_target = 8160);
comment on column quarry.blob_chunks.content is 'UTF-8 in raw deflate, packed by the code that reads it too: nothing here needs the text.';
comment on table quarry.blob_chunks is 'The text, in runs of whole lines of up to 6 KiB, so that a match reads kilobytes and not files.';

-- The dictionary: terms in order, a hundred or so a row, joined by line feeds, which no term has. List n
-- of a page is chunk_nos[list_starts[n] + 1 : list_starts[n + 1]].
create table quarry.term_pages (
  segment_id bigint not null,
  page_no smallint not null,
  first_term text collate "C" not null,
  terms text collate "C" not null,
  list_starts smallint[] not null,
  chunk_nos smallint[] not null,
  primary key (segment_id, page_no)
);
create unique index term_pages_by_term on quarry.term_pages (segment_id, first_term);

create table quarry.gram_pages (
  segment_id bigint not null,
  first_gram text collate "C" not null,
  grams text collate "C" not null,
  list_starts smallint[] not null,
  page_nos smallint[] not null,
  primary key (segment_id, first_gram)
);
comment on table quarry.gram_pages is
  'Three-character grams of the terms of one segment, anchored by U+0002 and U+0003, and the term pages that have them. '
  'Absent for small segments, whose term pages are scanned.';

-- Names in the order of their folded form. Definition n has the name name_nos[n] of the page, and is
-- definition symbol_nos[n] of the outline of blob blob_nos[n].
create table quarry.symbol_pages (
  segment_id bigint not null,
  page_no smallint not null,
  first_name text collate "C" not null,
  names_folded text collate "C" not null,
  names text collate "C" not null,
  humps text collate "C" not null,
  name_nos smallint[] not null,
  kinds smallint[] not null,
  blob_nos smallint[] not null,
  symbol_nos integer[] not null,
  primary key (segment_id, page_no)
);
create unique index symbol_pages_by_name on quarry.symbol_pages (segment_id, first_name, page_no);
comment on column quarry.symbol_pages.humps is 'The folded initials of each name: gun for getUserName.';

-- Lists like the dictionary's: list n of a page is blob_nos[list_starts[n] + 1 : list_starts[n + 1]].
create table quarry.use_pages (
  segment_id bigint not null,
  use smallint not null,
  first_word text collate "C" not null,
  words text collate "C" not null,
  list_starts smallint[] not null,
  blob_nos smallint[] not null,
  primary key (segment_id, use, first_word)
);
comment on column quarry.use_pages.use is '1: names that are called, as written; 2: the folded words of what is imported; 3: what JSON near its beginning calls "name".';
comment on table quarry.use_pages is 'The blobs of a segment that call a name, and those that import something by a word: who imports a file has a word of it. And which may be the manifest of a package.';

-- Small numbers and sorted words: what compression would gain is not worth its time, here or in a search. A
-- lookup reads a page of terms or grams whole.
alter table quarry.term_pages set (toast_tuple_target = 8160);
alter table quarry.gram_pages set (toast_tuple_target = 8160);
alter table quarry.use_pages set (toast_tuple_target = 8160);
-- For a part of a name all pages are looked at, and what lies elsewhere in pieces is a look-up of its own.
alter table quarry.symbol_pages set (toast_tuple_target = 4080);
alter table quarry.term_pages
  alter column terms set storage external, alter column list_starts set storage external, alter column chunk_nos set storage external;
alter table quarry.gram_pages
  alter column grams set storage external, alter column list_starts set storage external, alter column page_nos set storage external;
alter table quarry.symbol_pages
  alter column names_folded set storage external, alter column names set storage external, alter column humps set storage external,
  alter column name_nos set storage external, alter column kinds set storage external, alter column blob_nos set storage external,
  alter column symbol_nos set storage external;
alter table quarry.use_pages
  alter column words set storage external, alter column list_starts set storage external, alter column blob_nos set storage external;

create table quarry.tree_files (
  tree_id bigint not null,
  path bytea not null,
  path_text text collate "C" not null,
  generation_from bigint not null,
  generation_to bigint,
  mode integer not null,
  blob_oid bytea,
  language text not null,
  marks integer not null,
  segment_id bigint,
  blob_no integer,
  skip_reason text,
  primary key (tree_id, path, generation_from)
);
comment on column quarry.tree_files.language is 'What the file is in: by its blob''s text where that says it, else by its path. All files of a blob have the same.';
comment on column quarry.tree_files.marks is
  'What path and text say of a file, as bits: 1 vendored, 2 test, 4 documentation, 8 generated, 16 minified, 32 lock file.';
comment on column quarry.tree_files.blob_oid is 'Null where the blob at segment_id and blob_no says it.';
comment on table quarry.tree_files is 'A path belongs to generations generation_from <= g and (generation_to is null or g < generation_to).';
create index tree_files_by_blob on quarry.tree_files (segment_id, blob_no, tree_id) where segment_id is not null;
create index gone_tree_files on quarry.tree_files (tree_id, generation_to) where generation_to is not null;

-- A thousand or so changes a row, entry n of each array being change n: these rows are dead as soon as they
-- are published, and must cost little until they are cleaned away. So what is long in them is compressed.
create table quarry.tree_changes (
  segment_id bigint not null,
  page_no integer not null,
  paths bytea[] not null,
  path_texts text[] not null,
  modes integer[] not null,
  blob_oids bytea[] not null,
  languages text[] not null,
  marks integer[] not null,
  blob_segment_ids bigint[] not null,
  blob_nos integer[] not null,
  skip_reasons text[] not null,
  primary key (segment_id, page_no)
);
comment on table quarry.tree_changes is 'What a job is about to change in a tree; publish_index moves it into tree_files in one transaction.';
comment on column quarry.tree_changes.path_texts is 'Null where the path''s bytes are its text.';
comment on column quarry.tree_changes.modes is 'Null where the path is removed.';
comment on column quarry.tree_changes.blob_oids is 'Null where the blob at blob_segment_ids and blob_nos says it.';

alter table quarry.trees enable row level security;
alter table quarry.tree_packs enable row level security;
alter table quarry.dropped_trees enable row level security;
alter table quarry.segments enable row level security;
alter table quarry.blobs enable row level security;
alter table quarry.blob_chunks enable row level security;
alter table quarry.term_pages enable row level security;
alter table quarry.gram_pages enable row level security;
alter table quarry.symbol_pages enable row level security;
alter table quarry.use_pages enable row level security;
alter table quarry.tree_files enable row level security;
alter table quarry.tree_changes enable row level security;
grant insert on quarry.blobs, quarry.blob_chunks, quarry.term_pages, quarry.gram_pages, quarry.symbol_pages, quarry.use_pages, quarry.tree_changes to quarry_indexer;
