-- LOCAL STAND-IN for pg_net 0.20.4: its names, argument names, types, defaults and rights.
-- Requests are sent by scripts/local/pg_net_worker.ts. As in the real one they go out only after
-- COMMIT, a plain INSERT into the queue wakes nobody, and everybody may read the queue's headers.
-- Left out: net.worker_restart and friends, http_collect_response, percent escapes in lower case.

create schema net;

create domain net.http_method as text
  check (value ilike 'get' or value ilike 'post' or value ilike 'delete');

create unlogged table net.http_request_queue (
  id bigserial,
  method net.http_method not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds int not null
);

create unlogged table net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out bool,
  error_msg text,
  created timestamptz not null default now()
);
create index on net._http_response (created);

create function net.wake() returns void
language sql set search_path = ''
as $$ select pg_catalog.pg_notify('pg_net_wake', '') $$;

create function net._percent_encode(string text) returns text
language sql immutable strict set search_path = ''
as $$
  select coalesce(string_agg(
    case when c ~ '^[A-Za-z0-9_.~-]$' then c
         else regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g')
    end, '' order by position), '')
  from regexp_split_to_table(string, '') with ordinality as letters (c, position)
$$;

create function net._with_params(url text, params jsonb) returns text
language sql immutable set search_path = ''
as $$
  select url || coalesce(
    case when strpos(url, '?') > 0 then '&' else '?' end
      || string_agg(net._percent_encode(key) || '=' || net._percent_encode(value), '&'), '')
  from jsonb_each_text(coalesce(params, '{}'))
$$;

create function net._enqueue(method text, url text, headers jsonb, body bytea, timeout int)
returns bigint language plpgsql set search_path = ''
as $$
declare
  request_id bigint;
begin
  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values (method, url, headers, body, timeout)
  returning id into request_id;
  perform net.wake();
  return request_id;
end
$$;

create function net.http_get(
  url text,
  params jsonb default '{}',
  headers jsonb default '{}',
  timeout_milliseconds int default 5000
) returns bigint language sql volatile parallel safe strict set search_path = ''
as $$ select net._enqueue('GET', net._with_params(url, params), headers, null, timeout_milliseconds) $$;

create function net.http_post(
  url text,
  body jsonb default '{}',
  params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}',
  timeout_milliseconds int default 5000
) returns bigint language plpgsql volatile parallel safe set search_path = ''
as $$
declare
  content_type text;
begin
  select value into content_type from jsonb_each_text(coalesce(headers, '{}'))
  where lower(key) = 'content-type' limit 1;
  if content_type is null then
    headers := coalesce(headers, '{}') || '{"Content-Type": "application/json"}';
  elsif content_type <> 'application/json' then
    raise exception 'Content-Type header must be "application/json"';
  end if;
  return net._enqueue(
    'POST', net._with_params(url, params), headers, convert_to(body::text, 'UTF8'),
    timeout_milliseconds);
end
$$;

create function net.http_delete(
  url text,
  params jsonb default '{}',
  headers jsonb default '{}',
  timeout_milliseconds int default 5000,
  body jsonb default null
) returns bigint language sql volatile parallel safe set search_path = ''
as $$
  select net._enqueue(
    'DELETE', net._with_params(url, params), headers, convert_to(body::text, 'UTF8'),
    timeout_milliseconds)
$$;

-- As since 0.12: everybody, which is why a request may carry no secret worth stealing.
grant usage on schema net to public;
grant all on all tables in schema net to public;
grant all on all sequences in schema net to public;
