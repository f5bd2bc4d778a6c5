-- Text search: finds the files of the scoped trees that may satisfy a query, and hands out their text
-- in bounded batches. Functions/_shared/search plans the query, verifies the text, and ranks; nothing
-- here decides whether a line matches.
--
-- A query's leaves narrow a segment to chunks, each by its own list. An alternative is a set of leaves
-- which a file must all have: the shortest of its lists, the driver, is walked slice by slice, so that
-- a common term stops early. Files come in the order of their blobs, tier 0 (they define a word of the
-- query) before tier 1, and a batch says where it ended. Plans are kept, whatever the arrays hold: to plan
-- anew took longer than to run.

-- From a blob to its chunks.
create index chunks_by_blob on quarry.blob_chunks (segment_id, blob_no, chunk_no);

create type quarry.chunk_list as (chunk_nos integer[]);

-- The lists of a query's leaves in a segment, for its second tier.
create type quarry.segment_lists as (segment_id bigint, lists quarry.chunk_list[]);

create function quarry.chunk_texts(p_segment_id bigint, p_chunk_nos integer[], p_masks bigint[])
returns table (chunk_no integer, blob_no integer, first_line integer, mask bigint, content bytea)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return query
    select w.no, k.blob_no, k.first_line, w.mask, k.content
    from unnest(p_chunk_nos, p_masks) w (no, mask)
    cross join lateral (
      select c.blob_no, c.first_line, c.content from quarry.blob_chunks c where c.segment_id = p_segment_id and c.chunk_no = w.no offset 0
    ) k;
end
$$;
comment on function quarry.chunk_texts(bigint, integer[], bigint[]) is 'The packed text of these chunks, each with its mask.';

create function quarry.text_array(p_list jsonb) returns text[]
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  -- A function in SQL would be planned anew by every query that calls it.
  return array(select jsonb_array_elements_text(p_list));
end
$$;
comment on function quarry.text_array(jsonb) is 'A JSON list of strings as an array; empty for null.';

create function quarry.search_trees(p_tenant_id uuid, p_repository text, p_filters jsonb)
returns table (tree_id bigint, repository_id uuid, full_name text, ref text, commit_oid text, generation bigint, oldest_generation bigint)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_all_refs boolean := (p_filters ->> 'all_refs')::boolean;
  v_refs text[] := quarry.text_array(p_filters -> 'ref');
  v_repos text[] := quarry.text_array(p_filters -> 'repo');
  v_not_repos text[] := quarry.text_array(p_filters -> 'not_repo');
begin
  return query
    select t.id, r.id, r.full_name, t.ref, t.commit_oid, t.generation, t.oldest_generation
    from quarry.repositories r join quarry.trees t on t.repository_id = r.id
    where r.tenant_id = p_tenant_id and r.deleted_at is null and t.generation is not null
      and (p_repository is null or lower(r.full_name) = lower(p_repository) or r.id::text = lower(p_repository))
      and not exists (select from unnest(v_repos) v where strpos(lower(r.full_name collate "C"), v) = 0)
      and not exists (select from unnest(v_not_repos) v where strpos(lower(r.full_name collate "C"), v) > 0)
      and not exists (select from unnest(v_refs) v where lower(t.ref) not in (v, 'refs/heads/' || v, 'refs/tags/' || v))
      and (v_all_refs or t.id = (
        select d.id from quarry.trees d where d.repository_id = r.id and d.generation is not null
        order by d.ref = quarry.default_ref(r) desc, d.retired_at is not null desc, d.id limit 1))
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
begin
  return (
    select jsonb_build_object(
      'repositories', count(*),
      'unindexed', count(*) filter (where m.is_meant and (t.published = 0 or t.waiting > 0)),
      'skipped', coalesce(sum(t.skipped) filter (where m.is_meant), 0),
      'access_lost', count(*) filter (where m.is_meant and r.access_lost_at is not null))
    from quarry.repositories r
    cross join lateral (
      select not exists (select from unnest(v_repos) v where strpos(lower(r.full_name collate "C"), v) = 0)
        and not exists (select from unnest(v_not_repos) v where strpos(lower(r.full_name collate "C"), v) > 0) as is_meant
    ) m
    cross join lateral (
      select count(t.generation) as published,
        count(*) filter (where t.generation is null and s.is_meant) as waiting,
        sum(t.too_large_count) filter (where s.is_meant) as skipped
      from quarry.trees t
      cross join lateral (
        select (v_all_refs or t.ref = quarry.default_ref(r))
          and not exists (select from unnest(v_refs) v where lower(t.ref) not in (v, 'refs/heads/' || v, 'refs/tags/' || v)) as is_meant
      ) s
      where t.repository_id = r.id
    ) t
    where r.tenant_id = p_tenant_id and r.deleted_at is null
      and (p_repository is null or lower(r.full_name) = lower(p_repository) or r.id::text = lower(p_repository)));
