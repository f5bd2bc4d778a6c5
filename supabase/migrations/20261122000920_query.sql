-- Text search: finds the files of the scoped trees that may satisfy a query, and hands out their text
-- in bounded batches. Functions/_shared/search plans the query, verifies the text, and ranks; nothing
-- here decides whether a line matches.
--
-- What is searched is a list of units: the segments of each tree. A query's leaves narrow the segments to
-- chunks, each by its own list, and several segments by one statement, for a statement costs more than what
-- it finds. An alternative is a set of leaves which a file must all have: the shortest of its lists, the
-- driver, is walked slice by slice, so that a common term stops early. Files come in the order of their
-- units and blobs, tier 0 (they define a word of the query) before tier 1, and a batch says where it ended.
-- Plans are kept, whatever the arrays hold: to plan anew took longer than to run.

-- From a blob to its chunks, which have consecutive numbers.
create index chunks_by_blob on quarry.blob_chunks (segment_id, blob_no, chunk_no);

create function quarry.text_array(p_list jsonb) returns text[]
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  -- A function in SQL would be planned anew by every query that calls it. Most lists are empty, which it takes no query to see.
  if p_list is null or p_list = '[]' then
    return '{}';
  end if;
  return array(select jsonb_array_elements_text(p_list));
end
$$;
comment on function quarry.text_array(jsonb) is 'A JSON list of strings as an array; empty for null.';

create function quarry.like_patterns(p_list jsonb) returns text[]
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  if p_list is null or p_list = '[]' then
    return '{}';
  end if;
  return array(select '%' || regexp_replace(e.value, '([\\%_])', '\\\1', 'g') || '%' from jsonb_array_elements_text(p_list) e);
end
$$;
comment on function quarry.like_patterns(jsonb) is 'For each string of a JSON list the pattern of LIKE that texts match which have it.';

create type quarry.search_plan as (
  leaves jsonb, alternatives bigint[], words text[], paths text[], not_paths text[], languages text[], first_chunk boolean, around integer[], outlines boolean
);
comment on type quarry.search_plan is
  'What api.search_batch is told to look for, read once for all that is done for it. paths, not_paths: patterns of LIKE; around: which chunks to take beside one that may match.';

