-- Who gets which job: the tenants in turn, each below its limit, never a repository with a running job.

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

create function quarry.start_job_of_tenant(p_tenant_id uuid, p_launch_id uuid, p_running_max integer, p_wait boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_lease constant interval := interval '60 seconds';
  -- What lies ahead is old too: the clock went back since.
  c_hint_age_max constant interval := interval '1 second';
  v_queue record;
  v_job record;
  v_turn bigint;
begin
  if p_wait then
    select q.place, q.running_from, q.ready_priority, q.ready_from, q.served_at not between clock_timestamp() - c_hint_age_max and clock_timestamp() as is_hint_old,
      p.concurrent_jobs_max, p.repository_bytes_max into v_queue
    from quarry.tenant_queues q join quarry.tenants t on t.id = q.tenant_id join quarry.plans p on p.plan = t.plan
    where q.tenant_id = p_tenant_id for update of q;
  else
    select q.place, q.running_from, q.ready_priority, q.ready_from, q.served_at not between clock_timestamp() - c_hint_age_max and clock_timestamp() as is_hint_old,
      p.concurrent_jobs_max, p.repository_bytes_max into v_queue
    from quarry.tenant_queues q join quarry.tenants t on t.id = q.tenant_id join quarry.plans p on p.plan = t.plan
    where q.tenant_id = p_tenant_id for update of q skip locked;
  end if;
  if not found then
    return null;
  end if;
  -- Under the tenant's lock, in a new statement and so a new snapshot: is there room still, and for what?
  -- A push holds jobs' rows and at its end may want the tenant's: to wait for it here would be a
  -- deadlock. It wakes when it commits, so the job it holds is not missed.
  with claimed as (
    update quarry.indexing_jobs set
      state = 'running', attempt = attempt + 1, claim_number = nextval('quarry.claim_numbers'),
      lease_token = gen_random_uuid(), lease_expires_at = clock_timestamp() + c_lease, launch_id = p_launch_id,
      phase = null, progress = '{}', claimed_at = clock_timestamp(), started_at = coalesce(started_at, clock_timestamp())
    where id = case
      when (
        select count(*) from quarry.indexing_jobs r
        where r.tenant_id = p_tenant_id and r.lease_expires_at > '-infinity' and r.claim_number >= v_queue.running_from
      ) < least(v_queue.concurrent_jobs_max, p_running_max)
      then coalesce(
        -- Work of low priority is no place to begin: what came since goes first.
        case when not v_queue.is_hint_old and v_queue.ready_priority >= 0 then (
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
    'payload', c.payload, 'payload_version', c.payload_version,
    'attempt', c.attempt, 'max_attempts', c.max_attempts,
    'tenant_id', p_tenant_id, 'repository_id', r.id, 'full_name', r.full_name, 'host_id', r.host_id,
    'default_branch', r.default_branch,
    'git_token', case when exists (
        select from quarry.repository_secrets s where s.repository_id = r.id and s.kind = 'token')
      then quarry.read_repository_secret(r.id, 'token') end,
    'repository_bytes_max', v_queue.repository_bytes_max) as claim
  into v_job from claimed c join quarry.repositories r on r.id = c.repository_id;
  if not found then
    return 'null';
  end if;
  v_turn := case when p_running_max is not null then setval('quarry.tenant_turn', v_queue.place) end;
  -- Once a second at most: every update leaves a dead row, and an old transaction that stays open
  -- keeps all of them.
  if v_queue.is_hint_old then
    update quarry.tenant_queues set
      served_at = clock_timestamp(), ready_priority = v_job.priority, ready_from = v_job.run_at,
      -- Never null: the job that was just claimed runs.
      running_from = (
        select min(r.claim_number) from quarry.indexing_jobs r
        where r.tenant_id = p_tenant_id and r.lease_expires_at > '-infinity' and r.claim_number >= v_queue.running_from)
    where tenant_id = p_tenant_id;
  end if;
  return v_job.claim;
end
$$;
comment on function quarry.start_job_of_tenant(uuid, uuid, integer, boolean) is
  'Starts the next job of one tenant under that tenant''s lock, if its plan lets it and fewer than p_running_max (null: any number) of its jobs run, and answers what a '
  'worker needs to know of it, the repository''s own token included. With p_running_max, which a claim out of turn says, the next round begins behind this tenant. Null: locked by another claim (without p_wait), or there is no such tenant. '
  'JSON null: no room or nothing to claim; then the tenant stays locked.';

create function quarry.claim_from_tenant(p_tenant_id uuid, p_launch_id uuid, p_wait boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_claim jsonb;
begin
  v_claim := quarry.start_job_of_tenant(p_tenant_id, p_launch_id, null, p_wait);
  if v_claim = 'null' then
    -- Lets go of the tenant with the subtransaction: who waits for the next one must hold none.
    raise exception 'nothing to claim' using errcode = 'QRY04';
  end if;
  return v_claim;
exception when sqlstate 'QRY04' then
  return null;
end
$$;
comment on function quarry.claim_from_tenant(uuid, uuid, boolean) is
  'start_job_of_tenant for a claim that goes on to other tenants: after null nothing is locked.';

create function quarry.serve_tenants(p_launch_id uuid, p_wait boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_place_max constant bigint := 9223372036854775807;
  -- A cursor looks no further than it is read. From behind the tenant served last to the end, then from
  -- the beginning, either in the order of its index: to sort would be to look at all.
  c_round cursor for
    select s.tenant_id, s.place, s.running
    from quarry.tenant_turn t
    cross join lateral (values (t.last_value, c_place_max), (-1, t.last_value)) as part (after, last)
    cross join lateral (
      select l.tenant_id, l.place, l.running from quarry.servable_tenants l
      where l.place > part.after and l.place <= part.last order by l.place) s;
  v_tenant record;
  v_working jsonb;
  v_is_left boolean;
  v_turn bigint;
  v_claim jsonb;
begin
  for v_round in 1..2 loop
    v_working := '[]';
    v_is_left := false;
    for v_tenant in c_round loop
      if v_tenant.running > 0 then
        v_working := v_working || to_jsonb(v_tenant);
      else
        -- Before the tenant's lock: the next claim begins behind this tenant rather than at its lock. Assigned to nobody's use:
        -- `perform` would make a query of it.
        v_turn := setval('quarry.tenant_turn', v_tenant.place);
        v_claim := quarry.claim_from_tenant(v_tenant.tenant_id, p_launch_id, p_wait and v_round = 2);
        if v_claim is not null then
          return v_claim;
        end if;
        v_is_left := true;
      end if;
    end loop;
    if v_working <> '[]' then
      for v_tenant in
        select w.tenant_id, w.place
        from rows from (jsonb_to_recordset(v_working) as (tenant_id uuid, place bigint, running integer)) with ordinality
          as w (tenant_id, place, running, n)
        order by w.running, w.n
      loop
        v_turn := setval('quarry.tenant_turn', v_tenant.place);
        v_claim := quarry.claim_from_tenant(v_tenant.tenant_id, p_launch_id, p_wait and v_round = 2);
        if v_claim is not null then
          return v_claim;
        end if;
        v_is_left := true;
      end loop;
    end if;
    exit when not (p_wait and v_is_left);
  end loop;
  return null;
end
$$;
comment on function quarry.serve_tenants(uuid, boolean) is
  'One round over the tenants, from the one behind that served last: the first that runs nothing gets the worker; if there is none, the one that '
  'runs least. So, of rounds, no tenant is served twice while another that is no better off waits. What other claims held is waited for in a second round '
  'where p_wait says so: then null means that there was nothing to claim, else that nothing was free just now.';

create function quarry.take_job(p_launch_id uuid, p_wait boolean) returns jsonb
language plpgsql security definer set search_path = ''
-- One plan for good, which walks the indexes whatever the statistics say: a worker claims with the
-- first statement it sends, and what lies in the queue changes faster than statistics do.
set plan_cache_mode = force_generic_plan set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off set jit = off
as $$
declare
  -- A machine counts as lost after a minute; one write a second is enough to tell that it lives.
  c_touch_interval constant interval := interval '1 second';
  v_machine record;
  v_claim jsonb;
  v_state text;
begin
  -- Locked to the end, so that nobody declares this machine gone while its claim decides.
  select m.state, m.is_outdated, m.alive_at not between clock_timestamp() - c_touch_interval and clock_timestamp() as is_stale into v_machine
  from quarry.machines m where m.launch_id = p_launch_id for update;
  if not found or v_machine.state = 'gone' or v_machine.is_outdated then
    return null;
  end if;
  -- Once a second, and before it is said that there is nothing: what is over is looked for in indexes
  -- where an old transaction that stays open keeps all that ever was over.
  if v_machine.is_stale then
    perform quarry.meet_time(p_wait);
  end if;
  v_claim := quarry.serve_tenants(p_launch_id, p_wait);
  if v_claim is null and p_wait and v_machine.is_stale is not true then
    if quarry.meet_time(true) then
      v_claim := quarry.serve_tenants(p_launch_id, true);
    end if;
  end if;
  if v_claim is null and not p_wait then
    return null;
  end if;
  v_state := case when v_claim is null then 'idle' else 'busy' end;
  if v_machine.is_stale or v_machine.state <> v_state then
    update quarry.machines set state = v_state, alive_at = clock_timestamp() where launch_id = p_launch_id;
  end if;
  return v_claim;
end
$$;
comment on function quarry.take_job(uuid, boolean) is
  'What claim_job and complete_and_claim have in common. Without p_wait it waits for no lock, as one must who holds some already: null then '
  'only means that nothing was free just now.';

create function quarry.take_job_of_tenant(p_launch_id uuid, p_tenant_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
-- As for take_job.
set plan_cache_mode = force_generic_plan set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off set jit = off
as $$
declare
  v_claim jsonb;
begin
  update quarry.machines m set state = 'busy', alive_at = clock_timestamp()
  where m.launch_id = p_launch_id and m.state = 'idle' and not m.is_outdated
    and not exists (select from quarry.fleet_drain d where d.draining_since is not null);
  if not found then
    return null;
  end if;
  v_claim := nullif(quarry.start_job_of_tenant(p_tenant_id, p_launch_id, 1, false), 'null');
  if v_claim is null then
    update quarry.machines set state = 'idle' where launch_id = p_launch_id;
  end if;
  return v_claim;
end
$$;
comment on function quarry.take_job_of_tenant(uuid, uuid) is
  'take_job for an idle worker that was told of this tenant''s job: the way to it without the round over all tenants. '
  'Where others that run nothing wait too, it may be before its turn: that lasts no longer than a worker idles while there is work. Waits for no tenant.';

create function quarry.claim_job(p_launch_id uuid, p_tenant_id uuid default null) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_synchronous_commit text;
begin
  -- The commit need not wait for the disk. If the server falls before the claim is on it, the job is
  -- queued again and the worker's token is none: the fence refuses all that it sends. And whatever it
  -- sends and is told to be stored was committed after the claim, so the claim is on the disk with it.
  -- Assigned, as in serve_tenants: `perform` would make a query of it.
  v_synchronous_commit := set_config('synchronous_commit', 'off', true);
  return case when p_tenant_id is null then quarry.take_job(p_launch_id, true) else quarry.take_job_of_tenant(p_launch_id, p_tenant_id) end;
end
$$;
comment on function quarry.claim_job(uuid, uuid) is
  'Gives one job to one worker, or null when there is none to give: the tenant running least first, then its priority and age; '
  'never a repository with a running job, never beyond the plan''s limit. Starts a lease of 60 s under a new token and counts an attempt. '
  'A machine that counts as gone, or is not known, gets nothing, else more would work than the fleet limit says; nor does one that is outdated. '
  'With p_tenant_id, of whom the channel quarry_jobs has just told an idle worker, that tenant alone is looked at, and served if it runs nothing: '
  'then null says nothing of what else there is.';
grant execute on function quarry.claim_job(uuid, uuid) to quarry_indexer;
