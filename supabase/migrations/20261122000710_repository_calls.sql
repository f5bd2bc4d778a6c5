-- What registers a repository and what its webhook reports.

create function quarry.register_again(
  p_repository quarry.repositories, p_full_name text, p_default_branch text, p_visibility text, p_ref text, p_token text, p_requested_by text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_job quarry.indexing_jobs;
begin
  update quarry.repositories set visibility = p_visibility where id = p_repository.id and visibility <> p_visibility;
  if p_repository.full_name <> p_full_name then
    perform quarry.rename_repository(p_repository, p_full_name, true, p_requested_by);
  end if;
  perform quarry.change_default_branch(p_repository, p_default_branch, p_requested_by);
  if p_ref is not null then
    case quarry.follow_ref(p_repository.id, p_ref)
      when 'followed' then perform quarry.enqueue_job(p_repository.id, 'index', p_ref, p_requested_by);
      when 'limit_reached' then return jsonb_build_object('outcome', 'refs_limit_reached', 'limit', quarry.refs_max(p_repository.id));
      else null;
    end case;
  end if;
  -- Asking again is also how a hook that was given up, or deleted at the host, which tells nobody, comes to be.
  -- At once, whatever came of it before: who asks may have a token by now that the host lets do it.
  update quarry.repositories set hook_state = 'pending', hook_attempts = 0, hook_denials = 0, hook_retry_at = clock_timestamp()
  where id = p_repository.id;
  if p_token is not null then
    perform quarry.store_repository_secret(p_repository.id, 'token', p_token);
    -- Hosts limit whoever asks: what waits for a limit waits for the former token's, or nobody's.
    update quarry.indexing_jobs j set run_at = clock_timestamp(), wait_reason = null
    where j.repository_id = p_repository.id and j.state = 'queued' and j.wait_reason = 'rate_limit';
    if found then
      perform quarry.tell_of_job(p_repository.tenant_id);
    end if;
  end if;
  if p_repository.access_lost_at is not null and not quarry.has_lost_name(p_repository) then
    -- The host has just shown it to whoever asks, who may have a new token, or none because it is public by now.
    if p_token is null and p_visibility = 'public' then
      perform quarry.forget_repository_secret(p_repository.id, 'token');
    end if;
    perform quarry.enqueue_job(p_repository.id, 'index', t.ref, p_requested_by)
    from quarry.trees t where t.repository_id = p_repository.id and t.retired_at is null;
  end if;
  select * into v_job from quarry.indexing_jobs j where j.repository_id = p_repository.id order by j.queued_at desc, j.id limit 1;
  return jsonb_build_object('outcome', 'existing',
    'repository', quarry.repository_json(p_repository.id), 'job', quarry.job_json(v_job));
end
$$;
comment on function quarry.register_again(quarry.repositories, text, text, text, text, text, text) is
  'What register_repository does with one that the tenant has, which is locked, and answers of it: it takes over what the host has just said, follows the ref, and mends what was lost.';

create function api.register_repository(
  p_tenant_id uuid, p_host_id bigint, p_full_name text, p_default_branch text, p_visibility text,
  p_ref text, p_token text, p_requested_by text
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_repository quarry.repositories;
  v_job quarry.indexing_jobs;
  v_limit integer;
begin
  -- Serialises this tenant's registrations and renames: the limit is exact, a double click makes one repository, and a name
  -- has one. A lock that lets others refer to the tenant, as whoever enqueues does with its repository locked.
  select p.repositories_max into v_limit
  from quarry.tenants t join quarry.plans p on p.plan = t.plan where t.id = p_tenant_id for no key update of t;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  select * into v_repository from quarry.repositories r
  where r.tenant_id = p_tenant_id and r.host_id = p_host_id and r.deleted_at is null for no key update;
  if found then
    return quarry.register_again(v_repository, p_full_name, p_default_branch, p_visibility, p_ref, p_token, p_requested_by);
  end if;

  if (select count(*) from quarry.repositories r where r.tenant_id = p_tenant_id and r.deleted_at is null) >= v_limit then
    return jsonb_build_object('outcome', 'limit_reached', 'limit', v_limit);
  end if;

  perform quarry.release_name(p_tenant_id, p_host_id, p_full_name);
  insert into quarry.repositories (tenant_id, host_id, full_name, default_branch, visibility)
  values (p_tenant_id, p_host_id, p_full_name, p_default_branch, p_visibility)
  returning * into v_repository;
  perform quarry.ensure_webhook_secret(v_repository.id);
  if p_token is not null then
    perform quarry.store_repository_secret(v_repository.id, 'token', p_token);
  end if;
  insert into quarry.trees (repository_id, ref) values (v_repository.id, coalesce(p_ref, v_repository.default_ref));
  v_job := quarry.enqueue_job(v_repository.id, 'index', coalesce(p_ref, v_repository.default_ref), p_requested_by, '{"full": true}');
  return jsonb_build_object('outcome', 'created',
    'repository', quarry.repository_json(v_repository.id), 'job', quarry.job_json(v_job));
end
$$;
comment on function api.register_repository(uuid, bigint, text, text, text, text, text, text) is
  'Stores the repository, its webhook secret and a full index job in one transaction; the hook is then created over HTTP. '
  'Answers {outcome: created|existing|limit_reached|refs_limit_reached|not_found, repository, job, limit}. Another repository of the '
  'tenant that had the name before loses it. p_ref: full ref or null for the default branch; '
  'of an existing repository it is followed from now on, and the job is its newest. One that had lost its access is indexed, without the token that it had '
  'if it is public and none is given; the hook of one is made sure of. '
  'p_token: the tenant''s token for a private repository, kept in Vault.';
grant execute on function api.register_repository(uuid, bigint, text, text, text, text, text, text) to service_role;

create function quarry.hook_is_due(p_repository quarry.repositories) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- No wait is longer than an hour: what is further ahead is so because the clock went back.
  return p_repository.hook_retry_at not between clock_timestamp() and clock_timestamp() + interval '1 hour';
end
$$;
comment on function quarry.hook_is_due(quarry.repositories) is 'Whether the hook, which is pending, is to be created now.';

create function api.take_pending_hooks(p_repository_id uuid, p_hooks_max integer) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_retry_after constant interval := interval '30 seconds';
  v_hooks jsonb;
begin
  with taken as (
    update quarry.repositories r set hook_retry_at = clock_timestamp() + c_retry_after * (1 + r.hook_attempts), hook_attempts = r.hook_attempts + 1
    where r.id in (
      select p.id from quarry.repositories p
      where p.hook_state = 'pending' and p.deleted_at is null and quarry.hook_is_due(p)
        and (p_repository_id is null or p.id = p_repository_id)
      order by p.hook_retry_at limit p_hooks_max for update skip locked)
    returning r.id, r.full_name
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'repository_id', t.id, 'full_name', t.full_name,
    'secret', quarry.ensure_webhook_secret(t.id), 'token', quarry.read_repository_secret(t.id, 'token'))), '[]')
  into v_hooks from taken t;
  return v_hooks;
