-- What the API and the webhook do to repositories and jobs. Every function takes the tenant and
-- touches nothing outside it (invariant 6): another tenant's id is answered like an unknown one.

create view quarry.repository_status_view with (security_invoker = true) as
select
  r.id, r.tenant_id, r.host_id, r.full_name, r.default_branch, r.visibility, r.hook_state, r.created_at, r.deleted_at,
  case
    when r.access_lost_at is not null then 'access_lost'
    when exists (
      select from quarry.indexing_jobs j where j.repository_id = r.id and j.state = 'running' and j.kind = 'index') then 'indexing'
    when last_ended.state = 'failed' then 'error'
    when indexed.trees is null then 'pending'
    else 'ready'
  end as state,
  coalesce(indexed.trees, '[]') as indexed,
  (select coalesce(jsonb_agg(t.ref order by t.ref), '[]') from quarry.trees t where t.repository_id = r.id and t.retired_at is null) as refs
from quarry.repositories r
left join lateral (
  select j.state from quarry.indexing_jobs j
  where j.repository_id = r.id and j.kind = 'index' and j.state in ('completed', 'failed')
    -- What failed on a ref that is not followed, as a mistyped one, says nothing of the others.
    and (
      j.state <> 'failed' or j.ref is null
      or not exists (select from quarry.trees t where t.repository_id = r.id and t.retired_at is null)
      or exists (select from quarry.trees t where t.repository_id = r.id and t.ref = j.ref and t.retired_at is null)
    )
  -- As jobs_by_repository has them: of a month of pushes the first is read, and not all.
  order by j.queued_at desc, j.id limit 1
) last_ended on true
left join lateral (
  select jsonb_agg(jsonb_build_object(
    'ref', t.ref, 'commit_oid', t.commit_oid, 'indexed_at', quarry.rfc3339(t.indexed_at),
    'files', t.file_count, 'skipped_files', t.skipped_count, 'features', t.features) order by t.ref) as trees
  from quarry.trees t where t.repository_id = r.id and t.generation is not null
) indexed on true;
comment on view quarry.repository_status_view is 'A repository with its state and what is indexed of it.';

create function quarry.repository_json(p_repository_id uuid) returns jsonb
-- In plpgsql, which keeps its plan: to plan the view takes longer than to read it.
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'id', v.id, 'full_name', v.full_name, 'host_id', v.host_id, 'default_branch', v.default_branch,
      'visibility', v.visibility, 'state', v.state, 'refs', v.refs, 'indexed', v.indexed, 'hook_state', v.hook_state,
      'created_at', quarry.rfc3339(v.created_at))
    from quarry.repository_status_view v where v.id = p_repository_id
  );
end
$$;
comment on function quarry.repository_json(uuid) is 'A repository as the API shows it.';

create function quarry.job_json(p_job quarry.indexing_jobs) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return jsonb_build_object(
    'id', (p_job).id, 'repository_id', (p_job).repository_id, 'kind', (p_job).kind, 'ref', (p_job).ref,
    'commit_oid', (p_job).commit_oid, 'state', (p_job).state, 'outcome', (p_job).outcome, 'phase', (p_job).phase,
    'progress', jsonb_build_object(
      'percent', 0, 'files_done', 0, 'files_total', 0, 'bytes_done', 0, 'bytes_total', 0) || (p_job).progress,
    'attempt', (p_job).attempt, 'max_attempts', (p_job).max_attempts, 'errors', (p_job).errors,
    'requested_by', (p_job).requested_by, 'queued_at', quarry.rfc3339((p_job).queued_at),
    'started_at', quarry.rfc3339((p_job).started_at), 'claimed_at', quarry.rfc3339((p_job).claimed_at),
    'finished_at', quarry.rfc3339((p_job).finished_at)
  );
end
$$;
comment on function quarry.job_json(quarry.indexing_jobs) is 'A job as the API shows it: no lease token, no machine.';

create function quarry.refs_max(p_repository_id uuid) returns integer
language sql stable security definer set search_path = ''
return (
  select p.refs_max from quarry.repositories r join quarry.tenants t on t.id = r.tenant_id join quarry.plans p on p.plan = t.plan
  where r.id = p_repository_id
);
comment on function quarry.refs_max(uuid) is 'Refs of the repository that its tenant''s plan lets it follow.';

create function quarry.follow_ref(p_repository_id uuid, p_ref text) returns text
language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from quarry.trees t where t.repository_id = p_repository_id and t.ref = p_ref and t.retired_at is null) then
    return 'known';
  end if;
  if (select count(*) from quarry.trees t where t.repository_id = p_repository_id and t.retired_at is null) >= quarry.refs_max(p_repository_id) then
    return 'limit_reached';
  end if;
  -- A former default branch that still serves was not followed: pushes to it have been ignored.
  insert into quarry.trees (repository_id, ref) values (p_repository_id, p_ref)
  on conflict (repository_id, ref) do update set retired_at = null;
  return 'followed';
