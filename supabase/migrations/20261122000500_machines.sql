-- The fleet and its wakes: the rows of machines, the hint (pg_net), the count of machines wanted. A launch's
-- row is inserted before any call to Fly, so that a call whose answer is lost still has a row that names it.

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
  is_outdated boolean not null default false,
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
comment on column quarry.machines.is_outdated is
  'Another image is the current one by now, as the last dispatch said: its worker finishes its job and gets no other, so that it leaves and undoes nothing that a newer one has done.';
comment on column quarry.machines.job_seconds_max is 'How long one job of its worker may take, as the worker is configured: heartbeat_job extends no lease for much longer.';
comment on column quarry.machines.leftover is
  'What a launch that is over has left at Fly. stopped: a machine that may be started again; condemned: one that must be destroyed, '
  'if it exists; null: nothing, or a later launch has it.';
comment on column quarry.machines.clean_at is
  'When a condemned machine is to be destroyed, and tried again after a failure; when a stopped one is to be looked at, null once it was seen at rest.';
create index live_machines on quarry.machines (launched_at) where gone_at is null;
-- The newest of all says which image is the current one.
create index machines_by_launch on quarry.machines (launched_at);
create index machines_by_creation on quarry.machines ((coalesce(created_by, launch_id)), launched_at desc);
create index leftover_machines on quarry.machines (leftover, gone_at) where leftover is not null;
create index gone_machines on quarry.machines (gone_at) where gone_at is not null;
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

create function quarry.tell_of_job(p_tenant_id uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- For workers that idle: they listen. Sent at commit, and dropped where nobody does.
  perform pg_catalog.pg_notify('quarry_jobs', p_tenant_id::text);
  perform quarry.request_wake();
end
$$;
comment on function quarry.tell_of_job(uuid) is
  'A job of this tenant has become ready: tells idle workers, and asks dispatch for a machine. Always asks: skipping the wake because another is on its way '
  'would lose the job that commits just after that one has looked.';

create function quarry.machines_wanted() returns integer
language plpgsql security definer set search_path = '' set jit = off
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
  select count(*) into v_available from quarry.machines m
  where m.gone_at is null and m.state in ('launching', 'idle') and not m.is_outdated;
  return greatest(0, v_claimable - v_available);
end
$$;
comment on function quarry.machines_wanted() is
  'Jobs that claim would hand out now, one per repository and capped per tenant, minus workers that are idle or starting. Busy and outdated ones never count.';

create function api.verify_wake(p_secret_hash text) returns boolean
language sql stable security definer set search_path = ''
return coalesce(sha256(convert_to(quarry.read_setting('wake_secret'), 'UTF8')) = decode(p_secret_hash, 'hex'), false);
comment on function api.verify_wake(text) is
  'Whether p_secret_hash is the SHA-256, in hex, of the wake secret. Hashes are compared, so timing says nothing of the secret.';
grant execute on function api.verify_wake(text) to service_role;
