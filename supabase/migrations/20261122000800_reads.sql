-- Reads of repositories and jobs for one tenant. Lists answer {items, next_cursor}; a cursor is the
-- sort key of the last item, which the edge function makes opaque.
--
-- Here and in what follows a read says `jit = off`: what a plan might cost at most, which is much where it is made for
-- any arguments, has PostgreSQL compile it at each call, for some 80 ms where it then runs for less than one.

create function quarry.repository_named(p_tenant_id uuid, p_repository text) returns uuid
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  -- No name is an id, for it has a slash.
  if pg_input_is_valid(p_repository, 'uuid') then
    return (select r.id from quarry.repositories r where r.id = p_repository::uuid and r.tenant_id = p_tenant_id and r.deleted_at is null);
  end if;
  return (select r.id from quarry.repositories r where r.tenant_id = p_tenant_id and lower(r.full_name) = lower(p_repository) and r.deleted_at is null);
end
$$;
comment on function quarry.repository_named(uuid, text) is
  'The tenant''s repository of this OWNER/NAME, in any case, or id; null: there is none. By an index, however many the tenant has.';

create function api.get_repository(p_tenant_id uuid, p_repository_id uuid) returns jsonb
language sql stable security definer set search_path = '' set jit = off
return (
  select quarry.repository_json(r.id) from quarry.repositories r
  where r.id = p_repository_id and r.tenant_id = p_tenant_id and r.deleted_at is null
);
comment on function api.get_repository(uuid, uuid) is 'The repository, or null when the tenant has none of this id.';
grant execute on function api.get_repository(uuid, uuid) to service_role;

