-- Waking machines: the hint (pg_net), the count of machines wanted, and the worker's registration
-- and leave. A machine row is inserted before any call to Fly, so that a call whose answer is lost
-- still has a row that names it.

create table quarry.machines (
  launch_id uuid primary key default gen_random_uuid(),
  name text not null unique,
  state text not null default 'launching'
    constraint state_is_known check (state in ('launching', 'idle', 'busy', 'gone')),
  machine_id text,
  region text,
  image text,
  job_id uuid,
  error text constraint error_is_bounded check (length(error) <= 1000),
  launched_at timestamptz not null default clock_timestamp(),
  registered_at timestamptz,
  alive_at timestamptz not null default clock_timestamp(),
  gone_at timestamptz
);
comment on table quarry.machines is 'One row per launch. launching: asked for, not yet heard of; idle and busy: its worker registered; gone: over.';
create index live_machines on quarry.machines (alive_at) where state <> 'gone';
alter table quarry.machines enable row level security;

create function quarry.lock_fleet() returns void
language sql volatile security definer set search_path = ''
-- The number is arbitrary and used for nothing else.
return pg_advisory_xact_lock(71182001);
comment on function quarry.lock_fleet() is
  'The lock that dispatch and a leaving worker share. It must be one statement and the look at queue or fleet the next: '
  'in a single statement the snapshot would be older than the lock.';

create function quarry.request_wake() returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  c_timeout_milliseconds constant integer := 5000;
  v_url text := quarry.read_setting('dispatch_url');
  v_secret text := quarry.read_setting('wake_secret');
begin
  if v_url is null or v_secret is null then
    return false;
  end if;
  perform net.http_post(
    url := v_url, body := '{}'::jsonb,
    headers := jsonb_build_object('Content-Type', 'application/json', 'Authorization', 'Bearer ' || v_secret),
    timeout_milliseconds := c_timeout_milliseconds);
  return true;
exception when others then
  -- A wake is a hint. Whatever is wrong with it must never undo the enqueue it follows.
  return false;
end
$$;
comment on function quarry.request_wake() is 'Asks dispatch, through pg_net and after commit, to see whether machines are wanted. Answers whether the request was made.';

create function quarry.wake_on_enqueue() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform quarry.request_wake();
  return null;
end
$$;
comment on function quarry.wake_on_enqueue() is
  'Always asks: skipping the wake because another is on its way would lose the job that commits just after that one has looked.';
create trigger wake_on_enqueue after insert on quarry.indexing_jobs for each statement execute function quarry.wake_on_enqueue();

create function quarry.machines_wanted() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  c_tenants_max constant integer := 1000;
  v_claimable integer;
  v_available integer;
begin
  perform quarry.promote_due_jobs(1000);
  select coalesce(sum(n.jobs), 0) into v_claimable
  from quarry.next_tenants(c_tenants_max) as w (tenant_id)
  join quarry.tenant_loads l on l.tenant_id = w.tenant_id
  cross join lateral (
    select count(*) as jobs from (
      select from quarry.claimable_jobs j
      where j.tenant_id = l.tenant_id
        -- Of what waits for one repository a claim starts one job.
        and not exists (
          select from quarry.indexing_jobs e
          where e.repository_id = j.repository_id and e.state = 'queued' and e.wait_reason is null and e.id < j.id)
      limit l.concurrent_jobs_max - l.running
    ) room
  ) n;
  select count(*) into v_available from quarry.machines m where m.state in ('launching', 'idle');
  return greatest(0, v_claimable - v_available);
end
$$;
comment on function quarry.machines_wanted() is
  'Jobs that claim would hand out now, one per repository and capped per tenant, minus workers that are idle or starting. Busy ones never count.';

create function quarry.forget_lost_machines() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  c_start_deadline constant interval := interval '60 seconds';
  c_silence_max constant interval := interval '60 seconds';
  v_count integer;
begin
  with lost as (
    select m.launch_id from quarry.machines m
    where (m.state = 'launching' and m.launched_at < clock_timestamp() - c_start_deadline)
      or (m.state in ('idle', 'busy') and m.alive_at < clock_timestamp() - c_silence_max)
    order by m.launch_id for update skip locked
  )
  update quarry.machines m set
    state = 'gone', gone_at = clock_timestamp(),
    error = coalesce(m.error, case m.state when 'launching' then 'never registered' else 'stopped answering' end)
  from lost where lost.launch_id = m.launch_id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function quarry.forget_lost_machines() is
  'Machines that did not register within 60 s, or were silent for 60 s, no longer count as workers. Only the fence stops one that lives on.';

