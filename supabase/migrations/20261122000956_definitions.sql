-- Who defines a name, or one that may be meant by it.

create function quarry.other_marks() returns integer
language sql immutable parallel safe set search_path = ''
return 1 | 2 | 8 | 16;
comment on function quarry.other_marks() is
  'Marks of paths where no code is written that others use: vendored, test, generated and minified, as FILE_MARKS in the code that writes them.';

create type quarry.definition_step as (
  match text, query_nos bigint[], folded text[], names text[], pattern text, distance integer, unless_found integer
);
comment on type quarry.definition_step is
  'Queries that are looked up together, all exact ones or a single other, as find_definitions takes them: their numbers from 0 and what they look for, each folded name once.';

create function quarry.definition_steps(p_queries jsonb) returns setof quarry.definition_step
language plpgsql stable security definer set search_path = ''
as $$
begin
  return query
    select min(q.match), array_agg(q.no - 1 order by q.no), array_agg(q.folded order by q.no), array_agg(q.name order by q.no),
      min(q.pattern), min(q.distance), min(q.unless_found)
    from (
      select distinct on (e.own, e.folded) e.*
      from (
        select o.*, case when o.match <> 'exact' then o.no end as own
        from rows from (jsonb_to_recordset(p_queries) as (match text, folded text, name text, pattern text, distance integer, unless_found integer))
          with ordinality as o (match, folded, name, pattern, distance, unless_found, no)
      ) e
      order by e.own, e.folded, e.no
    ) q
    group by q.own
    order by q.own nulls first;
end
$$;
comment on function quarry.definition_steps(jsonb) is
  'The steps of p_queries, as find_definitions takes them: all exact ones are the first; of those that look for the same folded name the first is asked.';

create function quarry.definitions_in_tree(
  p_tree quarry.named_tree, p_segment_ids bigint[], p_step quarry.definition_step, p_names_max integer, p_seen text[], p_filter jsonb, p_near_folders text[],
  p_limit integer, out definitions jsonb[], out looked_at integer, out is_cut boolean
)
-- To gather what each blob has, a hash table is thought to need 8 KiB for each list of it, and goes to the disk.
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_hashagg = off
as $$
declare
  c_other_marks constant integer := quarry.other_marks();
  c_kind_ranks constant jsonb := quarry.kind_ranks();
  v_kind constant text := p_filter ->> 'kind';
  v_prefix constant text := coalesce(p_filter ->> 'prefix', '');
  v_is_one constant boolean := cardinality(p_step.query_nos) = 1;
begin
  with named as materialized (
    select y.* from quarry.find_names(p_segment_ids, p_step.match, p_step.folded, p_names_max, p_step.distance) y
  ), placed as materialized (
    select b.segment_id, b.blob_no, f.path, f.path_text, f.language, f.marks, f.other_marks, f.near,
      unnest(b.query_nos) as query_no, unnest(b.names) as name, unnest(b.kinds) as kind, unnest(b.symbol_nos) as symbol_no
    -- A blob may define a name many times: its files are looked up once.
    from (
      select n.segment_id, n.blob_no, array_agg(n.query_no) as query_nos, array_agg(n.name) as names, array_agg(n.kind) as kinds,
        array_agg(n.symbol_no) as symbol_nos
      from named n
      where (v_kind is null or n.kind = v_kind) and n.name <> all(p_seen) and (p_step.pattern is null or n.name ~ p_step.pattern)
      group by n.segment_id, n.blob_no
    ) b
    cross join lateral (
      select t.path, t.path_text, t.language, t.marks, t.marks & c_other_marks as other_marks,
        -- Most are in none of the folders, which are each in the one before.
        case when v_is_one then null when not starts_with(t.path_text, p_near_folders[1]) then 0
          else (select count(*) from unnest(p_near_folders) d where starts_with(t.path_text, d)) end as near
      from quarry.tree_files t
      where t.segment_id = b.segment_id and t.blob_no = b.blob_no and t.tree_id = p_tree.tree_id
        and t.generation_from <= p_tree.generation and (t.generation_to is null or t.generation_to > p_tree.generation)
      offset 0
    ) f
    where starts_with(f.path_text, v_prefix)
  )
  select coalesce(array_agg(jsonb_build_object(
      'query', p_step.query_nos[h.query_no], 'name', h.name, 'kind', h.kind, 'path', h.path_text, 'language', h.language, 'marks', h.marks, 'symbol_no', h.symbol_no,
      'blob', h.segment_id || '/' || h.blob_no,
      'repository', p_tree.full_name, 'ref', p_tree.ref, 'commit_oid', p_tree.commit_oid)), '{}'),
    (select count(*) from named),
    -- Where there is as much of a name, or of all that is near in spelling, as is looked up, there may be more, whatever is asked of it.
    (select count(*) from named) >= p_names_max
      and (p_step.match = 'fuzzy' or exists (select from named n group by n.query_no, n.segment_id having count(*) >= p_names_max))
  into definitions, looked_at, is_cut
  from (
    -- The likeliest are kept: of code, as written, one's own, by their kinds, then short names.
    (select y.* from placed y cross join lateral (select coalesce((c_kind_ranks -> y.kind)::integer, 0) as rank offset 0) k where v_is_one
    order by greatest(k.rank, 2), y.name is distinct from p_step.names[1], y.other_marks, k.rank, length(y.name), y.path, y.symbol_no
    limit p_limit)
    union all
    -- Of several names the likeliest of each, those near first, come before the second likeliest of any.
    (select y.segment_id, y.blob_no, y.path, y.path_text, y.language, y.marks, y.other_marks, y.near, y.query_no, y.name, y.kind, y.symbol_no
    from (
      select y.*, row_number() over (partition by y.query_no order by y.name is distinct from p_step.names[y.query_no], y.near desc, y.other_marks, y.path, y.symbol_no) as nth
      from placed y where not v_is_one
    ) y
    order by y.nth, y.query_no
    limit p_limit)
  ) h;
