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
  features text[] not null default '{}',
  file_count integer not null default 0,
  skipped_count integer not null default 0,
  too_large_count integer not null default 0,
  extractor_version integer,
  format_version integer,
  packed_commit_oid text,
  upgrade_asked_for integer[],
  indexed_at timestamptz,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  unique (repository_id, ref)
);
comment on column quarry.trees.extractor_version is
  'With format_version: what every file of the published generation is extracted by. A file by file comparison brings older ones up to it.';
comment on column quarry.trees.upgrade_asked_for is 'The extractor and format for which a job was queued, so that none is queued twice.';
create index trees_by_version on quarry.trees (extractor_version, format_version) where generation is not null;
comment on column quarry.trees.packed_commit_oid is 'The commit whose objects tree_packs hold; null when they hold none.';
comment on column quarry.trees.retired_at is
  'Since when the ref is no longer followed: it was the default branch and another one is now. It serves until that one is published.';
comment on column quarry.trees.features is
  'What the published generation can be asked for: text and symbols, or text alone until the symbols of a first index are there. Nobody looks at outlines or pages '
  'of names for a tree without symbols: what there is of them may be half.';
comment on column quarry.trees.generation is 'The published generation; null until the first publish. Grows with every publish.';
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
  ended_files integer not null default 0,
  created_at timestamptz not null default clock_timestamp()
);
comment on column quarry.segments.blob_count is 'Of a published segment: 0 while its text is published alone.';
comment on column quarry.segments.ended_files is 'Files of this segment''s blobs that no generation that is kept has any more: about how much of it is dead.';
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

create function quarry.lock_wanted_job(p_job_id uuid, p_lease_token uuid) returns quarry.indexing_jobs
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
begin
  if v_job.cancel_requested_at is not null then
    raise exception 'this job is cancelled' using errcode = 'QRY06';
  end if;
  return v_job;
end
$$;
comment on function quarry.lock_wanted_job(uuid, uuid) is
  'lock_leased_job for what reads or writes the tree of the job''s ref: raises QRY06 when the job is to be cancelled. Whoever takes a tree away requests that '
  'of the job that runs, in the same transaction: so none publishes what it compared with one tree into another that has the ref since.';