end
$$;
comment on function api.take_pending_hooks(uuid, integer) is
  'Hooks still to be created, of one repository or (null) of all: [{repository_id, full_name, secret, token}]. Each is taken for 30 s times its tries, '
  'so that a caller that dies leaves it to the next.';
grant execute on function api.take_pending_hooks(uuid, integer) to service_role;

create function api.record_hook(
  p_repository_id uuid, p_hook_id bigint, p_error text, p_is_denied boolean default false, p_retry_seconds double precision default null
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  c_attempts_max constant integer := 20;
  -- At 0, 30 and 90 s: a host may refuse for a moment, as while rights are being changed.
  c_denials_max constant integer := 3;
  c_wait_seconds_max constant double precision := 3600;
  v_repository quarry.repositories;
begin
  select * into v_repository from quarry.repositories r where r.id = p_repository_id and r.deleted_at is null for no key update;
  if not found then
    return null;
  end if;
  update quarry.repositories set
    hook_id = coalesce(p_hook_id, hook_id), hook_error = left(p_error, 1000),
    hook_denials = case when p_is_denied then hook_denials + 1 else 0 end,
    -- A limit says nothing of the hook.
    hook_attempts = case when p_retry_seconds is null then hook_attempts else greatest(hook_attempts - 1, 0) end,
    hook_retry_at = case when p_retry_seconds is null then hook_retry_at
      else clock_timestamp() + make_interval(secs => least(greatest(p_retry_seconds, 1), c_wait_seconds_max)) end,
    hook_state = case
      when p_error is null then 'active'
      when p_is_denied and hook_denials + 1 >= c_denials_max then 'failed'
      when p_retry_seconds is null and hook_attempts >= c_attempts_max then 'failed'
      else hook_state end
  where id = p_repository_id;
  if p_error is null and v_repository.hook_id is distinct from p_hook_id then
    -- Of what was pushed before, nobody was told: whatever asked the host before this may lack it. What waits will ask later.
    perform quarry.enqueue_job(t.repository_id, 'index', t.ref, 'a new webhook')
    from quarry.trees t
    where t.repository_id = p_repository_id and t.retired_at is null and not exists (
      select from quarry.indexing_jobs j
      where j.repository_id = t.repository_id and j.kind = 'index' and j.ref = t.ref and j.state = 'queued');
  end if;
  return quarry.repository_json(p_repository_id);
end
$$;
comment on function api.record_hook(uuid, bigint, text, boolean, double precision) is
  'Records that the hook exists (p_hook_id), or why it could not be created (p_error): it stays pending and is tried again, 20 times at most, and '
  'three times where the host lets nobody (p_is_denied). p_retry_seconds: how long a host that limits wants to be left alone, which costs no try; an hour at most. '
  'A hook that is new has each ref that is followed indexed by a job that begins after it. '
  'Null: the repository was deleted meanwhile, and nothing knows of the hook but the caller.';
grant execute on function api.record_hook(uuid, bigint, text, boolean, double precision) to service_role;

create function api.webhook_secret(p_repository_id uuid) returns text
language sql stable security definer set search_path = ''
return (
  select quarry.read_repository_secret(r.id, 'webhook') from quarry.repositories r where r.id = p_repository_id and r.deleted_at is null
);
comment on function api.webhook_secret(uuid) is 'The secret that this repository''s deliveries are signed with, or null for an unknown repository.';
grant execute on function api.webhook_secret(uuid) to service_role;

create function api.record_delivery(
  p_repository_id uuid, p_delivery_id text, p_event text, p_ref text, p_commit_oid text, p_full_name text, p_default_branch text, p_is_forced boolean default false
) returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_is_renamed boolean := exists (select from quarry.repositories r where r.id = p_repository_id and r.full_name <> p_full_name);
  v_repository quarry.repositories := quarry.lock_repository(p_repository_id, v_is_renamed);
  v_requested_by text := 'webhook ' || p_delivery_id;
  v_ref text;
  v_job quarry.indexing_jobs;
  v_outcome text := case when p_event = 'ping' then 'pong' else 'ignored' end;
  v_known record;
  -- As git says it: a ref that is deleted points there from then on, which a host may show late as well.
  c_no_commit constant text := repeat('0', 40);
begin
  insert into quarry.webhook_deliveries (repository_id, delivery_id, event, ref, commit_oid, outcome)
  select v_repository.id, p_delivery_id, p_event, left(p_ref, 500), p_commit_oid, v_outcome where v_repository.id is not null
  on conflict (repository_id, delivery_id) do nothing;
  if not found then
    select d.outcome, d.job_id into v_known from quarry.webhook_deliveries d
    where d.repository_id = p_repository_id and d.delivery_id = p_delivery_id;
    return jsonb_build_object('outcome', case when found then 'duplicate' else 'not_found' end, 'job_id', v_known.job_id);
  end if;
  -- It came: the hook is there and right, though nobody may look after it any more.
  update quarry.repositories set hook_state = 'active', hook_error = null where id = p_repository_id and hook_state = 'failed';
  if v_is_renamed then
    perform quarry.rename_repository(v_repository, p_full_name, false, v_requested_by);
  end if;
  if p_default_branch <> v_repository.default_branch then
    -- It may be late. A job asks the host, whatever it is for: of the default branch if that is followed, for nobody drops it.
    select t.ref into v_ref from quarry.trees t where t.repository_id = p_repository_id and t.retired_at is null
    order by t.ref = v_repository.default_ref desc, t.ref limit 1;
    if found then
      v_job := quarry.enqueue_job(p_repository_id, 'index', v_ref, v_requested_by, jsonb_build_object('default_branch', p_default_branch));
    end if;
  end if;
  if p_event = 'push' and exists (
    select from quarry.trees t where t.repository_id = p_repository_id and t.ref = p_ref and t.retired_at is null)
  then
    v_job := quarry.enqueue_job(p_repository_id, 'index', p_ref, v_requested_by, jsonb_strip_nulls(jsonb_build_object('commit_oid', coalesce(p_commit_oid, c_no_commit), 'set_to', case when p_is_forced then p_commit_oid end)));
  end if;
  if v_job.id is not null then
    update quarry.webhook_deliveries set outcome = 'enqueued', job_id = v_job.id
    where repository_id = p_repository_id and delivery_id = p_delivery_id;
    v_outcome := 'enqueued';
  elsif v_outcome = 'ignored' then
    update quarry.webhook_deliveries set ignored_reason = case when p_event = 'push' then 'ref_not_followed' else 'event_not_indexed' end
    where repository_id = p_repository_id and delivery_id = p_delivery_id;
  end if;
  return jsonb_build_object('outcome', v_outcome, 'job_id', v_job.id);
end
$$;
comment on function api.record_delivery(uuid, text, text, text, text, text, text, boolean) is
  'Records a verified delivery and enqueues for a push to an indexed ref, in one transaction: a delivery that was answered is never lost, '
  'and one that comes again changes nothing. It shows that a hook which was given up works. p_commit_oid is a hint, null for a deleted ref, p_is_forced says that it is no descendant of what the ref was at; '
  'p_full_name and p_default_branch are what the delivery calls them, or null: where another default branch is known, a job asks the host. Answers {outcome: enqueued|ignored|pong|duplicate|not_found, job_id}.';
grant execute on function api.record_delivery(uuid, text, text, text, text, text, text, boolean) to service_role;
