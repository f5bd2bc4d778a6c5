-- Removing what nobody can see any more: abandoned and dead segments, trees and whole repositories.

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
  -- To plan and run its statements for none, as at nearly every sweep, would be half of what a sweep takes.
  if v_segment_ids is not null then
    perform quarry.drop_segment_rows(v_segment_ids);
  end if;
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
  -- Who published on one while it was looked for has let go of it by now, and its lock tells nothing of the file: only a
  -- statement that begins with the locks held sees all that there will be (change_tree locks what it needs).
  select array_agg(l.id order by l.id) into v_segment_ids from unnest(v_segment_ids) l (id)
  where not exists (select from quarry.tree_files f where f.segment_id = l.id);
  if v_segment_ids is not null then
    perform quarry.drop_segment_rows(v_segment_ids);
  end if;
  return coalesce(cardinality(v_segment_ids), 0);
end
$$;
comment on function quarry.drop_dead_segments(uuid, integer) is
  'Drops segments of which no file of any generation that is kept needs anything: what a full index leaves behind. Answers how many.';

create function quarry.clean_index(p_trees_max integer, p_files_max integer) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  -- Longer than a cursor lives (10 min): pages of one search stay in one generation.
  c_keep constant interval := interval '20 minutes';
  c_abandoned_max constant integer := 20;
  c_dead_max constant integer := 100;
  -- One of 32 MiB of source takes some 0.1 s. What the sweep has recovered before, and a publish to a tree that is cleaned, wait for the end.
  c_dead_at_once constant integer := 10;
  c_dead_time_max constant interval := interval '2 seconds';
  v_files_left integer := p_files_max;
  v_segments_left integer := c_dead_max;
  v_until_time timestamptz := clock_timestamp() + c_dead_time_max;
  v_dropped integer;
  v_tree quarry.trees;
  v_until bigint;
  v_ended bigint[];
  v_ended_nos integer[];
begin
  perform quarry.drop_abandoned_segments(c_abandoned_max);
  -- Once the newest generation is older than c_keep, those before it are out of every fresh cursor's reach.
  for v_tree in
    select * from quarry.trees t
    where t.has_ended and (t.is_cleaning or t.indexed_at < clock_timestamp() - c_keep)
    order by t.is_cleaning desc, t.indexed_at limit p_trees_max for update skip locked
  loop
    v_until := case when v_tree.is_cleaning then v_tree.oldest_generation else v_tree.generation end;
    with gone as (
      delete from quarry.tree_files f
      where f.ctid = any(array(
        select t.ctid from quarry.tree_files t where t.tree_id = v_tree.id and t.generation_to <= v_until limit v_files_left))
      returning f.segment_id, f.blob_no
    )
    select array_agg(g.segment_id), array_agg(g.blob_no) into v_ended, v_ended_nos from gone g;
    perform quarry.count_dead_blobs(v_ended, v_ended_nos);
    v_files_left := v_files_left - coalesce(cardinality(v_ended), 0);
    if v_files_left > 0 then
      loop
        v_dropped := quarry.drop_dead_segments(v_tree.repository_id, least(v_segments_left, c_dead_at_once));
        v_segments_left := case when clock_timestamp() < v_until_time then v_segments_left - v_dropped else 0 end;
        exit when v_dropped < c_dead_at_once or v_segments_left <= 0;
      end loop;
    end if;
    -- With the first file that is gone, or a page that goes on from one to the next would miss it: its cursor gets 410.
    update quarry.trees t set oldest_generation = v_until, is_cleaning = least(v_files_left, v_segments_left) <= 0 where t.id = v_tree.id;
    exit when least(v_files_left, v_segments_left) <= 0;
    perform quarry.request_compaction(v_tree.repository_id);
  end loop;
end
$$;
comment on function quarry.clean_index(integer, integer) is
  'Drops what no reader can reach: segments of lost leases, files of generations that ended more than 20 minutes ago, so many a call, and segments that '
  'die with these, a hundred a call, or those of two seconds.';

create function quarry.delete_ref_data(p_job_id uuid, p_lease_token uuid, p_files_max integer) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  c_segments_max constant integer := 8;
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
  v_ended bigint[];
  v_ended_nos integer[];
begin
  with gone as (
    delete from quarry.tree_files f
    where f.ctid = any(array(
      select t.ctid from quarry.dropped_trees d join quarry.tree_files t on t.tree_id = d.tree_id
      where d.repository_id = v_job.repository_id and d.ref = v_job.ref limit p_files_max))
    returning f.segment_id, f.blob_no
  )
  select array_agg(g.segment_id), array_agg(g.blob_no) into v_ended, v_ended_nos from gone g;
  if v_ended is not null then
    perform quarry.count_dead_blobs(v_ended, v_ended_nos);
    return false;
  end if;
  -- The ref may have been followed again and dropped since those files were looked for: that is for the job which this has queued.
  delete from quarry.dropped_trees d
  where d.repository_id = v_job.repository_id and d.ref = v_job.ref and not exists (select from quarry.tree_files f where f.tree_id = d.tree_id);
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

create function quarry.delete_repository_data(p_job_id uuid, p_lease_token uuid, p_files_max integer, p_segments_max integer) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
  v_segment_ids bigint[];
begin
  if not exists (select from quarry.repositories r where r.id = v_job.repository_id and r.deleted_at is not null) then
    raise exception 'repository % is not marked deleted', v_job.repository_id;
  end if;
  delete from quarry.tree_files f
  where f.ctid = any(array(
    select t.ctid from (
      select o.id from quarry.trees o where o.repository_id = v_job.repository_id
      union all select d.tree_id from quarry.dropped_trees d where d.repository_id = v_job.repository_id
    ) o join quarry.tree_files t on t.tree_id = o.id limit p_files_max));
  if found then
    perform quarry.extend_lease(v_job);
    return false;
  end if;
  delete from quarry.trees t where t.repository_id = v_job.repository_id;
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
  perform quarry.extend_lease(v_job);
  return false;
end
$$;
comment on function quarry.delete_repository_data(uuid, uuid, integer, integer) is
  'Deletes the index of a repository that was marked deleted, some files or a few segments a call; true when nothing is left. The row itself stays for a month, for its history.';
grant execute on function quarry.delete_repository_data(uuid, uuid, integer, integer) to quarry_indexer;
