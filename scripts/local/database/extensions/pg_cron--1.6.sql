-- LOCAL STAND-IN for pg_cron 1.6: its tables, function signatures and error for a bad schedule.
-- Jobs are run by scripts/local/pg_cron_worker.ts, which hears of changes by NOTIFY.
-- Left out: jobs in another database (the column is kept), '$' for the last day of a month.

create schema cron;

create sequence cron.jobid_seq;
create table cron.job (
  jobid bigint primary key default nextval('cron.jobid_seq'),
  schedule text not null,
  command text not null,
  nodename text not null default 'localhost',
  nodeport int not null default inet_server_port(),
  database text not null default current_database(),
  username text not null default current_user,
  active boolean not null default true,
  jobname text,
  constraint jobname_username_uniq unique (jobname, username)
);
alter table cron.job enable row level security;
create policy cron_job_policy on cron.job using (username = current_user);

create sequence cron.runid_seq;
create table cron.job_run_details (
  jobid bigint,
  runid bigint primary key default nextval('cron.runid_seq'),
  job_pid integer,
  database text,
  username text,
  command text,
  status text,
  return_message text,
  start_time timestamptz,
  end_time timestamptz
);
alter table cron.job_run_details enable row level security;
create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

create function cron._tell_worker() returns trigger language plpgsql set search_path = ''
as $$ begin perform pg_catalog.pg_notify('pg_cron_changed', ''); return null; end $$;
create trigger tell_worker after insert or update or delete on cron.job
  for each statement execute function cron._tell_worker();

create function cron._assert_schedule(schedule text) returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if schedule is null or not (
    schedule ~* '^\s*([1-9]|[1-5][0-9])\s+seconds?\s*$'
    or schedule ~* '^\s*@(yearly|annually|monthly|weekly|daily|midnight|hourly)\s*$'
    or schedule ~* '^\s*([0-9a-z*/,-]+\s+){4}[0-9a-z*/,-]+\s*$'
  ) then
    raise exception 'invalid schedule: %', schedule using errcode = '22023',
      hint = 'Use cron format (e.g. 5 4 * * *), or interval format ''[1-59] seconds''';
  end if;
end
$$;

-- The public functions run as their caller and hand its name to these, which own the tables.
create function cron._store(
  caller text, job_name text, new_schedule text, new_command text, new_database text,
  new_active boolean
) returns bigint language plpgsql security definer set search_path = ''
as $$
declare
  id bigint;
begin
  perform cron._assert_schedule(new_schedule);
  insert into cron.job (jobname, schedule, command, database, username, active)
  values (
    job_name, new_schedule, new_command, coalesce(new_database, current_database()), caller,
    new_active)
  on conflict on constraint jobname_username_uniq do update
    set schedule = excluded.schedule, command = excluded.command,
        database = excluded.database, active = excluded.active
  returning jobid into id;
  return id;
end
$$;

create function cron._drop(caller text, id bigint, job_name text) returns boolean
language plpgsql security definer set search_path = ''
as $$
begin
  delete from cron.job
  where username = caller and (jobid = id or jobname = job_name);
  if not found then
    raise exception 'could not find valid entry for job %',
      coalesce(quote_literal(job_name), id::text);
  end if;
  return true;
end
$$;

create function cron._alter(
  caller text, id bigint, new_schedule text, new_command text, new_database text,
  new_active boolean
) returns void language plpgsql security definer set search_path = ''
as $$
begin
  if new_schedule is not null then perform cron._assert_schedule(new_schedule); end if;
  update cron.job set
    schedule = coalesce(new_schedule, schedule),
    command = coalesce(new_command, command),
    database = coalesce(new_database, database),
    active = coalesce(new_active, active)
  where jobid = id and username = caller;
  if not found then
    raise exception 'Job % does not exist or you don''t own it', id;
  end if;
end
$$;

create function cron.schedule(schedule text, command text) returns bigint language sql
as $$ select cron._store(current_user, null, schedule, command, null, true) $$;

create function cron.schedule(job_name text, schedule text, command text) returns bigint
language sql
as $$ select cron._store(current_user, job_name, schedule, command, null, true) $$;

create function cron.schedule_in_database(
  job_name text, schedule text, command text, database text,
  username text default null, active boolean default true
) returns bigint language sql
as $$
  select cron._store(coalesce(username, current_user), job_name, schedule, command, database, active)
$$;

create function cron.unschedule(job_id bigint) returns boolean language sql
as $$ select cron._drop(current_user, job_id, null) $$;

create function cron.unschedule(job_name text) returns boolean language sql
as $$ select cron._drop(current_user, null, job_name) $$;

create function cron.alter_job(
  job_id bigint, schedule text default null, command text default null,
  database text default null, username text default null, active boolean default null
) returns void language sql
as $$ select cron._alter(current_user, job_id, schedule, command, database, active) $$;
