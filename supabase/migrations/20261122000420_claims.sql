-- Which job of a tenant is started, and under which conditions: below its limit, never of a repository with a running job.

-- In this and the next views a scalar subquery stands where one would write "exists": it is run for one
-- row after the other, as many as are asked for, where an "exists" may become a join over the whole queue.
create view quarry.claimable_jobs with (security_invoker = true) as
select j.* from quarry.indexing_jobs j
where j.state = 'queued' and j.wait_reason is null
  and (
    select true from quarry.indexing_jobs r
    where r.repository_id = j.repository_id and r.state = 'running') is null;
comment on view quarry.claimable_jobs is
  'The one predicate for what a claim may hand out: ready, and no job of the same repository running. '
  'Used by claim_job and by the count of machines wanted, so that the two cannot drift apart.';

create view quarry.tenant_loads with (security_invoker = true) as
select q.tenant_id, q.place, q.ready_priority, q.ready_from, r.running, (
    select p.concurrent_jobs_max from quarry.tenants t join quarry.plans p on p.plan = t.plan where t.id = q.tenant_id) as concurrent_jobs_max
from quarry.tenant_queues q
-- Joined, since what is selected is counted again wherever the column is used.
cross join lateral (
  select count(*)::integer as running from quarry.indexing_jobs r
  where r.tenant_id = q.tenant_id and r.lease_expires_at > '-infinity' and r.claim_number >= q.running_from) r;
comment on view quarry.tenant_loads is 'Active tenants with what they run and what their plan lets them run.';

create view quarry.servable_tenants with (security_invoker = true) as
select l.tenant_id, l.place, l.running, l.concurrent_jobs_max
from quarry.tenant_loads l
where
  -- In this order: of a tenant that has no room nothing is searched. Ordered as the claim is: then no
  -- plan can take an index that leads elsewhere, whatever old statistics say of queued jobs.
  case when l.running < l.concurrent_jobs_max then coalesce((
    select true from quarry.claimable_jobs j
    where j.tenant_id = l.tenant_id and j.priority = l.ready_priority and j.run_at >= l.ready_from
    order by j.priority desc, j.run_at, j.id limit 1
  ), (
    select true from quarry.claimable_jobs j where j.tenant_id = l.tenant_id
    order by j.priority desc, j.run_at, j.id limit 1)) end
  and not exists (select from quarry.fleet_drain d where d.draining_since is not null);
comment on view quarry.servable_tenants is
  'Tenants below their limit with something to claim. None while the fleet drains.';

create function quarry.note_start(p_queue quarry.tenant_queues, p_priority smallint, p_run_at timestamptz) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update quarry.tenant_queues set
    served_at = clock_timestamp(), ready_priority = p_priority, ready_from = p_run_at,
    -- Never null: the job that was just claimed runs.
    running_from = (
      select min(r.claim_number) from quarry.indexing_jobs r
      where r.tenant_id = p_queue.tenant_id and r.lease_expires_at > '-infinity' and r.claim_number >= p_queue.running_from)
  where tenant_id = p_queue.tenant_id;
end
$$;
comment on function quarry.note_start(quarry.tenant_queues, smallint, timestamptz) is
  'Notes where the next claims of a tenant begin to look, behind the job that was just started. The caller has locked the tenant''s row and read it since.';

create function quarry.start_job_of_tenant(p_tenant_id uuid, p_launch_id uuid, p_running_max integer, p_wait boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_lease constant interval := interval '60 seconds';
  -- What lies ahead is old too: the clock went back since.
  c_hint_age_max constant interval := interval '1 second';
  v_queue quarry.tenant_queues;
  v_is_hint_old boolean;
  v_job record;
  v_turn bigint;
begin
  if p_wait then
    select * into v_queue from quarry.tenant_queues q where q.tenant_id = p_tenant_id for update;
  else
    select * into v_queue from quarry.tenant_queues q where q.tenant_id = p_tenant_id for update skip locked;
  end if;
  if not found then
    return null;
  end if;
  v_is_hint_old := v_queue.served_at not between clock_timestamp() - c_hint_age_max and clock_timestamp();
  -- Under the tenant's lock, in a new statement and so a new snapshot: is there room still, and for what?
  -- A push holds jobs' rows and at its end may want the tenant's: to wait for it here would be a
  -- deadlock. It wakes when it commits, so the job it holds is not missed.
  with claimed as (
    update quarry.indexing_jobs set
      state = 'running', attempt = attempt + 1, claim_number = nextval('quarry.claim_numbers'),
      lease_token = gen_random_uuid(), lease_expires_at = clock_timestamp() + c_lease, launch_id = p_launch_id,
      phase = null, progress = '{}', claimed_at = clock_timestamp(), started_at = coalesce(started_at, clock_timestamp())
    where id = case
      when (select l.running < least(l.concurrent_jobs_max, p_running_max) from quarry.tenant_loads l where l.tenant_id = p_tenant_id)
      then coalesce(
        -- Work of low priority is no place to begin: what came since goes first.
        case when not v_is_hint_old and v_queue.ready_priority >= 0 then (
          select c.id from quarry.claimable_jobs c
          where c.tenant_id = p_tenant_id and c.priority = v_queue.ready_priority and c.run_at >= v_queue.ready_from
          order by c.priority desc, c.run_at, c.id limit 1
          for update skip locked) end,
        (
          select c.id from quarry.claimable_jobs c where c.tenant_id = p_tenant_id
          order by c.priority desc, c.run_at, c.id limit 1
          for update skip locked)) end
    returning id, lease_token, kind, ref, payload, payload_version, attempt, max_attempts, repository_id, priority, run_at
  ), noted as (
    insert into quarry.indexing_job_events (job_id, event, context)
    select c.id, 'claimed', jsonb_build_object('attempt', c.attempt, 'launch_id', p_launch_id) from claimed c
  )
  select c.priority, c.run_at, jsonb_build_object(
    'job_id', c.id, 'lease_token', c.lease_token, 'kind', c.kind, 'ref', c.ref,
    'payload', c.payload, 'payload_version', c.payload_version, 'attempt', c.attempt, 'max_attempts', c.max_attempts,
    'tenant_id', p_tenant_id, 'repository_id', r.id, 'full_name', r.full_name, 'host_id', r.host_id,
    'default_branch', r.default_branch,
    'git_token', case when exists (
        select from quarry.repository_secrets s where s.repository_id = r.id and s.kind = 'token')
      then quarry.read_repository_secret(r.id, 'token') end,
    'repository_bytes_max', p.repository_bytes_max) as claim
  into v_job
  from claimed c join quarry.repositories r on r.id = c.repository_id join quarry.tenants t on t.id = r.tenant_id join quarry.plans p on p.plan = t.plan;
  if not found then
    return 'null';
  end if;
  v_turn := case when p_running_max is not null then setval('quarry.tenant_turn', v_queue.place) end;
  -- Once a second at most: every update leaves a dead row, and an old transaction that stays open
  -- keeps all of them.
  if v_is_hint_old then
    perform quarry.note_start(v_queue, v_job.priority, v_job.run_at);
  end if;
  return v_job.claim;
end
$$;
comment on function quarry.start_job_of_tenant(uuid, uuid, integer, boolean) is
  'Starts the next job of one tenant under that tenant''s lock, if its plan lets it and fewer than p_running_max (null: any number) of its jobs run, and answers what a '
  'worker needs to know of it, the repository''s own token included. With p_running_max, which a claim out of turn says, the next round begins behind this tenant. Null: locked by another claim (without p_wait), or there is no such tenant. '
  'JSON null: no room or nothing to claim; then the tenant stays locked.';
