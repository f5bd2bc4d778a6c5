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

create function quarry.new_job_id() returns uuid
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- Of version 4, 0100 in the bits 52 to 55 as set_bit counts them, to version 7, 0111.
  return encode(set_bit(set_bit(
    overlay(uuid_send(gen_random_uuid()) placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
    52, 1), 53, 1), 'hex')::uuid;
end
$$;
comment on function quarry.new_job_id() is
  'A UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits. So the jobs of one time, and their events, lie beside one another in the indexes by id: '
  'however many there are, a transition writes into few of their pages.';

create sequence quarry.claim_numbers;
create table quarry.indexing_jobs (
  id uuid primary key default quarry.new_job_id(),
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

create function quarry.join_payloads(p_earlier jsonb, p_later jsonb) returns jsonb
language plpgsql immutable set search_path = ''
as $$
declare
  c_announced_max constant integer := 3;
  v_joined jsonb := (p_earlier - 'looked_for') || p_later
    || case when (p_earlier ->> 'full')::boolean then '{"full": true}'::jsonb else '{}' end;
  v_announced text[];
begin
  if p_earlier ? 'commit_oid' and p_later ? 'commit_oid' then
    select array_agg(l.oid order by l.place) into v_announced from (
      select a.oid, min(a.place) as place
      from jsonb_array_elements_text(
        coalesce(p_later -> 'announced', '[]') || (p_earlier -> 'commit_oid') || coalesce(p_earlier -> 'announced', '[]')) with ordinality a (oid, place)
      where a.oid <> v_joined ->> 'commit_oid' group by a.oid) l;
    v_joined := v_joined || jsonb_build_object('announced', v_announced[:c_announced_max])
      || case when cardinality(v_announced) > c_announced_max or p_earlier ->> 'set_to' <> p_later ->> 'set_to' then '{"ambiguous": true}'::jsonb else '{}' end;
  end if;
  return jsonb_strip_nulls(v_joined);
end
$$;
comment on function quarry.join_payloads(jsonb, jsonb) is
  'What is to be done for two requests together. One for a full index is never weakened by a later push. The later hints win, and whoever asks has it looked for what was '
  'announced anew. Invariant 1: of what was announced before, the last three are looked for as well, since deliveries arrive in any order and the one that comes last may be of an older commit. '
  'Where there were more, or several pushes by force, no look tells which the newest is: it is ambiguous.';

create function quarry.enqueue_job(
  p_repository_id uuid, p_kind text, p_ref text, p_requested_by text,
  p_payload jsonb default '{}', p_priority integer default 0
) returns quarry.indexing_jobs
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := quarry.new_job_id();
  v_asked_at timestamptz := clock_timestamp();
  v_job quarry.indexing_jobs;
begin
  with job as (
    insert into quarry.indexing_jobs as j (id, tenant_id, repository_id, kind, ref, requested_by, payload, priority)
    select v_id, r.tenant_id, r.id, p_kind, p_ref, left(p_requested_by, 200), p_payload, p_priority
    from quarry.repositories r where r.id = p_repository_id
    on conflict (repository_id, kind, coalesce(ref, '')) where state = 'queued' do update set
      payload = quarry.join_payloads(j.payload, excluded.payload),
      priority = greatest(j.priority, excluded.priority),
      requested_by = excluded.requested_by,
      attempt = case when j.wait_reason = 'rate_limit' then j.attempt else 0 end,
      max_attempts = case when j.wait_reason = 'rate_limit' then j.max_attempts else excluded.max_attempts end,
      run_at = case when j.wait_reason = 'backoff' then clock_timestamp() else j.run_at end,
      wait_reason = nullif(j.wait_reason, 'backoff')
    returning j.*
  ), noted as (
    insert into quarry.indexing_job_events (job_id, event, message, context)
    select j.id, case when j.id = v_id then 'queued' else 'coalesced' end, left(p_requested_by, 1000), p_payload from job j
  )
  select j.* into strict v_job from job j;
  -- One that was ready before has been told of: by this, as it was queued, or by whoever gave it back.
  if v_job.wait_reason is null and v_job.run_at >= v_asked_at then
    perform quarry.tell_of_job(v_job.tenant_id);
  end if;
  return v_job;
end
$$;
comment on function quarry.enqueue_job(uuid, text, text, text, jsonb, integer) is
  'Queues a job, or folds the request into the one that already waits for this repository, kind and ref. '
  'A coalesced backoff is cut short and its attempts start anew; a rate limit keeps its time. Workers and dispatch are told (tell_of_job) of a job that this makes ready, '
  'and not of another request for one that is. '
  'payload: {"full": bool, "commit_oid": hint (zeros: none, the ref was deleted), "announced": [hint], "set_to": hint (by force), "ambiguous": bool, "default_branch": hint, "looked_for": see postpone_job}. Hints alone: deliveries arrive in any order.';
