-- Waking machines: the hint (pg_net), the count of machines wanted, the worker's registration and
-- leave, and what becomes of a machine afterwards. A launch's row is inserted before any call to Fly,
-- so that a call whose answer is lost still has a row that names it.

-- As for jobs: a check constraint is parsed and planned anew by every statement that writes a row.
create domain quarry.machine_state as text
  constraint state_is_known check (value in ('launching', 'idle', 'busy', 'gone'));
create domain quarry.machine_leftover as text constraint leftover_is_known check (value in ('stopped', 'condemned'));
create domain quarry.machine_error as text constraint error_is_bounded check (length(value) <= 1000);

create domain quarry.job_seconds as integer constraint job_seconds_are_bounded check (value between 1 and 86400);

create function quarry.columns_belong_to_machine(p_state text, p_gone_at timestamptz, p_leftover text, p_clean_at timestamptz) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return (p_state = 'gone') = (p_gone_at is not null)
    and (p_leftover is null or p_state = 'gone')
    and ((p_leftover = 'condemned') is not true or p_clean_at is not null);
end
$$;
comment on function quarry.columns_belong_to_machine(text, timestamptz, text, timestamptz) is
  'What must hold of every machine: gone ones and no others have an end, only they leave something, and what is condemned has a time for it.';

create table quarry.machines (
  launch_id uuid primary key default gen_random_uuid(),
  name text not null unique,
  state quarry.machine_state not null default 'launching',
  created_by uuid,
  boot_id uuid,
  machine_id text,
  region text,
  image text,
  job_seconds_max quarry.job_seconds not null default 3600,
  error quarry.machine_error,
  launched_at timestamptz not null default clock_timestamp(),
  registered_at timestamptz,
  alive_at timestamptz not null default clock_timestamp(),
  gone_at timestamptz,
  leftover quarry.machine_leftover,
  clean_at timestamptz,
  constraint columns_belong_to_machine check (quarry.columns_belong_to_machine(state, gone_at, leftover, clean_at))
-- Neither state nor alive_at is in an index, and the page has room: what a worker writes while it lives
-- leaves no dead index entry, which an old transaction that stays open would keep.
) with (fillfactor = 20);
comment on table quarry.machines is
  'One row per launch, which creates a machine or starts a stopped one. '
  'launching: asked for, not yet heard of; idle and busy: its worker registered; gone: over.';
comment on column quarry.machines.created_by is
  'The launch that created the machine, where this one only starts it: the LAUNCH_ID that the machine''s environment has for good. Null: this one.';
comment on column quarry.machines.boot_id is
  'The process that registered. A repeated call of it is known again, another process of the same machine is refused.';
comment on column quarry.machines.job_seconds_max is 'How long one job of its worker may take, as the worker is configured: heartbeat_job extends no lease for much longer.';
comment on column quarry.machines.leftover is
  'What a launch that is over has left at Fly. stopped: a machine that may be started again; condemned: one that must be destroyed, '
  'if it exists; null: nothing, or a later launch has it.';
comment on column quarry.machines.clean_at is
  'When a condemned machine is to be destroyed, and tried again after a failure; when a stopped one is to be looked at, null once it was seen at rest.';
create index live_machines on quarry.machines (launched_at) where gone_at is null;
create index machines_by_creation on quarry.machines ((coalesce(created_by, launch_id)), launched_at desc);
create index leftover_machines on quarry.machines (leftover, gone_at) where leftover is not null;
create index machines_that_failed on quarry.machines (gone_at) where gone_at is not null and registered_at is null;
alter table quarry.machines enable row level security;

create table quarry.fleet_pause (
  only_row boolean primary key default true constraint there_is_one_row check (only_row),
  paused_until timestamptz not null default '-infinity',
  refusals integer not null default 0
);
insert into quarry.fleet_pause default values;
comment on table quarry.fleet_pause is
  'Until when nothing is launched because the platform refused, and how often it has in a row. Every dispatch keeps to it.';
alter table quarry.fleet_pause enable row level security;

create function quarry.lock_fleet() returns void
language sql volatile security definer set search_path = ''
-- The number is arbitrary and used for nothing else.
return pg_advisory_xact_lock(71182001);
comment on function quarry.lock_fleet() is
  'The lock that dispatch and a leaving worker share. It must be one statement and the look at queue or fleet the next: '
  'in a single statement the snapshot would be older than the lock.';