end
$$;
comment on function quarry.definitions_in_tree(quarry.named_tree, bigint[], quarry.definition_step, integer, text[], jsonb, text[], integer) is
  'The likeliest definitions that a step finds in segments of a tree, as find_definitions answers them, but for names that were seen, of p_names_max in a segment at most. looked_at: how many '
  'were there before p_filter, as find_definitions takes it; p_near_folders: those around its near. is_cut: whether there may be others.';

create function quarry.definitions_of_step(
  p_trees quarry.named_tree[], p_step quarry.definition_step, p_seen text[], p_filter jsonb, p_limit integer,
  out definitions jsonb[], out is_cut boolean, out is_stopped boolean
)
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- Definitions of one name in one segment, or of all that are near in spelling; and where several names are looked up. Blobs are numbered by rank: the likeliest come first.
  c_names_max constant integer := 1000;
  c_names_of_several_max constant integer := 100;
  -- A name of several repositories, exact or a part of others: the likeliest are chosen of all of them, or of the first that have enough and so many.
  c_names_of_all_max constant integer := 2000;
  c_parts_of_all_max constant integer := 500;
  -- Pages of names that are looked at for one query, of 24 names each: as many as a segment may have.
  c_pages_max constant integer := 32768;
  c_other_marks constant integer := quarry.other_marks();
  c_kind_ranks constant jsonb := quarry.kind_ranks();
  v_is_one constant boolean := cardinality(p_step.query_nos) = 1;
  v_is_wide constant boolean := v_is_one and p_step.match <> 'fuzzy' and cardinality(p_trees) > 1;
  v_names_max constant integer := case when v_is_wide then greatest(c_names_of_several_max, c_names_max / cardinality(p_trees)) when v_is_one then c_names_max else c_names_of_several_max end;
  v_names_left integer := case when not v_is_wide then 0 when p_step.match = 'exact' then c_names_of_all_max else c_parts_of_all_max end;
  v_pages_left integer := c_pages_max;
  v_near_folders text[];
  v_tree quarry.named_tree;
  v_segments record;
  v_in_tree record;