create function api.list_repositories(p_tenant_id uuid, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off
as $$
begin
  return (
    with page as (
      select r.id, r.created_at, row_number() over (order by r.created_at, r.id) as n
      from quarry.repositories r
      where r.tenant_id = p_tenant_id and r.deleted_at is null
        and (p_cursor is null or (r.created_at, r.id) > ((p_cursor ->> 0)::timestamptz, (p_cursor ->> 1)::uuid))
      order by r.created_at, r.id limit p_limit + 1
    )
    select jsonb_build_object(
      'items', coalesce(jsonb_agg(quarry.repository_json(p.id) order by p.n) filter (where p.n <= p_limit), '[]'),
      'next_cursor', case when count(*) > p_limit then
        (select jsonb_build_array(l.created_at, l.id) from page l where l.n = p_limit) end)
    from page p
  );
end
$$;
comment on function api.list_repositories(uuid, integer, jsonb) is 'The tenant''s repositories, oldest first.';
grant execute on function api.list_repositories(uuid, integer, jsonb) to service_role;

create function api.get_job(p_tenant_id uuid, p_job_id uuid) returns jsonb
language sql stable security definer set search_path = '' set jit = off
return (select quarry.job_json(j) from quarry.indexing_jobs j where j.id = p_job_id and j.tenant_id = p_tenant_id);
comment on function api.get_job(uuid, uuid) is 'The job, or null when the tenant has none of this id.';
grant execute on function api.get_job(uuid, uuid) to service_role;

create function api.list_jobs(p_tenant_id uuid, p_repository_id uuid, p_state text, p_limit integer, p_cursor jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off
as $$
  with page as (
    select j.id, j.queued_at, row_number() over (order by j.queued_at desc, j.id) as n
    from quarry.indexing_jobs j
    where j.tenant_id = p_tenant_id
      and (p_repository_id is null or j.repository_id = p_repository_id)
      and (p_state is null or j.state = p_state)
      and (p_cursor is null or j.queued_at < (p_cursor ->> 0)::timestamptz
        or (j.queued_at = (p_cursor ->> 0)::timestamptz and j.id > (p_cursor ->> 1)::uuid))
    order by j.queued_at desc, j.id limit p_limit + 1
  )
  select case when p_repository_id is null
    -- Deleted ones too: their last jobs stay to be read.
    or exists (select from quarry.repositories r where r.id = p_repository_id and r.tenant_id = p_tenant_id) then
    jsonb_build_object(
      'items', coalesce(jsonb_agg(quarry.job_json(j) order by p.n) filter (where p.n <= p_limit), '[]'),
      'next_cursor', case when count(*) > p_limit then
        (select jsonb_build_array(l.queued_at, l.id) from page l where l.n = p_limit) end)
  end
  from page p join quarry.indexing_jobs j on j.id = p.id;
$$;
comment on function api.list_jobs(uuid, uuid, text, integer, jsonb) is 'The tenant''s jobs, newest first, all or of one repository and state; null when the tenant never had this repository.';
grant execute on function api.list_jobs(uuid, uuid, text, integer, jsonb) to service_role;

create function api.list_job_events(p_tenant_id uuid, p_job_id uuid, p_limit integer, p_cursor jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off
as $$
  with page as (
    select e.id, e.at, e.event, e.message, e.context, row_number() over (order by e.id) as n
    from quarry.indexing_job_events e
    where e.job_id = p_job_id and e.event <> 'operator_detail'
      and exists (select from quarry.indexing_jobs j where j.id = p_job_id and j.tenant_id = p_tenant_id)
      and (p_cursor is null or e.id > (p_cursor ->> 0)::bigint)
    order by e.id limit p_limit + 1
  )
  select case when exists (select from quarry.indexing_jobs j where j.id = p_job_id and j.tenant_id = p_tenant_id) then
    jsonb_build_object(
      'items', coalesce(jsonb_agg(jsonb_build_object(
        'at', quarry.rfc3339(p.at), 'event', p.event, 'message', p.message,
        -- Of the whole service: a machine's launch, its process, which indexed for others before, and the sequence of all that is published.
        'context', p.context - '{launch_id,peak_rss_bytes,generation}'::text[]) order by p.n)
        filter (where p.n <= p_limit), '[]'),
      'next_cursor', case when count(*) > p_limit then (select jsonb_build_array(l.id) from page l where l.n = p_limit) end)
  end
  from page p;
$$;
comment on function api.list_job_events(uuid, uuid, integer, jsonb) is
  'A job''s history, oldest first, without what is for operators or would show other tenants; null when the tenant has no such job.';
grant execute on function api.list_job_events(uuid, uuid, integer, jsonb) to service_role;

create function api.list_skipped_files(p_tenant_id uuid, p_repository_id uuid, p_ref text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off
as $$
declare
  v_tree record;
  v_items jsonb;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository_id::text, p_ref);
  if v_tree.outcome <> 'ok' then
    return null;
  end if;
  select coalesce(jsonb_agg(jsonb_build_object(
    'path', s.path_text, 'reason', s.reason, 'text_searchable', s.text_searchable, 'key', encode(s.path, 'hex')) order by s.path), '[]')
  into v_items
  from (
    select f.path, f.path_text, coalesce(f.skip_reason, b.symbols_skip_reason) as reason, f.skip_reason is null as text_searchable
    from quarry.tree_files f
    left join quarry.blobs b on b.segment_id = f.segment_id and b.blob_no = f.blob_no
    where f.tree_id = v_tree.tree_id and f.generation_to is null
      and (f.skip_reason is not null or v_tree.has_symbols and b.symbols_skip_reason in ('too_large_to_parse', 'parse_timeout', 'parse_failed'))
      and (p_cursor is null or f.path > decode(p_cursor ->> 0, 'hex'))
    order by f.path limit p_limit + 1
  ) s;
  return jsonb_build_object(
    'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid,
    'items', (select coalesce(jsonb_agg(i.value - 'key' order by i.ordinality), '[]')
      from jsonb_array_elements(v_items) with ordinality i where i.ordinality <= p_limit),
    'next_cursor', case when jsonb_array_length(v_items) > p_limit then jsonb_build_array(v_items -> (p_limit - 1) -> 'key') end);
end
$$;
comment on function api.list_skipped_files(uuid, uuid, text, integer, jsonb) is
  'Files of an indexed ref that search cannot see, or whose symbols are missing, each with its reason: '
  '{ref, commit_oid, items: [{path, reason, text_searchable}], next_cursor}; null when the ref is not indexed. p_ref: null as for tree_of.';
grant execute on function api.list_skipped_files(uuid, uuid, text, integer, jsonb) to service_role;
