-- Schemas, roles, extensions and the rule that nothing is executable unless it is granted by name.
--
-- quarry: tables and internals, never exposed by the Data API.
-- api:    the functions edge functions call with the secret key; the only exposed schema.

create extension if not exists pg_net with schema extensions;
create extension if not exists pg_cron with schema pg_catalog;
create extension if not exists supabase_vault with schema vault;
create extension if not exists intarray with schema extensions;
create extension if not exists fuzzystrmatch with schema extensions;

create schema quarry;
create schema api;
comment on schema quarry is 'Tables and internals of Quarry. Never exposed by the Data API.';
comment on schema api is 'Functions that edge functions call with the secret key. Holds no table.';

-- Without this every new function is executable by everyone. It must not say "in schema":
-- a per-schema default can only add to the global one, never take from it.
alter default privileges for role postgres revoke execute on functions from public;

-- The indexer's own role: no table of the queue, no tenant row, only lease-checked functions and
-- INSERT on the segment tables. COPY is refused under row-level security, hence bypassrls; what
-- fences it is that it may only INSERT, and lock_segment. The deploy script sets the password.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'quarry_indexer') then
    create role quarry_indexer with login bypassrls noinherit;
  end if;
end
$$;

-- A worker that vanished in the middle of a copy must not hold its segment's lock for hours.
alter role quarry_indexer set idle_in_transaction_session_timeout = '60s';
-- Whoever locks something looks at it by the next statement, which must see what was committed while it waited,
-- whatever the database has by default. The Data API says so of each of its transactions.
alter role quarry_indexer set default_transaction_isolation = 'read committed';
-- Where its functions say enable_seqscan = off, a plan that has no other way looks so dear that PostgreSQL would compile
-- it at each call: for 0.1 s in a publish that holds its locks meanwhile.
alter role quarry_indexer set jit = off;

grant usage on schema api to service_role;
grant usage on schema quarry to quarry_indexer;

create function quarry.rfc3339(p_at timestamptz) returns text
-- Plpgsql keeps its plan, where an SQL function would be planned with every call.
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
end
$$;
comment on function quarry.rfc3339(timestamptz) is
  'A time as RFC 3339 in UTC with milliseconds, whatever the session time zone; null stays null.';

create function quarry.read_setting(p_name text) returns text
-- plpgsql keeps its plan, where an SQL function would be planned with every enqueue.
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select nullif(s.decrypted_secret, '') from vault.decrypted_secrets s where s.name = p_name);
exception when others then
  raise warning 'the secret % cannot be read: %', p_name, sqlerrm;
  return null;
end
$$;
comment on function quarry.read_setting(text) is
  'A Vault secret by name (dispatch_url, wake_secret), or null when it is missing, empty or cannot be decrypted, as after a restore under another key: '
  'an enqueue asks for them, and is not undone for that.';
