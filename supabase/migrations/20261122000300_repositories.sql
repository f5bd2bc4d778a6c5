-- Repositories, their secrets (references into Vault, never plaintext) and webhook deliveries.

create table quarry.repositories (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references quarry.tenants (id) on delete cascade,
  host_id bigint not null,
  full_name text not null constraint full_name_is_owner_and_name check (full_name ~ '^[^/\s]{1,100}/[^/\s]{1,100}$'),
  default_branch text not null constraint default_branch_is_bounded check (length(default_branch) between 1 and 255),
  default_ref text not null generated always as ('refs/heads/' || default_branch) stored,
  visibility text not null constraint visibility_is_known check (visibility in ('public', 'private', 'internal')),
  access_lost_at timestamptz,
  hook_state text not null default 'pending' constraint hook_state_is_known check (hook_state in ('pending', 'active', 'failed')),
  hook_id bigint,
  hook_error text constraint hook_error_is_bounded check (length(hook_error) <= 1000),
  hook_attempts integer not null default 0,
  hook_denials integer not null default 0,
  hook_retry_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  deleted_at timestamptz,
  -- For jobs to refer to: a job's tenant is its repository's.
  unique (tenant_id, id)
);
comment on column quarry.repositories.default_ref is 'The ref that is indexed when none is named.';
comment on column quarry.repositories.hook_denials is
  'How often in a row the host has let no token make the hook.';
comment on column quarry.repositories.host_id is
  'The host''s own number. Names are reused after a rename or a deletion; this is not.';
-- Two tenants may hold the same repository, each with its own hook, secret and index.
create unique index repositories_by_host_id on quarry.repositories (tenant_id, host_id) where deleted_at is null;
-- A host gives a name to one repository at a time. Names change under the tenant's lock alone (lock_repository), so that nobody meets this.
create unique index repositories_by_name on quarry.repositories (tenant_id, lower(full_name)) where deleted_at is null;
create index repositories_by_tenant on quarry.repositories (tenant_id, created_at, id) where deleted_at is null;
create index repositories_with_pending_hook on quarry.repositories (hook_retry_at) where hook_state = 'pending' and deleted_at is null;

create table quarry.repository_secrets (
  repository_id uuid not null references quarry.repositories (id) on delete cascade,
  kind text not null constraint kind_is_known check (kind in ('webhook', 'token')),
  vault_secret_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (repository_id, kind)
);
comment on table quarry.repository_secrets is 'References into Vault: the webhook secret, and a token where the tenant gave one.';

create table quarry.webhook_deliveries (
  repository_id uuid not null references quarry.repositories (id) on delete cascade,
  delivery_id text not null constraint delivery_id_is_bounded check (length(delivery_id) between 1 and 100),
  event text not null constraint event_is_bounded check (length(event) between 1 and 100),
  ref text,
  commit_oid text,
  outcome text not null constraint outcome_is_known check (outcome in ('enqueued', 'ignored', 'pong')),
  ignored_reason text constraint ignored_reason_is_known check (ignored_reason in ('event_not_indexed', 'ref_not_followed')),
  job_id uuid,
  received_at timestamptz not null default now(),
  primary key (repository_id, delivery_id)
);
comment on table quarry.webhook_deliveries is
  'One row per verified delivery, written in the transaction that enqueues: a redelivery finds it and changes nothing.';
create index webhook_deliveries_by_age on quarry.webhook_deliveries (received_at);

alter table quarry.repositories enable row level security;
alter table quarry.repository_secrets enable row level security;
alter table quarry.webhook_deliveries enable row level security;

create function quarry.has_lost_name(p_repository quarry.repositories) returns boolean
language plpgsql immutable security definer set search_path = ''
as $$
begin
  return p_repository.full_name like '%~' || p_repository.host_id;
end
$$;
comment on function quarry.has_lost_name(quarry.repositories) is
  'Whether release_name took its name, and nobody has said since what the host calls it.';

create function quarry.forget_repository_secret(p_repository_id uuid, p_kind text) returns void
language sql security definer set search_path = ''
as $$
  with forgotten as (
    delete from quarry.repository_secrets s where s.repository_id = p_repository_id and s.kind = p_kind returning s.vault_secret_id
  )
  delete from vault.secrets v using forgotten f where v.id = f.vault_secret_id;
$$;
comment on function quarry.forget_repository_secret(uuid, text) is 'Deletes a secret of a repository, if it has one, from Vault too.';

create function quarry.store_repository_secret(p_repository_id uuid, p_kind text, p_secret text) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  -- Not vault.update_secret: it would read the former one, which perhaps nobody can.
  perform quarry.forget_repository_secret(p_repository_id, p_kind);
  insert into quarry.repository_secrets (repository_id, kind, vault_secret_id)
  values (p_repository_id, p_kind, vault.create_secret(p_secret, 'repository/' || p_repository_id || '/' || p_kind));
end
$$;
comment on function quarry.store_repository_secret(uuid, text, text) is 'Creates or replaces a secret of a repository in Vault. p_kind: webhook or token.';

create function quarry.read_repository_secret(p_repository_id uuid, p_kind text) returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select d.decrypted_secret
    from quarry.repository_secrets s join vault.decrypted_secrets d on d.id = s.vault_secret_id
    where s.repository_id = p_repository_id and s.kind = p_kind);
exception when others then
  raise warning 'the % secret of repository % cannot be read: %', p_kind, p_repository_id, sqlerrm;
  return null;
end
$$;
comment on function quarry.read_repository_secret(uuid, text) is
  'The secret in clear; null when there is none or it cannot be decrypted, which must stop neither claims nor other hooks: a job without its token is refused by the '
  'host, and says so. To register again with a token replaces it. Only for definer functions.';

create function quarry.ensure_webhook_secret(p_repository_id uuid) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_secret text := quarry.read_repository_secret(p_repository_id, 'webhook');
begin
  if v_secret is null then
    -- Two random uuids: 244 random bits, without an extension.
    v_secret := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    perform quarry.store_repository_secret(p_repository_id, 'webhook', v_secret);
  end if;
  return v_secret;
end
$$;
comment on function quarry.ensure_webhook_secret(uuid) is
  'What deliveries of a repository are signed with: the secret that it has, or where there is none that can be read a new one, which whoever asks tells the host. '
  'The caller has the lock of the repository.';
