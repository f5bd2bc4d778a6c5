-- The queue: one row per job, every mutation of a running job fenced by its lease token and state.
--
--   queued --claim--> running --complete--> completed
--     ^                  | fail, expired lease, release
--     +------------------+ (queued again with a later run_at, or failed when attempts are used up)

-- Domains and one function rather than check constraints: every statement that writes a row parses
-- and plans all of its table's constraints anew, which was two fifths of the cost of a claim. A domain
-- is checked where its column is assigned, and a function keeps its plan.
create domain quarry.job_kind as text
  constraint kind_is_known check (value in ('index', 'delete_ref', 'delete_repository', 'compact'));
create domain quarry.job_state as text
  constraint state_is_known check (value in ('queued', 'running', 'completed', 'failed', 'cancelled'));
create domain quarry.job_outcome as text
  constraint outcome_is_known check (value in ('indexed', 'unchanged', 'empty', 'superseded'));
create domain quarry.wait_reason as text
  constraint wait_reason_is_known check (value in ('backoff', 'rate_limit'));
create domain quarry.job_phase as text
  constraint phase_is_known check (value in ('fetching', 'diffing', 'parsing', 'writing', 'publishing'));
create domain quarry.job_ref as text constraint ref_is_bounded check (length(value) between 1 and 500);
create domain quarry.job_requester as text constraint requested_by_is_bounded check (length(value) between 1 and 200);
create domain quarry.job_attempt as integer constraint attempt_is_nonnegative check (value >= 0);
create domain quarry.job_errors as jsonb constraint errors_are_a_list check (jsonb_typeof(value) = 'array');
create domain quarry.event_name as text constraint event_is_bounded check (length(value) between 1 and 50);
create domain quarry.event_message as text constraint message_is_bounded check (length(value) <= 1000);

create function quarry.columns_belong_to_state(
  p_state text, p_outcome text, p_lease_token uuid, p_lease_expires_at timestamptz, p_finished_at timestamptz
) returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return (p_state = 'running') = (p_lease_token is not null and p_lease_expires_at is not null)
    and (p_state in ('completed', 'failed', 'cancelled')) = (p_finished_at is not null)
    and (p_state = 'completed') = (p_outcome is not null);
end
$$;
comment on function quarry.columns_belong_to_state(text, text, uuid, timestamptz, timestamptz) is
  'What must hold of every job: running ones and no others have a lease, finished ones an end, completed ones an outcome.';

create sequence quarry.claim_numbers;
create table quarry.indexing_jobs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  repository_id uuid not null,
  kind quarry.job_kind not null,
  ref quarry.job_ref,
  payload_version integer not null default 1,
  payload jsonb not null default '{}',
  state quarry.job_state not null default 'queued',
  outcome quarry.job_outcome,
  priority smallint not null default 0,
  run_at timestamptz not null default clock_timestamp(),
  wait_reason quarry.wait_reason,
  attempt quarry.job_attempt not null default 0,
  max_attempts integer not null default 5,
  lease_token uuid,
  lease_expires_at timestamptz,
  published_token uuid,
  launch_id uuid,
  claim_number bigint not null default nextval('quarry.claim_numbers'),
  cancel_requested_at timestamptz,
  phase quarry.job_phase,
  progress jsonb not null default '{}',
  commit_oid text,
  errors quarry.job_errors not null default '[]',
  requested_by quarry.job_requester not null,
  queued_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  claimed_at timestamptz,
  finished_at timestamptz,
  -- The repository's own tenant, so that what is unique for both is unique for the repository.
  constraint repository_is_the_tenants foreign key (tenant_id, repository_id)
    references quarry.repositories (tenant_id, id) on delete cascade,
  constraint columns_belong_to_state check (
    quarry.columns_belong_to_state(state, outcome, lease_token, lease_expires_at, finished_at))
);
comment on column quarry.indexing_jobs.lease_token is 'New at every claim: what a worker that lost its lease still sends no longer matches.';
comment on column quarry.indexing_jobs.published_token is 'The lease that has published: each publishes once, also when the answer was lost and the call comes again.';
comment on column quarry.indexing_jobs.claim_number is
  'Drawn under the tenant''s lock, so of two claims of one tenant the later has the larger one: tenant_queues.running_from is a bound that holds.';
comment on column quarry.indexing_jobs.claimed_at is 'When its latest attempt began, where started_at is when the first one did.';
comment on column quarry.indexing_jobs.wait_reason is 'Why a queued job is not ready; null when it is. A push may cut a backoff short, never a rate limit.';

