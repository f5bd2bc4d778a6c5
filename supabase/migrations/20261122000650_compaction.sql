-- Compaction: what of a repository's segments is small or mostly dead is written anew as few, by a job
-- of its own under the one-job rule. Text and outlines lie in the database, so neither git nor a parser
-- is needed; readers see the old segments or the new ones, in any generation.

create function quarry.small_segment_bytes() returns bigint
language sql immutable parallel safe set search_path = ''
return 4 * 1024 * 1024;
comment on function quarry.small_segment_bytes() is 'A segment with less source than this is small: a search pays for it what it pays for a large one.';

create function quarry.small_segments_max() returns integer
language sql immutable parallel safe set search_path = ''
return 20;
comment on function quarry.small_segments_max() is 'Small segments that a repository may have before they are merged.';

create function quarry.dead_blobs_min() returns integer
language sql immutable parallel safe set search_path = ''
return 1000;
comment on function quarry.dead_blobs_min() is 'A segment that is mostly dead is rewritten for its own sake from this many blobs on.';

create function quarry.segments_to_merge(p_repository_id uuid)
returns table (segment_id bigint, is_small boolean, blob_count integer)
language sql stable security definer set search_path = ''
as $$
  select s.id, s.source_bytes < quarry.small_segment_bytes(), s.blob_count
  from quarry.segments s
  where s.repository_id = p_repository_id and s.published_at is not null
    -- Terms without blobs: its text was published alone.
    and (s.blob_count > 0 or s.term_count = 0)
    and (s.source_bytes < quarry.small_segment_bytes() or 2 * s.dead_blobs > s.blob_count);
$$;
comment on function quarry.segments_to_merge(uuid) is
  'The published segments that are small, or of which more than half is dead. dead_blobs says '
  'about how many these are; which ones is looked at when they are merged.';

create function quarry.compaction_is_due(p_repository_id uuid) returns boolean
language sql stable security definer set search_path = ''
return (
  select count(*) filter (where m.is_small) > quarry.small_segments_max()
    or coalesce(bool_or(not m.is_small and m.blob_count >= quarry.dead_blobs_min()), false)
  from quarry.segments_to_merge(p_repository_id) m
);
comment on function quarry.compaction_is_due(uuid) is 'Whether merging is worth a job: too many small segments, or a large one that is mostly dead.';