end
$$;
comment on function quarry.text_scope(uuid, text, jsonb) is
  'What an honest answer must say of its scope, where the filters of repositories and refs let it look: {repositories: whatever the filters, unindexed: repositories without a published index of the ref that is searched, '
  'skipped: text too large to index, access_lost: repositories whose index cannot follow their host any more}.';

create function quarry.leaf_lists(p_segment_id bigint, p_term_count integer, p_leaves jsonb) returns quarry.chunk_list[]
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Fewer chunks are read as they are.
  c_enough constant integer := 64;
  v_lists quarry.chunk_list[] := '{}';
  v_leaf jsonb;
  v_choice jsonb;
  v_list integer[];
  v_nos integer[];
begin
  for v_leaf in select e.value from jsonb_array_elements(p_leaves) with ordinality e order by e.ordinality loop
    if v_leaf ? 'symbol' then
      -- A definition lies anywhere in its file.
      select coalesce(array_agg(distinct k.chunk_no order by k.chunk_no), '{}') into v_nos
      from (
        select distinct n.blob_no as no from quarry.find_names(p_segment_id, 'infix', v_leaf #>> '{symbol,name_folded}', null) n
      ) b
      cross join lateral (
        select c.chunk_no from quarry.blob_chunks c where c.segment_id = p_segment_id and c.blob_no = b.no offset 0
      ) k;
    else
      v_nos := quarry.candidate_chunks(p_segment_id, p_term_count, v_leaf -> 'constraints');
      for v_choice in select e.value from jsonb_array_elements(v_leaf -> 'choices') e loop
        exit when cardinality(v_nos) <= c_enough;
        v_list := quarry.choice_chunks(p_segment_id, p_term_count, v_choice);
        v_nos := case when v_nos is null then v_list when v_list is null then v_nos else v_nos operator(extensions.&) v_list end;
      end loop;
    end if;
    v_lists := v_lists || row(v_nos)::quarry.chunk_list;
  end loop;
  return v_lists;
end
$$;
comment on function quarry.leaf_lists(bigint, integer, jsonb) is
  'For each leaf the chunks of a segment that may satisfy it, ascending; null: any may. p_leaves: [{constraints, choices} or {symbol}].';

create function quarry.driver_chunks(p_lists quarry.chunk_list[], p_alternatives bigint[]) returns integer[]
language plpgsql immutable security definer set search_path = ''
as $$
declare
  v_driver integer[];
  v_best integer[];
  v_mask bigint;
begin
  foreach v_mask in array p_alternatives loop
    v_best := null;
    for i in 1 .. cardinality(p_lists) loop
      if (v_mask >> (i - 1)) & 1 = 1 and (v_best is null or cardinality((p_lists[i]).chunk_nos) < cardinality(v_best)) then
        v_best := (p_lists[i]).chunk_nos;
      end if;
    end loop;
    if v_best is null then
      return null;
    end if;
    v_driver := case when v_driver is null then v_best else v_driver operator(extensions.|) v_best end;
  end loop;
  return v_driver;
end
$$;
comment on function quarry.driver_chunks(quarry.chunk_list[], bigint[]) is
  'Chunks of which every matching file has one: of each alternative the shortest list, together; null when an alternative has none.';

create function quarry.matching_blobs(
  p_tree_id bigint, p_generation bigint, p_segment_id bigint, p_blob_nos integer[], p_lists quarry.chunk_list[], p_alternatives bigint[], p_plan jsonb
) returns table (blob_no integer, language text, paths text[], chunk_nos integer[], masks bigint[])
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_paths text[] := quarry.text_array(p_plan #> '{filters,path}');
  v_not_paths text[] := quarry.text_array(p_plan #> '{filters,not_path}');
  v_languages text[] := quarry.text_array(p_plan #> '{filters,lang}');
  v_first_chunk boolean := (p_plan ->> 'first_chunk')::boolean;
  v_neighbours boolean := (p_plan ->> 'neighbours')::boolean;
begin
  return query
    with files as materialized (
      select b.no, min(f.language) as language, array_agg(f.path_text order by f.path) as paths
      from unnest(p_blob_nos) b (no)
      -- Offset 0: from the blobs to their files. Without statistics the planner would start at the tree.
      cross join lateral (
        select t.path, t.path_text, t.language from quarry.tree_files t
        where t.segment_id = p_segment_id and t.blob_no = b.no and t.tree_id = p_tree_id and t.skip_reason is null
          and t.generation_from <= p_generation and (t.generation_to is null or t.generation_to > p_generation)
          and not exists (select from unnest(v_paths) v where strpos(lower(t.path_text), v) = 0)
          and not exists (select from unnest(v_not_paths) v where strpos(lower(t.path_text), v) > 0)
          and not exists (select from unnest(v_languages) v where lower(t.language collate "C") <> v)
        offset 0
      ) f
      group by b.no
    ), spans as materialized (
      select f.no, k.chunk_no from files f
      cross join lateral (
        select c.chunk_no from quarry.blob_chunks c where c.segment_id = p_segment_id and c.blob_no = f.no offset 0
      ) k
    ), every as materialized (
      select coalesce(array_agg(s.chunk_no order by s.chunk_no), '{}') as nos from spans s
    ), hits as materialized (
      select h.no, bit_or(1::bigint << (l.i - 1)) as mask
      from every e, generate_subscripts(p_lists, 1) l (i)
      cross join lateral unnest(
        case when (p_lists[l.i]).chunk_nos is null then e.nos else e.nos operator(extensions.&) (p_lists[l.i]).chunk_nos end) h (no)
      group by h.no
    ), marked as (
      select s.no, s.chunk_no, coalesce(h.mask, 0) as mask,
        h.mask is not null or (v_first_chunk and row_number() over w = 1)
          or (v_neighbours and (lag(h.mask) over w is not null or lead(h.mask) over w is not null)) as wanted
      from spans s left join hits h on h.no = s.chunk_no
      window w as (partition by s.no order by s.chunk_no)
    ), found as (
      select m.no, bit_or(m.mask) as mask,
        array_agg(m.chunk_no order by m.chunk_no) filter (where m.wanted) as chunk_nos,
        array_agg(m.mask order by m.chunk_no) filter (where m.wanted) as masks
      from marked m group by m.no
    )
    select f.no, f.language, f.paths, coalesce(g.chunk_nos, '{}'), coalesce(g.masks, '{}')
    from files f left join found g on g.no = f.no
    where exists (select from unnest(p_alternatives) a where coalesce(g.mask, 0) & a = a)
    order by f.no;
end
$$;
comment on function quarry.matching_blobs(bigint, bigint, bigint, integer[], quarry.chunk_list[], bigint[], jsonb) is
  'Of these blobs the ones that have a file in this generation of the tree which passes the filters, and a chunk for each leaf of an alternative: '
  'with their paths, and the chunks that a leaf may match in; bit i of a mask is leaf i.';

create function quarry.batch_json(
  p_tree_id bigint, p_generation bigint, p_segment_id bigint, p_blob_nos integer[], p_lists quarry.chunk_list[], p_alternatives bigint[], p_plan jsonb,
  p_definers quarry.chunk_list[], p_weight_max integer, out blobs json, out blob_count integer, out weight integer, out cut_after integer
)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- What a chunk weighs at least; one line may be as long as a file.
  c_chunk_bytes constant integer := 4096;
  v_outlines boolean := (p_plan ->> 'outlines')::boolean;
begin
  with found as materialized (
    select m.*, coalesce((
        select sum(greatest(1, pg_column_size(c.content) / c_chunk_bytes)) from unnest(m.chunk_nos) n (no)
        cross join lateral (select k.content from quarry.blob_chunks k where k.segment_id = p_segment_id and k.chunk_no = n.no offset 0) c), 1) as weight
    from quarry.matching_blobs(p_tree_id, p_generation, p_segment_id, p_blob_nos, p_lists, p_alternatives, p_plan) m
  ), running as materialized (
    select f.*, sum(f.weight) over (order by f.blob_no) as total, lead(f.blob_no) over (order by f.blob_no) as next_blob_no from found f
  ), kept as (
    -- At least one, or a search would not get on.
    select * from running r where r.total - r.weight < p_weight_max or r.total = r.weight
  ), wanted as (
    select array_agg(c.no order by c.no) as nos, array_agg(c.mask order by c.no) as masks
    from kept k, unnest(k.chunk_nos, k.masks) c (no, mask)
  ), texts as materialized (
    select t.blob_no, json_agg(json_build_array(t.first_line, t.mask, encode(t.content, 'base64')) order by t.chunk_no) as chunks
    from wanted w, quarry.chunk_texts(p_segment_id, w.nos, w.masks) t group by t.blob_no
  )
  select json_agg(json_build_object(
      'tree', p_tree_id, 'segment', p_segment_id, 'blob', k.blob_no, 'language', k.language, 'paths', k.paths,
      'defines', array(select d.i - 1 from generate_subscripts(p_definers, 1) d (i) where k.blob_no = any((p_definers[d.i]).chunk_nos)),
      'chunks', coalesce(t.chunks, '[]'),
      'outline', case when v_outlines or p_definers is not null then (
        select encode(b.outline, 'base64') from quarry.blobs b where b.segment_id = p_segment_id and b.blob_no = k.blob_no) end)
      order by k.blob_no),
    count(*)::integer, coalesce(sum(k.weight), 0)::integer,
    max(k.blob_no) filter (where k.total >= p_weight_max and k.next_blob_no is not null)
  into blobs, blob_count, weight, cut_after
  from kept k left join texts t on t.blob_no = k.blob_no;
end
$$;
comment on function quarry.batch_json(bigint, bigint, bigint, integer[], quarry.chunk_list[], bigint[], jsonb, quarry.chunk_list[], integer) is
  'The matching ones of these blobs as api.search_batch hands them out, up to a weight of about as many chunks; cut_after: the last one, when there are more. '
  'p_definers: for each word of the query the blobs that define it; null where that does not matter.';

create function api.search_batch(p_tenant_id uuid, p_plan jsonb, p_repository text, p_cursor jsonb, p_weight_max integer) returns json
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Chunks of the driver, or blobs, that are looked at in one step: about as many as are wanted, and
  -- more after steps in vain.
  c_slice_min constant integer := 64;
  c_slice_max constant integer := 1024;
  -- What one call looks at and finds nothing in, before it says how far it came.
  c_slices_max constant integer := 200;
  c_time_max constant interval := interval '400 milliseconds';
  -- Each tree that a batch shows something of is pinned by the cursor.
  c_trees_max constant integer := 40;
  v_started timestamptz := clock_timestamp();
  v_filters jsonb := p_plan -> 'filters';
  v_scope jsonb := quarry.text_scope(p_tenant_id, p_repository, v_filters);
  v_words text[] := quarry.text_array(p_plan -> 'words');
  v_alternatives bigint[] := array(select e.value::bigint from jsonb_array_elements_text(p_plan -> 'alternatives') e);
  v_from jsonb := nullif(p_cursor -> 'from', 'null');
  v_until jsonb := nullif(p_cursor -> 'until', 'null');
  v_pins jsonb := coalesce(p_cursor -> 'pins', '{}');
  v_new_pins integer := 0;
  v_trees jsonb := '{}';
  v_tree record;
  v_segment record;
  v_pin jsonb;
  v_generation bigint;
  v_is_here boolean;
  v_is_last boolean;
  v_after integer;
  v_last integer;
  v_next integer;
  v_candidates integer[];
  v_blob_nos integer[];
  v_driver integer[];
  v_lists quarry.chunk_list[];
  v_known quarry.segment_lists[] := '{}';
  v_definers quarry.chunk_list[];
  v_batch record;
  v_blobs json[] := '{}';
  v_weight integer := 0;
  v_slices integer := 0;
  v_slice integer := greatest(c_slice_min, least(p_weight_max, c_slice_max));
  v_at jsonb := v_from;
  v_is_done boolean := true;
begin
  if p_repository is not null and (v_scope ->> 'repositories')::integer = 0 then
    return json_build_object('outcome', 'not_found');
  end if;
  if exists (
    select from jsonb_each(v_pins) p
    where not exists (
      select from quarry.search_trees(p_tenant_id, p_repository, v_filters) t
      where t.tree_id = p.key::bigint and t.oldest_generation <= (p.value ->> 0)::bigint))
  then
    return json_build_object('outcome', 'cursor_expired');
  end if;

  <<scan>>
  for v_tier in coalesce((v_from ->> 'tier')::integer, 0) .. coalesce((v_until ->> 'tier')::integer, 1) loop
    continue when v_tier = 0 and cardinality(v_words) = 0;
    for v_tree in
      select * from quarry.search_trees(p_tenant_id, p_repository, v_filters) t
      where v_from is null or (v_from ->> 'tier')::integer < v_tier or t.tree_id >= (v_from ->> 'tree')::bigint
    loop
      v_pin := v_pins -> v_tree.tree_id::text;
      -- What a page has shown is read again from the trees that it came from, as they were.
      continue when v_until is not null and v_pin is null;
      exit when v_until is not null and v_tier = (v_until ->> 'tier')::integer and v_tree.tree_id > (v_until ->> 'tree')::bigint;
      if v_tier = 0 and v_until is null and v_pin is null
        and (select count(*) from jsonb_each(v_pins) p where (p.value ->> 2)::boolean) >= c_trees_max
      then
        exit;
      end if;
      v_generation := coalesce((v_pin ->> 0)::bigint, v_tree.generation);
      for v_segment in
        select s.id, s.term_count,
          v_from is not null and (v_from ->> 'tier')::integer = v_tier and (v_from ->> 'tree')::bigint = v_tree.tree_id as is_here
        from quarry.segments s where s.repository_id = v_tree.repository_id and s.published_at is not null order by s.id
      loop
        continue when v_segment.is_here and v_segment.id < (v_from ->> 'segment')::bigint;
        v_is_here := v_segment.is_here and v_segment.id = (v_from ->> 'segment')::bigint;
        v_is_last := v_until is not null and v_tier = (v_until ->> 'tier')::integer and v_tree.tree_id = (v_until ->> 'tree')::bigint
          and v_segment.id >= (v_until ->> 'segment')::bigint;
        exit scan when v_is_last and v_segment.id > (v_until ->> 'segment')::bigint;
        v_after := case when v_is_here then (v_from ->> 'blob')::integer else -1 end;
        v_definers := null;
        v_candidates := '{}';
        -- Tier 1 leaves out what tier 0 has shown.
        if v_tier = 0 or (v_pin ->> 2)::boolean then
          v_definers := array(
            select row(array(select b from quarry.defining_blobs(v_segment.id, w.word) b order by b))::quarry.chunk_list
            from unnest(v_words) with ordinality w (word, i) order by w.i);
          v_candidates := array(select distinct n from unnest(v_definers) d, unnest(d.chunk_nos) n order by n);
        end if;
        if v_tier = 0 then
          continue when cardinality(v_candidates) = 0;
          v_next := width_bucket(v_after, v_candidates) + 1;
          v_lists := quarry.leaf_lists(v_segment.id, v_segment.term_count, p_plan -> 'leaves');
          v_known := v_known || row(v_segment.id, v_lists)::quarry.segment_lists;
        else
          v_lists := coalesce(
            (select k.lists from unnest(v_known) k where k.segment_id = v_segment.id),
            quarry.leaf_lists(v_segment.id, v_segment.term_count, p_plan -> 'leaves'));
          v_driver := quarry.driver_chunks(v_lists, v_alternatives);
          continue when cardinality(v_driver) = 0;
          v_definers := null;
        end if;
        loop
          if v_tier = 0 then
            v_blob_nos := v_candidates[v_next : v_next + v_slice - 1];
            v_next := v_next + v_slice;
          elsif v_driver is null then
            v_blob_nos := array(
              select b.blob_no from quarry.blobs b where b.segment_id = v_segment.id and b.blob_no > v_after order by b.blob_no limit v_slice);
          else
            -- From the chunk after the last one of the blob where it stands.
            v_last := (
              select k.chunk_no from quarry.blob_chunks k
              where k.segment_id = v_segment.id and k.blob_no <= v_after order by k.blob_no desc, k.chunk_no desc limit 1);
            v_next := case when v_last is null then 1 else width_bucket(v_last, v_driver) + 1 end;
            v_blob_nos := array(
              select distinct c.blob_no from unnest(v_driver[v_next : v_next + v_slice - 1]) n (no)
              cross join lateral (select k.blob_no from quarry.blob_chunks k where k.segment_id = v_segment.id and k.chunk_no = n.no offset 0) c
              order by c.blob_no);
          end if;
          exit when cardinality(v_blob_nos) = 0;
          v_last := v_blob_nos[cardinality(v_blob_nos)];
          if v_is_last then
            v_blob_nos := array(select n from unnest(v_blob_nos) n where n <= (v_until ->> 'blob')::integer order by n);
          end if;
          select * into v_batch from quarry.batch_json(v_tree.tree_id, v_generation, v_segment.id,
            case when v_tier = 1 and cardinality(v_candidates) > 0 then v_blob_nos operator(extensions.-) v_candidates else v_blob_nos end,
            v_lists, v_alternatives, p_plan, v_definers, case when v_until is null then p_weight_max - v_weight else 2147483647 end);
          v_after := coalesce(v_batch.cut_after, v_last);
          v_slices := v_slices + 1;
          if v_batch.blob_count = 0 then
            v_slice := least(v_slice * 2, c_slice_max);
          end if;
          v_at := jsonb_build_object('tier', v_tier, 'tree', v_tree.tree_id, 'segment', v_segment.id, 'blob', v_after);
          if v_batch.blob_count > 0 then
            v_blobs := v_blobs || json_build_object('tier', v_tier, 'blobs', v_batch.blobs);
            v_weight := v_weight + v_batch.weight;
            v_trees := v_trees || jsonb_build_object(v_tree.tree_id, jsonb_build_object(
              'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', coalesce(v_pin ->> 1, v_tree.commit_oid)));
            if v_pin is null then
              v_new_pins := v_new_pins + 1;
            end if;
          end if;
          if v_tier = 0 or v_batch.blob_count > 0 then
            v_pin := jsonb_build_array(v_generation, coalesce(v_pin ->> 1, v_tree.commit_oid), v_tier = 0 or coalesce((v_pin ->> 2)::boolean, false));
            v_pins := v_pins || jsonb_build_object(v_tree.tree_id, v_pin);
          end if;
          if v_until is null and (v_weight >= p_weight_max or v_slices >= c_slices_max or clock_timestamp() - v_started > c_time_max) then
            v_is_done := false;
            -- Where it stands is pinned too, or the way to here would be another one.
            v_pins := jsonb_build_object(v_tree.tree_id, jsonb_build_array(v_generation, v_tree.commit_oid, false)) || v_pins;
            exit scan;
          end if;
          exit scan when v_is_last and v_after >= (v_until ->> 'blob')::integer;
        end loop;
      end loop;
      if v_until is null and v_new_pins >= c_trees_max then
        v_is_done := false;
        exit scan;
      end if;
    end loop;
  end loop;

  return json_build_object(
    'outcome', 'ok', 'trees', v_trees, 'blobs', to_json(v_blobs), 'weight', v_weight, 'at', coalesce(v_until, v_at), 'pins', v_pins,
    'done', v_is_done and v_until is null,
    'unindexed', v_scope -> 'unindexed', 'skipped', v_scope -> 'skipped', 'access_lost', v_scope -> 'access_lost');
end
$$;
comment on function api.search_batch(uuid, jsonb, text, jsonb, integer) is
  'One batch of files that may satisfy a query, with the text to verify. p_plan: {leaves: [{constraints: [{kind, term, grams}], '
  'choices: [[constraints of one literal each, one of which must hold]]} or {symbol}], '
  'alternatives: [mask of leaves which a file must all have], words: [folded names; files that define one come first], filters: {all_refs, and lists '
  'repo, not_repo, ref, path, not_path, lang}, first_chunk, neighbours, outlines: whether to add a file''s first chunk, the chunks beside candidates, outlines}. '
  'p_cursor: {from: position after which to go on, until: position up to which to read again what was read before, or null, pins: {tree: [generation, commit, '
  'whether its tier 0 counts]}}, null for the start. Answers {outcome: ok|not_found|cursor_expired, trees: {id: {repository, ref, commit_oid}}, blobs: [{tier, blobs: [{tree, '
  'segment, blob, language, paths, defines: [word numbers], chunks: [[first_line, mask, packed text in base64]], outline: base64 or null}]}] by step, weight: about how many chunks, '
  'at: position reached, pins, done: nothing is left, unindexed, skipped, access_lost}. Every file comes exactly once in its pinned generation.';
grant execute on function api.search_batch(uuid, jsonb, text, jsonb, integer) to service_role;
