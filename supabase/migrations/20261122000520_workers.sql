-- The worker's side of a machine: it registers, and leaves or takes one more job.

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

create function quarry.is_dismissed(p_launch_id uuid) returns boolean
language sql stable security definer set search_path = ''
return not exists (
  select from quarry.machines m where m.launch_id = p_launch_id and m.gone_at is null and not m.is_outdated);
comment on function quarry.is_dismissed(uuid) is
  'Whether this worker gets no job any more, as claim_job says of it: it need not idle before it leaves. A hint: leave_or_take decides.';
grant execute on function quarry.is_dismissed(uuid) to quarry_indexer;

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