create function quarry.read_plan(p_plan jsonb) returns quarry.search_plan
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return row(
    p_plan -> 'leaves', quarry.text_array(p_plan -> 'alternatives')::bigint[], quarry.text_array(p_plan -> 'words'),
    quarry.like_patterns(p_plan #> '{filters,path}'), quarry.like_patterns(p_plan #> '{filters,not_path}'),
    quarry.text_array(p_plan #> '{filters,lang}'), (p_plan ->> 'first_chunk')::boolean,
    case when (p_plan ->> 'neighbours')::boolean then '{-1,0,1}' else '{0}' end::integer[], (p_plan ->> 'outlines')::boolean)::quarry.search_plan;
end
$$;
comment on function quarry.read_plan(jsonb) is 'A plan as api.search_batch takes it, but for its filters of repositories and refs.';

create function quarry.search_trees(p_tenant_id uuid, p_repository text, p_filters jsonb)
returns table (
  tree_id bigint, repository_id uuid, full_name text, ref text, commit_oid text, generation bigint, oldest_generation bigint, has_symbols boolean)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_all_refs boolean := (p_filters ->> 'all_refs')::boolean;
  v_refs text[] := quarry.text_array(p_filters -> 'ref');
  v_repos text[] := quarry.text_array(p_filters -> 'repo');
  v_not_repos text[] := quarry.text_array(p_filters -> 'not_repo');
  -- No repository has the id of what names none.
  v_repository_id uuid := case when p_repository is not null then coalesce(quarry.repository_named(p_tenant_id, p_repository), '00000000-0000-0000-0000-000000000000') end;
begin
  -- Filters that are empty, as most are, cost nothing for each of the tenant's repositories.
  return query
    select t.id, t.repository_id, t.full_name, t.ref, t.commit_oid, t.generation, t.oldest_generation, 'symbols' = any(t.features)
    from (
      select d.id, d.repository_id, r.full_name, d.ref, d.commit_oid, d.generation, d.oldest_generation, d.features,
        row_number() over (partition by r.id order by d.ref = r.default_ref desc, d.retired_at is not null desc, d.id) as place
      from quarry.repositories r join quarry.trees d on d.repository_id = r.id
      where r.tenant_id = p_tenant_id and r.deleted_at is null and d.generation is not null
        -- Of a case the planner thinks that half of them pass, else that two do, and looks for the trees of each.
        and case when v_repository_id is null then true else r.id = v_repository_id end
        and (v_repos = '{}' or not exists (select from unnest(v_repos) v where strpos(lower(r.full_name collate "C"), v) = 0))
        and (v_not_repos = '{}' or not exists (select from unnest(v_not_repos) v where strpos(lower(r.full_name collate "C"), v) > 0))
    ) t
    where (v_all_refs or t.place = 1) and (v_refs = '{}' or not exists (
      select from unnest(v_refs) v where lower(t.ref) <> v and (v like 'refs/%' or lower(t.ref) not in ('refs/heads/' || v, 'refs/tags/' || v))))
    order by t.id;
end
$$;
comment on function quarry.search_trees(uuid, text, jsonb) is
  'The indexed refs a search looks at, by id: all that p_filters allows, or of each repository one: the default branch, else the one that serves in '
  'its place. p_repository: OWNER/NAME, an id, or null for all. p_filters: {all_refs, ref, repo, not_repo: lower-case lists}.';

create function quarry.text_scope(p_tenant_id uuid, p_repository text, p_filters jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_all_refs boolean := (p_filters ->> 'all_refs')::boolean;
  v_refs text[] := quarry.text_array(p_filters -> 'ref');
  v_repos text[] := quarry.text_array(p_filters -> 'repo');
  v_not_repos text[] := quarry.text_array(p_filters -> 'not_repo');
  -- No repository has the id of what names none.
  v_repository_id uuid := case when p_repository is not null then coalesce(quarry.repository_named(p_tenant_id, p_repository), '00000000-0000-0000-0000-000000000000') end;
begin
  return (
    select jsonb_build_object(
      'repositories', count(*),
      -- Few repositories have the ref that a query names; when none does, that is why nothing is found. So it is where no
      -- name holds what the query says of it: a mistyped name is no answer that nothing is there.
      'unindexed', case when v_repos <> '{}' and count(*) filter (where t.is_meant) = 0 then 1
        when v_refs <> '{}' and coalesce(sum(t.meant) filter (where t.is_meant), 0) = 0 then count(*) filter (where t.is_meant)
        else count(*) filter (where t.is_meant and (t.published = 0 or t.waiting > 0)) end,
      'symbols_pending', count(*) filter (where t.is_meant and t.text_alone > 0),
      'skipped', coalesce(sum(t.skipped) filter (where t.is_meant), 0),
      'access_lost', count(*) filter (where t.is_meant and t.is_lost))
    from (
      select r.is_meant, r.access_lost_at is not null as is_lost,
        count(d.generation) as published,
        count(*) filter (where d.generation is not null and d.is_meant) as meant,
        count(*) filter (where d.generation is null and d.is_meant) as waiting,
        count(*) filter (where d.generation is not null and d.is_meant and not 'symbols' = any(d.features)) as text_alone,
        sum(d.too_large_count) filter (where d.is_meant) as skipped
      from (
        select n.id, n.default_ref, n.access_lost_at,
          (v_repos = '{}' or not exists (select from unnest(v_repos) v where strpos(lower(n.full_name collate "C"), v) = 0))
          and (v_not_repos = '{}' or not exists (select from unnest(v_not_repos) v where strpos(lower(n.full_name collate "C"), v) > 0)) as is_meant
        from quarry.repositories n
        where n.tenant_id = p_tenant_id and n.deleted_at is null
          and case when v_repository_id is null then true else n.id = v_repository_id end
      ) r
      left join lateral (
        select t.generation, t.features, t.too_large_count, (v_all_refs or t.ref = r.default_ref) and (v_refs = '{}' or not exists (
          select from unnest(v_refs) v where lower(t.ref) <> v and (v like 'refs/%' or lower(t.ref) not in ('refs/heads/' || v, 'refs/tags/' || v)))) as is_meant
        from quarry.trees t where t.repository_id = r.id
      ) d on true
      group by r.id, r.is_meant, r.access_lost_at
    ) t);
end
$$;
comment on function quarry.text_scope(uuid, text, jsonb) is
  'What an honest answer must say of its scope, where the filters of repositories and refs let it look: {repositories: whatever the filters, unindexed: repositories without a published index of the ref that is searched (all, where none has the refs that a query names; 1, where none has the name), '
  'symbols_pending: those of whose ref the text alone is published, '
  'skipped: text too large to index, access_lost: repositories whose index cannot follow their host any more}.';

-- The lists of a query's leaves in a segment, for its second tier and for the next batch. Those of symbols are empty
-- where a tree has none yet, so it is told which of both they are of.
create type quarry.segment_lists as (segment_id bigint, has_symbols boolean, lists quarry.chunk_list[]);

-- A segment of a tree that is searched, in one generation. Of it the blobs between two are looked at.
create type quarry.search_unit as (
  tree_id bigint, generation bigint, commit_oid text, full_name text, ref text, segment_id bigint, term_count integer,
  has_symbols boolean, is_pinned boolean, is_shown boolean, after_blob integer, until_blob integer
);

create function quarry.search_units(p_trees quarry.search_unit[], p_tier integer, p_from jsonb, p_until jsonb, p_pins jsonb) returns quarry.search_unit[]
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  c_blob_no_max constant integer := 2147483647;
  v_from_tree bigint := case when (p_from ->> 'tier')::integer = p_tier then (p_from ->> 'tree')::bigint end;
  v_from_segment bigint := (p_from ->> 'segment')::bigint;
  v_from_blob integer := (p_from ->> 'blob')::integer;
  v_until_tree bigint := case when (p_until ->> 'tier')::integer = p_tier then (p_until ->> 'tree')::bigint end;
  v_until_segment bigint := (p_until ->> 'segment')::bigint;
  v_until_blob integer := (p_until ->> 'blob')::integer;
begin
  return array(
    select row(
        u.tree_id, coalesce((p.pin ->> 0)::bigint, u.generation), coalesce(p.pin ->> 1, u.commit_oid), u.full_name, u.ref, u.segment_id, u.term_count,
        u.has_symbols, p.pin is not null, coalesce((p.pin ->> 2)::boolean, false),
        case when u.tree_id = v_from_tree and u.segment_id = v_from_segment then v_from_blob else -1 end,
        case when u.tree_id = v_until_tree and u.segment_id = v_until_segment then v_until_blob else c_blob_no_max end)::quarry.search_unit
    from unnest(p_trees) u
    cross join lateral (select p_pins -> u.tree_id::text as pin) p
    where u.segment_id is not null
      -- What a page has shown is read again from the trees that it came from, as they were.
      and (p_until is null or p.pin is not null)
      and (v_from_tree is null or (u.tree_id, u.segment_id) >= (v_from_tree, v_from_segment))
      and (v_until_tree is null or (u.tree_id, u.segment_id) <= (v_until_tree, v_until_segment))
    order by u.tree_id, u.segment_id);
end
$$;
comment on function quarry.search_units(quarry.search_unit[], integer, jsonb, jsonb, jsonb) is
  'Of these the units of a tier from one position until another, as far as they go, in their pinned generations. p_from, p_until, p_pins: as in a cursor.';
