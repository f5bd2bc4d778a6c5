-- What the API and the webhook do to repositories and jobs. Every function takes the tenant and
-- touches nothing outside it (invariant 6): another tenant's id is answered like an unknown one.

create view quarry.repository_status_view with (security_invoker = true) as
select
  r.id, r.tenant_id, r.host_id, r.full_name, r.default_branch, r.visibility, r.hook_state, r.created_at, r.deleted_at,
  case
    when r.access_lost_at is not null then 'access_lost'
    when newest.state = 'running' then 'indexing'
    when newest.state = 'failed' then 'error'
    when indexed.trees is null then 'pending'
    else 'ready'
  end as state,
  coalesce(indexed.trees, '[]') as indexed,
  (select coalesce(jsonb_agg(t.ref order by t.ref), '[]') from quarry.trees t where t.repository_id = r.id and t.retired_at is null) as refs
from quarry.repositories r
left join lateral (
  select j.state from quarry.indexing_jobs j
  where j.repository_id = r.id and j.kind = 'index' and j.state in ('running', 'completed', 'failed')
    -- What failed on a ref that is not followed, as a mistyped one, says nothing of the others.
    and (
      j.state <> 'failed' or j.ref is null
      or not exists (select from quarry.trees t where t.repository_id = r.id and t.retired_at is null)
      or exists (select from quarry.trees t where t.repository_id = r.id and t.ref = j.ref and t.retired_at is null)
    )
  order by (j.state = 'running') desc, j.queued_at desc limit 1
) newest on true
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
    'started_at', quarry.rfc3339((p_job).started_at), 'finished_at', quarry.rfc3339((p_job).finished_at)
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

create function quarry.drop_ref(p_repository_id uuid, p_ref text, p_requested_by text) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  c_priority constant integer := -10;
begin
  perform quarry.cancel_index_jobs(p_repository_id, p_ref);
  with dropped as (
    delete from quarry.trees t where t.repository_id = p_repository_id and t.ref = p_ref returning t.id, t.repository_id, t.ref
  )
  insert into quarry.dropped_trees (tree_id, repository_id, ref) select d.id, d.repository_id, d.ref from dropped d;
  if found then
    perform quarry.enqueue_job(p_repository_id, 'delete_ref', p_ref, p_requested_by, '{}', c_priority);
  end if;
end
$$;
comment on function quarry.drop_ref(uuid, text, text) is
  'Ends following a ref: from this moment nobody sees its index, and a job deletes it. What indexes it is cancelled.';

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

