-- What dispatch decides and writes about machines: launches, and what becomes of a machine afterwards.

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

create function quarry.outdate_machines(p_image text) returns void
language sql volatile security definer set search_path = ''
as $$
  -- One that claims at this moment is passed: the next dispatch sees it.
  update quarry.machines m set is_outdated = not m.is_outdated where m.launch_id in (
    select o.launch_id from quarry.machines o
    where o.gone_at is null and o.is_outdated <> (o.image <> p_image) order by o.launch_id for update skip locked);
$$;
comment on function quarry.outdate_machines(text) is
  'Machines of another image than the current one get no job any more, and so leave: a deployment ends the work of older indexers, a step back that of newer ones. '
  'Those of the current one work again where a dispatch of another image, before a step back or of a function that a deployment has not replaced yet, had said otherwise: '
  'whoever is about to leave on that account asks for a machine in its place if it is wanted, as everyone who leaves.';

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
  perform quarry.outdate_machines(p_image);
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