create function quarry.read_base(p_job_id uuid, p_lease_token uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_wanted_job(p_job_id, p_lease_token);
  v_tree quarry.trees;
begin
  select * into v_tree from quarry.trees t where t.repository_id = v_job.repository_id and t.ref = v_job.ref;
  -- A job follows no ref, so that none brings back what was dropped, or a repository that was deleted.
  if not found then
    raise exception 'this job is cancelled' using errcode = 'QRY06';
  end if;
  return jsonb_build_object('commit_oid', v_tree.commit_oid, 'generation', v_tree.generation,
    'file_count', v_tree.file_count, 'extractor_version', v_tree.extractor_version, 'format_version', v_tree.format_version,
    'packed_commit_oid', v_tree.packed_commit_oid, 'has_symbols', 'symbols' = any(v_tree.features),
    'takes_text', v_tree.generation is null and not exists (
      select from quarry.trees t where t.repository_id = v_job.repository_id and t.retired_at is not null and t.generation is not null));
end
$$;
comment on function quarry.read_base(uuid, uuid) is
  'The published state of the job''s ref, which the new commit is compared with: {commit_oid, generation, file_count, extractor_version, '
  'format_version, packed_commit_oid, has_symbols, takes_text}; the first six but file_count are null before the first publish. takes_text: nothing serves, '
  'so that text alone is better than what there is. Raises QRY06 when the job is to be cancelled, or nobody follows the ref any more.';
grant execute on function quarry.read_base(uuid, uuid) to quarry_indexer;

create function quarry.read_tree_packs(p_job_id uuid, p_lease_token uuid)
returns table (name text, pack bytea, pack_index bytea)
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
begin
  return query
    select p.name, p.pack, p.pack_index
    from quarry.trees t join quarry.tree_packs p on p.tree_id = t.id
    where t.repository_id = v_job.repository_id and t.ref = v_job.ref
    order by p.pack_no;
end
$$;
comment on function quarry.read_tree_packs(uuid, uuid) is 'The packs that together hold the commit and the trees of packed_commit_oid of the job''s ref.';
grant execute on function quarry.read_tree_packs(uuid, uuid) to quarry_indexer;

create function quarry.store_tree_pack(
  p_job_id uuid, p_lease_token uuid, p_commit_oid text, p_replaces boolean, p_name text, p_pack bytea, p_pack_index bytea
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_wanted_job(p_job_id, p_lease_token);
  v_tree_id bigint;
begin
  update quarry.trees t set packed_commit_oid = p_commit_oid
  where t.repository_id = v_job.repository_id and t.ref = v_job.ref returning t.id into strict v_tree_id;
  if p_replaces then
    delete from quarry.tree_packs p where p.tree_id = v_tree_id;
  end if;
  -- A call that comes again, its answer lost, finds its pack there.
  insert into quarry.tree_packs (tree_id, pack_no, name, pack, pack_index)
  select v_tree_id, coalesce(max(p.pack_no) + 1, 0), p_name, p_pack, p_pack_index
  from quarry.tree_packs p where p.tree_id = v_tree_id
  having p_name is not null and count(*) filter (where p.name = p_name) = 0;
end
$$;
comment on function quarry.store_tree_pack(uuid, uuid, text, boolean, text, bytea, bytea) is
  'Keeps a pack of the commit and tree objects of p_commit_oid: all of them when p_replaces, else those that the packs kept so far lack. '
  'p_name null: no pack is added; p_commit_oid null: what is kept is no longer of use. Raises QRY06 when the job is to be cancelled.';
grant execute on function quarry.store_tree_pack(uuid, uuid, text, boolean, text, bytea, bytea) to quarry_indexer;

create function quarry.read_tree(p_job_id uuid, p_lease_token uuid)
returns table (
  path bytea, mode integer, blob_oid bytea, language text, segment_id bigint, blob_no integer, extractor_version integer, format_version integer)
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
begin
  return query
    select f.path, f.mode, coalesce(b.blob_oid, f.blob_oid), coalesce(b.language, f.language), f.segment_id, f.blob_no, b.extractor_version, s.format_version
    from quarry.trees t
    join quarry.tree_files f on f.tree_id = t.id and f.generation_to is null
    left join quarry.blobs b on b.segment_id = f.segment_id and b.blob_no = f.blob_no
    left join quarry.segments s on s.id = f.segment_id
    where t.repository_id = v_job.repository_id and t.ref = v_job.ref;
end
$$;
comment on function quarry.read_tree(uuid, uuid) is 'The files of the published generation of the job''s ref, one row per path; language: what the path spoke of where there is a blob.';
grant execute on function quarry.read_tree(uuid, uuid) to quarry_indexer;

create function quarry.read_tree_files(p_job_id uuid, p_lease_token uuid, p_paths bytea[])
returns table (
  path bytea, mode integer, blob_oid bytea, language text, segment_id bigint, blob_no integer, extractor_version integer, format_version integer)
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
  v_tree_id bigint;
begin
  select t.id into v_tree_id from quarry.trees t where t.repository_id = v_job.repository_id and t.ref = v_job.ref;
  -- Offset 0: from the paths to their rows, whatever the statistics say; the tree has any number of them.
  return query
    select f.path, f.mode, coalesce(b.blob_oid, f.blob_oid), coalesce(b.language, f.language), f.segment_id, f.blob_no, b.extractor_version, s.format_version
    from unnest(p_paths) as w (path)
    cross join lateral (
      select * from quarry.tree_files t where t.tree_id = v_tree_id and t.path = w.path and t.generation_to is null offset 0
    ) f
    left join lateral (
      select k.blob_oid, k.language, k.extractor_version from quarry.blobs k where k.segment_id = f.segment_id and k.blob_no = f.blob_no offset 0) b on true
    left join lateral (select g.format_version from quarry.segments g where g.id = f.segment_id offset 0) s on true;
end
$$;
comment on function quarry.read_tree_files(uuid, uuid, bytea[]) is 'Of read_tree''s rows those of these paths, reading no others.';
grant execute on function quarry.read_tree_files(uuid, uuid, bytea[]) to quarry_indexer;

create function quarry.find_blobs(
  p_job_id uuid, p_lease_token uuid, p_blob_oids bytea[], p_languages text[], p_extractor_version integer, p_format_version integer
) returns table (blob_oid bytea, language text, text_language text, text_marks smallint, segment_id bigint, blob_no integer, skip_reason text)
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
begin
  return query
    select distinct on (b.blob_oid, b.language) b.blob_oid, b.language, b.text_language, b.text_marks, b.segment_id, b.blob_no, b.skip_reason
    from unnest(p_blob_oids, p_languages) as w (blob_oid, language)
    join quarry.blobs b on b.blob_oid = w.blob_oid and b.language = w.language and b.extractor_version = p_extractor_version
    join quarry.segments s on s.id = b.segment_id and s.repository_id = v_job.repository_id and s.published_at is not null
      and s.format_version = p_format_version
    order by b.blob_oid, b.language, b.segment_id;
end
$$;
comment on function quarry.find_blobs(uuid, uuid, bytea[], text[], integer, integer) is
  'Which of these (blob, language) pairs the repository has already, by this extractor and in this format: they need not be fetched or parsed again.';
grant execute on function quarry.find_blobs(uuid, uuid, bytea[], text[], integer, integer) to quarry_indexer;

create function quarry.open_segment(p_job_id uuid, p_lease_token uuid, p_format_version integer) returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
  v_segment_id bigint;
begin
  insert into quarry.segments (repository_id, job_id, lease_token, format_version)
  values (v_job.repository_id, v_job.id, v_job.lease_token, p_format_version) returning id into v_segment_id;
  return v_segment_id;
end
$$;
comment on function quarry.open_segment(uuid, uuid, integer) is 'A new invisible segment for the job to fill. One that is never published is dropped by the sweep.';
grant execute on function quarry.open_segment(uuid, uuid, integer) to quarry_indexer;

create function quarry.lock_segment(p_segment_id bigint, p_lease_token uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform from quarry.segments s
  join quarry.indexing_jobs j on j.id = s.job_id and j.state = 'running' and j.lease_token = s.lease_token
  where s.id = p_segment_id and s.lease_token = p_lease_token and (s.published_at is null or s.blob_count = 0)
  for update of s;
  if not found then
    raise exception 'lease lost' using errcode = 'QRY01';
  end if;
end
$$;
comment on function quarry.lock_segment(bigint, uuid) is
  'Invariant 2 for bulk copies: first statement of every transaction that copies rows into a segment; raises QRY01 when the lease is lost, '
  'or the segment is published with its blobs: only one whose text alone is published gets more.';
grant execute on function quarry.lock_segment(bigint, uuid) to quarry_indexer;

create function quarry.close_segment(p_segment_id bigint, p_lease_token uuid, p_term_count integer) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform quarry.lock_segment(p_segment_id, p_lease_token);
  update quarry.segments set term_count = p_term_count where id = p_segment_id;
end
$$;
comment on function quarry.close_segment(bigint, uuid, integer) is 'Records how many terms the segment has; searches scan small dictionaries and use grams in large ones.';
grant execute on function quarry.close_segment(bigint, uuid, integer) to quarry_indexer;

create function quarry.complete_segment(p_segment_id bigint, p_lease_token uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform quarry.lock_segment(p_segment_id, p_lease_token);
  perform quarry.measure_segments(array[p_segment_id]);
end
$$;
comment on function quarry.complete_segment(bigint, uuid) is
  'Ends the copy of what a segment lacked whose text was published alone: its blobs, with their outlines, and the pages of names.';
grant execute on function quarry.complete_segment(bigint, uuid) to quarry_indexer;

create function quarry.changed_files(p_segment_id bigint)
returns table (
  path bytea, path_text text, mode integer, blob_oid bytea, language text, marks integer, blob_segment_id bigint, blob_no integer, skip_reason text)
language sql stable security definer set search_path = ''
as $$
  select n.path, coalesce(n.path_text, convert_from(n.path, 'UTF8')), n.mode, n.blob_oid, n.language, n.marks, n.blob_segment_id, n.blob_no, n.skip_reason
  from quarry.tree_changes c
  cross join lateral unnest(
    c.paths, c.path_texts, c.modes, c.blob_oids, c.languages, c.marks, c.blob_segment_ids, c.blob_nos, c.skip_reasons
  ) n (path, path_text, mode, blob_oid, language, marks, blob_segment_id, blob_no, skip_reason)
  where c.segment_id = p_segment_id;
$$;
comment on function quarry.changed_files(bigint) is 'The changes of a tree that were copied to a segment, one row per path; mode null: the path is removed.';

create function quarry.publish_segments(p_job quarry.indexing_jobs, p_segment_ids bigint[]) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_published integer;
begin
  -- One whose text was published alone has its blobs by now.
  update quarry.segments s set published_at = coalesce(s.published_at, clock_timestamp())
  where s.id = any(p_segment_ids) and s.job_id = p_job.id and s.lease_token = p_job.lease_token and (s.published_at is null or s.blob_count > 0);
  get diagnostics v_published = row_count;
  if v_published <> coalesce(cardinality(p_segment_ids), 0) then
    raise exception 'a segment to publish is not of this lease' using errcode = 'QRY01';
  end if;
  perform quarry.measure_segments(p_segment_ids);
  return v_published;
end
$$;
comment on function quarry.publish_segments(quarry.indexing_jobs, bigint[]) is 'Makes segments of a lease visible; answers how many.';

create function quarry.change_tree(p_tree_id bigint, p_generation bigint, p_changes_segment_id bigint) returns void
language plpgsql security definer set search_path = ''
set enable_seqscan = off
as $$
declare
  v_needed bigint[];
  v_ended record;
  v_added record;
begin
  -- A segment that a change points at may have died of old age since find_blobs named it; locked, the
  -- rest live until this is committed. Any error but QRY01 makes the job try again.
  select array_agg(distinct c.blob_segment_id) into v_needed
  from quarry.changed_files(p_changes_segment_id) c where c.blob_segment_id is not null;
  perform from quarry.segments s where s.id = any(v_needed) for key share;
  if exists (select from unnest(v_needed) n (id) where not exists (select from quarry.segments s where s.id = n.id)) then
    raise exception 'a segment that the new tree needs is gone' using errcode = 'QRY02';
  end if;

  with ended as (
    -- By place, and offset 0: from the changes to the rows that they end, whatever the statistics say. A tree has any
    -- number of rows, and none of these moves while the job's lease is held.
    update quarry.tree_files f set generation_to = p_generation
    where f.ctid = any(array(
      select o.ctid from quarry.changed_files(p_changes_segment_id) c
      cross join lateral (
        select t.ctid from quarry.tree_files t where t.tree_id = p_tree_id and t.path = c.path and t.generation_to is null offset 0
      ) o))
    returning f.skip_reason
  )
  select count(*)::integer as files, count(e.skip_reason)::integer as skipped,
    (count(*) filter (where e.skip_reason = 'too_large'))::integer as too_large
  into v_ended from ended e;

  with added as (
    insert into quarry.tree_files (
      tree_id, path, path_text, generation_from, mode, blob_oid, language, marks, segment_id, blob_no, skip_reason)
    select p_tree_id, c.path, c.path_text, p_generation, c.mode, c.blob_oid, c.language, c.marks, c.blob_segment_id, c.blob_no, c.skip_reason
    from quarry.changed_files(p_changes_segment_id) c
    where c.mode is not null
    returning skip_reason
  )
  select count(*)::integer as files, count(a.skip_reason)::integer as skipped,
    (count(*) filter (where a.skip_reason = 'too_large'))::integer as too_large
  into v_added from added a;

  delete from quarry.tree_changes c where c.segment_id = p_changes_segment_id;

  update quarry.trees t set
    generation = p_generation, oldest_generation = coalesce(t.oldest_generation, p_generation), indexed_at = clock_timestamp(),
    -- By difference: the cost of a publish does not grow with the tree.
    file_count = t.file_count + v_added.files - v_ended.files,
    skipped_count = t.skipped_count + v_added.skipped - v_ended.skipped,
    too_large_count = t.too_large_count + v_added.too_large - v_ended.too_large
  where t.id = p_tree_id;
end
$$;
comment on function quarry.change_tree(bigint, bigint, bigint) is
  'Moves the changes that were copied to a segment (null: none) into a tree, as a new generation.';

create function quarry.publish_text(
  p_job_id uuid, p_lease_token uuid, p_commit_oid text, p_segment_ids bigint[], p_changes_segment_id bigint
) returns void
language plpgsql security definer set search_path = ''
set enable_seqscan = off
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_wanted_job(p_job_id, p_lease_token);
  v_tree quarry.trees;
  v_generation bigint;
  v_published integer;
begin
  select * into strict v_tree from quarry.trees t
  where t.repository_id = v_job.repository_id and t.ref = v_job.ref for update;
  if v_tree.generation is not null then
    raise exception 'only the first index of a ref publishes its text alone' using errcode = 'QRY01';
  end if;
  v_generation := nextval('quarry.generations');
  v_published := quarry.publish_segments(v_job, p_segment_ids);
  perform quarry.change_tree(v_tree.id, v_generation, p_changes_segment_id);
  -- Of no version: whoever compares with it extracts what has no blobs yet.
  update quarry.trees t set commit_oid = p_commit_oid, features = '{text}' where t.id = v_tree.id returning t.* into v_tree;
  perform quarry.add_job_event(v_job.id, 'text_published', p_commit_oid,
    jsonb_build_object('generation', v_generation, 'segments', v_published, 'files', v_tree.file_count));
end
$$;
comment on function quarry.publish_text(uuid, uuid, text, bigint[], bigint) is
  'Invariant 3 for the text of a ref''s first index: makes segments that have chunks and terms but no blobs visible, and the tree with them, in one transaction '
  'under the lease token, while the lease goes on to its publish. The tree has the feature text alone; what is then copied to these segments is not looked '
  'at before publish_index gives it the feature symbols. Where the job ends without, the next one of the ref extracts what has no blobs. '
  'Raises QRY06 when the job is to be cancelled.';
grant execute on function quarry.publish_text(uuid, uuid, text, bigint[], bigint) to quarry_indexer;

create function quarry.publish_index(
  p_job_id uuid, p_lease_token uuid, p_commit_oid text, p_segment_ids bigint[], p_changes_segment_id bigint, p_features text[],
  p_extractor_version integer, p_format_version integer
) returns jsonb
language plpgsql security definer set search_path = ''
set enable_seqscan = off
as $$
declare
  v_job quarry.indexing_jobs;
  v_tree quarry.trees;
  v_oldest bigint;
  v_generation bigint;
  v_published integer;
  v_has_access_again boolean;
begin
  -- A repository is locked before its jobs, here as everywhere.
  perform from quarry.repositories r
  where r.id = (select j.repository_id from quarry.indexing_jobs j where j.id = p_job_id)
    and r.access_lost_at is not null and not quarry.has_lost_name(r)
  for no key update;
  v_has_access_again := found;
  v_job := quarry.lock_wanted_job(p_job_id, p_lease_token);
  if v_job.published_token = p_lease_token then
    raise exception 'this lease has published' using errcode = 'QRY01';
  end if;
  select * into strict v_tree from quarry.trees t
  where t.repository_id = v_job.repository_id and t.ref = v_job.ref for update;
  -- With its symbols a tree is searched in another order: a cursor does not outlive the text alone, but gets 410.
  if v_tree.generation is not null and not 'symbols' = any(v_tree.features) then
    v_oldest := nextval('quarry.generations');
  end if;
  v_generation := nextval('quarry.generations');
  v_published := quarry.publish_segments(v_job, p_segment_ids);
  perform quarry.change_tree(v_tree.id, v_generation, p_changes_segment_id);
  update quarry.trees t set
    commit_oid = p_commit_oid, features = p_features, extractor_version = p_extractor_version, format_version = p_format_version,
    oldest_generation = coalesce(v_oldest, t.oldest_generation)
  where t.id = v_tree.id
  returning t.* into v_tree;
  -- The new default branch takes over from the one it replaces.
  with retired as (
    delete from quarry.trees t
    where t.repository_id = v_job.repository_id and t.retired_at is not null and t.id <> v_tree.id
      and v_tree.ref = (select r.default_ref from quarry.repositories r where r.id = v_job.repository_id)
    returning t.id
  )
  delete from quarry.tree_files f using retired where f.tree_id = retired.id;
  update quarry.indexing_jobs set commit_oid = p_commit_oid, published_token = p_lease_token where id = v_job.id;
  if v_has_access_again then
    update quarry.repositories set access_lost_at = null where id = v_job.repository_id;
  end if;
  perform quarry.note_versions(p_extractor_version, p_format_version);
  perform quarry.request_compaction(v_job.repository_id);
  perform quarry.add_job_event(v_job.id, 'published', p_commit_oid,
    jsonb_build_object('generation', v_generation, 'segments', v_published, 'files', v_tree.file_count));
  return jsonb_build_object('generation', v_generation, 'files', v_tree.file_count, 'skipped', v_tree.skipped_count);
end
$$;
comment on function quarry.publish_index(uuid, uuid, text, bigint[], bigint, text[], integer, integer) is
  'Invariant 3: makes segments visible and moves the tree to p_commit_oid in one transaction, under the lease token. '
  'p_changes_segment_id: the segment whose tree_changes are the delta, null when there is none. '
  'p_extractor_version, p_format_version: what every file of the new tree is extracted by. A lease publishes once; one that has published the text alone '
  'names the same segments again. Answers {generation, files, skipped}; raises QRY06 when the job is to be cancelled.';
grant execute on function quarry.publish_index(uuid, uuid, text, bigint[], bigint, text[], integer, integer) to quarry_indexer;

create function quarry.drop_segment_rows(p_segment_ids bigint[]) returns void
language sql security definer set search_path = ''
as $$
  delete from quarry.tree_changes where segment_id = any(p_segment_ids);
  delete from quarry.symbol_pages where segment_id = any(p_segment_ids);
  delete from quarry.use_pages where segment_id = any(p_segment_ids);
  delete from quarry.gram_pages where segment_id = any(p_segment_ids);
  delete from quarry.term_pages where segment_id = any(p_segment_ids);
  delete from quarry.blob_chunks where segment_id = any(p_segment_ids);
  delete from quarry.blobs where segment_id = any(p_segment_ids);
  delete from quarry.segments where id = any(p_segment_ids);
$$;
comment on function quarry.drop_segment_rows(bigint[]) is 'Deletes segments and all that is in them. The caller knows that no reader needs them.';

create function quarry.drop_abandoned_segments(p_segments_max integer) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_segment_ids bigint[];
begin
  select array_agg(d.id) into v_segment_ids from (
    select s.id from quarry.segments s
    where s.published_at is null and s.created_at < clock_timestamp() - interval '1 minute'
      and not exists (
        select from quarry.indexing_jobs j where j.id = s.job_id and j.state = 'running' and j.lease_token = s.lease_token)
    order by s.created_at limit p_segments_max for update skip locked
  ) d;
  perform quarry.drop_segment_rows(v_segment_ids);
end
$$;
comment on function quarry.drop_abandoned_segments(integer) is 'Drops segments that a lost lease left unpublished: nobody can ever see them.';

create function quarry.drop_dead_segments(p_repository_id uuid, p_segments_max integer) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_segment_ids bigint[];
begin
  select array_agg(d.id) into v_segment_ids from (
    select s.id from quarry.segments s
    where s.repository_id = p_repository_id and s.published_at is not null
      and not exists (select from quarry.tree_files f where f.segment_id = s.id)
    order by s.id limit p_segments_max for update skip locked
  ) d;
  perform quarry.drop_segment_rows(v_segment_ids);
  return coalesce(cardinality(v_segment_ids), 0);
end
$$;
comment on function quarry.drop_dead_segments(uuid, integer) is
  'Drops segments of which no file of any generation that is kept needs anything: what a full index leaves behind. Answers how many.';

create function quarry.clean_index(p_trees_max integer) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  -- Longer than a cursor lives (10 min): pages of one search stay in one generation.
  c_keep constant interval := interval '20 minutes';
  c_segments_max constant integer := 20;
  v_tree quarry.trees;
begin
  perform quarry.drop_abandoned_segments(c_segments_max);
  -- Once the newest generation is older than c_keep, those before it are out of every cursor's reach.
  for v_tree in
    select * from quarry.trees t
    where t.indexed_at < clock_timestamp() - c_keep and t.oldest_generation < t.generation
    order by t.indexed_at limit p_trees_max for update skip locked
  loop
    with gone as (
      delete from quarry.tree_files f where f.tree_id = v_tree.id and f.generation_to <= v_tree.generation returning f.segment_id
    )
    update quarry.segments s set ended_files = s.ended_files + n.files
    from (select g.segment_id, count(*) as files from gone g group by g.segment_id) n
    where s.id = n.segment_id;
    update quarry.trees t set oldest_generation = v_tree.generation where t.id = v_tree.id;
    perform quarry.drop_dead_segments(v_tree.repository_id, c_segments_max);
    perform quarry.request_compaction(v_tree.repository_id);
  end loop;
end
$$;
comment on function quarry.clean_index(integer) is
  'Drops what no reader can reach: segments of lost leases, files of generations that ended more than 20 minutes ago, and segments that die with these.';

create function quarry.delete_ref_data(p_job_id uuid, p_lease_token uuid, p_files_max integer) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  c_segments_max constant integer := 8;
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
  v_deleted integer;
begin
  with gone as (
    delete from quarry.tree_files f
    where f.ctid = any(array(
      select t.ctid from quarry.dropped_trees d join quarry.tree_files t on t.tree_id = d.tree_id
      where d.repository_id = v_job.repository_id and d.ref = v_job.ref limit p_files_max))
    returning f.segment_id
  ), counted as (
    update quarry.segments s set ended_files = s.ended_files + n.files
    from (select g.segment_id, count(*) as files from gone g group by g.segment_id) n
    where s.id = n.segment_id
  )
  select count(*) into v_deleted from gone;
  if v_deleted > 0 then
    return false;
  end if;
  delete from quarry.dropped_trees d where d.repository_id = v_job.repository_id and d.ref = v_job.ref;
  if quarry.drop_dead_segments(v_job.repository_id, c_segments_max) > 0 then
    return false;
  end if;
  perform quarry.request_compaction(v_job.repository_id);
  return true;
end
$$;
comment on function quarry.delete_ref_data(uuid, uuid, integer) is
  'Deletes the files of what the job''s ref was before it was dropped, and the segments that nothing else needs, some a call; true when nothing is left.';
grant execute on function quarry.delete_ref_data(uuid, uuid, integer) to quarry_indexer;

create function quarry.delete_repository_data(p_job_id uuid, p_lease_token uuid, p_segments_max integer) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
  v_segment_ids bigint[];
begin
  if not exists (select from quarry.repositories r where r.id = v_job.repository_id and r.deleted_at is not null) then
    raise exception 'repository % is not marked deleted', v_job.repository_id;
  end if;
  delete from quarry.tree_files f using quarry.trees t where t.repository_id = v_job.repository_id and f.tree_id = t.id;
  delete from quarry.trees t where t.repository_id = v_job.repository_id;
  delete from quarry.tree_files f using quarry.dropped_trees d where d.repository_id = v_job.repository_id and f.tree_id = d.tree_id;
  delete from quarry.dropped_trees d where d.repository_id = v_job.repository_id;
  select array_agg(d.id) into v_segment_ids
  from (select s.id from quarry.segments s where s.repository_id = v_job.repository_id order by s.id limit p_segments_max) d;
  if v_segment_ids is null then
    delete from vault.secrets v using quarry.repository_secrets s
    where s.repository_id = v_job.repository_id and v.id = s.vault_secret_id;
    delete from quarry.repository_secrets s where s.repository_id = v_job.repository_id;
    return true;
  end if;
  perform quarry.drop_segment_rows(v_segment_ids);
  return false;
end
$$;
comment on function quarry.delete_repository_data(uuid, uuid, integer) is
  'Deletes the index of a repository that was marked deleted, a few segments a call; true when nothing is left. The row itself stays, for its history.';
grant execute on function quarry.delete_repository_data(uuid, uuid, integer) to quarry_indexer;
