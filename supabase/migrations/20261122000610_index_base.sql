-- What a job reads of the index that is there before it adds to it. All of it is fenced by the lease.

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