-- Coalescing: at most one waiting job per repository, kind and ref.
create unique index one_queued_job_per_ref on quarry.indexing_jobs (repository_id, kind, coalesce(ref, '')) where state = 'queued';
-- Invariant 2, one writer: at most one running job per repository.
create unique index one_running_job_per_repository on quarry.indexing_jobs (repository_id) where state = 'running';
-- A tenant's are counted from tenant_queues.running_from on. The condition says the same as the state and
-- is said by nobody else: of two indexes that cost the same by old statistics the planner takes either.
create index running_jobs_by_tenant on quarry.indexing_jobs (tenant_id, claim_number) where lease_expires_at > '-infinity';
-- A job is ready (no wait_reason, due) or waits; promote_due_jobs moves it over. So a claim never
-- walks past jobs that are not due yet, however many there are.
create index ready_jobs_by_tenant on quarry.indexing_jobs (tenant_id, priority desc, run_at, id) where state = 'queued' and wait_reason is null;
create index waiting_jobs_by_time on quarry.indexing_jobs (run_at) where state = 'queued' and wait_reason is not null;
create index leases_by_end on quarry.indexing_jobs (lease_expires_at) where lease_expires_at is not null;
-- Failed jobs stay until somebody redrives them; the figures count them without reading the rest.
create index failed_jobs_by_end on quarry.indexing_jobs (finished_at) where state = 'failed';
create index jobs_by_repository on quarry.indexing_jobs (repository_id, queued_at desc, id);
create index jobs_by_tenant on quarry.indexing_jobs (tenant_id, queued_at desc, id);
alter table quarry.indexing_jobs set (autovacuum_vacuum_scale_factor = 0.02);

create table quarry.indexing_job_events (
  job_id uuid not null,
  id bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  event quarry.event_name not null,
  message quarry.event_message not null default '',
  context jsonb not null default '{}',
  primary key (job_id, id)
);
comment on table quarry.indexing_job_events is
  'A job''s history. Whoever writes into it holds the job''s row, and what deletes jobs deletes their events: a foreign key would look the '
  'job up and lock it once more for every event.';

create function quarry.delete_events_of_jobs() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from quarry.indexing_job_events e using deleted d where e.job_id = d.id;
  return null;
end
$$;
comment on function quarry.delete_events_of_jobs() is 'A job''s history goes with it, whatever deletes it.';
create trigger delete_events_of_jobs after delete on quarry.indexing_jobs
  referencing old table as deleted for each statement execute function quarry.delete_events_of_jobs();

create table quarry.tenant_queues (
  tenant_id uuid primary key references quarry.tenants (id) on delete cascade,
  place bigint generated always as identity unique,
  active_at timestamptz not null default clock_timestamp(),
  served_at timestamptz not null default '-infinity',
  ready_priority smallint not null default 0,
  ready_from timestamptz not null default '-infinity',
  running_from bigint not null default 0
-- No column that is ever updated is indexed, and the page has room: an update leaves no dead index entry.
) with (fillfactor = 20);
comment on table quarry.tenant_queues is
  'One row per tenant with live jobs. A claim holds the row of the tenant it serves, which makes the plan''s limit on concurrent jobs exact.';
comment on column quarry.tenant_queues.place is 'Where the tenant stands in the round in which tenants are served.';
comment on column quarry.tenant_queues.served_at is 'When the tenant was last given a worker, give or take a second.';
comment on column quarry.tenant_queues.ready_from is
  'With ready_priority: the job that was started then. A claim begins its search there, past the index entries of jobs that are no longer '
  'queued, which an old transaction that stays open keeps in place. A hint: once a second, and when nothing is found, the search is of all.';
comment on column quarry.tenant_queues.running_from is
  'No running job of the tenant has a smaller claim_number. Exact, since both change under this row''s lock alone.';

create sequence quarry.tenant_turn minvalue 0 start 0;
comment on sequence quarry.tenant_turn is
  'The place that was served last. A sequence, because what a sequence says changes without leaving a dead row behind; it is only where the '
  'next claim begins its round, so that it is never undone does no harm.';

create sequence quarry.leases_looked_until minvalue 0 start 0;
comment on sequence quarry.leases_looked_until is
  'Seconds since 1970 up to which leases were looked at: whatever ended before then has been recovered, so that a claim need not search among '
  'the dead index entries of all that ever ended. A sequence for the reason of tenant_turn; only looks that found nothing move it, in transactions that recovered nothing.';

create table quarry.fleet_drain (
  only_row boolean primary key default true constraint there_is_one_row check (only_row),
  draining_since timestamptz,
  reason text not null default '' constraint reason_is_bounded check (length(reason) <= 200)
);
insert into quarry.fleet_drain default values;
comment on table quarry.fleet_drain is
  'While draining_since is set there is nothing to claim, and so nothing to launch for: workers finish what they run and leave.';

alter table quarry.indexing_jobs enable row level security;
alter table quarry.indexing_job_events enable row level security;
alter table quarry.tenant_queues enable row level security;
alter table quarry.fleet_drain enable row level security;

