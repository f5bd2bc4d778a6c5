-- Writing segments, and making them and a tree's changes visible at once.

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
  perform quarry.extend_lease(v_job);
end
$$;
comment on function quarry.publish_text(uuid, uuid, text, bigint[], bigint) is
  'Invariant 3 for the text of a ref''s first index: makes segments that have chunks and terms but no blobs visible, and the tree with them, in one transaction '
  'under the lease token, while the lease goes on to its publish. The tree has the feature text alone; what is then copied to these segments is not looked '
  'at before publish_index gives it the feature symbols. Where the job ends without, the next one of the ref extracts what has no blobs. '
  'Raises QRY06 when the job is to be cancelled.';
grant execute on function quarry.publish_text(uuid, uuid, text, bigint[], bigint) to quarry_indexer;

create function quarry.count_dead_blobs(p_segment_ids bigint[], p_blob_nos integer[]) returns void
language sql security definer set search_path = ''
set enable_seqscan = off
as $$
  with dead as (
    select e.segment_id, count(*)::integer as blobs
    from (select distinct u.segment_id, u.blob_no from unnest(p_segment_ids, p_blob_nos) u (segment_id, blob_no) where u.segment_id is not null) e
    -- Offset 0: from the blobs to the rows that name them, whatever the statistics say.
    where not exists (select from quarry.tree_files f where f.segment_id = e.segment_id and f.blob_no = e.blob_no offset 0)
    group by e.segment_id
  ), locked as materialized (
    -- In order, as by whoever else counts.
    select s.id from quarry.segments s where s.id in (select d.segment_id from dead d) order by s.id for no key update
  )
  update quarry.segments s set dead_blobs = s.dead_blobs + d.blobs
  from dead d join locked l on l.id = d.segment_id where s.id = d.segment_id;
$$;
comment on function quarry.count_dead_blobs(bigint[], integer[]) is
  'Whoever has deleted rows of tree_files names the blob of each here: those that no other file has, of any ref, are dead, by which compaction '
  'knows what to rewrite.';

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
  v_retired text;
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
    -- Once it is served: an older indexer may take the tree back, as while a new one is deployed.
    upgrade_asked_for = case when t.upgrade_asked_for[:2] <> array[p_extractor_version::text, p_format_version::text] then t.upgrade_asked_for end,
    oldest_generation = coalesce(v_oldest, t.oldest_generation)
  where t.id = v_tree.id
  returning t.* into v_tree;
  -- The new default branch takes over from the one it replaces, unless that is followed again just now. What indexed it was
  -- cancelled as it was replaced.
  for v_retired in
    select t.ref from quarry.trees t
    where t.repository_id = v_job.repository_id and t.retired_at is not null and t.id <> v_tree.id
      and v_tree.ref = (select r.default_ref from quarry.repositories r where r.id = v_job.repository_id)
    order by t.id for update of t
  loop
    perform quarry.drop_tree(v_job.repository_id, v_retired, v_job.requested_by);
  end loop;
  update quarry.indexing_jobs set commit_oid = p_commit_oid, published_token = p_lease_token where id = v_job.id;
  if v_has_access_again then
    update quarry.repositories set access_lost_at = null where id = v_job.repository_id;
  end if;
  perform quarry.note_versions(p_extractor_version, p_format_version);
  perform quarry.request_compaction(v_job.repository_id);
  perform quarry.add_job_event(v_job.id, 'published', p_commit_oid,
    jsonb_build_object('generation', v_generation, 'segments', v_published, 'files', v_tree.file_count));
  perform quarry.extend_lease(v_job);
  return jsonb_build_object('generation', v_generation, 'files', v_tree.file_count, 'skipped', v_tree.skipped_count);
end
$$;
comment on function quarry.publish_index(uuid, uuid, text, bigint[], bigint, text[], integer, integer) is
  'Invariant 3: makes segments visible and moves the tree to p_commit_oid in one transaction, under the lease token. '
  'p_changes_segment_id: the segment whose tree_changes are the delta, null when there is none. '
  'p_extractor_version, p_format_version: what every file of the new tree is extracted by. A lease publishes once; one that has published the text alone '
  'names the same segments again. Answers {generation, files, skipped}; raises QRY06 when the job is to be cancelled.';
grant execute on function quarry.publish_index(uuid, uuid, text, bigint[], bigint, text[], integer, integer) to quarry_indexer;
