-- What a hosted project's database holds before its first migration, run by the superuser.
-- Stands for: the platform's roles, schemas, pre-installed extensions, role settings, and the event
-- trigger that gives postgres its rights on an extension. A project made since 2026-10-30 grants
-- nothing on new objects by itself, so there are no default privileges for the API roles here.
-- Leaves out: auth tables, storage, realtime, graphql, supautils, safeupdate.

-- Nearly a superuser, not quite: migrations meet the same refusals as on the platform.
create role postgres login nosuperuser createdb createrole replication bypassrls;
grant pg_monitor, pg_read_all_data, pg_signal_backend, pg_checkpoint to postgres;
alter database postgres owner to postgres;

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;
grant authenticator to postgres;

alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';
alter role postgres set search_path = "$user", public, extensions;
alter role supabase_admin set search_path = "$user", public, auth, extensions;

create schema extensions;
grant usage on schema extensions to anon, authenticated, service_role;
grant all on schema extensions to postgres;
create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;
create extension pg_stat_statements with schema extensions;

grant usage on schema public to postgres, anon, authenticated, service_role;

create schema auth;
grant usage on schema auth to postgres, anon, authenticated, service_role;
create function auth.jwt() returns jsonb language sql stable
as $$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;
create function auth.uid() returns uuid language sql stable
as $$ select (auth.jwt() ->> 'sub')::uuid $$;
create function auth.role() returns text language sql stable
as $$ select auth.jwt() ->> 'role' $$;

create schema vault;
create extension supabase_vault with schema vault;
grant usage on schema vault to postgres with grant option;
grant select, delete, truncate, references on vault.secrets, vault.decrypted_secrets
  to postgres with grant option;
grant execute on function
  vault.create_secret, vault.update_secret, vault._crypto_aead_det_decrypt
  to postgres with grant option;
grant usage on schema vault to service_role;
grant select, delete on vault.secrets, vault.decrypted_secrets to service_role;
grant execute on function
  vault.create_secret, vault.update_secret, vault._crypto_aead_det_decrypt
  to service_role;

-- Definer: inside CREATE EXTENSION by postgres the trigger runs as postgres, who owns nothing there.
create function extensions.grant_extension_access() returns event_trigger
language plpgsql security definer set search_path = ''
as $$
declare
  extension_name text;
begin
  for extension_name in
    select e.extname from pg_event_trigger_ddl_commands() c
    join pg_catalog.pg_extension e on e.oid = c.objid
    where c.classid = 'pg_catalog.pg_extension'::regclass
  loop
    if extension_name = 'pg_cron' then
      grant usage on schema cron to postgres with grant option;
      grant all on all tables in schema cron to postgres with grant option;
      grant all on all sequences in schema cron to postgres with grant option;
      revoke all on table cron.job from postgres;
      grant select on table cron.job to postgres with grant option;
      revoke trigger on cron.job_run_details from postgres;
    elsif extension_name = 'pg_net' then
      grant usage on schema net to postgres, anon, authenticated, service_role;
    end if;
  end loop;
end
$$;
create event trigger grant_extension_access on ddl_command_end
  when tag in ('CREATE EXTENSION')
  execute function extensions.grant_extension_access();
