-- What a tenant asks for: an index, refs, a job cancelled or redriven, a repository deleted.

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
  if v_job.state <> 'failed' then
    return jsonb_build_object('outcome', 'conflict', 'job', quarry.job_json(v_job));
  end if;
  -- Who asks for a ref that was dropped meanwhile follows it again.
  if v_job.kind = 'index' and quarry.follow_ref(v_job.repository_id, v_job.ref) = 'limit_reached' then
    return jsonb_build_object('outcome', 'limit_reached', 'limit', quarry.refs_max(v_job.repository_id));
  end if;
  perform quarry.add_job_event(v_job.id, 'redriven', p_requested_by);
  return jsonb_build_object('outcome', 'enqueued', 'job', quarry.job_json(
    quarry.enqueue_job(v_job.repository_id, v_job.kind, v_job.ref, p_requested_by, v_job.payload - 'looked_for')));
end
$$;
comment on function api.redrive_job(uuid, uuid, text) is
  'Queues a failed job''s work anew, as a new job with fresh attempts; the failed one keeps its history. Its ref is followed again if it was dropped. '
  'Answers {outcome: enqueued|conflict|limit_reached|not_found, job, limit}; conflict when it has not failed, limit_reached when the plan allows no other ref.';
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
