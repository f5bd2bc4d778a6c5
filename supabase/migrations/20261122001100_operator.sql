-- What the operator asks and does, connected as the owner of the schema: no role of the outside may
-- execute any of it, and it sees all tenants. Names and the beginnings of ids are enough; what they
-- do not lead to is an error of its own (QRY03), so that a slip of the keyboard is no empty list.

create view quarry.open_failures with (security_invoker = true) as
select j.*, j.errors -> -1 ->> 'code' as code
from quarry.indexing_jobs j
join quarry.repositories r on r.id = j.repository_id
where j.state = 'failed'
  and (r.deleted_at is null or j.kind = 'delete_repository')
  and (j.kind <> 'index' or exists (
    select from quarry.trees t where t.repository_id = j.repository_id and t.ref = j.ref and t.retired_at is null))
  and not exists (
    select from quarry.indexing_jobs n
    where n.repository_id = j.repository_id and n.kind = j.kind and coalesce(n.ref, '') = coalesce(j.ref, '')
      and n.queued_at > j.queued_at);
comment on view quarry.open_failures is
  'Failed jobs that nobody has asked for again, with the code of their last error; of refs only those that are followed. A redrive, or the next push, '
  'closes a failure, whatever comes of it.';

create function quarry.find_tenants(p_tenant text) returns uuid[]
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  if p_tenant is null then
    return null;
  end if;
  select array_agg(t.id) into v_ids from quarry.tenants t where t.name = p_tenant or t.id::text = lower(p_tenant);
  if v_ids is null then
    raise exception 'no tenant has the name or id %', p_tenant using errcode = 'QRY03';
  end if;
  return v_ids;
end
$$;
comment on function quarry.find_tenants(text) is 'The tenants of a name, or the one of an id; null for null, QRY03 when there is none.';

create function quarry.find_repositories(p_repository text) returns uuid[]
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  if p_repository is null then
    return null;
  end if;
  select array_agg(r.id) into v_ids from quarry.repositories r where r.full_name = p_repository or r.id::text = lower(p_repository);
  if v_ids is null then
    raise exception 'no repository has the name or id %', p_repository using errcode = 'QRY03';
  end if;
  return v_ids;
end
$$;
comment on function quarry.find_repositories(text) is
  'The repositories of a name, of whatever tenant and deleted ones too, or the one of an id; null for null, QRY03 when there is none.';

create function quarry.find_job(p_job text) returns quarry.indexing_jobs
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_digits text := replace(lower(p_job), '-', '');
  v_jobs quarry.indexing_jobs[];
begin
  if v_digits !~ '^[0-9a-f]{4,32}$' then
    raise exception 'a job is named by its id or by the last 4 or more digits of it, not by %', p_job using errcode = 'QRY03';
  end if;
  if length(v_digits) = 32 then
    select array_agg(j) into v_jobs from quarry.indexing_jobs j where j.id = v_digits::uuid;
  else
    -- All ids are read, by a person's leave: in an index they lie by how they begin, which is the time.
    select array_agg(f.job) into v_jobs from (
      select j as job from quarry.indexing_jobs j where right(replace(j.id::text, '-', ''), length(v_digits)) = v_digits limit 2
    ) f;
  end if;
  if v_jobs is null then
    raise exception 'no job has an id that ends with %', p_job using errcode = 'QRY03';
  end if;
  if cardinality(v_jobs) > 1 then
    raise exception 'more than one job has an id that ends with %: give more of it', p_job using errcode = 'QRY03';
  end if;
  return v_jobs[1];
end
$$;
comment on function quarry.find_job(text) is
  'The job whose id ends with these 4 to 32 hexadecimal digits; QRY03 when there is none or more than one. By their first digits those of a minute are not told apart.';

create function quarry.operator_job_json(p_job quarry.indexing_jobs) returns jsonb
language sql stable security invoker set search_path = ''
return quarry.job_json(p_job) || (
  select jsonb_build_object(
    'tenant_id', t.id, 'tenant', t.name, 'repository', r.full_name, 'payload', (p_job).payload, 'priority', (p_job).priority,
    'run_at', quarry.rfc3339((p_job).run_at), 'wait_reason', (p_job).wait_reason,
    'cancel_requested_at', quarry.rfc3339((p_job).cancel_requested_at),
    'lease_expires_at', quarry.rfc3339((p_job).lease_expires_at),
    'launch_id', (p_job).launch_id, 'machine_id', (select m.machine_id from quarry.machines m where m.launch_id = (p_job).launch_id))
  from quarry.repositories r join quarry.tenants t on t.id = r.tenant_id
  where r.id = (p_job).repository_id
);
comment on function quarry.operator_job_json(quarry.indexing_jobs) is
  'A job as the API shows it, and whose it is, when it is due, and who runs it. Not the lease token: it is for the worker alone.';

