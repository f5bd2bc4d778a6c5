-- Which tenant a worker serves: the one that runs least, in turn, and what a worker calls for it.

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
  select m.state, m.is_outdated, m.alive_at not between clock_timestamp() - c_touch_interval and clock_timestamp() as is_stale into v_machine
  from quarry.machines m where m.launch_id = p_launch_id for update;
  if not found or v_machine.state = 'gone' or v_machine.is_outdated then
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

create function quarry.take_job_of_tenant(p_launch_id uuid, p_tenant_id uuid) returns jsonb
language plpgsql security definer set search_path = ''
-- As for take_job.
set plan_cache_mode = force_generic_plan set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off set jit = off
as $$
declare
  v_claim jsonb;
begin
  update quarry.machines m set state = 'busy', alive_at = clock_timestamp()
  where m.launch_id = p_launch_id and m.state = 'idle' and not m.is_outdated
    and not exists (select from quarry.fleet_drain d where d.draining_since is not null);
  if not found then
    return null;
  end if;
  v_claim := nullif(quarry.start_job_of_tenant(p_tenant_id, p_launch_id, 1, false), 'null');
  if v_claim is null then
    update quarry.machines set state = 'idle' where launch_id = p_launch_id;
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
declare
  v_synchronous_commit text;
begin
  -- The commit need not wait for the disk. If the server falls before the claim is on it, the job is
  -- queued again and the worker's token is none: the fence refuses all that it sends. And whatever it
  -- sends and is told to be stored was committed after the claim, so the claim is on the disk with it.
  -- Assigned, as in serve_tenants: `perform` would make a query of it.
  v_synchronous_commit := set_config('synchronous_commit', 'off', true);
  return case when p_tenant_id is null then quarry.take_job(p_launch_id, true) else quarry.take_job_of_tenant(p_launch_id, p_tenant_id) end;
end
$$;
comment on function quarry.claim_job(uuid, uuid) is
  'Gives one job to one worker, or null when there is none to give: the tenant running least first, then its priority and age; '
  'never a repository with a running job, never beyond the plan''s limit. Starts a lease of 60 s under a new token and counts an attempt. '
  'A machine that counts as gone, or is not known, gets nothing, else more would work than the fleet limit says; nor does one that is outdated. '
  'With p_tenant_id, of whom the channel quarry_jobs has just told an idle worker, that tenant alone is looked at, and served if it runs nothing: '
  'then null says nothing of what else there is.';
grant execute on function quarry.claim_job(uuid, uuid) to quarry_indexer;
