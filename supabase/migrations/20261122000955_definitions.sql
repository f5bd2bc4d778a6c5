-- Names: who defines one, and in which files it occurs.

create type quarry.named_tree as (
  tree_id bigint, repository_id uuid, full_name text, ref text, commit_oid text, generation bigint, has_symbols boolean, is_resumed boolean
);
comment on type quarry.named_tree is 'A tree in which a name is looked for, in one generation. has_symbols: not only its text is indexed. is_resumed: a cursor goes on in it.';

create function quarry.named_trees(p_tenant_id uuid, p_repository text, p_ref text, p_cursor jsonb, out outcome text, out trees quarry.named_tree[], out scope jsonb)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_filters jsonb := jsonb_build_object('all_refs', p_ref is not null, 'ref', to_jsonb(array_remove(array[lower(p_ref)], null)));
  v_tree_id bigint := (p_cursor ->> 'tree')::bigint;
  v_generation bigint := (p_cursor ->> 'generation')::bigint;
begin
  scope := quarry.text_scope(p_tenant_id, p_repository, v_filters);
  if p_repository is not null and (scope ->> 'repositories')::integer = 0 then
    outcome := 'not_found';
    return;
  end if;
  trees := array(
    select row(t.tree_id, t.repository_id, t.full_name, t.ref, coalesce(c.commit_oid, t.commit_oid), coalesce(c.generation, t.generation),
      t.has_symbols, c.generation is not null)::quarry.named_tree
    from quarry.search_trees(p_tenant_id, p_repository, v_filters) t
    left join (select p_cursor ->> 'commit' as commit_oid, v_generation as generation) c on t.tree_id = v_tree_id
    where (p_ref is null or t.ref = p_ref) and t.tree_id >= coalesce(v_tree_id, 0) and coalesce(c.generation >= t.oldest_generation, true)
    order by t.tree_id);
  -- A filter takes another case of a ref for the same.
  if p_ref is not null and p_cursor is null and trees = '{}' then
    scope := scope || jsonb_build_object('unindexed', scope -> 'repositories');
  end if;
  outcome := case when v_tree_id is null or (trees[1]).is_resumed then 'ok' else 'cursor_expired' end;
end
$$;
comment on function quarry.named_trees(uuid, text, text, jsonb) is
  'The trees of the tenant in which a name is looked for, by id: those of p_ref, or, null, of each repository the one that a text search looks at. p_cursor ({tree, generation, commit}; '
  'null: none): those from this one on, and this one as it was. outcome: ok; not_found: no such repository; cursor_expired: what the cursor goes on in is no longer there. scope: as '
  'text_scope says it of p_ref.';

create function quarry.blobs_with_term(p_segment_id bigint, p_term text)
returns table (blob_no integer)
language plpgsql stable security definer set search_path = '' rows 50
as $$
begin
  return query
    select distinct k.blob_no
    from unnest(quarry.exact_chunks(p_segment_id, p_term)) n (chunk_no)
    join quarry.blob_chunks k on k.segment_id = p_segment_id and k.chunk_no = n.chunk_no;
end
$$;
comment on function quarry.blobs_with_term(bigint, text) is 'The blobs of a segment whose text has this folded term.';

create function api.find_definitions(p_tenant_id uuid, p_repository text, p_ref text, p_queries jsonb, p_filter jsonb, p_limit integer) returns jsonb
-- To gather what each blob has, a hash table is thought to need 8 KiB for each list of it, and goes to the disk.
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_hashagg = off
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
  -- Marks of a path, as FILE_MARKS in the code that writes them: vendored, test, generated, minified.
  c_other_marks constant integer := 1 | 2 | 8 | 16;
  c_kind_ranks constant jsonb := quarry.kind_ranks();
  v_kind constant text := p_filter ->> 'kind';
  v_prefix constant text := coalesce(p_filter ->> 'prefix', '');
  v_named record;
  v_step record;
  v_tree quarry.named_tree;
  v_found jsonb[];
  v_rows jsonb := '[]';
  v_seen text[] := '{}';
  v_is_one boolean;
  v_is_wide boolean;
  v_names_max integer;
  v_names_left integer;
  v_is_cut boolean := false;
  v_is_stopped boolean := false;
  v_segments record;
  v_pages_left integer;
  v_room integer;
  -- The folders around p_filter.near, from the root on.
  v_near_folders text[] := array(
    select array_to_string((string_to_array(p_filter ->> 'near', '/'))[: d.depth], '/') || '/'
    from generate_series(1, cardinality(string_to_array(p_filter ->> 'near', '/')) - 1) d (depth));