create function quarry.operator_list_jobs(p_states text[], p_tenant text, p_repository text, p_code text, p_limit integer) returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_tenants constant uuid[] := quarry.find_tenants(p_tenant);
  v_repositories constant uuid[] := quarry.find_repositories(p_repository);
  v_answer jsonb;
begin
  with page as (
    select j as job, row_number() over (order by j.queued_at desc, j.id) as n
    from quarry.indexing_jobs j
    where (p_states is null or j.state = any(p_states))
      and (v_tenants is null or j.tenant_id = any(v_tenants))
      and (v_repositories is null or j.repository_id = any(v_repositories))
      and (p_code is null or j.errors -> -1 ->> 'code' = p_code)
    order by j.queued_at desc, j.id limit p_limit + 1
  )
  select jsonb_build_object(
    'at', quarry.rfc3339(clock_timestamp()),
    'items', coalesce(jsonb_agg(quarry.operator_job_json(p.job) order by p.n) filter (where p.n <= p_limit), '[]'),
    'has_more', count(*) > p_limit)
  into v_answer from page p;
  return v_answer;
end
$$;
comment on function quarry.operator_list_jobs(text[], text, text, text, integer) is
  'Jobs of all tenants, newest first, narrowed by what is not null; p_code is that of the last error. Answers {at, items, has_more}.';

create function quarry.failure_standing(p_job quarry.indexing_jobs) returns text
language sql stable security invoker set search_path = ''
return case
  when (p_job).state <> 'failed' then null
  when exists (select from quarry.open_failures f where f.id = (p_job).id) then 'open'
  when (p_job).kind <> 'delete_repository'
    and exists (select from quarry.repositories r where r.id = (p_job).repository_id and r.deleted_at is not null) then 'repository_deleted'
  when (p_job).kind = 'index' and not exists (
    select from quarry.trees t
    where t.repository_id = (p_job).repository_id and t.ref = (p_job).ref and t.retired_at is null) then 'ref_dropped'
  else 'asked_again' end;
comment on function quarry.failure_standing(quarry.indexing_jobs) is
  'Whether a failure is open, or why it is not: repository_deleted, ref_dropped (nobody follows it) or asked_again. Null of a job that has not failed.';

create function quarry.operator_read_job(p_job text) returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  c_events_max constant integer := 500;
  v_job constant quarry.indexing_jobs := quarry.find_job(p_job);
  v_events jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object(
    'at', quarry.rfc3339(e.at), 'event', e.event, 'message', e.message, 'context', e.context) order by e.id), '[]')
  into v_events
  from (select * from quarry.indexing_job_events l where l.job_id = v_job.id order by l.id desc limit c_events_max) e;
  return jsonb_build_object(
    'at', quarry.rfc3339(clock_timestamp()), 'job', quarry.operator_job_json(v_job), 'events', v_events,
    'failure', quarry.failure_standing(v_job));
end
$$;
comment on function quarry.operator_read_job(text) is
  'One job with its last 500 events, oldest first, those with the operator''s detail among them: {at, job, events, failure}; failure as failure_standing says it.';

create function quarry.operator_list_failures(p_tenant text, p_repository text) returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_tenants constant uuid[] := quarry.find_tenants(p_tenant);
  v_repositories constant uuid[] := quarry.find_repositories(p_repository);
  v_items jsonb;
begin
  select coalesce(jsonb_agg(to_jsonb(c) order by c.jobs desc, c.code), '[]') into v_items
  from (
    select f.code, count(*) as jobs, count(distinct f.tenant_id) as tenants, count(distinct f.repository_id) as repositories,
      quarry.rfc3339(max(f.finished_at)) as last_failed_at,
      (array_agg(f.errors -> -1 ->> 'message' order by f.finished_at desc))[1] as last_message
    from quarry.open_failures f
    where (v_tenants is null or f.tenant_id = any(v_tenants))
      and (v_repositories is null or f.repository_id = any(v_repositories))
    group by f.code
  ) c;
  return jsonb_build_object('at', quarry.rfc3339(clock_timestamp()), 'items', v_items);
end
$$;
comment on function quarry.operator_list_failures(text, text) is
  'Open failures by the code of their last error: {at, items: [{code, jobs, tenants, repositories, last_failed_at, last_message}]}.';