create function api.register_repository(
  p_tenant_id uuid, p_host_id bigint, p_full_name text, p_default_branch text, p_visibility text,
  p_ref text, p_token text, p_requested_by text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_repository quarry.repositories;
  v_job quarry.indexing_jobs;
  v_limit integer;
begin
  -- Serialises this tenant's registrations and renames: the limit is exact, a double click makes one repository, and a name
  -- has one. A lock that lets others refer to the tenant, as whoever enqueues does with its repository locked.
  select p.repositories_max into v_limit
  from quarry.tenants t join quarry.plans p on p.plan = t.plan where t.id = p_tenant_id for no key update of t;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  select * into v_repository from quarry.repositories r
  where r.tenant_id = p_tenant_id and r.host_id = p_host_id and r.deleted_at is null for no key update;
  if found then
    update quarry.repositories set visibility = p_visibility where id = v_repository.id and visibility <> p_visibility;
    if v_repository.full_name <> p_full_name then
      perform quarry.rename_repository(v_repository, p_full_name, true, p_requested_by);
    end if;
    perform quarry.change_default_branch(v_repository, p_default_branch, p_requested_by);
    if p_ref is not null then
      case quarry.follow_ref(v_repository.id, p_ref)
        when 'followed' then perform quarry.enqueue_job(v_repository.id, 'index', p_ref, p_requested_by);
        when 'limit_reached' then return jsonb_build_object('outcome', 'refs_limit_reached', 'limit', quarry.refs_max(v_repository.id));
        else null;
      end case;
    end if;
    -- Asking again is also how a hook that was given up gets its tries anew.
    update quarry.repositories set hook_state = 'pending', hook_attempts = 0, hook_retry_at = clock_timestamp()
    where id = v_repository.id and hook_state = 'failed';
    if p_token is not null then
      perform quarry.store_repository_secret(v_repository.id, 'token', p_token);
    end if;
    select * into v_job from quarry.indexing_jobs j where j.repository_id = v_repository.id order by j.queued_at desc, j.id limit 1;
    return jsonb_build_object('outcome', 'existing', 'repository', quarry.repository_json(v_repository.id),
      -- Retention may have taken the last one.
      'job', case when v_job.id is not null then quarry.job_json(v_job) end);
  end if;

  if (select count(*) from quarry.repositories r where r.tenant_id = p_tenant_id and r.deleted_at is null) >= v_limit then
    return jsonb_build_object('outcome', 'limit_reached', 'limit', v_limit);
  end if;

  perform quarry.release_name(p_tenant_id, p_host_id, p_full_name);
  insert into quarry.repositories (tenant_id, host_id, full_name, default_branch, visibility)
  values (p_tenant_id, p_host_id, p_full_name, p_default_branch, p_visibility)
  returning * into v_repository;
  -- Two random uuids: 244 random bits, without an extension.
  perform quarry.store_repository_secret(v_repository.id, 'webhook',
    replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));
  if p_token is not null then
    perform quarry.store_repository_secret(v_repository.id, 'token', p_token);
  end if;
  insert into quarry.trees (repository_id, ref) values (v_repository.id, coalesce(p_ref, v_repository.default_ref));
  v_job := quarry.enqueue_job(v_repository.id, 'index', coalesce(p_ref, v_repository.default_ref), p_requested_by, '{"full": true}');
  return jsonb_build_object('outcome', 'created',
    'repository', quarry.repository_json(v_repository.id), 'job', quarry.job_json(v_job));
end
$$;
comment on function api.register_repository(uuid, bigint, text, text, text, text, text, text) is
  'Stores the repository, its webhook secret and a full index job in one transaction; the hook is then created over HTTP. '
  'Answers {outcome: created|existing|limit_reached|refs_limit_reached|not_found, repository, job, limit}. Another repository of the '
  'tenant that had the name before loses it. p_ref: full ref or null for the default branch; '
  'of an existing repository it is followed from now on. '
  'p_token: the tenant''s token for a private repository, kept in Vault.';
grant execute on function api.register_repository(uuid, bigint, text, text, text, text, text, text) to service_role;

create function api.take_pending_hooks(p_repository_id uuid, p_hooks_max integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_retry_after constant interval := interval '30 seconds';
  v_hooks jsonb;
begin
  with taken as (
    update quarry.repositories r set hook_retry_at = clock_timestamp() + c_retry_after * (1 + r.hook_attempts), hook_attempts = r.hook_attempts + 1
    where r.id in (
      select p.id from quarry.repositories p
      where p.hook_state = 'pending' and p.deleted_at is null and p.hook_retry_at <= clock_timestamp()
        and (p_repository_id is null or p.id = p_repository_id)
      order by p.hook_retry_at limit p_hooks_max for update skip locked)
    returning r.id, r.full_name
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'repository_id', t.id, 'full_name', t.full_name,
    'secret', quarry.read_repository_secret(t.id, 'webhook'), 'token', quarry.read_repository_secret(t.id, 'token'))), '[]')
  into v_hooks from taken t;
  return v_hooks;
end
$$;
comment on function api.take_pending_hooks(uuid, integer) is
  'Hooks still to be created, of one repository or (null) of all: [{repository_id, full_name, secret, token}]. Each is taken for 30 s times its tries, '
  'so that a caller that dies leaves it to the next.';
grant execute on function api.take_pending_hooks(uuid, integer) to service_role;