end
$$;
comment on function quarry.follow_ref(uuid, text) is
  'Pushes to this ref are indexed from now on, as many as the plan allows. Answers followed, known or limit_reached. It enqueues nothing. '
  'Nothing else but a registration and change_default_branch makes a tree. The caller has the lock of the repository, which makes the limit exact, and knows that it is not deleted.';

create function quarry.cancel_index_jobs(p_repository_id uuid, p_ref text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_job_id uuid;
begin
  for v_job_id in
    select j.id from quarry.indexing_jobs j
    where j.repository_id = p_repository_id and j.kind = 'index' and j.ref = p_ref and j.state in ('queued', 'running')
    order by j.state = 'running' desc
  loop
    perform quarry.cancel_live_jobs(p_repository_id, v_job_id);
  end loop;
end
$$;
comment on function quarry.cancel_index_jobs(uuid, text) is 'Cancels what indexes a ref, as cancel_live_jobs does.';

create function quarry.drop_tree(p_repository_id uuid, p_ref text, p_requested_by text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  c_priority constant integer := -10;
begin
  with dropped as (
    delete from quarry.trees t where t.repository_id = p_repository_id and t.ref = p_ref returning t.id, t.repository_id, t.ref
  )
  insert into quarry.dropped_trees (tree_id, repository_id, ref) select d.id, d.repository_id, d.ref from dropped d;
  if found then
    perform quarry.enqueue_job(p_repository_id, 'delete_ref', p_ref, p_requested_by, '{}', c_priority);
  end if;
end
$$;
comment on function quarry.drop_tree(uuid, text, text) is
  'From this moment nobody sees the index of a ref, and a job deletes it: what this itself does, and holds locked meanwhile, does not grow with it. The caller knows that nothing indexes the ref.';

create function quarry.drop_ref(p_repository_id uuid, p_ref text, p_requested_by text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform quarry.cancel_index_jobs(p_repository_id, p_ref);
  perform quarry.drop_tree(p_repository_id, p_ref, p_requested_by);
end
$$;
comment on function quarry.drop_ref(uuid, text, text) is 'Ends following a ref: drop_tree, and what indexes it is cancelled.';

create function quarry.release_name(p_tenant_id uuid, p_host_id bigint, p_full_name text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  -- With a tilde and the digits of a bigint behind it a name fits full_name_is_owner_and_name.
  c_kept_max constant integer := 80;
  v_repository_id uuid;
  v_job quarry.indexing_jobs;
begin
  update quarry.repositories r set access_lost_at = coalesce(r.access_lost_at, clock_timestamp()),
    full_name = split_part(r.full_name, '/', 1) || '/' || left(split_part(r.full_name, '/', 2), c_kept_max) || '~' || r.host_id
  where r.tenant_id = p_tenant_id and lower(r.full_name) = lower(p_full_name) and r.host_id <> p_host_id and r.deleted_at is null
  returning r.id into v_repository_id;
  for v_job in
    select * from quarry.indexing_jobs j
    where j.repository_id = v_repository_id and j.kind = 'index' and j.state in ('queued', 'running')
    -- The running one first, as requeue_job locks it before the one that waits behind it.
    order by j.state = 'running' desc, j.id for update
  loop
    -- It would index the other repository in this one's place: without its lease it publishes nothing.
    perform quarry.record_attempt_failure(
      v_job, 'give_up', 'repository_gone', 'The host has given the name of this repository to another one.', null);
  end loop;
end
$$;
comment on function quarry.release_name(uuid, bigint, text) is
  'The host said just now that a name is this host id''s. Another repository of the tenant that had it was renamed or deleted: until it is said what it '
  'is called by now, it keeps its index under its number, as no host calls it, and as access_lost; what indexes it fails at once. The caller has the tenant''s lock.';

create function quarry.rename_repository(p_repository quarry.repositories, p_full_name text, p_is_asked boolean, p_requested_by text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if p_is_asked then
    perform quarry.release_name(p_repository.tenant_id, p_repository.host_id, p_full_name);
  elsif exists (
    select from quarry.repositories r
    where r.tenant_id = p_repository.tenant_id and lower(r.full_name) = lower(p_full_name) and r.id <> p_repository.id and r.deleted_at is null)
  then
    return;
  end if;
  update quarry.repositories set full_name = p_full_name where id = p_repository.id;
  if quarry.has_lost_name(p_repository) then
    -- Pushes that came meanwhile could not be indexed (invariant 1).
    update quarry.repositories set access_lost_at = null where id = p_repository.id;
    perform quarry.enqueue_job(p_repository.id, 'index', t.ref, p_requested_by)
    from quarry.trees t where t.repository_id = p_repository.id and t.retired_at is null;
  end if;
end
$$;
comment on function quarry.rename_repository(quarry.repositories, text, boolean, text) is
  'Gives the repository the name that the host is said to call it. p_is_asked: the host was asked just now, so that whoever else has the name loses it; '
  'a push may be late, and takes no name that another one has. The caller has the locks of the tenant and of the repository.';

create function quarry.lock_repository(p_repository_id uuid, p_with_tenant boolean) returns quarry.repositories
language plpgsql security definer set search_path = ''
as $$
declare
  v_repository quarry.repositories;
begin
  if p_with_tenant then
    perform from quarry.tenants t
    where t.id = (select r.tenant_id from quarry.repositories r where r.id = p_repository_id) for no key update;
  end if;
  select * into v_repository from quarry.repositories r where r.id = p_repository_id and r.deleted_at is null for no key update;
  return v_repository;
end
$$;
comment on function quarry.lock_repository(uuid, boolean) is
  'Locks a repository, or answers null when it is deleted: what waited for its deletion hears of it. p_with_tenant: names change under the tenant''s lock, '
  'which comes before a repository''s, so that none is given twice.';

create function quarry.change_default_branch(p_repository quarry.repositories, p_default_branch text, p_requested_by text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_old_ref text := p_repository.default_ref;
  v_ref text;
  v_new quarry.repositories;
  v_tree quarry.trees;
begin
  if p_repository.default_branch = p_default_branch then
    return;
  end if;
  update quarry.repositories set default_branch = p_default_branch where id = p_repository.id returning * into v_new;
  if exists (select from quarry.trees t where t.repository_id = p_repository.id and t.ref = v_old_ref and t.retired_at is null) then
    -- The running one too: it may find that the host has this branch no more, which must not empty what serves. It has its
    -- job before its tree.
    perform quarry.cancel_index_jobs(p_repository.id, v_old_ref);
    -- In order, as a compaction does. A publish of the new one is over by now, or sees then that it takes over.
    perform from quarry.trees t where t.repository_id = p_repository.id order by t.id for update;
    -- Whatever the plan allows: it takes the place of the old one.
    insert into quarry.trees (repository_id, ref) values (p_repository.id, v_new.default_ref)
    on conflict (repository_id, ref) do update set retired_at = null returning * into v_tree;
    update quarry.trees set retired_at = clock_timestamp() where repository_id = p_repository.id and ref = v_old_ref;
    delete from quarry.trees where repository_id = p_repository.id and ref = v_old_ref and generation is null;
    if 'symbols' = any(v_tree.features) then
      -- It serves by itself, and its next job may find nothing to publish.
      for v_ref in
        select t.ref from quarry.trees t where t.repository_id = p_repository.id and t.retired_at is not null order by t.ref
      loop
        perform quarry.drop_ref(p_repository.id, v_ref, p_requested_by);
      end loop;
    end if;
    perform quarry.enqueue_job(p_repository.id, 'index', v_new.default_ref, p_requested_by);
  end if;
end
$$;
comment on function quarry.change_default_branch(quarry.repositories, text, text) is
  'The host said just now that this is the default branch. Where the old one was followed, the new one is instead, whatever the plan allows: it is indexed, '
  'and the old one, whose jobs are cancelled, serves until then; where it is indexed already the old one is dropped. The caller has the lock of the repository.';

create function quarry.note_default_branch(p_job_id uuid, p_lease_token uuid, p_known text, p_default_branch text) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  -- A repository is locked before its jobs, here as everywhere.
  v_repository quarry.repositories := quarry.lock_repository((select j.repository_id from quarry.indexing_jobs j where j.id = p_job_id), false);
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
begin
  -- Who has said something else since has asked the host later.
  if v_repository.default_branch = p_known then
    perform quarry.change_default_branch(v_repository, p_default_branch, v_job.requested_by);
  end if;
  return (select j.cancel_requested_at is not null from quarry.indexing_jobs j where j.id = p_job_id);
end
$$;
comment on function quarry.note_default_branch(uuid, uuid, text, text) is
  'What a worker has heard from the host while the job''s claim said p_known. Answers whether the job is to be cancelled, as one of the former default branch.';
grant execute on function quarry.note_default_branch(uuid, uuid, text, text) to quarry_indexer;
