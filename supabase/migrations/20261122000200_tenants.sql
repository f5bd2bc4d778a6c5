-- Tenants, their plans and API keys, and the one call that authenticates and charges a request.

create table quarry.plans (
  plan text primary key,
  concurrent_jobs_max integer not null constraint concurrent_jobs_max_is_positive check (concurrent_jobs_max > 0),
  repositories_max integer not null constraint repositories_max_is_positive check (repositories_max > 0),
  repository_bytes_max bigint not null constraint repository_bytes_max_is_positive check (repository_bytes_max > 0),
  requests_per_minute_max integer not null constraint requests_per_minute_max_is_positive check (requests_per_minute_max > 0),
  refs_max integer not null default 16 constraint refs_max_is_positive check (refs_max > 0)
);
comment on column quarry.plans.refs_max is 'Refs of one repository that are followed at most: each costs an index of its own.';
comment on column quarry.plans.repository_bytes_max is
  'What is fetched of one repository at most. It lies in the memory of a machine, which has no room for more than these plans allow.';
comment on table quarry.plans is 'What a tenant may use. Limits are rows, not code.';
insert into quarry.plans (plan, concurrent_jobs_max, repositories_max, repository_bytes_max, requests_per_minute_max, refs_max) values
  ('free', 2, 100, 1610612736, 1200, 16),
  ('team', 8, 2000, 1610612736, 12000, 64);

create table quarry.tenants (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint name_is_bounded check (length(name) between 1 and 200),
  plan text not null default 'free' references quarry.plans (plan),
  created_at timestamptz not null default now()
);

create table quarry.tenant_members (
  tenant_id uuid not null references quarry.tenants (id) on delete cascade,
  user_id uuid not null,
  role text not null constraint role_is_known check (role in ('owner', 'admin', 'member')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, user_id)
);

create table quarry.api_keys (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references quarry.tenants (id) on delete cascade,
  name text not null,
  key_hash bytea not null unique constraint key_hash_is_sha256 check (octet_length(key_hash) = 32),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz
);
comment on column quarry.api_keys.key_hash is
  'SHA-256 of the whole key. Keys carry 256 random bits, so a slow hash would buy nothing.';

create table quarry.rate_limit_windows (
  api_key_id uuid not null references quarry.api_keys (id) on delete cascade,
  window_start timestamptz not null,
  request_count integer not null,
  primary key (api_key_id, window_start)
);
comment on table quarry.rate_limit_windows is 'Requests of one key in one calendar minute; old rows go with the sweep.';

alter table quarry.plans enable row level security;
alter table quarry.tenants enable row level security;
alter table quarry.tenant_members enable row level security;
alter table quarry.api_keys enable row level security;
alter table quarry.rate_limit_windows enable row level security;

create function quarry.create_tenant(p_name text) returns uuid
language sql security definer set search_path = ''
as $$
  insert into quarry.tenants (name) values (p_name) returning id;
$$;
comment on function quarry.create_tenant(text) is 'A new tenant on the free plan. For the operator; no role may execute it over HTTP.';

create function quarry.create_api_key(p_tenant_id uuid, p_name text, p_key_hash bytea) returns uuid
language sql security definer set search_path = ''
as $$
  insert into quarry.api_keys (tenant_id, name, key_hash) values (p_tenant_id, p_name, p_key_hash) returning id;
$$;
comment on function quarry.create_api_key(uuid, text, bytea) is
  'Stores the SHA-256 of a key that the caller made and alone has seen. For the operator.';

create function api.authenticate(p_key_hash text) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  -- last_used_at is for people; one write a minute keeps a busy key from bloating its row.
  c_touch_interval constant interval := interval '1 minute';
  v_now timestamptz := clock_timestamp();
  v_key record;
  v_count integer;
begin
  -- A crash of the server may forgive a request; nobody waits for the disk to hear who asks.
  perform set_config('synchronous_commit', 'off', true);
  select k.id, k.tenant_id, k.last_used_at, p.requests_per_minute_max as limit_max
  into v_key
  from quarry.api_keys k
  join quarry.tenants t on t.id = k.tenant_id
  join quarry.plans p on p.plan = t.plan
  where k.key_hash = decode(p_key_hash, 'hex')
    and k.revoked_at is null
    and (k.expires_at is null or k.expires_at > v_now);
  if not found then
    return jsonb_build_object('outcome', 'unknown');
  end if;

  insert into quarry.rate_limit_windows as w (api_key_id, window_start, request_count)
  values (v_key.id, date_trunc('minute', v_now), 1)
  on conflict (api_key_id, window_start) do update set request_count = w.request_count + 1
  returning w.request_count into v_count;

  if v_key.last_used_at is null or v_key.last_used_at < v_now - c_touch_interval then
    update quarry.api_keys set last_used_at = v_now where id = v_key.id;
  end if;

  return jsonb_build_object(
    'outcome', case when v_count > v_key.limit_max then 'limited' else 'ok' end,
    'tenant_id', v_key.tenant_id,
    'api_key_id', v_key.id,
    'limit', v_key.limit_max,
    'remaining', greatest(v_key.limit_max - v_count, 0),
    'retry_after_seconds',
    ceil(extract(epoch from date_trunc('minute', v_now) + interval '1 minute' - v_now))::integer);
end
$$;
comment on function api.authenticate(text) is
  'p_key_hash: SHA-256 of the presented key, 64 hex digits. Charges one request to the current minute and answers '
  '{outcome: ok|limited|unknown, tenant_id, api_key_id, limit, remaining, retry_after_seconds}. '
  'Committed on its own, so a request that later times out is still charged; without waiting for the disk.';
grant execute on function api.authenticate(text) to service_role;