create function api.record_hook(p_repository_id uuid, p_hook_id bigint, p_error text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_attempts_max constant integer := 20;
begin
  update quarry.repositories set
    hook_id = coalesce(p_hook_id, hook_id), hook_error = left(p_error, 1000),
    hook_state = case when p_error is null then 'active' when hook_attempts >= c_attempts_max then 'failed' else hook_state end
  where id = p_repository_id and deleted_at is null;
  return quarry.repository_json(p_repository_id);
end
$$;
comment on function api.record_hook(uuid, bigint, text) is
  'Records that the hook exists (p_hook_id), or why it could not be created (p_error): it stays pending and is tried again, 20 times at most.';
grant execute on function api.record_hook(uuid, bigint, text) to service_role;

create function api.webhook_secret(p_repository_id uuid) returns text
language sql stable security definer set search_path = ''
return (
  select quarry.read_repository_secret(r.id, 'webhook') from quarry.repositories r where r.id = p_repository_id and r.deleted_at is null
);
comment on function api.webhook_secret(uuid) is 'The secret that this repository''s deliveries are signed with, or null for an unknown repository.';
grant execute on function api.webhook_secret(uuid) to service_role;

create function api.record_delivery(
  p_repository_id uuid, p_delivery_id text, p_event text, p_ref text, p_commit_oid text, p_full_name text, p_default_branch text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_is_renamed boolean := exists (select from quarry.repositories r where r.id = p_repository_id and r.full_name <> p_full_name);
  v_repository quarry.repositories := quarry.lock_repository(p_repository_id, v_is_renamed);
  v_requested_by text := 'webhook ' || p_delivery_id;
  v_ref text;
  v_job quarry.indexing_jobs;
  v_outcome text := case when p_event = 'ping' then 'pong' else 'ignored' end;
  v_known record;
begin
  insert into quarry.webhook_deliveries (repository_id, delivery_id, event, ref, commit_oid, outcome)
  select v_repository.id, p_delivery_id, p_event, left(p_ref, 500), p_commit_oid, v_outcome where v_repository.id is not null
  on conflict (repository_id, delivery_id) do nothing;
  if not found then
    select d.outcome, d.job_id into v_known from quarry.webhook_deliveries d
    where d.repository_id = p_repository_id and d.delivery_id = p_delivery_id;
    return jsonb_build_object('outcome', case when found then 'duplicate' else 'not_found' end, 'job_id', v_known.job_id);
  end if;
  if v_is_renamed then
    perform quarry.rename_repository(v_repository, p_full_name, false, v_requested_by);
  end if;
  if p_default_branch <> v_repository.default_branch then
    -- It may be late. A job asks the host, whatever it is for: of the default branch if that is followed, for nobody drops it.
    select t.ref into v_ref from quarry.trees t where t.repository_id = p_repository_id and t.retired_at is null
    order by t.ref = v_repository.default_ref desc, t.ref limit 1;
    if found then
      v_job := quarry.enqueue_job(p_repository_id, 'index', v_ref, v_requested_by, jsonb_build_object('default_branch', p_default_branch));
    end if;
  end if;
  if p_event = 'push' and exists (
    select from quarry.trees t where t.repository_id = p_repository_id and t.ref = p_ref and t.retired_at is null)
  then
    v_job := quarry.enqueue_job(p_repository_id, 'index', p_ref, v_requested_by,
      jsonb_strip_nulls(jsonb_build_object('commit_oid', p_commit_oid)));
  end if;
  if v_job.id is not null then
    update quarry.webhook_deliveries set outcome = 'enqueued', job_id = v_job.id
    where repository_id = p_repository_id and delivery_id = p_delivery_id;
    v_outcome := 'enqueued';
  elsif v_outcome = 'ignored' then
    update quarry.webhook_deliveries set ignored_reason = case when p_event = 'push' then 'ref_not_followed' else 'event_not_indexed' end
    where repository_id = p_repository_id and delivery_id = p_delivery_id;
  end if;
  return jsonb_build_object('outcome', v_outcome, 'job_id', v_job.id);
end
$$;
comment on function api.record_delivery(uuid, text, text, text, text, text, text) is
  'Records a verified delivery and enqueues for a push to an indexed ref, in one transaction: a delivery that was answered is never lost, '
  'and one that comes again changes nothing. p_commit_oid is a hint, null for a deleted ref; '
  'p_full_name and p_default_branch are what the delivery calls them, or null: where another default branch is known, a job asks the host. Answers {outcome: enqueued|ignored|pong|duplicate|not_found, job_id}.';
grant execute on function api.record_delivery(uuid, text, text, text, text, text, text) to service_role;

create function api.request_index(p_tenant_id uuid, p_repository_id uuid, p_ref text, p_full boolean, p_requested_by text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_repository quarry.repositories;
  v_ref text;
begin
  select * into v_repository from quarry.repositories r
  where r.id = p_repository_id and r.tenant_id = p_tenant_id and r.deleted_at is null for no key update;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  v_ref := coalesce(p_ref, v_repository.default_ref);
  if quarry.follow_ref(p_repository_id, v_ref) = 'limit_reached' then
    return jsonb_build_object('outcome', 'limit_reached', 'limit', quarry.refs_max(p_repository_id));
  end if;
  return jsonb_build_object('outcome', 'enqueued', 'job', quarry.job_json(
    quarry.enqueue_job(p_repository_id, 'index', v_ref, p_requested_by, jsonb_build_object('full', coalesce(p_full, false)))));
end
$$;
comment on function api.request_index(uuid, uuid, text, boolean, text) is
  'Queues an index job for a ref, the default branch when p_ref is null; a ref not indexed so far is followed from now on, as many as the plan allows. '
  'Answers {outcome: enqueued|limit_reached|not_found, job, limit}.';
grant execute on function api.request_index(uuid, uuid, text, boolean, text) to service_role;

create function api.set_refs(p_tenant_id uuid, p_repository_id uuid, p_refs text[], p_requested_by text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_repository quarry.repositories;
  v_refs text[];
  v_ref text;
begin
  select * into v_repository from quarry.repositories r
  where r.id = p_repository_id and r.tenant_id = p_tenant_id and r.deleted_at is null for no key update;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  v_refs := array(select distinct r from unnest(p_refs || v_repository.default_ref) r order by r);
  if cardinality(v_refs) > quarry.refs_max(p_repository_id) then
    return jsonb_build_object('outcome', 'limit_reached', 'limit', quarry.refs_max(p_repository_id));
  end if;
  for v_ref in
    select t.ref from quarry.trees t
    where t.repository_id = p_repository_id and t.retired_at is null and t.ref <> all(v_refs) order by t.ref
  loop
    perform quarry.drop_ref(p_repository_id, v_ref, p_requested_by);
  end loop;
  foreach v_ref in array v_refs loop
    if quarry.follow_ref(p_repository_id, v_ref) = 'followed' then
      perform quarry.enqueue_job(p_repository_id, 'index', v_ref, p_requested_by);
    end if;
  end loop;
  return jsonb_build_object('outcome', 'ok', 'repository', quarry.repository_json(p_repository_id));
end
$$;
comment on function api.set_refs(uuid, uuid, text[], text) is
  'Follows these refs and the default branch and no others: new ones are indexed, and the index of those that are left out is deleted. '
  'Answers {outcome: ok|limit_reached|not_found, repository, limit}; beyond the limit nothing changes.';
grant execute on function api.set_refs(uuid, uuid, text[], text) to service_role;

create function quarry.cancel_live_jobs(p_repository_id uuid, p_job_id uuid) returns setof quarry.indexing_jobs
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs;
begin
  for v_job in
    select * from quarry.indexing_jobs j
    where j.repository_id = p_repository_id and (p_job_id is null or j.id = p_job_id) and j.state in ('queued', 'running')
    -- The running one first, as requeue_job locks it before the one that waits behind it.
    order by j.state = 'running' desc, j.id for update
  loop
    if v_job.state = 'queued' then
      update quarry.indexing_jobs set state = 'cancelled', wait_reason = null, finished_at = clock_timestamp() where id = v_job.id returning * into v_job;
      perform quarry.add_job_event(v_job.id, 'cancelled', '');
    elsif v_job.cancel_requested_at is null then
      update quarry.indexing_jobs set cancel_requested_at = clock_timestamp() where id = v_job.id returning * into v_job;
      perform quarry.add_job_event(v_job.id, 'cancel_requested', '');
    end if;
    return next v_job;
  end loop;
end
$$;
comment on function quarry.cancel_live_jobs(uuid, uuid) is
  'Cancels waiting jobs at once; a running one hears of it at its next heartbeat. p_job_id null: all of the repository.';

create function api.cancel_job(p_tenant_id uuid, p_job_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs;
begin
  select * into v_job from quarry.indexing_jobs j where j.id = p_job_id and j.tenant_id = p_tenant_id;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  -- Nobody would ask for it again, and what it deletes would stay.
  if v_job.kind in ('delete_repository', 'delete_ref') then
    return jsonb_build_object('outcome', 'conflict', 'job', quarry.job_json(v_job));
  end if;
  select * into v_job from quarry.cancel_live_jobs(v_job.repository_id, v_job.id);
  if not found then
    select * into v_job from quarry.indexing_jobs j where j.id = p_job_id;
    return jsonb_build_object('outcome', case v_job.state when 'cancelled' then 'cancelled' else 'conflict' end, 'job', quarry.job_json(v_job));
  end if;
  return jsonb_build_object('outcome', case v_job.state when 'cancelled' then 'cancelled' else 'requested' end, 'job', quarry.job_json(v_job));
end
$$;
comment on function api.cancel_job(uuid, uuid) is 'Answers {outcome: cancelled|requested|conflict|not_found, job}; conflict when it has ended otherwise or may not be cancelled, as a deletion.';
grant execute on function api.cancel_job(uuid, uuid) to service_role;

create function api.redrive_job(p_tenant_id uuid, p_job_id uuid, p_requested_by text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs;
begin
  select * into v_job from quarry.indexing_jobs j where j.id = p_job_id and j.tenant_id = p_tenant_id;
  -- Locked, as by all who queue what indexes it: else a claim might hand out a name that release_name has just taken from it.
  perform from quarry.repositories r
  where r.id = v_job.repository_id and (r.deleted_at is null or v_job.kind = 'delete_repository') for no key update;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  -- Who asks for a ref that was dropped meanwhile follows it again.
  if v_job.state <> 'failed' or v_job.kind = 'index' and quarry.follow_ref(v_job.repository_id, v_job.ref) = 'limit_reached' then
    return jsonb_build_object('outcome', 'conflict', 'job', quarry.job_json(v_job));
  end if;
  perform quarry.add_job_event(v_job.id, 'redriven', p_requested_by);
  return jsonb_build_object('outcome', 'enqueued', 'job', quarry.job_json(
    quarry.enqueue_job(v_job.repository_id, v_job.kind, v_job.ref, p_requested_by, v_job.payload)));
end
$$;
comment on function api.redrive_job(uuid, uuid, text) is
  'Queues a failed job''s work anew, as a new job with fresh attempts; the failed one keeps its history. Its ref is followed again if it was dropped. '
  'Answers {outcome: enqueued|conflict|not_found, job}; conflict when it has not failed, or the plan allows no other ref.';
grant execute on function api.redrive_job(uuid, uuid, text) to service_role;

create function api.delete_repository(p_tenant_id uuid, p_repository_id uuid, p_requested_by text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_repository quarry.repositories;
  v_token text := quarry.read_repository_secret(p_repository_id, 'token');
begin
  update quarry.repositories set deleted_at = clock_timestamp()
  where id = p_repository_id and tenant_id = p_tenant_id and deleted_at is null returning * into v_repository;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  perform quarry.cancel_live_jobs(p_repository_id, null);
  return jsonb_build_object(
    'outcome', 'enqueued',
    'job', quarry.job_json(quarry.enqueue_job(p_repository_id, 'delete_repository', null, p_requested_by)),
    'hook', jsonb_build_object('full_name', v_repository.full_name, 'hook_id', v_repository.hook_id, 'token', v_token));
end
$$;
comment on function api.delete_repository(uuid, uuid, text) is
  'Hides the repository from this moment, cancels its jobs and queues the deletion of its index. hook: what the caller needs to remove the webhook. '
  'Answers {outcome: enqueued|not_found, job, hook}.';
grant execute on function api.delete_repository(uuid, uuid, text) to service_role;
