-- What the operator does: cancels and redrives jobs, drains the fleet and resumes it.

create function quarry.operator_cancel_job(p_job text) returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_job constant quarry.indexing_jobs := quarry.find_job(p_job);
  v_answer jsonb;
begin
  v_answer := api.cancel_job(v_job.tenant_id, v_job.id);
  if v_job.state in ('queued', 'running') and v_job.cancel_requested_at is null and v_answer ->> 'outcome' in ('cancelled', 'requested') then
    perform quarry.add_job_event(v_job.id, 'operator', 'The operator has cancelled this job.');
  end if;
  return v_answer;
end
$$;
comment on function quarry.operator_cancel_job(text) is 'api.cancel_job for any tenant''s job; its history says who did it.';

create function quarry.operator_redrive_job(p_job text) returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_job constant quarry.indexing_jobs := quarry.find_job(p_job);
begin
  return api.redrive_job(v_job.tenant_id, v_job.id, 'operator');
end
$$;
comment on function quarry.operator_redrive_job(text) is
  'api.redrive_job for any tenant''s job. One a transaction: each holds its tenant''s row to the end.';

create function quarry.operator_read_drain() returns jsonb
language sql stable security invoker set search_path = ''
return (
  select jsonb_build_object(
    'at', quarry.rfc3339(clock_timestamp()),
    'draining_since', quarry.rfc3339(d.draining_since), 'reason', d.reason,
    'queued', (select count(*) from quarry.indexing_jobs j where j.state = 'queued'),
    'running', (select count(*) from quarry.indexing_jobs j where j.state = 'running'),
    'live_machines', (select count(*) from quarry.machines m where m.gone_at is null))
  from quarry.fleet_drain d
);
comment on function quarry.operator_read_drain() is
  'Whether the fleet drains and what is left of it: {at, draining_since, reason, queued, running, live_machines}.';

create function quarry.drain_fleet(p_reason text) returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  -- Whoever plans launches holds it: when this returns, none is being planned. A claim does not, so
  -- one that is being decided now may still start its job; operator_read_drain then counts it.
  perform quarry.lock_fleet();
  update quarry.fleet_drain set
    draining_since = coalesce(draining_since, clock_timestamp()), reason = left(coalesce(p_reason, reason), 200);
  return quarry.operator_read_drain();
end
$$;
comment on function quarry.drain_fleet(text) is
  'From now on nothing is claimed and nothing launched; workers finish what they run and leave. Jobs are queued as ever, and the sweep goes on. '
  'Asked again it only replaces the reason, if one is given. Answers as operator_read_drain.';

create function quarry.resume_fleet() returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  -- A worker that leaves holds it too: either it is counted as gone here, or it finds work again.
  perform quarry.lock_fleet();
  update quarry.fleet_drain set draining_since = null, reason = '' where draining_since is not null;
  if quarry.machines_wanted() > 0 then
    perform quarry.request_wake();
  end if;
  return quarry.operator_read_drain();
end
$$;
comment on function quarry.resume_fleet() is
  'Ends a drain and wakes dispatch if work waits; without a drain it changes nothing. Answers as operator_read_drain.';