begin
  definitions := '{}';
  is_cut := false;
  is_stopped := false;
  if not v_is_one then
    -- From the root on.
    v_near_folders := array(
      select array_to_string((string_to_array(p_filter ->> 'near', '/'))[: d.depth], '/') || '/'
      from generate_series(1, cardinality(string_to_array(p_filter ->> 'near', '/')) - 1) d (depth));
  end if;
  foreach v_tree in array p_trees loop
    exit when v_names_left <= 0 and (select count(*) from unnest(definitions) r where (r ->> 'query')::bigint = p_step.query_nos[1]) >= p_limit;
    continue when not v_tree.has_symbols;
    v_segments := quarry.name_segments(v_tree.repository_id, p_step.match, v_pages_left);
    v_pages_left := v_pages_left - v_segments.pages;
    is_stopped := is_stopped or v_segments.is_cut;
    v_in_tree := quarry.definitions_in_tree(v_tree, v_segments.segment_ids, p_step, v_names_max, p_seen, p_filter, v_near_folders,
      case when v_is_one and not v_is_wide then p_limit - cardinality(definitions) else p_limit end);
    definitions := definitions || v_in_tree.definitions;
    is_cut := is_cut or v_in_tree.is_cut;
    v_names_left := v_names_left - v_in_tree.looked_at;
  end loop;
  if v_is_wide then
    definitions := array(
      select r.value
      from unnest(definitions) with ordinality r (value, ordinality), coalesce((c_kind_ranks -> (r.value ->> 'kind'))::integer, 0) k (rank)
      order by greatest(k.rank, 2), r.value ->> 'name' is distinct from p_step.names[1], (r.value ->> 'marks')::integer & c_other_marks, k.rank,
        length(r.value ->> 'name'), r.ordinality
      limit p_limit);
  elsif not v_is_one and cardinality(p_trees) > 1 then
    definitions := array(
      select r.value from unnest(definitions) with ordinality r (value, ordinality) order by (r.value ->> 'query')::bigint, r.ordinality);
  end if;
end
$$;
comment on function quarry.definitions_of_step(quarry.named_tree[], quarry.definition_step, text[], jsonb, integer) is
  'The likeliest definitions that a step finds in all trees, as definitions_in_tree has them of one. is_cut: whether there may be others; is_stopped: whether some names were not looked at for their number.';

create function api.find_definitions(p_tenant_id uuid, p_repository text, p_ref text, p_queries jsonb, p_filter jsonb, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_named record;
  v_tree quarry.named_tree;
  v_step quarry.definition_step;
  v_found record;
  v_rows jsonb := '[]';
  v_seen text[] := '{}';
  v_is_cut boolean := false;
  v_is_stopped boolean := false;
begin
  select * into v_named from quarry.named_trees(p_tenant_id, p_repository, p_ref, null);
  if v_named.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_named.outcome);
  end if;
  for v_step in select * from quarry.definition_steps(p_queries) loop
    exit when jsonb_array_length(v_rows) > p_limit;
    continue when jsonb_array_length(v_rows) >= v_step.unless_found;
    v_found := quarry.definitions_of_step(v_named.trees, v_step, v_seen, p_filter, p_limit + 1 - jsonb_array_length(v_rows));
    v_is_cut := v_is_cut or v_found.is_cut;
    v_is_stopped := v_is_stopped or v_found.is_stopped;
    v_rows := v_rows || to_jsonb(v_found.definitions);
    v_seen := v_seen || array(select distinct r ->> 'name' from unnest(v_found.definitions) r);
  end loop;
  v_tree := v_named.trees[1];
  return jsonb_build_object('outcome', 'ok', 'state', case when cardinality(v_named.trees) = 1 and v_tree.has_symbols then v_tree.tree_id || '/' || v_tree.generation end, 'cut', v_is_cut or jsonb_array_length(v_rows) > p_limit, 'stopped', v_is_stopped, 'unindexed', v_named.scope -> 'unindexed', 'symbols_pending', v_named.scope -> 'symbols_pending', 'access_lost', v_named.scope -> 'access_lost',
    'definitions', (select coalesce(jsonb_agg(i.value order by i.ordinality), '[]')
      from jsonb_array_elements(v_rows) with ordinality i where i.ordinality <= p_limit));
end
$$;
comment on function api.find_definitions(uuid, text, text, jsonb, jsonb, integer) is
  'Definitions that one of p_queries may mean: [{match and folded as quarry.find_names takes them, name: as written, pattern: a regular expression for the name as written, '
  'distance: edits from folded at most, unless_found: skip it when so many were found before}], exact ones first, then in the order of the queries, each name for the first that '
  'finds it. p_filter: {kind, prefix: of the path, near: a path; of several names those in its folders come first}. p_ref: that one alone; null: of each repository the one that a search looks at. Answers {outcome: ok|not_found, definitions: [{query: its number, name, kind, path, language, marks, symbol_no, '
  'blob: as read_outlines takes it, repository, ref, commit_oid}], cut: whether there are more, or may be, state: of one tree with symbols, as find_files has it, else null, stopped: whether some names were not looked at for their number, unindexed, symbols_pending, access_lost}; the '
  'rest of a definition is number symbol_no of its blob''s outline.';
grant execute on function api.find_definitions(uuid, text, text, jsonb, jsonb, integer) to service_role;