create function quarry.add_job_event(p_job_id uuid, p_event text, p_message text, p_context jsonb default '{}') returns void
-- plpgsql here and on the way of a claim: it keeps its plans, where an SQL function that is not
-- inlined plans its body at every call.
language plpgsql security definer set search_path = ''
as $$
begin
  insert into quarry.indexing_job_events (job_id, event, message, context)
  values (p_job_id, left(p_event, 50), left(coalesce(p_message, ''), 1000), coalesce(p_context, '{}'));
end
$$;
comment on function quarry.add_job_event(uuid, text, text, jsonb) is 'Appends to a job''s history, as every transition does; enqueue, claim and completion insert by themselves, which is cheaper.';

create function quarry.retry_backoff(p_attempt integer, p_random double precision) returns interval
language sql immutable set search_path = ''
return make_interval(secs => least(600, power(4, greatest(least(p_attempt, 10), 1) - 1)) * (0.5 + p_random / 2));
comment on function quarry.retry_backoff(integer, double precision) is
  'Wait before the attempt after p_attempt: 4^(attempt-1) s, at most 600 s, times a factor in [0.5, 1) drawn as p_random in [0, 1). '
  'The first is at most 1 s, so a crash costs little; the fifth attempt starts within about 90 s of work lost.';

create function quarry.rate_limit_wait(p_seconds double precision, p_waits integer) returns interval
language sql immutable set search_path = ''
return make_interval(secs => least(3600, greatest(p_seconds, 5 * power(2, least(p_waits, 20)))));
comment on function quarry.rate_limit_wait(double precision, integer) is
  'Wait for a host that asked for p_seconds, after p_waits such waits in a row: 5 s at least, doubled with each, and an hour at most, '
  'whatever the host or the worker''s clock says.';

create function quarry.keep_tenant_queue() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  -- Retention deletes what has not been active for ten times as long.
  c_age_max constant interval := interval '1 minute';
begin
  if not exists (select from quarry.tenant_queues q where q.tenant_id = new.tenant_id and q.active_at > clock_timestamp() - c_age_max) then
    insert into quarry.tenant_queues as q (tenant_id) values (new.tenant_id)
    on conflict (tenant_id) do update set active_at = excluded.active_at;
  end if;
  return null;
end
$$;
comment on function quarry.keep_tenant_queue() is
  'The tenant of a new job has a row in tenant_queues that retention leaves alone. At the end of the transaction: this row is the last to be locked, so that '
  'whoever queues more than one job, or holds a running one, and a claim, which waits for nothing once it has the row, do not wait in a circle.';
create constraint trigger keep_tenant_queue after insert on quarry.indexing_jobs deferrable initially deferred
  for each row execute function quarry.keep_tenant_queue();

create function quarry.enqueue_job(
  p_repository_id uuid, p_kind text, p_ref text, p_requested_by text,
  p_payload jsonb default '{}', p_priority integer default 0
) returns quarry.indexing_jobs
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := gen_random_uuid();
  v_job quarry.indexing_jobs;
begin
  with job as (
    insert into quarry.indexing_jobs as j (id, tenant_id, repository_id, kind, ref, requested_by, payload, priority)
    select v_id, r.tenant_id, r.id, p_kind, p_ref, left(p_requested_by, 200), p_payload, p_priority
    from quarry.repositories r where r.id = p_repository_id
    on conflict (repository_id, kind, coalesce(ref, '')) where state = 'queued' do update set
      -- A request for a full index is never weakened by a later push; the newest hint wins.
      payload = j.payload || excluded.payload
        || case when (j.payload ->> 'full')::boolean then '{"full": true}'::jsonb else '{}'::jsonb end,
      priority = greatest(j.priority, excluded.priority),
      requested_by = excluded.requested_by,
      attempt = case when j.wait_reason = 'rate_limit' then j.attempt else 0 end,
      run_at = case when j.wait_reason = 'rate_limit' then j.run_at else least(j.run_at, clock_timestamp()) end,
      wait_reason = case when j.wait_reason = 'rate_limit' then j.wait_reason end
    returning j.*
  ), noted as (
    insert into quarry.indexing_job_events (job_id, event, message, context)
    select j.id, case when j.id = v_id then 'queued' else 'coalesced' end, left(p_requested_by, 1000), p_payload from job j
  )
  select j.* into strict v_job from job j;
  return v_job;
end
$$;
comment on function quarry.enqueue_job(uuid, text, text, text, jsonb, integer) is
  'Queues a job, or folds the request into the one that already waits for this repository, kind and ref. '
  'A coalesced backoff is cut short and its attempts start anew; a rate limit keeps its time. '
  'payload: {"full": bool, "commit_oid": hint, "default_branch": hint}. Hints alone: deliveries arrive in any order.';