create function quarry.request_compaction(p_repository_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  c_priority constant integer := -10;
begin
  if quarry.compaction_is_due(p_repository_id)
    and exists (select from quarry.repositories r where r.id = p_repository_id and r.deleted_at is null)
  then
    perform quarry.enqueue_job(p_repository_id, 'compact', null, 'compaction', '{}', c_priority);
  end if;
end
$$;
comment on function quarry.request_compaction(uuid) is 'Queues a compaction where one is due, behind all other work of the tenant.';

create function quarry.measure_segments(p_segment_ids bigint[]) returns void
language sql security definer set search_path = ''
as $$
  -- What a blob costs besides its content, as in the indexer's BLOB_BYTES.
  update quarry.segments s set blob_count = m.blobs, source_bytes = m.bytes + 2048 * m.blobs
  from (
    select b.segment_id, count(*)::integer as blobs, coalesce(sum(b.size_bytes) filter (where b.skip_reason is null), 0) as bytes
    from quarry.blobs b where b.segment_id = any(p_segment_ids) group by b.segment_id
  ) m
  where s.id = m.segment_id;
$$;
comment on function quarry.measure_segments(bigint[]) is 'Notes how much is in segments that are about to be published.';

create function quarry.lock_compaction(p_job_id uuid, p_lease_token uuid) returns quarry.indexing_jobs
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
begin
  if exists (
    select from quarry.indexing_jobs j
    where j.repository_id = v_job.repository_id and j.state = 'queued' and j.wait_reason is null and j.kind <> 'compact')
  then
    raise exception 'other work waits for this repository' using errcode = 'QRY05';
  end if;
  return v_job;
end
$$;
comment on function quarry.lock_compaction(uuid, uuid) is
  'lock_leased_job for a compaction, which gives way: raises QRY05 when other work waits for its repository.';

create function quarry.list_blobs_to_merge(p_job_id uuid, p_lease_token uuid, p_extractor_version integer, p_format_version integer)
returns table (segment_id bigint, blob_no integer, size_bytes integer)
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_compaction(p_job_id, p_lease_token);
begin
  return query
    select b.segment_id, b.blob_no, b.size_bytes
    from quarry.segments_to_merge(v_job.repository_id) m
    join quarry.segments s on s.id = m.segment_id and s.format_version = p_format_version
    join quarry.blobs b on b.segment_id = m.segment_id and b.extractor_version = p_extractor_version
    where exists (
      select from quarry.tree_files f where f.segment_id = b.segment_id and f.blob_no = b.blob_no and f.generation_to is null)
    order by b.segment_id, b.blob_no;
end
$$;
comment on function quarry.list_blobs_to_merge(uuid, uuid, integer, integer) is
  'The blobs of the segments to merge that a file needs, extracted as p_extractor_version and p_format_version do; older ones are indexed anew instead.';
grant execute on function quarry.list_blobs_to_merge(uuid, uuid, integer, integer) to quarry_indexer;

create function quarry.read_stored_blobs(p_job_id uuid, p_lease_token uuid, p_segment_id bigint, p_first_blob_no integer, p_last_blob_no integer)
returns table (
  blob_no integer, blob_oid bytea, language text, text_language text, text_marks smallint, size_bytes integer, line_count integer, decoded_leniently boolean,
  skip_reason text, symbols_skip_reason text, outline bytea, chunks jsonb)
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_compaction(p_job_id, p_lease_token);
begin
  return query
    with texts as materialized (
      select c.blob_no, jsonb_agg(jsonb_build_array(c.first_line, encode(c.content, 'base64')) order by c.chunk_no) as chunks
      from quarry.blob_chunks c
      where c.segment_id = p_segment_id and c.blob_no between p_first_blob_no and p_last_blob_no
      group by c.blob_no
    )
    select b.blob_no, b.blob_oid, b.language, b.text_language, b.text_marks, b.size_bytes, b.line_count, b.decoded_leniently,
      b.skip_reason, b.symbols_skip_reason, b.outline, coalesce(t.chunks, '[]')
    from quarry.blobs b left join texts t on t.blob_no = b.blob_no
    where b.segment_id = p_segment_id and b.blob_no between p_first_blob_no and p_last_blob_no
      and exists (select from quarry.segments s where s.id = p_segment_id and s.repository_id = v_job.repository_id)
    order by b.blob_no;
end
$$;
comment on function quarry.read_stored_blobs(uuid, uuid, bigint, integer, integer) is
  'Blobs of a segment of the job''s repository as they were extracted; chunks: [[first line, packed text in base64], ...].';
grant execute on function quarry.read_stored_blobs(uuid, uuid, bigint, integer, integer) to quarry_indexer;

create function quarry.publish_compaction(
  p_job_id uuid, p_lease_token uuid, p_segment_ids bigint[],
  p_old_segment_ids bigint[], p_old_blob_nos integer[], p_new_segment_ids bigint[], p_new_blob_nos integer[]
) returns integer
language plpgsql security definer set search_path = ''
-- From the blobs to the rows that name them, whatever the statistics say: a tree has any number of rows.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_compaction(p_job_id, p_lease_token);
  v_generation bigint := nextval('quarry.generations');
  v_published integer;
  v_files integer;
  v_ended bigint[];
  v_ended_nos integer[];
begin
  if v_job.published_token = p_lease_token then
    raise exception 'this lease has published' using errcode = 'QRY01';
  end if;
  update quarry.segments set published_at = clock_timestamp()
  where id = any(p_segment_ids) and job_id = v_job.id and lease_token = p_lease_token and published_at is null;
  get diagnostics v_published = row_count;
  if v_published <> cardinality(p_segment_ids) then
    raise exception 'a segment to publish is not of this lease' using errcode = 'QRY01';
  end if;
  perform quarry.measure_segments(p_segment_ids);
  -- In order, as by who changes the default branch.
  perform from quarry.trees t where t.repository_id = v_job.repository_id order by t.id for update;
  -- Searches go from segment to segment, so a cursor does not outlive them: with a new generation it gets 410,
  -- and what only older ones had can go.
  update quarry.trees t set generation = v_generation, oldest_generation = v_generation
  where t.repository_id = v_job.repository_id and t.generation is not null;
  with gone as (
    delete from quarry.tree_files f using quarry.trees t
    where t.repository_id = v_job.repository_id and f.tree_id = t.id and f.generation_to is not null
    returning f.segment_id, f.blob_no
  )
  select array_agg(g.segment_id), array_agg(g.blob_no) into v_ended, v_ended_nos from gone g;
  perform quarry.count_dead_blobs(v_ended, v_ended_nos);
  update quarry.tree_files f set segment_id = m.new_segment_id, blob_no = m.new_blob_no
  from (
    select o.place, w.new_segment_id, w.new_blob_no
    from unnest(p_old_segment_ids, p_old_blob_nos, p_new_segment_ids, p_new_blob_nos)
      as w (old_segment_id, old_blob_no, new_segment_id, new_blob_no)
    cross join lateral (
      select t.ctid as place from quarry.tree_files t where t.segment_id = w.old_segment_id and t.blob_no = w.old_blob_no offset 0
    ) o
  ) m
  where f.ctid = m.place;
  get diagnostics v_files = row_count;
  update quarry.indexing_jobs set published_token = p_lease_token where id = v_job.id;
  perform quarry.add_job_event(v_job.id, 'published', '',
    jsonb_build_object('segments', v_published, 'blobs', coalesce(cardinality(p_old_blob_nos), 0), 'files', v_files));
  perform quarry.extend_lease(v_job);
  return v_files;
end
$$;
comment on function quarry.publish_compaction(uuid, uuid, bigint[], bigint[], integer[], bigint[], integer[]) is
  'Invariant 3: makes the merged segments visible and turns every file from the old blobs to the new ones, in one transaction and as a new '
  'generation of every ref. A search that began before reads the old segments, which are dropped afterwards; its next page gets 410. '
  'A lease publishes once. Answers how many rows turned.';
grant execute on function quarry.publish_compaction(uuid, uuid, bigint[], bigint[], integer[], bigint[], integer[]) to quarry_indexer;

create function quarry.drop_merged_segments(p_job_id uuid, p_lease_token uuid, p_segments_max integer) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
begin
  return quarry.drop_dead_segments(v_job.repository_id, p_segments_max);
end
$$;
comment on function quarry.drop_merged_segments(uuid, uuid, integer) is
  'Drops some of the repository''s segments that no file needs; answers how many, 0 when there are none left.';
grant execute on function quarry.drop_merged_segments(uuid, uuid, integer) to quarry_indexer;

create table quarry.extraction (
  only_row boolean primary key default true constraint there_is_one_row check (only_row),
  extractor_version integer not null default 0,
  format_version integer not null default 0
);
insert into quarry.extraction default values;
alter table quarry.extraction enable row level security;
comment on table quarry.extraction is 'The newest versions that an indexer has published with: what is extracted by older ones is indexed anew.';

create function quarry.note_versions(p_extractor_version integer, p_format_version integer) returns void
language sql security definer set search_path = ''
as $$
  update quarry.extraction e set extractor_version = p_extractor_version, format_version = p_format_version
  where (e.extractor_version, e.format_version) < (p_extractor_version, p_format_version);
$$;
comment on function quarry.note_versions(integer, integer) is 'Learns of a new indexer from what it publishes.';

create function quarry.enqueue_upgrades(p_trees_max integer) returns integer
language plpgsql security definer set search_path = ''
-- From the oldest trees to their repositories, whatever the statistics say, or where there are none: else of each
-- repository all old trees are looked at, which takes minutes with some thousands of both.
set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  c_priority constant integer := -10;
  -- As many as are read at once.
  c_looked_at_max constant integer := 50;
  v_current quarry.extraction;
  v_asked_for text[];
  v_tree record;
  v_enqueued integer := 0;
begin
  select * into strict v_current from quarry.extraction;
  v_asked_for := array[v_current.extractor_version::text, v_current.format_version::text,
    (select m.image from quarry.machines m order by m.launched_at desc limit 1)];
  for v_tree in
    select t.id, t.repository_id, t.ref, r.deleted_at is null and r.access_lost_at is null as is_open from quarry.trees t
    join quarry.repositories r on r.id = t.repository_id
    where (t.extractor_version, t.format_version) < (v_current.extractor_version, v_current.format_version)
      and t.retired_at is null
      and t.upgrade_asked_for is distinct from v_asked_for
    order by t.extractor_version, t.format_version limit c_looked_at_max
    -- The repository first, as redrive_job does, so that of one that is passed by no tree stays locked.
    for no key update of r skip locked for update of t skip locked
  loop
    exit when v_enqueued >= p_trees_max;
    -- What nobody has access to is passed: the job by which somebody has again brings it up to date.
    if v_tree.is_open then
      perform quarry.enqueue_job(v_tree.repository_id, 'index', v_tree.ref, 'a new version of the indexer', '{}', c_priority);
      v_enqueued := v_enqueued + 1;
    end if;
    -- Once, until another image is launched: an older indexer that takes the job leaves the tree as it is.
    update quarry.trees set upgrade_asked_for = v_asked_for where id = v_tree.id;
  end loop;
  return v_enqueued;
end
$$;
comment on function quarry.enqueue_upgrades(integer) is
  'Queues refs that an older indexer has extracted, at low priority and some at a time: the old index serves until each is published anew. '
  'Each once for the image that was launched last, so that after a deployment that went back and forward again nothing stays behind.';