create function quarry.operator_find_failures(p_tenant text, p_repository text, p_code text) returns setof uuid
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_tenants constant uuid[] := quarry.find_tenants(p_tenant);
  v_repositories constant uuid[] := quarry.find_repositories(p_repository);
begin
  return query
    select f.id from quarry.open_failures f
    where (v_tenants is null or f.tenant_id = any(v_tenants))
      and (v_repositories is null or f.repository_id = any(v_repositories))
      and (p_code is null or f.code = p_code)
    order by f.finished_at, f.id;
end
$$;
comment on function quarry.operator_find_failures(text, text, text) is 'The jobs that operator_list_failures counts, the longest failed first.';

create function quarry.operator_list_queues(p_tenant text) returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_tenants constant uuid[] := quarry.find_tenants(p_tenant);
  v_items jsonb;
begin
  with live as (
    select j.tenant_id,
      count(*) filter (where j.state = 'queued' and j.wait_reason is null) as ready,
      count(*) filter (where j.wait_reason = 'backoff') as backoff,
      count(*) filter (where j.wait_reason = 'rate_limit') as rate_limit,
      0 as running, 0 as failures, min(j.queued_at) as oldest_queued_at
    from quarry.indexing_jobs j where j.state = 'queued' group by 1
    union all
    select j.tenant_id, 0, 0, 0, count(*), 0, null from quarry.indexing_jobs j where j.state = 'running' group by 1
    union all
    select f.tenant_id, 0, 0, 0, 0, count(*), null from quarry.open_failures f group by 1
  ), sums as (
    select l.tenant_id, sum(l.ready) as ready, sum(l.backoff) as backoff, sum(l.rate_limit) as rate_limit,
      sum(l.running) as running, sum(l.failures) as open_failures, min(l.oldest_queued_at) as oldest_queued_at
    from live l where v_tenants is null or l.tenant_id = any(v_tenants) group by 1
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'tenant_id', t.id, 'tenant', t.name, 'plan', t.plan,
      'ready', s.ready, 'backoff', s.backoff, 'rate_limit', s.rate_limit,
      'running', s.running, 'concurrent_jobs_max', p.concurrent_jobs_max, 'open_failures', s.open_failures,
      'oldest_queued_at', quarry.rfc3339(s.oldest_queued_at), 'served_at', (
        select quarry.rfc3339(q.served_at) from quarry.tenant_queues q where q.tenant_id = t.id and isfinite(q.served_at)))
    order by s.oldest_queued_at nulls last, t.name, t.id), '[]')
  into v_items
  from sums s join quarry.tenants t on t.id = s.tenant_id join quarry.plans p on p.plan = t.plan;
  return jsonb_build_object('at', quarry.rfc3339(clock_timestamp()), 'items', v_items);
end
$$;
comment on function quarry.operator_list_queues(text) is
  'Tenants with live jobs or open failures, the one whose job waits longest first: {at, items: [{tenant_id, tenant, plan, ready, backoff, '
  'rate_limit, running, concurrent_jobs_max, open_failures, oldest_queued_at, served_at}]}.';

create function quarry.operator_list_machines(p_with_gone boolean) returns jsonb
language sql stable security invoker set search_path = ''
return (
  select jsonb_build_object('at', quarry.rfc3339(clock_timestamp()), 'items', coalesce(jsonb_agg(jsonb_build_object(
      'launch_id', m.launch_id, 'name', m.name, 'machine_id', m.machine_id, 'state', m.state, 'leftover', m.leftover,
      'region', m.region, 'image', m.image, 'job_id', j.id, 'repository', r.full_name, 'error', m.error,
      'launched_at', quarry.rfc3339(m.launched_at), 'registered_at', quarry.rfc3339(m.registered_at),
      'alive_at', quarry.rfc3339(m.alive_at), 'gone_at', quarry.rfc3339(m.gone_at))
    order by m.launched_at desc, m.launch_id), '[]'))
  from quarry.machines m
  left join lateral (
    -- A claim whose answer was lost leaves a job behind that runs nowhere, until its lease is over.
    select l.id, l.repository_id from quarry.indexing_jobs l
    where l.launch_id = m.launch_id and l.state = 'running' order by l.lease_expires_at desc limit 1) j on true
  left join quarry.repositories r on r.id = j.repository_id
  where p_with_gone or m.gone_at is null or m.leftover is not null
);
comment on function quarry.operator_list_machines(boolean) is
  'The launches that live or have left a machine at Fly, and with p_with_gone those that are over, as long as their rows are kept, newest first: {at, items}.';
