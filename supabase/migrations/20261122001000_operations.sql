-- The sweep (the truth behind every wake), retention, and what health says.

create table quarry.sweeps (
  only_row boolean primary key default true constraint there_is_one_row check (only_row),
  swept_at timestamptz not null default clock_timestamp(),
  last_error text,
  -- When old jobs were last looked for and few enough were found.
  jobs_looked_at timestamptz
);
insert into quarry.sweeps default values;
alter table quarry.sweeps enable row level security;

create function quarry.apply_retention() returns void
language sql security definer set search_path = ''
as $$
  -- GitHub redelivers within 3 days; 30 days of history are for people.
  delete from quarry.webhook_deliveries d
  where d.ctid = any(array(
    select o.ctid from quarry.webhook_deliveries o where o.received_at < now() - interval '30 days' limit 1000));
  delete from quarry.rate_limit_windows w
  where w.ctid = any(array(
    select o.ctid from quarry.rate_limit_windows o where o.window_start < now() - interval '10 minutes' limit 1000));
  delete from quarry.machines m
  where m.ctid = any(array(
    select o.ctid from quarry.machines o
    where o.state = 'gone' and o.leftover is null and o.gone_at < now() - interval '7 days' limit 1000));
  delete from quarry.tenant_queues q
  where q.tenant_id in (
      select o.tenant_id from quarry.tenant_queues o
      where o.active_at < now() - interval '10 minutes'
        and not exists (select from quarry.indexing_jobs j where j.tenant_id = o.tenant_id and j.state in ('queued', 'running'))
      limit 1000)
    and q.active_at < now() - interval '10 minutes'
    and not exists (select from quarry.indexing_jobs j where j.tenant_id = q.tenant_id and j.state in ('queued', 'running'));
  -- More than a day of sweeps. By their numbers: one that could not start, or that ran when the server fell, has no time.
  delete from cron.job_run_details d
  where d.runid in (
    select o.runid from cron.job_run_details o
    where o.runid <= (select max(n.runid) from cron.job_run_details n) - 10000 order by o.runid limit 1000);
$$;
comment on function quarry.apply_retention() is
  'Deletes what nobody reads any more, jobs aside, of each kind a bounded number a call.';

create function quarry.forget_deleted_repositories() returns void
language sql security definer set search_path = ''
as $$
  delete from quarry.repositories r
  where r.id in (
    select o.id from quarry.repositories o
    where o.deleted_at < clock_timestamp() - interval '30 days'
      and not exists (select from quarry.indexing_jobs j where j.repository_id = o.id)
    limit 1000 for update skip locked);
$$;
comment on function quarry.forget_deleted_repositories() is
  'Deletes repositories that were deleted a month ago and have no history left, so many a call: their index went with the job that has deleted it, '
  'which is kept as long as it could not.';

create function quarry.forget_old_jobs() returns void
language plpgsql security definer set search_path = ''
as $$
declare
  c_age_min constant interval := interval '30 days';
  c_jobs_max constant integer := 1000;
  -- No index tells where they lie, or every completion would pay for it: the whole table is read.
  c_look_interval constant interval := interval '1 hour';
  v_count integer;
begin
  if exists (
    select from quarry.sweeps s where s.jobs_looked_at between clock_timestamp() - c_look_interval and clock_timestamp())
  then
    return;
  end if;
  delete from quarry.indexing_jobs j
  where j.id in (
    select o.id from quarry.indexing_jobs o
    where o.finished_at < clock_timestamp() - c_age_min
      and (o.state <> 'failed' or not exists (select from quarry.open_failures f where f.id = o.id))
      and exists (
        select from quarry.repositories r
        where r.id = o.repository_id and (r.deleted_at is not null or exists (
          select from quarry.indexing_jobs n where n.repository_id = r.id and n.queued_at > o.queued_at)))
    limit c_jobs_max);
  get diagnostics v_count = row_count;
  if v_count < c_jobs_max then
    update quarry.sweeps set jobs_looked_at = clock_timestamp();
    perform quarry.forget_deleted_repositories();
  end if;
end
$$;
comment on function quarry.forget_old_jobs() is
  'Deletes jobs that ended a month ago with their history, a bounded number a call, and looks for more once an hour when there were fewer, as then for '
  'deleted repositories. Failed ones that nobody has asked for again (open_failures) are kept for an operator to redrive, and of each repository that is '
  'not deleted the newest: a registration answers with it.';

create function quarry.sweep() returns void
language plpgsql security definer set search_path = ''
-- Whatever it waits for, the statement's time limit is not set again once it was met.
set lock_timeout = '10s'
as $$
declare
  c_jobs_max constant integer := 100;
  c_upgrades_max constant integer := 5;
  v_errors text[] := '{}';
  -- The statement's time is over, which `others` does not name, or an operator has cancelled it.
  v_is_cancelled boolean := false;