create function quarry.launches_paused_until() returns timestamptz
language sql volatile security definer set search_path = ''
-- No pause is longer than five minutes: one that ends later is over, since the clock went back.
return (
  select p.paused_until from quarry.fleet_pause p
  where p.paused_until > clock_timestamp() and p.paused_until <= clock_timestamp() + interval '5 minutes');
comment on function quarry.launches_paused_until() is 'Until when nothing is launched, or null when launches may be made.';

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
  -- For workers that idle: they listen. Sent at commit, and dropped where nobody does. Of several tenants
  -- the first does, and none where a request was folded into a job that waits: who finds nothing asks on.
  perform pg_catalog.pg_notify('quarry_jobs', coalesce((select i.tenant_id::text from inserted i limit 1), ''));
  perform quarry.request_wake();
  return null;
end
$$;
comment on function quarry.wake_on_enqueue() is
  'Tells idle workers, and asks dispatch for a machine. Always asks: skipping the wake because another is on its way would lose the job that commits just after that one has looked.';
create trigger wake_on_enqueue after insert on quarry.indexing_jobs
  referencing new table as inserted for each statement execute function quarry.wake_on_enqueue();

create function quarry.machines_wanted() returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  c_tenants_max constant integer := 1000;
  c_jobs_max constant integer := 1000;
  c_leases_max constant integer := 100;
  v_claimable integer;
  v_available integer;
begin
  -- A claim would: where nobody sweeps, no machine would be wanted for what a dead one holds.
  perform quarry.meet_leases(c_leases_max);
  perform quarry.promote_due_jobs(c_jobs_max);
  select coalesce(sum(n.jobs), 0) into v_claimable
  from (select * from quarry.servable_tenants limit c_tenants_max) l
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
  select count(*) into v_available from quarry.machines m where m.gone_at is null and m.state in ('launching', 'idle');
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
  v_now timestamptz := clock_timestamp();
  v_count integer;
begin
  -- The clock went back: from now on they are waited for as from the beginning.
  update quarry.machines m set alive_at = least(m.alive_at, v_now), launched_at = least(m.launched_at, v_now)
  where m.launch_id in (
    select a.launch_id from quarry.machines a
    where a.gone_at is null and (a.alive_at > v_now + c_silence_max or a.launched_at > v_now + c_start_deadline)
    order by a.launch_id for update skip locked);
  with lost as (
    select m.launch_id from quarry.machines m
    where m.gone_at is null and (
      (m.state = 'launching' and m.launched_at < clock_timestamp() - c_start_deadline)
      or (m.state in ('idle', 'busy') and m.alive_at < clock_timestamp() - c_silence_max))
    order by m.launch_id for update skip locked
  )
  update quarry.machines m set
    state = 'gone', gone_at = clock_timestamp(), leftover = 'condemned', clean_at = clock_timestamp(),
    error = coalesce(m.error, case m.state when 'launching' then 'never registered' else 'stopped answering' end)
  from lost where lost.launch_id = m.launch_id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function quarry.forget_lost_machines() is
  'Machines that did not register within 60 s, or were silent for 60 s, no longer count as workers and are to be destroyed. '
  'One may live on, whatever Fly says of it: only the fence stops it.';