create function api.plan_launches(p_machines_max integer, p_image text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_launches_max constant integer := 10;
  v_live integer;
  v_launches jsonb;
begin
  perform quarry.lock_fleet();
  perform quarry.forget_lost_machines();
  select count(*) into v_live from quarry.machines where state <> 'gone';
  with planned as (
    insert into quarry.machines (launch_id, name, image)
    select l.launch_id, 'quarry-' || l.launch_id, p_image
    from (
      select gen_random_uuid() as launch_id
      from generate_series(1, least(quarry.machines_wanted(), p_machines_max - v_live, c_launches_max))
    ) l
    returning launch_id, name
  )
  select coalesce(jsonb_agg(jsonb_build_object('launch_id', p.launch_id, 'name', p.name)), '[]') into v_launches from planned p;
  return v_launches;
end
$$;
comment on function api.plan_launches(integer, text) is
  'Decides, under the fleet lock, how many machines to launch, and inserts their rows. Answers [{launch_id, name}], empty when none is wanted. '
  'Idempotent: asked twice, the second sees the first one''s rows. p_machines_max is the fleet limit.';
grant execute on function api.plan_launches(integer, text) to service_role;

create function api.record_launch(p_launch_id uuid, p_machine_id text, p_region text, p_error text) returns void
language sql security definer set search_path = ''
as $$
  update quarry.machines set
    machine_id = coalesce(p_machine_id, machine_id), region = coalesce(p_region, region), error = left(p_error, 1000),
    -- A launch that failed for certain stops counting; a worker that registered meanwhile knows better.
    state = case when p_error is not null and state = 'launching' then 'gone' else state end,
    gone_at = case when p_error is not null and state = 'launching' then clock_timestamp() else gone_at end
  where launch_id = p_launch_id;
$$;
comment on function api.record_launch(uuid, text, text, text) is
  'What became of a launch. p_error is null when the machine was created or may have been (an ambiguous answer is not an error).';
grant execute on function api.record_launch(uuid, text, text, text) to service_role;

create function api.verify_wake(p_secret_hash text) returns boolean
language sql stable security definer set search_path = ''
return coalesce(sha256(convert_to(quarry.read_setting('wake_secret'), 'UTF8')) = decode(p_secret_hash, 'hex'), false);
comment on function api.verify_wake(text) is
  'Whether p_secret_hash is the SHA-256, in hex, of the wake secret. Hashes are compared, so timing says nothing of the secret.';
grant execute on function api.verify_wake(text) to service_role;

create function quarry.register_worker(p_launch_id uuid) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  update quarry.machines set state = 'idle', registered_at = clock_timestamp(), alive_at = clock_timestamp()
  where launch_id = p_launch_id and state = 'launching';
  return found;
end
$$;
comment on function quarry.register_worker(uuid) is
  'A worker says that it lives. False when its launch is unknown or was given up: then it exits at once.';
grant execute on function quarry.register_worker(uuid) to quarry_indexer;

create function quarry.leave_or_take(p_launch_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_claim jsonb;
begin
  perform quarry.lock_fleet();
  v_claim := quarry.claim_job(p_launch_id);
  if v_claim is null then
    perform quarry.leave(p_launch_id);
  end if;
  return v_claim;
end
$$;
comment on function quarry.leave_or_take(uuid) is
  'Invariant 7: an idle worker''s last call. It gets another job, or is marked gone under the lock that dispatch takes, '
  'so that an enqueue either finds it alive and is served or finds it gone and launches.';
grant execute on function quarry.leave_or_take(uuid) to quarry_indexer;

create function quarry.leave(p_launch_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform quarry.lock_fleet();
  update quarry.machines set state = 'gone', gone_at = clock_timestamp(), job_id = null where launch_id = p_launch_id and state <> 'gone';
  -- What this worker gave back, or was counted for while it was idle, must not wait for the sweep.
  if quarry.machines_wanted() > 0 then
    perform quarry.request_wake();
  end if;
end
$$;
comment on function quarry.leave(uuid) is
  'Marks a worker gone, at shutdown or when it found nothing to do, under the lock that dispatch takes (invariant 7); wakes dispatch if work is left.';
grant execute on function quarry.leave(uuid) to quarry_indexer;
