-- How an attempt ends without success, and when the job is ready for the next: errors, lost leases, backoff,
-- jobs whose time has come.

create function quarry.retry_backoff(p_attempt integer, p_random double precision) returns interval
language sql immutable set search_path = ''
return make_interval(secs => least(600, power(4, greatest(least(p_attempt, 10), 1) - 1)) * (0.5 + p_random / 2));
comment on function quarry.retry_backoff(integer, double precision) is
  'Wait before the attempt after p_attempt: 4^(attempt-1) s, at most 600 s, times a factor in [0.5, 1) drawn as p_random in [0, 1). '
  'The first is at most 1 s, so a crash costs little; the fifth attempt starts within about 90 s of work lost, the 25th after 98 to 196 minutes.';

create function quarry.rate_limit_wait(p_seconds double precision, p_waits integer) returns interval
language sql immutable set search_path = ''
return make_interval(secs => least(3600, greatest(p_seconds, 5 * power(2, least(p_waits, 20)))));
comment on function quarry.rate_limit_wait(double precision, integer) is
  'Wait for a host that asked for p_seconds, after p_waits such waits in a row: 5 s at least, doubled with each, and an hour at most, '
  'whatever the host or the worker''s clock says.';

-- enable_seqscan here and in the next: as for what a worker does to the job that it holds (leased_jobs).
create function quarry.requeue_job(p_job quarry.indexing_jobs, p_run_at timestamptz, p_wait_reason text, p_event text, p_message text) returns text
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  v_to text;
begin
  loop
    -- A newer request for the same work inherits what this one was asked for. Locked by this, it
    -- cannot be cancelled, or claimed, before this job has ended in its favour.
    update quarry.indexing_jobs s set
      payload = quarry.join_payloads(p_job.payload, s.payload),
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
        attempt = p_job.attempt, max_attempts = p_job.max_attempts, errors = p_job.errors, phase = null, progress = '{}'
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
  'then that one is asked for this one''s work too (join_payloads), and is not less urgent. attempt, max_attempts and errors are written as they stand in p_job.';

create function quarry.record_attempt_failure(
  p_job quarry.indexing_jobs, p_class text, p_code text, p_message text, p_retry_seconds double precision
) returns text
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  c_errors_max constant integer := 20;
  c_attempts_max constant integer := 25;
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
  if p_code in ('host_unreachable', 'version_mismatch') and v_job.max_attempts < c_attempts_max then
    v_job.max_attempts := v_job.max_attempts + 1;
  end if;
  if p_class = 'give_up' or p_retry_seconds is null and v_job.attempt >= v_job.max_attempts then
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
  'had to end has waited longer than any first backoff. A host that is away, or a deployment that is not done yet, says nothing of the job: it gets another attempt for each that this has cost, up to 25 in all, '
  'which take more than an hour and a half. Answers the state it went to, or superseded. Keeps the last 20 errors.';

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