create function api.plan_launches(p_machines_max integer, p_image text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_launches_max constant integer := 10;
  c_avoidance constant interval := interval '10 minutes';
  v_count integer;
  v_avoided jsonb;
  v_launches jsonb;
begin
  perform quarry.lock_fleet();
  perform quarry.forget_lost_machines();
  if quarry.launches_paused_until() is not null then
    return '[]';
  end if;
  select least(quarry.machines_wanted(), p_machines_max - count(*), c_launches_max) into v_count
  from quarry.machines where gone_at is null;
  if v_count <= 0 then
    return '[]';
  end if;
  select coalesce(jsonb_agg(distinct m.region), '[]') into v_avoided from quarry.machines m
  where m.state = 'gone' and m.registered_at is null and m.error = 'never registered' and m.region is not null
    and m.gone_at > clock_timestamp() - c_avoidance;
  with stopped as (
    -- The longest first: the last ones may not have come to rest at Fly.
    select m.launch_id from quarry.machines m
    where m.leftover = 'stopped' and m.image = p_image order by m.gone_at limit v_count
  ), taken as (
    update quarry.machines m set leftover = null from stopped where stopped.launch_id = m.launch_id
    returning coalesce(m.created_by, m.launch_id) as created_by, m.machine_id, m.region
  ), wanted as (
    select gen_random_uuid() as launch_id, t.created_by, t.machine_id, t.region from taken t
    union all
    select gen_random_uuid(), null, null, null from generate_series(1, v_count - (select count(*) from stopped)::integer)
  ), planned as (
    insert into quarry.machines (launch_id, name, created_by, machine_id, region, image)
    select w.launch_id, 'quarry-' || w.launch_id, w.created_by, w.machine_id, w.region, p_image from wanted w
    returning launch_id, name, machine_id
  )
  select jsonb_agg(jsonb_build_object(
    'launch_id', p.launch_id, 'name', p.name, 'machine_id', p.machine_id, 'avoided_regions', v_avoided)) into v_launches
  from planned p;
  return v_launches;
end
$$;
comment on function api.plan_launches(integer, text) is
  'Decides, under the fleet lock, what to launch, and inserts the rows. Answers [{launch_id, name, machine_id, avoided_regions}], empty when no '
  'machine is wanted or the fleet pauses: machine_id is a stopped machine of this image to start, or null: create one of this name, and rather '
  'not where one did not come up lately. Idempotent: asked twice, the second sees the first one''s rows. p_machines_max is the fleet limit.';
grant execute on function api.plan_launches(integer, text) to service_role;

create function api.record_launch(
  p_launch_id uuid, p_machine_id text, p_region text, p_error text,
  p_is_reusable boolean default false, p_pause_seconds integer default null
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  c_pause_seconds_max constant integer := 300;
  c_rest_max constant interval := interval '60 seconds';
  v_was_unknown boolean := exists (
    select from quarry.machines m
    where m.launch_id = p_launch_id and m.state = 'gone' and m.leftover is null and m.registered_at is null and m.machine_id is null);
begin
  update quarry.machines set
    machine_id = coalesce(p_machine_id, machine_id), region = coalesce(p_region, region), error = left(p_error, 1000)
  where launch_id = p_launch_id;
  -- Given up, and no more looked for, before it was known to be there: nobody else would ever destroy it.
  update quarry.machines set leftover = 'condemned', clean_at = clock_timestamp()
  where launch_id = p_launch_id and v_was_unknown and machine_id is not null;
  -- A launch that failed for certain stops counting; a worker that registered meanwhile knows better. A sound machine may
  -- have been refused while its former worker was still ending.
  update quarry.machines set
    state = 'gone', gone_at = clock_timestamp(),
    clean_at = clock_timestamp() + case when p_is_reusable then c_rest_max else interval '0' end,
    leftover = case when machine_id is null then null when p_is_reusable then 'stopped' else 'condemned' end
  where launch_id = p_launch_id and state = 'launching' and p_error is not null;
  if p_pause_seconds is not null then
    update quarry.fleet_pause set
      refusals = refusals + 1,
      paused_until = greatest(quarry.launches_paused_until(), clock_timestamp() + make_interval(secs => least(
        greatest(p_pause_seconds, 0), c_pause_seconds_max) + case when p_pause_seconds > 0 then 0 else least(60, power(2, least(refusals, 6))) end));
  elsif p_error is null and p_machine_id is not null then
    update quarry.fleet_pause set refusals = 0 where refusals > 0;
  end if;
end
$$;
comment on function api.record_launch(uuid, text, text, text, boolean, integer) is
  'What became of a launch. p_error is null when the machine exists or may (an unclear answer is not an error). p_is_reusable: the machine that '
  'could not be started now is sound. p_pause_seconds: how long the platform wants no launch, 0 when it refused without a time: '
  'then 1 s, doubled with each refusal in a row, at most 60.';
grant execute on function api.record_launch(uuid, text, text, text, boolean, integer) to service_role;

create function api.is_launching(p_launch_id uuid) returns boolean
language sql stable security definer set search_path = ''
return exists (select from quarry.machines m where m.launch_id = p_launch_id and m.state = 'launching');
comment on function api.is_launching(uuid) is
  'Whether a launch has neither registered nor ended. Asked before a call is repeated whose answer was unclear: a machine that came up, did its '
  'work and was destroyed has left its name free.';
grant execute on function api.is_launching(uuid) to service_role;

create function quarry.cleaning_is_due() returns boolean
language sql stable security definer set search_path = ''
return exists (
  -- Ten seconds after the time: the dispatch that replaces a lost machine also destroys it.
  select from quarry.machines m where m.leftover is not null and (
    m.clean_at < clock_timestamp() - interval '10 seconds' or m.clean_at > clock_timestamp() + interval '2 minutes')
) or exists (
  select from quarry.machines m where m.leftover = 'stopped' and m.gone_at < clock_timestamp() - interval '24 hours'
) or exists (
  -- What a burst has left over, when it seems to be over.
  select from (
    select m.gone_at from quarry.machines m where m.leftover = 'stopped' order by m.gone_at desc offset 3
  ) surplus where surplus.gone_at < clock_timestamp() - interval '1 minute'
);
comment on function quarry.cleaning_is_due() is
  'Whether dispatch has machines to destroy or to look at: condemned ones, ones that should have come to rest, ones stopped for more than a day, '
  'and all but the last three that stopped.';

create function api.plan_cleaning(p_image text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_machines_max constant integer := 10;
  -- Until the next attempt, when this one is not heard of.
  c_patience constant interval := interval '60 seconds';
  v_due jsonb;
begin
  perform quarry.lock_fleet();
  -- The numbers are those of cleaning_is_due.
  update quarry.machines m set leftover = 'condemned', clean_at = clock_timestamp()
  where m.leftover = 'stopped' and (
    m.image is distinct from p_image or m.gone_at < clock_timestamp() - interval '24 hours'
    or m.gone_at < clock_timestamp() - interval '1 minute' and m.launch_id in (
      select s.launch_id from quarry.machines s where s.leftover = 'stopped' order by s.gone_at desc offset 3));
  with due as (
    select m.launch_id from quarry.machines m
    where m.leftover is not null
      -- Nothing is put off for longer than a minute, but by a clock that went back.
      and (m.clean_at <= clock_timestamp() or m.clean_at > clock_timestamp() + 2 * c_patience)
    order by m.clean_at limit c_machines_max for update skip locked
  ), taken as (
    update quarry.machines m set clean_at = clock_timestamp() + c_patience from due where due.launch_id = m.launch_id
    returning m.launch_id, coalesce(m.created_by, m.launch_id) as created_by, m.machine_id, m.leftover
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'launch_id', t.launch_id, 'created_by', t.created_by, 'machine_id', t.machine_id, 'leftover', t.leftover)), '[]') into v_due
  from taken t;
  return v_due;
end
$$;
comment on function api.plan_cleaning(text) is
  'Condemns the stopped machines that nobody needs: of another image than p_image, stopped for a day, or beyond the last three. Answers what '
  'is to be seen to now, [{launch_id, created_by, machine_id, leftover}], and to no other caller for a minute: condemned machines to destroy, and '
  'stopped ones that should have come to rest by now. Without a machine_id it is not known whether the machine exists: created_by is the '
  'launch_id in its metadata.';
grant execute on function api.plan_cleaning(text) to service_role;

create function api.record_rest(p_launch_id uuid, p_is_at_rest boolean) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  -- Under the lock, so that none is condemned that plan_launches has just taken.
  perform quarry.lock_fleet();
  update quarry.machines m set
    leftover = case when p_is_at_rest then m.leftover else 'condemned' end,
    clean_at = case when p_is_at_rest then null else m.clean_at end
  where m.launch_id = p_launch_id and m.leftover = 'stopped';
  return found and not p_is_at_rest;
end
$$;
comment on function api.record_rest(uuid, boolean) is
  'Whether a machine whose worker has left has stopped, as the platform says a minute later. One that has not runs for nobody, since nothing of '
  'its process will be heard of again: it is condemned. Answers whether it now is; not where a later launch has taken it.';
grant execute on function api.record_rest(uuid, boolean) to service_role;

create function api.record_cleaning(p_launch_id uuid, p_was_found boolean) returns void
language sql security definer set search_path = ''
as $$
  -- A machine whose creation was never confirmed may still come to be: it is looked for for a while.
  update quarry.machines set leftover = null
  where launch_id = p_launch_id and leftover = 'condemned'
    and (p_was_found or machine_id is not null or launched_at < clock_timestamp() - interval '10 minutes');
$$;
comment on function api.record_cleaning(uuid, boolean) is
  'A condemned machine was destroyed, or no such machine was found.';
grant execute on function api.record_cleaning(uuid, boolean) to service_role;

create function api.verify_wake(p_secret_hash text) returns boolean
language sql stable security definer set search_path = ''
return coalesce(sha256(convert_to(quarry.read_setting('wake_secret'), 'UTF8')) = decode(p_secret_hash, 'hex'), false);
comment on function api.verify_wake(text) is
  'Whether p_secret_hash is the SHA-256, in hex, of the wake secret. Hashes are compared, so timing says nothing of the secret.';
grant execute on function api.verify_wake(text) to service_role;

create function quarry.register_worker(
  p_launch_id uuid, p_boot_id uuid default gen_random_uuid(), p_machine_id text default null, p_job_seconds_max integer default 3600
) returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_machine quarry.machines;
begin
  -- The launch of the machine that is not over, of which there is one at most, else the newest: a start has a row of its
  -- own, and its worker says what created it. Whether it is over is no question of time, which may have gone back.
  select * into v_machine from quarry.machines m
  where coalesce(m.created_by, m.launch_id) = p_launch_id
  order by m.gone_at is null desc, m.launched_at desc limit 1 for update;
  if v_machine.state = 'launching' or (v_machine.state = 'idle' and v_machine.boot_id = p_boot_id) then
    update quarry.machines set
      state = 'idle', registered_at = clock_timestamp(), alive_at = clock_timestamp(),
      boot_id = p_boot_id, machine_id = coalesce(p_machine_id, machine_id), job_seconds_max = p_job_seconds_max
    where launch_id = v_machine.launch_id;
    return v_machine.launch_id;
  end if;
  -- It runs although nobody waits for it any more: whatever it is, it must not stay.
  update quarry.machines set
    leftover = 'condemned', clean_at = clock_timestamp(), machine_id = coalesce(machine_id, p_machine_id)
  where launch_id = v_machine.launch_id and state = 'gone' and leftover is null and p_machine_id is not null;
  return null;
end
$$;
comment on function quarry.register_worker(uuid, uuid, text, integer) is
  'A worker says that it lives. p_launch_id is its LAUNCH_ID, that of its machine''s creation; p_boot_id is random and new with each process. '
  'Answers the launch that it is from now on, the same to a repeated call; null when it is unknown or was given up, or when another process '
  'of this machine has registered: then it exits at once. So a process of an earlier life is never taken for one of the present.';
grant execute on function quarry.register_worker(uuid, uuid, text, integer) to quarry_indexer;

create function quarry.leave_or_take(p_launch_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_claim jsonb;
begin
  perform quarry.lock_fleet();
  v_claim := quarry.take_job(p_launch_id, true);
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
declare
  -- A worker that has left ends within seconds.
  c_rest_max constant interval := interval '60 seconds';
begin
  perform quarry.lock_fleet();
  update quarry.machines set
    state = 'gone', gone_at = clock_timestamp(),
    -- Only who leaves by itself is started again: its process has registered and never will again.
    leftover = case when machine_id is not null then 'stopped' end, clean_at = clock_timestamp() + c_rest_max
  where launch_id = p_launch_id and state <> 'gone';
  -- What this worker gave back, or was counted for while it was idle, must not wait for the sweep.
  if quarry.machines_wanted() > 0 then
    perform quarry.request_wake();
  end if;
end
$$;
comment on function quarry.leave(uuid) is
  'Marks a worker gone, at shutdown or when it found nothing to do, under the lock that dispatch takes (invariant 7); wakes dispatch if work is left.';
grant execute on function quarry.leave(uuid) to quarry_indexer;