begin
  -- Each part on its own: one that fails must not stop the others.
  begin
    perform quarry.recover_expired_leases(c_jobs_max);
  exception when query_canceled or others then
    v_errors := v_errors || ('recover_expired_leases: ' || sqlerrm);
    v_is_cancelled := sqlstate = '57014';
  end;
  begin
    perform quarry.forget_lost_machines();
    if quarry.machines_wanted() > 0
      or quarry.cleaning_is_due()
      or exists (select from quarry.repositories r where r.hook_state = 'pending' and r.deleted_at is null and quarry.hook_is_due(r))
    then
      perform quarry.request_wake();
    end if;
  exception when query_canceled or others then
    v_errors := v_errors || ('wake: ' || sqlerrm);
    v_is_cancelled := v_is_cancelled or sqlstate = '57014';
  end;
  -- What is left can wait for the next sweep, and now nothing would end it.
  if not v_is_cancelled then
    begin
      perform quarry.clean_index(20, 20000);
      perform quarry.apply_retention();
      perform quarry.forget_old_jobs();
    exception when query_canceled or others then
      v_errors := v_errors || ('cleaning: ' || sqlerrm);
      v_is_cancelled := sqlstate = '57014';
    end;
  end if;
  if not v_is_cancelled then
    begin
      perform quarry.enqueue_upgrades(c_upgrades_max);
    exception when query_canceled or others then
      v_errors := v_errors || ('upgrades: ' || sqlerrm);
    end;
  end if;
  update quarry.sweeps set swept_at = clock_timestamp(), last_error = left(nullif(array_to_string(v_errors, '; '), ''), 1000);
end
$$;
comment on function quarry.sweep() is
  'Every 10 s by pg_cron: expired leases, lost machines, a wake when work, a pending hook or a machine to destroy waits, cleaning, '
  'and what an older indexer has extracted.';

create function api.health(p_operator boolean) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_sweep_age_max constant interval := interval '1 minute';
  v_sweep record;
  v_failed_launch record;
  v_health jsonb;
begin
  select s.swept_at, s.last_error into v_sweep from quarry.sweeps s;
  v_health := jsonb_build_object('status', case
    -- Nor from a time that has not come: then the clock went back, and nothing is known of sweeps since.
    when v_sweep.swept_at > clock_timestamp() - c_sweep_age_max and v_sweep.swept_at < clock_timestamp() + c_sweep_age_max then 'ok'
    else 'unavailable' end);
  if not p_operator then
    return v_health;
  end if;
  select m.error, m.gone_at into v_failed_launch from quarry.machines m
  where m.gone_at > clock_timestamp() - interval '1 hour' and m.registered_at is null and m.error is not null
  order by m.gone_at desc limit 1;
  return v_health || jsonb_build_object(
    -- Each count by an index of its own: finished jobs are never read.
    'queue', jsonb_build_object(
      'queued', (select count(*) from quarry.indexing_jobs j where j.state = 'queued'),
      'waiting', (select count(*) from quarry.indexing_jobs j where j.state = 'queued' and j.wait_reason is not null),
      'running', (select count(*) from quarry.indexing_jobs j where j.state = 'running'),
      'failed', (select count(*) from quarry.indexing_jobs j where j.state = 'failed')),
    'oldest_queued_seconds', (select coalesce(extract(epoch from clock_timestamp() - min(j.queued_at))::integer, 0)
      from quarry.indexing_jobs j where j.state = 'queued'),
    'expired_leases', (select count(*) from quarry.indexing_jobs j where j.state = 'running' and j.lease_expires_at < clock_timestamp()),
    'failed_last_hour', (select count(*) from quarry.indexing_jobs j where j.state = 'failed' and j.finished_at > clock_timestamp() - interval '1 hour'),
    'machines', jsonb_build_object('launching', 0, 'idle', 0, 'busy', 0, 'stopped', 0, 'condemned', 0) || (
      select coalesce(jsonb_object_agg(m.state, m.n), '{}')
      from (
        select case l.state when 'gone' then l.leftover else l.state end as state, count(*) as n
        from quarry.machines l where l.gone_at is null or l.leftover is not null group by 1) m),
    'live_machines', (select count(*) from quarry.machines m where m.gone_at is null),
    'machines_wanted', quarry.machines_wanted(),
    'launches_paused_until', quarry.rfc3339(quarry.launches_paused_until()),
    'last_launch_error', v_failed_launch.error,
    'last_launch_failed_at', quarry.rfc3339(v_failed_launch.gone_at),
    'draining_since', (select quarry.rfc3339(d.draining_since) from quarry.fleet_drain d),
    'drain_reason', (select d.reason from quarry.fleet_drain d where d.draining_since is not null),
    'pending_hooks', (select count(*) from quarry.repositories r where r.hook_state = 'pending' and r.deleted_at is null),
    'failed_hooks', (select count(*) from quarry.repositories r where r.hook_state = 'failed' and r.deleted_at is null),
    -- Without them no dispatch is asked for, by the sweep neither, and what waits is told to nobody.
    'missing_settings', (
      select coalesce(jsonb_agg(s.name order by s.name), '[]')
      from unnest(array['dispatch_url', 'wake_secret']) s (name) where quarry.read_setting(s.name) is null),
    'last_sweep_at', quarry.rfc3339(v_sweep.swept_at),
    'last_sweep_seconds', extract(epoch from clock_timestamp() - v_sweep.swept_at)::integer,
    'last_sweep_error', v_sweep.last_error);
end
$$;
comment on function api.health(boolean) is
  '{status: ok|unavailable}; unavailable when no sweep ran for a minute. With p_operator also the figures of queue, fleet and sweep: '
  'queue.waiting is part of queue.queued, the jobs whose time for another attempt has not come; live_machines are those that launch, idle or work; '
  'machines also counts what they left at Fly; last_launch_error is of the launch that failed last, within an hour; missing_settings are '
  'those of Vault without which no machine is ever launched.';
grant execute on function api.health(boolean) to service_role;

select cron.schedule('quarry-sweep', '10 seconds', 'select quarry.sweep()');
