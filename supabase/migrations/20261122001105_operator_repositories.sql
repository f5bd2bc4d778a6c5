-- What the operator sees of a repository, whether its pushes arrive and what has become of each, and does where they did not.

create function quarry.operator_repository_json(p_repository quarry.repositories) returns jsonb
language sql stable security invoker set search_path = ''
return (
  select jsonb_build_object(
    'id', (p_repository).id, 'full_name', (p_repository).full_name, 'tenant_id', t.id, 'tenant', t.name, 'state', v.state,
    'host_id', (p_repository).host_id, 'visibility', (p_repository).visibility, 'default_branch', (p_repository).default_branch,
    'created_at', quarry.rfc3339((p_repository).created_at), 'deleted_at', quarry.rfc3339((p_repository).deleted_at),
    'access_lost_at', quarry.rfc3339((p_repository).access_lost_at),
    'has_token', exists (select from quarry.repository_secrets s where s.repository_id = (p_repository).id and s.kind = 'token'),
    'hook', jsonb_build_object(
      'state', (p_repository).hook_state, 'id', (p_repository).hook_id, 'attempts', (p_repository).hook_attempts,
      'retry_at', quarry.rfc3339((p_repository).hook_retry_at), 'error', (p_repository).hook_error),
    'refs', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'ref', r.ref, 'is_followed', r.retired_at is null, 'commit_oid', r.commit_oid, 'indexed_at', quarry.rfc3339(r.indexed_at),
          'files', r.file_count, 'features', r.features, 'extractor_version', r.extractor_version, 'format_version', r.format_version)
        order by r.ref), '[]')
      from quarry.trees r where r.repository_id = (p_repository).id))
  from quarry.tenants t, quarry.repository_status_view v
  where t.id = (p_repository).tenant_id and v.id = (p_repository).id
);
comment on function quarry.operator_repository_json(quarry.repositories) is
  'A repository with its webhook, why that could not be created, and what is indexed of each ref. No secret: only whether there is a token.';

create function quarry.operator_read_repositories(p_repository text, p_deliveries_max integer) returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_ids constant uuid[] := quarry.find_repositories(p_repository);
  v_items jsonb;
begin
  select jsonb_agg(quarry.operator_repository_json(r) || jsonb_build_object('deliveries', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'at', quarry.rfc3339(d.received_at), 'delivery_id', d.delivery_id, 'event', d.event, 'ref', d.ref, 'commit_oid', d.commit_oid,
          'outcome', d.outcome, 'ignored_reason', d.ignored_reason, 'job_id', d.job_id,
          'job_state', (select j.state from quarry.indexing_jobs j where j.id = d.job_id))
        order by d.received_at desc, d.delivery_id), '[]')
      from (
        select * from quarry.webhook_deliveries l where l.repository_id = r.id
        order by l.received_at desc, l.delivery_id limit p_deliveries_max) d))
    order by r.deleted_at nulls first, r.created_at desc, r.id)
  into v_items
  from quarry.repositories r where r.id = any(v_ids);
  return jsonb_build_object('at', quarry.rfc3339(clock_timestamp()), 'items', v_items);
end
$$;
comment on function quarry.operator_read_repositories(text, integer) is
  'The repositories of a name, of whatever tenant and those that are deleted last, or the one of an id: {at, items}, each with its newest deliveries and the state of '
  'the job that each was enqueued as, null once that is forgotten. What was not signed with the repository''s secret is in no row.';

create function quarry.operator_find_repositories(p_tenant text, p_repository text) returns setof uuid
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_tenants constant uuid[] := quarry.find_tenants(p_tenant);
  v_repositories constant uuid[] := quarry.find_repositories(p_repository);
begin
  return query
    select r.id from quarry.repositories r
    where r.deleted_at is null
      and (v_tenants is null or r.tenant_id = any(v_tenants))
      and (v_repositories is null or r.id = any(v_repositories))
    order by r.created_at, r.id;
end
$$;
comment on function quarry.operator_find_repositories(text, text) is 'The repositories that are not deleted, narrowed by what is not null.';

create function quarry.operator_index_repository(p_repository_id uuid) returns jsonb
language plpgsql security invoker set search_path = ''
as $$
declare
  -- As an upgrade's: what is pushed meanwhile goes first.
  c_priority constant integer := -10;
  v_repository constant quarry.repositories := quarry.lock_repository(p_repository_id, false);
  v_refs integer := 0;
begin
  if v_repository.id is not null and not quarry.has_lost_name(v_repository) then
    select count(quarry.enqueue_job(t.repository_id, 'index', t.ref, 'operator', '{}', c_priority)) into v_refs
    from quarry.trees t where t.repository_id = p_repository_id and t.retired_at is null;
  end if;
  return jsonb_build_object('repository_id', p_repository_id, 'refs', v_refs);
end
$$;
comment on function quarry.operator_index_repository(uuid) is
  'Has each ref that a repository follows compared with the host, behind all else that is queued: the remedy for deliveries that were refused, which hosts do not send again. '
  'One a transaction: each holds its tenant''s place in the queue to the end. Answers {repository_id, refs}, how many; none of one that no host calls by its name.';