begin
  select * into v_named from quarry.named_trees(p_tenant_id, p_repository, p_ref, null);
  if v_named.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_named.outcome);
  end if;
  -- All exact queries are one step, the first; of those that look for the same folded name the first is asked.
  for v_step in
    select min(q.match) as match, array_agg(q.no order by q.no) as nos, array_agg(q.folded order by q.no) as folded, array_agg(q.name order by q.no) as names,
      min(q.pattern) as pattern, min(q.distance) as distance, min(q.unless_found) as unless_found
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
    order by q.own nulls first
  loop
    v_room := p_limit + 1 - jsonb_array_length(v_rows);
    exit when v_room <= 0;
    continue when p_limit + 1 - v_room >= v_step.unless_found;
    v_is_one := cardinality(v_step.nos) = 1;
    v_is_wide := v_is_one and v_step.match <> 'fuzzy' and cardinality(v_named.trees) > 1;
    v_names_max := case when v_is_wide then greatest(c_names_of_several_max, c_names_max / cardinality(v_named.trees)) when v_is_one then c_names_max else c_names_of_several_max end;
    v_names_left := case when not v_is_wide then 0 when v_step.match = 'exact' then c_names_of_all_max else c_parts_of_all_max end;
    v_pages_left := c_pages_max;
    v_found := '{}';
    foreach v_tree in array v_named.trees loop
      exit when v_names_left <= 0 and (select count(*) from unnest(v_found) r where (r ->> 'query')::bigint = v_step.nos[1] - 1) >= v_room;
      continue when not v_tree.has_symbols;
      select * into v_segments from quarry.name_segments(v_tree.repository_id, v_step.match, v_pages_left);
      v_pages_left := v_pages_left - v_segments.pages;
      v_is_stopped := v_is_stopped or v_segments.is_cut;
      with named as materialized (
        select y.* from quarry.find_names(v_segments.segment_ids, v_step.match, v_step.folded, v_names_max, v_step.distance) y
      ), placed as materialized (
        select b.segment_id, b.blob_no, f.path, f.path_text, f.language, f.marks, f.other_marks, f.near,
          unnest(b.query_nos) as query_no, unnest(b.names) as name, unnest(b.kinds) as kind, unnest(b.symbol_nos) as symbol_no
        -- A blob may define a name many times: its files are looked up once.
        from (
          select n.segment_id, n.blob_no, array_agg(n.query_no) as query_nos, array_agg(n.name) as names, array_agg(n.kind) as kinds,
            array_agg(n.symbol_no) as symbol_nos
          from named n
          where (v_kind is null or n.kind = v_kind) and n.name <> all(v_seen) and (v_step.pattern is null or n.name ~ v_step.pattern)
          group by n.segment_id, n.blob_no
        ) b
        cross join lateral (
          select t.path, t.path_text, t.language, t.marks, t.marks & c_other_marks as other_marks,
            case when not v_is_one then (select count(*) from unnest(v_near_folders) d where starts_with(t.path_text, d)) end as near
          from quarry.tree_files t
          where t.segment_id = b.segment_id and t.blob_no = b.blob_no and t.tree_id = v_tree.tree_id
            and t.generation_from <= v_tree.generation and (t.generation_to is null or t.generation_to > v_tree.generation)
          offset 0
        ) f
        where starts_with(f.path_text, v_prefix)
      )
      select v_found || coalesce(array_agg(jsonb_build_object(
          'query', v_step.nos[h.query_no] - 1, 'name', h.name, 'kind', h.kind, 'path', h.path_text, 'language', h.language, 'marks', h.marks, 'symbol_no', h.symbol_no,
          'blob', h.segment_id || '/' || h.blob_no,
          'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid)), '{}'),
        -- Where there is as much of a name, or of all that is near in spelling, as is looked up, there may be more, whatever is asked of it.
        v_is_cut or (select count(*) from named) >= v_names_max
          and (v_step.match = 'fuzzy' or exists (select from named n group by n.query_no, n.segment_id having count(*) >= v_names_max)), v_names_left - (select count(*) from named)
      into v_found, v_is_cut, v_names_left
      from (
        -- The likeliest are kept: of code, as written, one's own, by their kinds, then short names.
        (select y.* from placed y cross join lateral (select coalesce((c_kind_ranks -> y.kind)::integer, 0) as rank offset 0) k where v_is_one
        order by greatest(k.rank, 2), y.name is distinct from v_step.names[1], y.other_marks, k.rank, length(y.name), y.path, y.symbol_no
        limit case when v_is_wide then v_room else v_room - cardinality(v_found) end)
        union all
        -- Of several names the likeliest of each, those near first, come before the second likeliest of any.
        (select y.segment_id, y.blob_no, y.path, y.path_text, y.language, y.marks, y.other_marks, y.near, y.query_no, y.name, y.kind, y.symbol_no
        from (
          select y.*, row_number() over (partition by y.query_no order by y.name is distinct from v_step.names[y.query_no], y.near desc, y.other_marks, y.path, y.symbol_no) as nth
          from placed y where not v_is_one
        ) y
        order by y.nth, y.query_no
        limit v_room)
      ) h;
    end loop;
    if v_is_wide then
      select array_agg(y.value order by y.nth) into v_found from (
        select r.value, row_number() over (order by greatest(k.rank, 2), r.value ->> 'name' is distinct from v_step.names[1],
          (r.value ->> 'marks')::integer & c_other_marks, k.rank, length(r.value ->> 'name'), r.ordinality) as nth
        from unnest(v_found) with ordinality r (value, ordinality), coalesce((c_kind_ranks -> (r.value ->> 'kind'))::integer, 0) k (rank)) y
      where y.nth <= v_room;
    elsif not v_is_one and cardinality(v_named.trees) > 1 then
      select array_agg(r.value order by (r.value ->> 'query')::bigint, r.ordinality) into v_found
      from unnest(v_found) with ordinality r (value, ordinality);
    end if;
    v_rows := v_rows || coalesce(to_jsonb(v_found), '[]');
    v_seen := v_seen || array(select distinct r ->> 'name' from unnest(v_found) r);
  end loop;
  return jsonb_build_object('outcome', 'ok', 'cut', v_is_cut or jsonb_array_length(v_rows) > p_limit, 'stopped', v_is_stopped, 'unindexed', v_named.scope -> 'unindexed', 'symbols_pending', v_named.scope -> 'symbols_pending', 'access_lost', v_named.scope -> 'access_lost',
    'definitions', (select coalesce(jsonb_agg(i.value order by i.ordinality), '[]')
      from jsonb_array_elements(v_rows) with ordinality i where i.ordinality <= p_limit));
end
$$;
comment on function api.find_definitions(uuid, text, text, jsonb, jsonb, integer) is
  'Definitions that one of p_queries may mean: [{match and folded as quarry.find_names takes them, name: as written, pattern: a regular expression for the name as written, '
  'distance: edits from folded at most, unless_found: skip it when so many were found before}], exact ones first, then in the order of the queries, each name for the first that '
  'finds it. p_filter: {kind, prefix: of the path, near: a path; of several names those in its folders come first}. p_ref: that one alone; null: of each repository the one that a search looks at. Answers {outcome: ok|not_found, definitions: [{query: its number, name, kind, path, language, marks, symbol_no, '
  'blob: as read_outlines takes it, repository, ref, commit_oid}], cut: whether there are more, or may be, stopped: whether some names were not looked at for their number, unindexed, symbols_pending, access_lost}; the '
  'rest of a definition is number symbol_no of its blob''s outline.';
grant execute on function api.find_definitions(uuid, text, text, jsonb, jsonb, integer) to service_role;

create function api.find_occurrences(p_tenant_id uuid, p_repository text, p_ref text, p_term text, p_prefix text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_named record;
  v_after bytea := decode(p_cursor ->> 'path', 'hex');
  v_tree quarry.named_tree;
  v_found jsonb;
  v_files jsonb := '[]';
  v_last jsonb;
begin
  select * into v_named from quarry.named_trees(p_tenant_id, p_repository, p_ref, p_cursor);
  if v_named.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_named.outcome);
  end if;
  foreach v_tree in array v_named.trees loop
    select coalesce(jsonb_agg(jsonb_build_object(
        'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid, 'path', h.path_text, 'language', h.language,
        'symbols_skip_reason', case when v_tree.has_symbols then h.symbols_skip_reason else 'symbols_pending' end, 'blob', h.segment_id || '/' || h.blob_no, 'has_outline', h.has_outline,
        'key', jsonb_build_object('tree', v_tree.tree_id, 'generation', v_tree.generation, 'commit', v_tree.commit_oid, 'path', encode(h.path, 'hex')))
      order by h.path), '[]')
    into v_found
    from (
      -- Materialized, and offset 0: terms lead to chunks, and chunks to files, in this order.
      with named as materialized (
        select s.id as segment_id, n.blob_no
        from quarry.segments s cross join lateral quarry.blobs_with_term(s.id, p_term) n
        where s.repository_id = v_tree.repository_id and s.published_at is not null
      )
      select c.*, b.symbols_skip_reason, b.outline is not null as has_outline
      from (
        select y.*, f.path, f.path_text, f.language
        from named y
        cross join lateral (
          select t.path, t.path_text, t.language from quarry.tree_files t
          where t.segment_id = y.segment_id and t.blob_no = y.blob_no and t.tree_id = v_tree.tree_id
            and t.generation_from <= v_tree.generation and (t.generation_to is null or t.generation_to > v_tree.generation)
          offset 0
        ) f
        where (not v_tree.is_resumed or f.path > v_after)
          and starts_with(f.path_text, coalesce(p_prefix, ''))
        order by f.path
        limit p_limit + 1 - jsonb_array_length(v_files)
      ) c
      left join quarry.blobs b on b.segment_id = c.segment_id and b.blob_no = c.blob_no and v_tree.has_symbols
    ) h;
    v_files := v_files || v_found;
    exit when jsonb_array_length(v_files) > p_limit;
  end loop;
  if jsonb_array_length(v_files) > p_limit then
    v_last := v_files -> (p_limit - 1) -> 'key';
  end if;
  return jsonb_build_object(
    'outcome', 'ok', 'next_cursor', v_last, 'unindexed', v_named.scope -> 'unindexed', 'symbols_pending', v_named.scope -> 'symbols_pending', 'access_lost', v_named.scope -> 'access_lost', 'skipped', v_named.scope -> 'skipped',
    'files', (select coalesce(jsonb_agg(i.value order by i.ordinality), '[]')
      from jsonb_array_elements(v_files) with ordinality i where i.ordinality <= p_limit));
end
$$;
comment on function api.find_occurrences(uuid, text, text, text, text, integer, jsonb) is
  'Files whose text has this folded term and whose path begins with p_prefix: '
  '{outcome: ok|not_found|cursor_expired, files: [{repository, ref, commit_oid, path, language, symbols_skip_reason, blob: as read_outlines and read_chunks take it, '
  'has_outline, key: the cursor behind it}], next_cursor, unindexed, symbols_pending, access_lost, skipped}, by repository, ref and '
  'path, all pages of a ref in the generation of its first. p_ref: that one alone; null: of each repository the one that a search looks at.';
grant execute on function api.find_occurrences(uuid, text, text, text, text, integer, jsonb) to service_role;

create function api.count_mentions(p_tenant_id uuid, p_repository text, p_ref text, p_terms text[], p_files_max integer) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_tree record;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  if v_tree.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_tree.outcome);
  end if;
  return jsonb_build_object('outcome', 'ok', 'files', (
    select coalesce(jsonb_object_agg(c.term, (
      select count(*) from (
        select from quarry.segments s
        cross join lateral (
          select p.list_starts, p.chunk_nos, array_position(string_to_array(p.terms, E'\n'), c.term) as entry_no
          from quarry.term_pages p where p.segment_id = s.id and p.first_term <= c.term
          order by p.first_term desc limit 1
        ) p
        cross join lateral (select p.chunk_nos[p.list_starts[p.entry_no] + 1 : p.list_starts[p.entry_no + 1]] as nos where p.entry_no is not null offset 0) l
        -- One by one, so that it stops when there are enough. The chunks of a blob have consecutive numbers.
        cross join lateral (select generate_subscripts(l.nos, 1) as i) i
        cross join lateral (
          select k.blob_no from quarry.blob_chunks k where k.segment_id = s.id and k.chunk_no = l.nos[i.i] offset 0) k
        cross join lateral (
          select t.path from quarry.tree_files t
          where t.segment_id = s.id and t.blob_no = k.blob_no and t.tree_id = v_tree.tree_id and t.generation_to is null offset 0) f
        where s.repository_id = v_tree.repository_id and s.published_at is not null
          and (i.i = 1 or k.blob_no <> (select b.blob_no from quarry.blob_chunks b where b.segment_id = s.id and b.chunk_no = l.nos[i.i - 1]))
        limit p_files_max
      ) m)), '{}')
    from (select distinct unnest(p_terms) as term) c));
end
$$;
comment on function api.count_mentions(uuid, text, text, text[], integer) is
  'In how many files of an indexed ref each folded term occurs, counted to p_files_max: {outcome: ok|not_found|not_indexed, files: {term: count}}.';
grant execute on function api.count_mentions(uuid, text, text, text[], integer) to service_role;
