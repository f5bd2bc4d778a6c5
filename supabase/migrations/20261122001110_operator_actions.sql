-- What the operator does: cancels and redrives jobs, drains the fleet and resumes it, revokes and makes
-- keys, changes a plan and deletes a tenant.

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

create function quarry.find_tenant(p_tenant text) returns quarry.tenants
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_ids constant uuid[] := quarry.find_tenants(p_tenant);
  v_tenant quarry.tenants;
begin
  if cardinality(v_ids) > 1 then
    raise exception 'more than one tenant has the name %: give an id of %', p_tenant, array_to_string(v_ids, ', ') using errcode = 'QRY03';
  end if;
  select * into strict v_tenant from quarry.tenants t where t.id = v_ids[1];
  return v_tenant;
end
$$;
comment on function quarry.find_tenant(text) is 'The tenant of a name or an id; QRY03 when there is none or more than one.';

create function quarry.find_key(p_key text) returns quarry.api_keys
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_digits constant text := replace(lower(p_key), '-', '');
  v_keys quarry.api_keys[];
begin
  select array_agg(k) into v_keys from quarry.api_keys k
  -- By itself too: of a key that was found where it should not be, nobody knows the id.
  where k.name = p_key or k.key_hash = sha256(convert_to(p_key, 'UTF8'))
    or v_digits ~ '^[0-9a-f]{4,32}$' and right(replace(k.id::text, '-', ''), length(v_digits)) = v_digits;
  if v_keys is null then
    raise exception 'no key has the name %, nor an id that ends with it', p_key using errcode = 'QRY03';
  end if;
  if cardinality(v_keys) > 1 then
    raise exception 'more than one key has the name %, or an id that ends with it: give the id, or more of it', p_key using errcode = 'QRY03';
  end if;
  return v_keys[1];
end
$$;
comment on function quarry.find_key(text) is
  'The key, revoked or not, that has this name, an id that ends with these 4 to 32 hexadecimal digits, or that is this key; QRY03 when there is none or more than one.';

create function quarry.operator_key_json(p_key quarry.api_keys) returns jsonb
language sql stable security invoker set search_path = ''
return (
  select jsonb_build_object(
    'id', (p_key).id, 'name', (p_key).name, 'tenant_id', t.id, 'tenant', t.name,
    'created_at', quarry.rfc3339((p_key).created_at), 'last_used_at', quarry.rfc3339((p_key).last_used_at),
    'expires_at', quarry.rfc3339((p_key).expires_at), 'revoked_at', quarry.rfc3339((p_key).revoked_at))
  from quarry.tenants t where t.id = (p_key).tenant_id
);
comment on function quarry.operator_key_json(quarry.api_keys) is 'A key as the operator sees it: whose it is and whether it works, never its hash.';

create function quarry.operator_list_keys(p_tenant text) returns jsonb
language sql stable security invoker set search_path = ''
as $$
  with asked as materialized (select quarry.find_tenants(p_tenant) as tenant_ids)
  select jsonb_build_object('at', quarry.rfc3339(clock_timestamp()), 'items',
    coalesce(jsonb_agg(quarry.operator_key_json(k) order by t.name, t.id, k.created_at, k.id), '[]'))
  from asked a, quarry.api_keys k join quarry.tenants t on t.id = k.tenant_id
  where a.tenant_ids is null or k.tenant_id = any(a.tenant_ids);
$$;
comment on function quarry.operator_list_keys(text) is 'Keys by tenant, the oldest first, revoked ones too: {at, items}. p_tenant null: of all.';

create function quarry.operator_revoke_key(p_key text) returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_key quarry.api_keys := quarry.find_key(p_key);
  v_revoked quarry.api_keys;
begin
  update quarry.api_keys k set revoked_at = clock_timestamp() where k.id = v_key.id and k.revoked_at is null returning * into v_revoked;
  if found then
    return jsonb_build_object('at', quarry.rfc3339(clock_timestamp()), 'outcome', 'revoked', 'key', quarry.operator_key_json(v_revoked));
  end if;
  select * into v_key from quarry.api_keys k where k.id = v_key.id;
  return jsonb_build_object('at', quarry.rfc3339(clock_timestamp()), 'outcome', 'conflict', 'key', quarry.operator_key_json(v_key));
end
$$;
comment on function quarry.operator_revoke_key(text) is
  'From its commit on api.authenticate, which every request calls before its answer leaves, does not know the key. Answers {at, outcome: revoked|conflict, key}; '
  'conflict when it was revoked before.';

create function quarry.operator_create_key(p_tenant text, p_name text, p_key_hash bytea) returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_tenant constant quarry.tenants := quarry.find_tenant(p_tenant);
  v_id constant uuid := quarry.create_api_key(v_tenant.id, p_name, p_key_hash);
begin
  return (select quarry.operator_key_json(k) from quarry.api_keys k where k.id = v_id);
end
$$;
comment on function quarry.operator_create_key(text, text, bytea) is 'quarry.create_api_key for a tenant by name or id. Answers the key as operator_list_keys does.';

create function quarry.operator_set_plan(p_tenant text, p_plan text) returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_tenant constant quarry.tenants := quarry.find_tenant(p_tenant);
begin
  if not exists (select from quarry.plans p where p.plan = p_plan) then
    raise exception 'no plan has the name %: there are %', p_plan, (select string_agg(p.plan, ', ' order by p.plan) from quarry.plans p)
      using errcode = 'QRY03';
  end if;
  update quarry.tenants t set plan = p_plan where t.id = v_tenant.id;
  return jsonb_build_object('tenant_id', v_tenant.id, 'tenant', v_tenant.name, 'was', v_tenant.plan, 'plan', p_plan);
end
$$;
comment on function quarry.operator_set_plan(text, text) is
  'Limits are read where they are asked for, so the next request, claim and registration know the new ones; what a smaller plan would not have allowed stays. '
  'Answers {tenant_id, tenant, was, plan}.';

create function quarry.operator_close_tenant(p_tenant text) returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_tenant constant quarry.tenants := quarry.find_tenant(p_tenant);
  v_keys_revoked integer;
begin
  update quarry.api_keys k set revoked_at = clock_timestamp() where k.tenant_id = v_tenant.id and k.revoked_at is null;
  get diagnostics v_keys_revoked = row_count;
  return jsonb_build_object(
    'tenant_id', v_tenant.id, 'tenant', v_tenant.name, 'keys_revoked', v_keys_revoked, 'repository_ids', (
      select coalesce(jsonb_agg(r.id order by r.created_at, r.id), '[]')
      from quarry.repositories r where r.tenant_id = v_tenant.id and r.deleted_at is null));
end
$$;
comment on function quarry.operator_close_tenant(text) is
  'Revokes a tenant''s keys. Answers {tenant_id, tenant, keys_revoked, repository_ids}: those for operator_delete_repository. A request that was '
  'authenticated before may still register one: closed again, the tenant shows it.';

create function quarry.operator_delete_repository(p_repository_id uuid) returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  v_tenant_id constant uuid := (select r.tenant_id from quarry.repositories r where r.id = p_repository_id);
begin
  -- Without the tenant's token, which is for whoever removes the hook.
  return api.delete_repository(v_tenant_id, p_repository_id, 'operator') #- '{hook,token}';
end
$$;
comment on function quarry.operator_delete_repository(uuid) is
  'api.delete_repository for any tenant''s repository. One a transaction: each holds its tenant''s place in the queue to the end. It knows no HTTP, so the hook stays.';
