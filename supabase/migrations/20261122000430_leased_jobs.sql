-- What a worker does to the job that it holds. Every function is fenced by the lease token and the state.
-- What finds a job by its id says `enable_seqscan = off`: a connection keeps the plan it made while the table was
-- small, which read all of it, until the statistics are made anew.

create function quarry.lock_leased_job(p_job_id uuid, p_lease_token uuid) returns quarry.indexing_jobs
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_bitmapscan = off
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

create function quarry.lease_end(p_claimed_at timestamptz, p_launch_id uuid) returns timestamptz
language plpgsql security definer set search_path = ''
as $$
declare
  c_lease constant interval := interval '60 seconds';
  -- Of a worker whose row is gone.
  c_job_seconds_max constant integer := 3600;
  -- A worker stops a job at its limit by itself, and has said so long before this is over.
  c_grace constant interval := interval '1 minute';
  v_job_seconds_max integer := (select m.job_seconds_max from quarry.machines m where m.launch_id = p_launch_id);
begin
  return least(clock_timestamp() + c_lease, p_claimed_at + c_grace + make_interval(secs => coalesce(v_job_seconds_max, c_job_seconds_max)));
end
$$;
comment on function quarry.lease_end(timestamptz, uuid) is
  'How far a lease is extended now: 60 s, but never beyond a minute after the limit of its worker''s jobs. Past where it is that late already.';

create function quarry.extend_lease(p_job quarry.indexing_jobs) returns void
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_bitmapscan = off
as $$
begin
  update quarry.indexing_jobs set lease_expires_at = quarry.lease_end(p_job.claimed_at, p_job.launch_id) where id = p_job.id;
end
$$;
comment on function quarry.extend_lease(quarry.indexing_jobs) is
  'For the end of a call that may hold the job''s row for long: heartbeats pass it meanwhile, as does whoever recovers leases.';

create function quarry.heartbeat_job(p_job_id uuid, p_lease_token uuid, p_phase text, p_progress jsonb) returns text
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  v_end timestamptz;
  v_job record;
begin
  select j.claimed_at, j.launch_id, j.cancel_requested_at into v_job
  from quarry.indexing_jobs j where j.id = p_job_id and j.lease_token = p_lease_token;
  if not found then
    return 'lease_lost';
  end if;
  v_end := quarry.lease_end(v_job.claimed_at, v_job.launch_id);
  if v_end <= clock_timestamp() then
    return 'lease_lost';
  end if;
  -- The worker's own publish may hold the row for longer than a lease lasts: to wait for it would be to lose it. It
  -- extends the lease itself as it ends, and nobody recovers a lease whose row is locked.
  update quarry.indexing_jobs j set lease_expires_at = v_end, phase = coalesce(p_phase, phase), progress = coalesce(p_progress, progress)
  where j.id = (
    select k.id from quarry.indexing_jobs k where k.id = p_job_id and k.lease_token = p_lease_token for update skip locked);
  if not found and not exists (select from quarry.indexing_jobs j where j.id = p_job_id and j.lease_token = p_lease_token) then
    return 'lease_lost';
  end if;
  update quarry.machines set alive_at = clock_timestamp() where launch_id = v_job.launch_id;
  return case when v_job.cancel_requested_at is null then 'continue' else 'cancelled' end;
end
$$;
comment on function quarry.heartbeat_job(uuid, uuid, text, jsonb) is
  'Extends the lease to 60 s from now, or less near its end, and stores phase and progress {percent, files_done, files_total, bytes_done, bytes_total}. '
  'Answers continue, cancelled or lease_lost; on the last two the worker stops at once. Waits for nobody: where another call holds the job, as a '
  'publish, it extends nothing, which that call does. No lease is extended beyond a minute after the limit '
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
set plan_cache_mode = force_generic_plan set enable_bitmapscan = off set enable_seqscan = off
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
  v_synchronous_commit text;
begin
  perform quarry.complete_job(p_job_id, p_lease_token, p_outcome, p_commit_oid, p_report);
  v_claim := quarry.take_job(p_launch_id, false);
  if v_claim is not null then
    -- As a claim's, this commit need not wait for the disk. If the server's fall undoes it, both of its jobs are as
    -- before; and so may be those of the calls just before it. The worker learns so by the next job's lease and
    -- completes the former ones again, the last one first, until one is accepted: that is the oldest undone. What
    -- they did was committed before.
    v_synchronous_commit := set_config('synchronous_commit', 'off', true);
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

create function quarry.postpone_job(p_job_id uuid, p_lease_token uuid) returns text
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  c_wait constant interval := interval '1 minute';
  v_job quarry.indexing_jobs := quarry.lock_leased_job(p_job_id, p_lease_token);
begin
  if v_job.cancel_requested_at is not null then
    return quarry.record_attempt_failure(v_job, 'cancelled', 'cancelled', '', null);
  end if;
  -- What it was to do in full it has done and published, or there was nothing to do it with.
  v_job.payload := v_job.payload - 'full';
  update quarry.indexing_jobs set payload = v_job.payload || jsonb_build_object('looked_for', payload -> 'commit_oid') where id = p_job_id;
  v_job.attempt := greatest(v_job.attempt - 1, 0);
  return quarry.requeue_job(v_job, clock_timestamp() + c_wait, 'backoff', 'postponed', 'The host does not show a commit that was pushed to this ref.');
end
$$;
comment on function quarry.postpone_job(uuid, uuid) is
  'Invariant 1: gives the job back for a minute, since the host does not show a commit that was pushed to its ref; it does not cost an attempt. '
  'payload.looked_for says for which commit this was done, and so for those that had been announced before it, so that it is done once; whoever asks for the work again has it done anew. What was wanted in full has been '
  'published by now, if the host shows the ref at all, and is not done twice.';
grant execute on function quarry.postpone_job(uuid, uuid) to quarry_indexer;