create function quarry.requeue_job(p_job quarry.indexing_jobs, p_run_at timestamptz, p_wait_reason text, p_event text, p_message text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_to text;
begin
  loop
    -- A newer request for the same work inherits what this one was asked for. Locked by this, it
    -- cannot be cancelled, or claimed, before this job has ended in its favour.
    update quarry.indexing_jobs s set
      payload = jsonb_strip_nulls(jsonb_build_object('default_branch', p_job.payload -> 'default_branch')) || s.payload
        || case when (p_job.payload ->> 'full')::boolean then '{"full": true}'::jsonb else '{}' end,
      priority = greatest(s.priority, p_job.priority)
    where s.repository_id = p_job.repository_id and s.kind = p_job.kind
      and coalesce(s.ref, '') = coalesce(p_job.ref, '') and s.state = 'queued' and s.id <> p_job.id;
    if found then
      update quarry.indexing_jobs set
        state = 'completed', outcome = 'superseded', lease_token = null, lease_expires_at = null,
        errors = p_job.errors, finished_at = clock_timestamp()
      where id = p_job.id;
      v_to := 'superseded';
      exit;
    end if;
    begin
      update quarry.indexing_jobs set
        state = 'queued', lease_token = null, lease_expires_at = null, run_at = p_run_at, wait_reason = p_wait_reason,
        attempt = p_job.attempt, errors = p_job.errors, phase = null, progress = '{}'
      where id = p_job.id;
      v_to := 'queued';
      exit;
    exception when unique_violation then
      -- A sibling was enqueued between the look and the update: now the look will find it.
    end;
  end loop;
  perform quarry.add_job_event(p_job.id, p_event, p_message, jsonb_build_object('to', v_to));
  return v_to;
end
$$;
comment on function quarry.requeue_job(quarry.indexing_jobs, timestamptz, text, text, text) is
  'Takes a running job, locked by the caller, back to queued; or to completed/superseded when a newer request for the same work waits: '
  'then that one is for a full index too if this one was, asks for the default branch too, and is not less urgent. attempt and errors are written as they stand in p_job.';

create function quarry.record_attempt_failure(
  p_job quarry.indexing_jobs, p_class text, p_code text, p_message text, p_retry_seconds double precision
) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  c_errors_max constant integer := 20;
  v_job quarry.indexing_jobs := p_job;
  v_error jsonb := jsonb_build_object(
    'attempt', p_job.attempt, 'code', left(p_code, 100), 'message', left(p_message, 1000), 'at', quarry.rfc3339(clock_timestamp()));
begin
  select coalesce(jsonb_agg(e.value order by e.ordinality), '[]') || jsonb_build_array(v_error) into v_job.errors
  from jsonb_array_elements(p_job.errors) with ordinality e
  where e.ordinality > jsonb_array_length(p_job.errors) - (c_errors_max - 1);

  if p_job.cancel_requested_at is not null or p_class = 'cancelled' then
    update quarry.indexing_jobs set
      state = 'cancelled', lease_token = null, lease_expires_at = null, finished_at = clock_timestamp()
    where id = p_job.id;
    perform quarry.add_job_event(p_job.id, 'cancelled', '');
    return 'cancelled';
  end if;
  if p_class = 'give_up' or p_retry_seconds is null and p_job.attempt >= p_job.max_attempts then
    update quarry.indexing_jobs set
      state = 'failed', errors = v_job.errors, wait_reason = null, lease_token = null, lease_expires_at = null, finished_at = clock_timestamp()
    where id = p_job.id;
    perform quarry.add_job_event(p_job.id, 'failed', p_message, jsonb_build_object('code', p_code, 'attempt', p_job.attempt));
    return 'failed';
  end if;
  if p_retry_seconds is not null then
    v_job.attempt := greatest(v_job.attempt - 1, 0);
  end if;
  return quarry.requeue_job(
    v_job,
    clock_timestamp() + case
      when p_class = 'lost' then interval '0'
      when p_retry_seconds is null then quarry.retry_backoff(p_job.attempt, random())
      -- Those in a row, whatever their attempts are called: a push that ends a backoff counts attempts anew.
      else quarry.rate_limit_wait(p_retry_seconds, jsonb_array_length(p_job.errors) - (
        select coalesce(max(e.ordinality), 0)::integer from jsonb_array_elements(p_job.errors) with ordinality e
        where e.value ->> 'code' <> 'rate_limited')) end,
    case when p_class = 'lost' then null when p_retry_seconds is null then 'backoff' else 'rate_limit' end,
    'retry', p_code || ': ' || p_message);
end
$$;
comment on function quarry.record_attempt_failure(quarry.indexing_jobs, text, text, text, double precision) is
  'Ends an attempt of a running job that the caller has locked, or with give_up one that waits. p_class: retry, lost, give_up or cancelled. '
  'p_retry_seconds: how long a host that limits wants to be left alone, which costs no attempt; else null for backoff. lost: at once, since the lease that '
  'had to end has waited longer than any first backoff. Answers the state it went to, or superseded. Keeps the last 20 errors.';

create function quarry.recover_expired_leases(p_jobs_max integer, p_after timestamptz default '-infinity') returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  c_bad_rows_max constant integer := 20;
  c_patience constant interval := interval '1 minute';
  c_lease_max constant interval := interval '2 minutes';
  -- A variable: no index is searched for a function that changes while the statement runs.
  v_now timestamptz := clock_timestamp();
  v_job quarry.indexing_jobs;
  v_count integer := 0;
begin
  -- The clock went back: whoever lives will beat within the minute that is left.
  update quarry.indexing_jobs j set lease_expires_at = v_now + c_patience
  where j.id in (
    select a.id from quarry.indexing_jobs a where a.lease_expires_at > v_now + c_lease_max
    order by a.lease_expires_at limit p_jobs_max for update skip locked);
  for v_job in
    select j.* from quarry.indexing_jobs j
    where j.lease_expires_at < v_now and j.lease_expires_at > p_after
    order by j.lease_expires_at limit p_jobs_max + c_bad_rows_max
    for update skip locked
  loop
    exit when v_count >= p_jobs_max;
    -- For meet_leases: to the end of this transaction, or until this is undone.
    perform set_config('quarry.has_met_leases', 'on', true);
    begin
      perform quarry.record_attempt_failure(v_job, 'lost', 'lease_expired',
        'The machine that ran this job stopped answering.', null);
      v_count := v_count + 1;
    exception when others then
      -- One bad row must not stop the recovery of the others, nor be the first of all that follow.
      perform quarry.note_failed_recovery(v_job.id, sqlerrm);
      begin
        update quarry.indexing_jobs set lease_expires_at = v_now + c_patience where id = v_job.id;
      exception when others then
        -- Passed by, as one of c_bad_rows_max.
        null;
      end;
    end;
  end loop;
  return v_count;
end
$$;
comment on function quarry.recover_expired_leases(integer, timestamptz) is
  'Running jobs whose lease is over, since p_after, go back to the queue or to failed, row by row and skipping locked ones. One that cannot is '
  'tried again after a minute. A lease that ends later than any may is cut to a minute. Called by the sweep for all, by claims and plans for what ended since the last look.';

create function quarry.note_failed_recovery(p_job_id uuid, p_message text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  if (
    select e.event from quarry.indexing_job_events e where e.job_id = p_job_id order by e.id desc limit 1
  ) is distinct from 'recovery_failed' then
    perform quarry.add_job_event(p_job_id, 'recovery_failed', p_message);
  end if;
end
$$;
comment on function quarry.note_failed_recovery(uuid, text) is
  'Appends recovery_failed to a job''s history, unless that is what happened to it last: it is tried again and again.';

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

create function quarry.promote_due_jobs(p_jobs_max integer) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  -- The longest backoff and the longest rate limit are no longer: what is further ahead is so because the clock went back.
  c_wait_max constant interval := interval '1 hour';
  v_now timestamptz := clock_timestamp();
  v_count integer;
  v_ahead integer;
begin
  update quarry.indexing_jobs j set wait_reason = null
  where j.id in (
    select w.id from quarry.indexing_jobs w
    where w.state = 'queued' and w.wait_reason is not null and w.run_at <= v_now
    order by w.run_at limit p_jobs_max for update skip locked);
  get diagnostics v_count = row_count;
  update quarry.indexing_jobs j set wait_reason = null, run_at = v_now
  where j.id in (
    select w.id from quarry.indexing_jobs w
    where w.state = 'queued' and w.wait_reason is not null and w.run_at > v_now + c_wait_max
    order by w.run_at limit p_jobs_max for update skip locked);
  get diagnostics v_ahead = row_count;
  return v_count + v_ahead;
end
$$;
comment on function quarry.promote_due_jobs(integer) is 'Waiting jobs whose time has come become ready. Called by every claim, plan and sweep.';

create function quarry.start_job_of_tenant(p_tenant_id uuid, p_launch_id uuid, p_running_max integer, p_wait boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_lease constant interval := interval '60 seconds';
  -- What lies ahead is old too: the clock went back since.
  c_hint_age_max constant interval := interval '1 second';
  v_queue record;
  v_job record;
begin
  if p_wait then
    select q.running_from, q.ready_priority, q.ready_from, q.served_at not between clock_timestamp() - c_hint_age_max and clock_timestamp() as is_hint_old,
      p.concurrent_jobs_max, p.repository_bytes_max into v_queue
    from quarry.tenant_queues q join quarry.tenants t on t.id = q.tenant_id join quarry.plans p on p.plan = t.plan
    where q.tenant_id = p_tenant_id for update of q;
  else
    select q.running_from, q.ready_priority, q.ready_from, q.served_at not between clock_timestamp() - c_hint_age_max and clock_timestamp() as is_hint_old,
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
  'worker needs to know of it, the repository''s own token included. Null: locked by another claim (without p_wait), or there is no such tenant. '
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
  select m.state, m.alive_at not between clock_timestamp() - c_touch_interval and clock_timestamp() as is_stale into v_machine
  from quarry.machines m where m.launch_id = p_launch_id for update;
  if not found or v_machine.state = 'gone' then
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

create function quarry.meet_leases(p_jobs_max integer) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  -- Who grants a lease and commits only a minute after its end has it recovered by the sweep.
  c_margin constant interval := interval '1 minute';
  c_lease_max constant interval := interval '2 minutes';
  v_now timestamptz := clock_timestamp();
  v_until bigint := extract(epoch from v_now - c_margin)::bigint;
  v_looked_until bigint;
begin
  select l.last_value into v_looked_until from quarry.leases_looked_until l;
  if (
    select true from quarry.indexing_jobs j
    where j.lease_expires_at < v_now and j.lease_expires_at > to_timestamp(least(v_looked_until, v_until))
    order by j.lease_expires_at limit 1)
    or (
    select true from quarry.indexing_jobs j where j.lease_expires_at > v_now + c_lease_max order by j.lease_expires_at limit 1)
  then
    return quarry.recover_expired_leases(p_jobs_max, to_timestamp(least(v_looked_until, v_until))) > 0;
  end if;
  -- Nothing is over that was there to be seen: from here on is looked next time. Unless this transaction has recovered some
  -- itself, which may be undone yet, and a sequence would not be.
  if v_looked_until <> v_until and current_setting('quarry.has_met_leases', true) is distinct from 'on' then
    perform setval('quarry.leases_looked_until', v_until);
  end if;
  return false;
end
$$;
comment on function quarry.meet_leases(integer) is
  'Recovers leases that ended since the last look, however long ago that was, but for those of a minute before it, which are always looked at. '
  'Answers whether there were any. What it costs does not grow with what an old transaction keeps.';

create function quarry.meet_time(p_with_leases boolean) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  c_jobs_max constant integer := 20;
  c_leases_max constant integer := 5;
  c_wait_max constant interval := interval '1 hour';
  v_now timestamptz := clock_timestamp();
  v_is_met boolean := false;
begin
  if p_with_leases then
    v_is_met := quarry.meet_leases(c_leases_max);
  end if;
  if (
    select true from quarry.indexing_jobs j
    where j.state = 'queued' and j.wait_reason is not null and j.run_at <= v_now order by j.run_at limit 1)
    or (
    select true from quarry.indexing_jobs j
    where j.state = 'queued' and j.wait_reason is not null and j.run_at > v_now + c_wait_max order by j.run_at limit 1)
  then
    perform quarry.promote_due_jobs(c_jobs_max);
    v_is_met := true;
  end if;
  return v_is_met;
end
$$;
comment on function quarry.meet_time(boolean) is
  'What a claim does of the sweep''s work, a little at a time: leases that are over, and jobs whose time has come. Answers whether there were any.';

create function quarry.take_job_of_tenant(p_launch_id uuid, p_tenant_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
-- As for take_job.
set plan_cache_mode = force_generic_plan set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off set jit = off
as $$
declare
  v_claim jsonb;
  v_turn bigint;
begin
  update quarry.machines m set state = 'busy', alive_at = clock_timestamp()
  where m.launch_id = p_launch_id and m.state = 'idle'
    and not exists (select from quarry.fleet_drain d where d.draining_since is not null);
  if not found then
    return null;
  end if;
  v_claim := nullif(quarry.start_job_of_tenant(p_tenant_id, p_launch_id, 1, false), 'null');
  if v_claim is null then
    update quarry.machines set state = 'idle' where launch_id = p_launch_id;
  else
    -- The next round begins behind it, as if this one had come to it by its turn.
    v_turn := setval('quarry.tenant_turn', (select q.place from quarry.tenant_queues q where q.tenant_id = p_tenant_id));
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
begin
  -- The commit need not wait for the disk. If the server falls before the claim is on it, the job is
  -- queued again and the worker's token is none: the fence refuses all that it sends. And whatever it
  -- sends and is told to be stored was committed after the claim, so the claim is on the disk with it.
  perform set_config('synchronous_commit', 'off', true);
  return case when p_tenant_id is null then quarry.take_job(p_launch_id, true) else quarry.take_job_of_tenant(p_launch_id, p_tenant_id) end;
end
$$;
comment on function quarry.claim_job(uuid, uuid) is
  'Gives one job to one worker, or null when there is none to give: the tenant running least first, then its priority and age; '
  'never a repository with a running job, never beyond the plan''s limit. Starts a lease of 60 s under a new token and counts an attempt. '
  'A machine that counts as gone, or is not known, gets nothing, else more would work than the fleet limit says. '
  'With p_tenant_id, of whom the channel quarry_jobs has just told an idle worker, that tenant alone is looked at, and served if it runs nothing: '
  'then null says nothing of what else there is.';
grant execute on function quarry.claim_job(uuid, uuid) to quarry_indexer;

create function quarry.lock_leased_job(p_job_id uuid, p_lease_token uuid) returns quarry.indexing_jobs
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs;
begin
  select * into v_job from quarry.indexing_jobs j
  where j.id = p_job_id and j.lease_token = p_lease_token
  for update;
  if not found then
    raise exception 'lease lost' using errcode = 'QRY01';
  end if;
  return v_job;
end
$$;
comment on function quarry.lock_leased_job(uuid, uuid) is
  'Invariant 2: locks the running job that this token belongs to, or raises QRY01. Every write of a worker begins with it or has its predicate. '
  'Only running jobs have a token (columns_belong_to_state), so that to ask for their state too would only offer the planner an index of all that run.';

create function quarry.heartbeat_job(p_job_id uuid, p_lease_token uuid, p_phase text, p_progress jsonb) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  c_lease constant interval := interval '60 seconds';
  -- Of a worker whose row is gone.
  c_job_seconds_max constant integer := 3600;
  -- A worker stops a job at its limit by itself, and has said so long before this is over.
  c_grace constant interval := interval '1 minute';
  v_time_max interval;
  v_job record;
begin
  select c_grace + make_interval(secs => coalesce(m.job_seconds_max, c_job_seconds_max)) into v_time_max
  from quarry.indexing_jobs j left join quarry.machines m on m.launch_id = j.launch_id
  where j.id = p_job_id and j.lease_token = p_lease_token;
  update quarry.indexing_jobs j set
    lease_expires_at = least(clock_timestamp() + c_lease, j.claimed_at + v_time_max),
    phase = coalesce(p_phase, phase), progress = coalesce(p_progress, progress)
  where j.id = p_job_id and j.lease_token = p_lease_token and clock_timestamp() < j.claimed_at + v_time_max
  returning j.launch_id, j.cancel_requested_at into v_job;
  if not found then
    return 'lease_lost';
  end if;
  update quarry.machines set alive_at = clock_timestamp() where launch_id = v_job.launch_id;
  return case when v_job.cancel_requested_at is null then 'continue' else 'cancelled' end;
end
$$;
comment on function quarry.heartbeat_job(uuid, uuid, text, jsonb) is
  'Extends the lease to 60 s from now, or less near its end, and stores phase and progress {percent, files_done, files_total, bytes_done, bytes_total}. '
  'Answers continue, cancelled or lease_lost; on the last two the worker stops at once. No lease is extended beyond a minute after the limit '
  'of its worker''s jobs, whatever the worker does: it ends as if the worker had died.';
grant execute on function quarry.heartbeat_job(uuid, uuid, text, jsonb) to quarry_indexer;

create function quarry.note_job_event(p_job_id uuid, p_lease_token uuid, p_event text, p_message text, p_context jsonb) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- The job goes on meanwhile and its next statement waits for this one: not for the disk too. A note
  -- that a crash of the server undoes is missed by nobody.
  perform set_config('synchronous_commit', 'off', true);
  perform quarry.lock_leased_job(p_job_id, p_lease_token);
  perform quarry.add_job_event(p_job_id, p_event, p_message, p_context);
end
$$;
comment on function quarry.note_job_event(uuid, uuid, text, text, jsonb) is 'A worker''s own entry in the history of the job it holds.';
grant execute on function quarry.note_job_event(uuid, uuid, text, text, jsonb) to quarry_indexer;

create function quarry.complete_job(p_job_id uuid, p_lease_token uuid, p_outcome text, p_commit_oid text, p_report jsonb) returns void
language plpgsql security definer set search_path = ''
-- As for take_job: it is planned once, and not at each of a connection's first five calls.
set plan_cache_mode = force_generic_plan
as $$
begin
  if p_outcome = 'unchanged' then
    -- The host has let the job in, and nothing is published that would say so. A repository is locked before its jobs.
    update quarry.repositories r set access_lost_at = null
    where r.id = (select j.repository_id from quarry.indexing_jobs j where j.id = p_job_id and j.lease_token = p_lease_token and j.kind = 'index')
      and r.access_lost_at is not null and not quarry.has_lost_name(r);
  end if;
  -- The fence of lock_leased_job, in the statement that writes.
  with done as (
    update quarry.indexing_jobs set
      state = 'completed', outcome = p_outcome, commit_oid = coalesce(p_commit_oid, commit_oid),
      lease_token = null, lease_expires_at = null, finished_at = clock_timestamp(),
      -- A heartbeat tells of what was done up to it, and none follows: what ended well is done.
      phase = case when phase is not null then 'publishing' end,
      progress = progress || '{"percent": 100}' || jsonb_strip_nulls(jsonb_build_object(
        'files_done', coalesce(p_report -> 'files_total', progress -> 'files_total'), 'files_total', p_report -> 'files_total',
        'bytes_done', coalesce(p_report -> 'bytes_total', progress -> 'bytes_total'), 'bytes_total', p_report -> 'bytes_total'))
    where id = p_job_id and lease_token = p_lease_token
    returning id
  )
  insert into quarry.indexing_job_events (job_id, event, message, context)
  select d.id, 'completed', p_outcome, coalesce(p_report, '{}') from done d;
  if not found then
    raise exception 'lease lost' using errcode = 'QRY01';
  end if;
end
$$;
comment on function quarry.complete_job(uuid, uuid, text, text, jsonb) is
  'Ends the job well. p_outcome: indexed, unchanged (which ends a loss of access too), empty or superseded. p_report (stage times, counts) goes into the event; its files_total and bytes_total, if any, into the progress.';
grant execute on function quarry.complete_job(uuid, uuid, text, text, jsonb) to quarry_indexer;

create function quarry.complete_and_claim(
  p_job_id uuid, p_lease_token uuid, p_outcome text, p_commit_oid text, p_report jsonb, p_launch_id uuid
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_claim jsonb;
begin
  perform quarry.complete_job(p_job_id, p_lease_token, p_outcome, p_commit_oid, p_report);
  v_claim := quarry.take_job(p_launch_id, false);
  if v_claim is not null then
    -- As a claim's, this commit need not wait for the disk. If the server's fall undoes it, both of its jobs are as
    -- before; and so may be those of the calls just before it. The worker learns so by the next job's lease and
    -- completes the former ones again, the last one first, until one is accepted: that is the oldest undone. What
    -- they did was committed before.
    perform set_config('synchronous_commit', 'off', true);
  end if;
  return v_claim;
end
$$;
comment on function quarry.complete_and_claim(uuid, uuid, text, text, jsonb, uuid) is
  'complete_job, and in the same transaction the next job as claim_job gives it, or null when none is free without waiting: then ask claim_job. '
  'A crash of the server may undo the calls of its last 600 ms. So whoever loses the lease of the next job calls '
  'complete_job again for this one, and where that raises QRY01 for the one that had brought it, until one is accepted.';
grant execute on function quarry.complete_and_claim(uuid, uuid, text, text, jsonb, uuid) to quarry_indexer;

create function quarry.fail_job(
  p_job_id uuid, p_lease_token uuid, p_class text, p_code text, p_message text, p_retry_seconds double precision, p_detail text
) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_is_access_lost boolean := p_code in ('access_denied', 'repository_gone');
  v_job quarry.indexing_jobs;
begin
  if v_is_access_lost or p_code = 'ref_not_found' then
    -- A repository is locked before its jobs, here as everywhere.
    perform from quarry.repositories r
    where r.id = (select j.repository_id from quarry.indexing_jobs j where j.id = p_job_id) for no key update;
  end if;
  v_job := quarry.lock_leased_job(p_job_id, p_lease_token);
  if p_detail is not null then
    -- The stack is for operators: job_json never shows events of this name to a tenant.
    perform quarry.add_job_event(p_job_id, 'operator_detail', '', jsonb_build_object('detail', left(p_detail, 8000)));
  end if;
  if v_is_access_lost then
    update quarry.repositories set access_lost_at = coalesce(access_lost_at, clock_timestamp()) where id = v_job.repository_id;
  elsif p_code = 'ref_not_found' then
    -- A mistyped ref is not followed: it would make every search say that something is not indexed. Unless it was asked for again meanwhile.
    delete from quarry.trees where repository_id = v_job.repository_id and ref = v_job.ref and generation is null
      and not exists (
        select from quarry.indexing_jobs j
        where j.repository_id = v_job.repository_id and j.kind = 'index' and j.ref = v_job.ref and j.state = 'queued');
  end if;
  return quarry.record_attempt_failure(v_job, p_class, p_code, p_message, p_retry_seconds);
end
$$;
comment on function quarry.fail_job(uuid, uuid, text, text, text, double precision, text) is
  'Ends the attempt with an error. p_class: retry, give_up or cancelled; p_code and p_message are shown to the tenant, p_detail is not. '
  'Answers the state the job went to.';
grant execute on function quarry.fail_job(uuid, uuid, text, text, text, double precision, text) to quarry_indexer;

create function quarry.release_job(p_job_id uuid, p_lease_token uuid) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
begin
  if v_job.cancel_requested_at is not null then
    return quarry.record_attempt_failure(v_job, 'cancelled', 'cancelled', '', null);
  end if;
  v_job.attempt := greatest(v_job.attempt - 1, 0);
  return quarry.requeue_job(v_job, clock_timestamp(), null, 'released', 'The machine was asked to stop, or other work was waiting.');
end
$$;
comment on function quarry.release_job(uuid, uuid) is 'Gives the job back at shutdown, or to let other work of its repository go first, due at once; it does not cost an attempt.';
grant execute on function quarry.release_job(uuid, uuid) to quarry_indexer;
