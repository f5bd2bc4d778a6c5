-- Reading what is indexed: files, their text and outlines, definitions by name, and the files in which
-- a name occurs. Each is one STABLE function and so one snapshot. Outlines pass through as they are
-- stored; the code that packed them unpacks them.

-- Imports name files by the ends of their paths, and settings lie anywhere: both are found by file name.
create index tree_files_by_name on quarry.tree_files (tree_id, split_part(path_text, '/', -1)) where generation_to is null;

create function quarry.blobs_with_term(p_segment_id bigint, p_term_count integer, p_term text)
returns table (blob_no integer, chunk_nos integer[])
language sql stable security definer set search_path = '' rows 50
as $$
  select k.blob_no, array_agg(k.chunk_no order by k.chunk_no)
  from unnest(quarry.term_chunks(p_segment_id, p_term_count, 'exact', p_term, '{}')) n (chunk_no)
  join quarry.blob_chunks k on k.segment_id = p_segment_id and k.chunk_no = n.chunk_no
  group by k.blob_no;
$$;
comment on function quarry.blobs_with_term(bigint, integer, text) is 'The blobs of a segment whose text has this folded term, and the chunks that have it.';

create function quarry.tree_of(p_tenant_id uuid, p_repository text, p_ref text)
returns table (
  tree_id bigint, repository_id uuid, full_name text, ref text, commit_oid text, generation bigint, oldest_generation bigint, features text[])
language sql stable security definer set search_path = ''
as $$
  select t.id, r.id, r.full_name, coalesce(p_ref, quarry.default_ref(r)), t.commit_oid, t.generation, t.oldest_generation, t.features
  from quarry.repositories r
  left join quarry.trees t on t.repository_id = r.id and t.ref = coalesce(p_ref, quarry.default_ref(r))
  where r.tenant_id = p_tenant_id and r.deleted_at is null
    and (lower(r.full_name) = lower(p_repository) or r.id::text = lower(p_repository))
  order by r.created_at, r.id limit 1;
$$;
comment on function quarry.tree_of(uuid, text, text) is
  'One repository of the tenant, by OWNER/NAME or id, and the tree of a ref (null: the default branch). No row: the tenant has none; '
  'generation null: the ref is not indexed.';

create function api.read_file(
  p_tenant_id uuid, p_repository text, p_ref text, p_path text, p_commit_oid text, p_first_line integer, p_last_line integer, p_with_outline boolean
) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_tree record;
  v_file record;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_tree.generation is null then
    return jsonb_build_object('outcome', 'not_indexed');
  elsif p_commit_oid is not null and p_commit_oid is distinct from v_tree.commit_oid then
    return jsonb_build_object('outcome', 'commit_not_indexed', 'commit_oid', v_tree.commit_oid);
  end if;
  select f.path_text, f.language, f.skip_reason, f.segment_id, f.blob_no, b.size_bytes, b.line_count, b.symbols_skip_reason,
    case when p_with_outline then encode(b.outline, 'base64') end as outline
  into v_file
  from quarry.tree_files f left join quarry.blobs b on b.segment_id = f.segment_id and b.blob_no = f.blob_no
  where f.tree_id = v_tree.tree_id and f.path = convert_to(p_path, 'UTF8') and f.generation_to is null;
  if not found then
    return jsonb_build_object('outcome', 'file_not_found');
  end if;
  return jsonb_build_object(
    'outcome', 'ok', 'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid,
    'path', v_file.path_text, 'language', v_file.language, 'size_bytes', v_file.size_bytes, 'line_count', coalesce(v_file.line_count, 0),
    'skip_reason', v_file.skip_reason, 'symbols_skip_reason', v_file.symbols_skip_reason, 'outline', v_file.outline,
    'chunks', (
      select coalesce(jsonb_agg(jsonb_build_object('first_line', c.first_line, 'content', encode(c.content, 'base64')) order by c.chunk_no), '[]')
      from quarry.blob_chunks c
      where c.segment_id = v_file.segment_id and c.blob_no = v_file.blob_no and c.first_line <= p_last_line
        -- The last chunk that begins at or before the first line holds it.
        and c.chunk_no >= (
          select coalesce(max(k.chunk_no), 0) from quarry.blob_chunks k
          where k.segment_id = v_file.segment_id and k.blob_no = v_file.blob_no and k.first_line <= p_first_line)));
end
$$;
comment on function api.read_file(uuid, text, text, text, text, integer, integer, boolean) is
  'A file of an indexed ref: {outcome: ok|not_found|not_indexed|commit_not_indexed|file_not_found, repository, ref, commit_oid, path, language, size_bytes, '
  'line_count, skip_reason, symbols_skip_reason, outline: base64 or null, chunks: [{first_line, content: packed text in base64}] that hold the lines asked for}. '
  'p_commit_oid: the commit that the caller means, null for whichever is indexed; p_last_line 0: no text.';
grant execute on function api.read_file(uuid, text, text, text, text, integer, integer, boolean) to service_role;

create function api.list_files(p_tenant_id uuid, p_repository text, p_ref text, p_prefix text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_tree record;
  v_generation bigint;
  v_after bytea := decode(p_cursor ->> 'path', 'hex');
  v_prefix bytea := convert_to(coalesce(p_prefix, ''), 'UTF8');
  -- Bounds of one range of the index; UTF-8 has no byte that could not be one more. No path is as long as the last.
  v_low bytea := greatest(v_prefix, v_after);
  v_end bytea := case length(v_prefix) when 0 then decode(repeat('ff', 2561), 'hex')
    else set_byte(v_prefix, length(v_prefix) - 1, get_byte(v_prefix, length(v_prefix) - 1) + 1) end;
  v_items jsonb;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_tree.generation is null then
    return jsonb_build_object('outcome', 'not_indexed');
  end if;
  v_generation := coalesce((p_cursor ->> 'generation')::bigint, v_tree.generation);
  if p_cursor is not null and ((p_cursor ->> 'tree')::bigint <> v_tree.tree_id or v_generation < v_tree.oldest_generation) then
    return jsonb_build_object('outcome', 'cursor_expired');
  end if;
  select coalesce(jsonb_agg(jsonb_build_object(
      'path', l.path_text, 'language', l.language, 'size_bytes', l.size_bytes, 'line_count', l.line_count, 'skip_reason', l.skip_reason,
      'key', encode(l.path, 'hex')) order by l.path), '[]')
  into v_items
  from (
    select f.path, f.path_text, f.language, b.size_bytes, b.line_count, f.skip_reason
    from quarry.tree_files f left join quarry.blobs b on b.segment_id = f.segment_id and b.blob_no = f.blob_no
    where f.tree_id = v_tree.tree_id and f.path >= v_low and f.path < v_end
      and (v_after is null or f.path > v_after)
      and f.generation_from <= v_generation and (f.generation_to is null or f.generation_to > v_generation)
    order by f.path limit p_limit + 1
  ) l;
  return jsonb_build_object(
    'outcome', 'ok', 'repository', v_tree.full_name, 'ref', v_tree.ref,
    'commit_oid', case when p_cursor is null then v_tree.commit_oid else p_cursor ->> 'commit' end,
    'items', (select coalesce(jsonb_agg(i.value - 'key' order by i.ordinality), '[]')
      from jsonb_array_elements(v_items) with ordinality i where i.ordinality <= p_limit),
    'next_cursor', case when jsonb_array_length(v_items) > p_limit then jsonb_build_object(
      'tree', v_tree.tree_id, 'generation', v_generation, 'path', v_items -> (p_limit - 1) -> 'key',
      'commit', case when p_cursor is null then v_tree.commit_oid else p_cursor ->> 'commit' end) end);
end
$$;
comment on function api.list_files(uuid, text, text, text, integer, jsonb) is
  'The files of an indexed ref whose path begins with p_prefix, by path: {outcome: ok|not_found|not_indexed|cursor_expired, repository, ref, commit_oid, '
  'items: [{path, language, size_bytes, line_count, skip_reason}], next_cursor}; all pages are of one generation.';
grant execute on function api.list_files(uuid, text, text, text, integer, jsonb) to service_role;

create function api.find_occurrences(p_tenant_id uuid, p_repository text, p_ref text, p_term text, p_prefix text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- A name that is looked for in no ref in particular is looked for where a text is.
  v_filters jsonb := jsonb_build_object('all_refs', p_ref is not null);
  v_scope jsonb := quarry.text_scope(p_tenant_id, p_repository, v_filters);
  v_cursor record;
  v_tree record;
  v_generation bigint;
  v_found jsonb;
  v_files jsonb := '[]';
  v_last jsonb;
begin
  if p_repository is not null and (v_scope ->> 'repositories')::integer = 0 then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  select (p_cursor ->> 'tree')::bigint as tree_id, (p_cursor ->> 'generation')::bigint as generation,
    p_cursor ->> 'commit' as commit_oid, decode(p_cursor ->> 'path', 'hex') as path
  into v_cursor;
  if v_cursor.tree_id is not null
    and not exists (select from quarry.search_trees(p_tenant_id, p_repository, v_filters) t where t.tree_id = v_cursor.tree_id)
  then
    return jsonb_build_object('outcome', 'cursor_expired');
  end if;
  for v_tree in
    select * from quarry.search_trees(p_tenant_id, p_repository, v_filters) t
    where (p_ref is null or t.ref = p_ref) and t.tree_id >= coalesce(v_cursor.tree_id, 0)
  loop
    v_generation := v_tree.generation;
    if v_tree.tree_id = v_cursor.tree_id then
      if v_cursor.generation < v_tree.oldest_generation then
        return jsonb_build_object('outcome', 'cursor_expired');
      end if;
      v_generation := v_cursor.generation;
      v_tree.commit_oid := v_cursor.commit_oid;
    end if;
    select coalesce(jsonb_agg(jsonb_build_object(
        'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid, 'path', h.path_text, 'language', h.language,
        'symbols_skip_reason', h.symbols_skip_reason, 'outline', encode(h.outline, 'base64'),
        'chunks', (select jsonb_agg(jsonb_build_object('first_line', c.first_line, 'content', encode(c.content, 'base64')) order by c.chunk_no)
          from quarry.blob_chunks c where c.segment_id = h.segment_id and c.chunk_no = any(h.chunk_nos)),
        'key', jsonb_build_object('tree', v_tree.tree_id, 'generation', v_generation, 'commit', v_tree.commit_oid, 'path', encode(h.path, 'hex')))
      order by h.path), '[]')
    into v_found
    from (
      -- Materialized, and offset 0: terms lead to chunks, and chunks to files, in this order.
      with named as materialized (
        select s.id as segment_id, n.blob_no, n.chunk_nos
        from quarry.segments s cross join lateral quarry.blobs_with_term(s.id, s.term_count, p_term) n
        where s.repository_id = v_tree.repository_id and s.published_at is not null
      )
      select y.*, f.path, f.path_text, f.language, b.symbols_skip_reason, b.outline
      from named y
      cross join lateral (
        select t.path, t.path_text, t.language from quarry.tree_files t
        where t.segment_id = y.segment_id and t.blob_no = y.blob_no and t.tree_id = v_tree.tree_id
          and t.generation_from <= v_generation and (t.generation_to is null or t.generation_to > v_generation)
        offset 0
      ) f
      join quarry.blobs b on b.segment_id = y.segment_id and b.blob_no = y.blob_no
      where (v_tree.tree_id is distinct from v_cursor.tree_id or f.path > v_cursor.path)
        and starts_with(f.path_text, coalesce(p_prefix, ''))
      order by f.path
      limit p_limit + 1 - jsonb_array_length(v_files)
    ) h;
    v_files := v_files || v_found;
    exit when jsonb_array_length(v_files) > p_limit;
  end loop;
  if jsonb_array_length(v_files) > p_limit then
    v_last := v_files -> (p_limit - 1) -> 'key';
  end if;
  return jsonb_build_object(
    'outcome', 'ok', 'next_cursor', v_last, 'unindexed', v_scope -> 'unindexed', 'access_lost', v_scope -> 'access_lost', 'skipped', v_scope -> 'skipped',
    'files', (select coalesce(jsonb_agg(i.value order by i.ordinality), '[]')
      from jsonb_array_elements(v_files) with ordinality i where i.ordinality <= p_limit));
end
$$;
comment on function api.find_occurrences(uuid, text, text, text, text, integer, jsonb) is
  'Files whose text has this folded term and whose path begins with p_prefix, with their outlines and the chunks that have the term: '
  '{outcome: ok|not_found|cursor_expired, files: [{repository, ref, commit_oid, path, language, symbols_skip_reason, outline: base64 or null, '
  'chunks: [{first_line, content: packed text in base64}], key: the cursor behind it}], next_cursor, unindexed, access_lost, skipped}, by repository, ref and '
  'path, all pages of a ref in the generation of its first. p_ref: that one alone; null: of each repository the one that a search looks at.';
grant execute on function api.find_occurrences(uuid, text, text, text, text, integer, jsonb) to service_role;

create function api.find_definitions(p_tenant_id uuid, p_repository text, p_ref text, p_queries jsonb, p_filter jsonb, p_limit integer) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Names of one query in one segment.
  c_names_max constant integer := 1000;
  -- Marks of a path, as FILE_MARKS in the code that writes them: vendored, test, generated, minified.
  c_other_marks constant integer := 1 | 2 | 8 | 16;
  v_filters jsonb := jsonb_build_object('all_refs', p_ref is not null);
  v_scope jsonb := quarry.text_scope(p_tenant_id, p_repository, v_filters);
  v_query record;
  v_tree record;
  v_found jsonb;
  v_rows jsonb := '[]';
  v_seen text[] := '{}';
  v_trees bigint[];
begin
  if p_repository is not null and (v_scope ->> 'repositories')::integer = 0 then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  select coalesce(array_agg(t.tree_id), '{}') into v_trees
  from quarry.search_trees(p_tenant_id, p_repository, v_filters) t where p_ref is null or t.ref = p_ref;
  for v_query in
    select q.ordinality - 1 as no, q.value ->> 'match' as match, q.value ->> 'folded' as folded, q.value ->> 'name' as name, q.value ->> 'pattern' as pattern,
      (q.value ->> 'distance')::integer as distance, (q.value ->> 'unless_found')::integer as unless_found
    from jsonb_array_elements(p_queries) with ordinality q
  loop
    exit when jsonb_array_length(v_rows) > p_limit;
    continue when jsonb_array_length(v_rows) >= v_query.unless_found;
    v_found := '[]';
    for v_tree in
      select t.id as tree_id, t.repository_id, r.full_name, t.ref, t.commit_oid, t.generation
      from quarry.trees t join quarry.repositories r on r.id = t.repository_id where t.id = any(v_trees) order by t.id
    loop
      select v_found || coalesce(jsonb_agg(jsonb_build_object(
          'query', v_query.no, 'name', h.name, 'kind', h.kind, 'path', h.path_text, 'language', h.language, 'symbol_no', h.symbol_no,
          'blob', h.segment_id || '/' || h.blob_no,
          'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid)
        order by h.path, h.symbol_no), '[]')
      into v_found
      from (
        -- Materialized, and offset 0: names lead to symbols and symbols to files, in this order.
        with named as materialized (
          select s.id as segment_id, y.*
          from quarry.segments s
          cross join lateral (select * from quarry.find_names(s.id, v_query.match, v_query.folded, c_names_max) offset 0) y
          where s.repository_id = v_tree.repository_id and s.published_at is not null
            and y.name <> all(v_seen) and (p_filter ->> 'kind' is null or y.kind = p_filter ->> 'kind')
            and (v_query.pattern is null or y.name ~ v_query.pattern)
            and (v_query.distance is null or extensions.levenshtein_less_equal(lower(y.name), v_query.folded, v_query.distance) <= v_query.distance)
        )
        select y.*, f.path, f.path_text, f.language
        from named y
        cross join lateral (
          select t.path, t.path_text, t.language, t.marks from quarry.tree_files t
          where t.segment_id = y.segment_id and t.blob_no = y.blob_no and t.tree_id = v_tree.tree_id
            and t.generation_from <= v_tree.generation and (t.generation_to is null or t.generation_to > v_tree.generation)
          offset 0
        ) f
        where starts_with(f.path_text, coalesce(p_filter ->> 'prefix', ''))
        -- The likeliest are kept: as written, then one's own code, then short names.
        order by y.name is distinct from v_query.name, f.marks & c_other_marks, case when v_query.match <> 'exact' then length(y.name) end, f.path, y.symbol_no
        limit p_limit + 1 - jsonb_array_length(v_rows) - jsonb_array_length(v_found)
      ) h;
      exit when jsonb_array_length(v_rows) + jsonb_array_length(v_found) > p_limit;
    end loop;
    v_rows := v_rows || v_found;
    v_seen := v_seen || array(select distinct r ->> 'name' from jsonb_array_elements(v_found) r);
  end loop;
  return jsonb_build_object(
    'outcome', 'ok', 'trees', cardinality(v_trees), 'cut', jsonb_array_length(v_rows) > p_limit, 'unindexed', v_scope -> 'unindexed', 'access_lost', v_scope -> 'access_lost',
    'definitions', (select coalesce(jsonb_agg(i.value order by i.ordinality), '[]')
      from jsonb_array_elements(v_rows) with ordinality i where i.ordinality <= p_limit),
    'outlines', (select coalesce(jsonb_object_agg(k.blob, encode(b.outline, 'base64')), '{}')
      from (select distinct i.value ->> 'blob' as blob from jsonb_array_elements(v_rows) with ordinality i where i.ordinality <= p_limit) k
      join quarry.blobs b on b.segment_id = split_part(k.blob, '/', 1)::bigint and b.blob_no = split_part(k.blob, '/', 2)::integer));
end
$$;
comment on function api.find_definitions(uuid, text, text, jsonb, jsonb, integer) is
  'Definitions that one of p_queries may mean: [{match and folded as quarry.find_names takes them, name: as written, pattern: a regular expression for the name as written, '
  'distance: edits from folded at most, unless_found: skip it when so many were found before}], in the order of the queries, each name for the first that '
  'finds it. p_filter: {kind, prefix: of the path}. p_ref: that one alone; null: of each repository the one that a search looks at. Answers {outcome: ok|not_found, definitions: [{query: its number, name, kind, path, language, symbol_no, '
  'blob, repository, ref, commit_oid}], outlines: {blob: base64}, cut: whether there are more, trees: how many were looked at, unindexed, access_lost}; the '
  'rest of a definition is number symbol_no of its blob''s outline.';
grant execute on function api.find_definitions(uuid, text, text, jsonb, jsonb, integer) to service_role;

create function api.find_files(
  p_tenant_id uuid, p_repository text, p_ref text, p_candidates jsonb, p_files_max integer, p_with_outlines boolean, p_text_chunks integer
) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_tree record;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_tree.generation is null then
    return jsonb_build_object('outcome', 'not_indexed');
  end if;
  return jsonb_build_object(
    'outcome', 'ok', 'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid,
    'files', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'kind', f.found_by, 'key', f.key, 'path', f.path_text, 'language', f.language,
        'outline', case when p_with_outlines or f.found_by = 'definition' then
          (select encode(b.outline, 'base64') from quarry.blobs b where b.segment_id = f.segment_id and b.blob_no = f.blob_no) end,
        'text', case when p_text_chunks > 0 then (
          select jsonb_agg(encode(c.content, 'base64') order by c.chunk_no) from (
            select k.chunk_no, k.content from quarry.blob_chunks k
            where k.segment_id = f.segment_id and k.blob_no = f.blob_no order by k.chunk_no limit p_text_chunks) c) end)
        order by f.path), '[]')
      from (
        select 'file' as found_by, c.value as key, t.path, t.path_text, t.language, t.segment_id, t.blob_no
        from jsonb_array_elements_text(p_candidates -> 'files') c
        join quarry.tree_files t
          on t.tree_id = v_tree.tree_id and t.generation_to is null and t.path = convert_to(c.value, 'UTF8')
        union all
        select 'folder', c.value, l.path, l.path_text, l.language, l.segment_id, l.blob_no
        from jsonb_array_elements_text(p_candidates -> 'folders') c
        cross join lateral (
          select t.* from quarry.tree_files t
          where t.tree_id = v_tree.tree_id and t.generation_to is null
            and t.path > convert_to(case c.value when '' then '' else c.value || '/' end, 'UTF8')
            and (c.value = '' or t.path < convert_to(c.value || '0', 'UTF8'))
            and position('/' in substr(t.path_text, case c.value when '' then 1 else length(c.value) + 2 end)) = 0
          order by t.path limit p_files_max) l
        union all
        select 'suffix', c.value, l.path, l.path_text, l.language, l.segment_id, l.blob_no
        from jsonb_array_elements_text(p_candidates -> 'suffixes') c
        cross join lateral (
          select t.* from quarry.tree_files t
          where t.tree_id = v_tree.tree_id and t.generation_to is null
            and split_part(t.path_text, '/', -1) = split_part(c.value, '/', -1)
            and (t.path_text = c.value or right(t.path_text, length(c.value) + 1) = '/' || c.value)
          order by t.path limit p_files_max) l
        union all
        (select 'package', l.name, l.path, l.path_text, l.language, l.segment_id, l.blob_no
        from (
          -- The chunks of manifests that have a name's word; a manifest that gives a package its name has it.
          with manifests as materialized (
            select t.path, t.path_text, t.language, t.segment_id, t.blob_no, (
              select min(k.chunk_no) from quarry.blob_chunks k where k.segment_id = t.segment_id and k.blob_no = t.blob_no) as chunk_no
            from quarry.tree_files t
            where t.tree_id = v_tree.tree_id and t.generation_to is null and split_part(t.path_text, '/', -1) = 'package.json'
              and jsonb_array_length(p_candidates -> 'packages') > 0
          ), known as materialized (
            select m.segment_id, array_agg(distinct m.chunk_no order by m.chunk_no) as nos
            from manifests m where m.chunk_no is not null group by m.segment_id
          )
          select distinct on (m.path) m.*, c.name,
            split_part(m.path_text, '/', -2) = split_part(c.name, '/', -1) as is_alike
          from known k join quarry.segments s on s.id = k.segment_id
          cross join jsonb_to_recordset(p_candidates -> 'packages') as c (name text, term text)
          cross join lateral unnest(quarry.term_chunks(s.id, s.term_count, 'exact', c.term, '{}') operator(extensions.&) k.nos) n (chunk_no)
          join manifests m on m.segment_id = k.segment_id and m.chunk_no = n.chunk_no
          order by m.path, is_alike desc) l
        order by l.is_alike desc, l.path limit p_files_max)
        union all
        select 'definition', c.key, l.path, l.path_text, l.language, l.segment_id, l.blob_no
        from jsonb_to_recordset(p_candidates -> 'definitions') as c (key text, folded text, is_namespace boolean)
        cross join lateral (
          select distinct t.path, t.path_text, t.language, t.segment_id, t.blob_no
          from quarry.segments s
          cross join lateral (
            select distinct n.blob_no from quarry.find_names(s.id, 'exact', c.folded, null) n
            where not c.is_namespace or n.kind in ('namespace', 'package', 'module')) y
          cross join lateral (
            select * from quarry.tree_files t
            where t.segment_id = s.id and t.blob_no = y.blob_no and t.tree_id = v_tree.tree_id and t.generation_to is null offset 0) t
          where s.repository_id = v_tree.repository_id and s.published_at is not null
          order by t.path limit p_files_max) l
      ) f));
end
$$;
comment on function api.find_files(uuid, text, text, jsonb, integer, boolean, integer) is
  'Which files an indexed ref has of p_candidates: {files: paths, folders: the files directly in them, suffixes: ends of paths, definitions: '
  '[{key, folded: a name that they define, is_namespace: as a namespace, package or module}], packages: [{name, term: a folded term of it}]}, at most p_files_max of each. '
  'Answers {outcome: ok|not_found|not_indexed, repository, ref, commit_oid, files: [{kind: file|folder|suffix|definition|package, key: the path, folder, suffix, name or key '
  'that found it, for a package one whose term it has, path, language, outline: base64 or null; of definitions always; text: the first p_text_chunks chunks, packed in base64, or null}]}.';
grant execute on function api.find_files(uuid, text, text, jsonb, integer, boolean, integer) to service_role;

create function api.find_files_by_word(
  p_tenant_id uuid, p_repository text, p_ref text, p_probes jsonb, p_languages text[], p_limit integer
) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Chunks that are looked at together, and in all: a word may be nearly everywhere.
  c_slice_chunks constant integer := 512;
  c_chunks_max constant integer := 8192;
  -- Files of a folder that are looked at for a word that is in more chunks than these have.
  c_below_files_max constant integer := 1000;
  v_tree record;
  v_list record;
  v_paths bytea[] := '{}';
  v_found bytea[];
  v_low bytea;
  v_high bytea;
  v_looked integer := 0;
  v_from integer;
  v_cut boolean := false;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_tree.generation is null then
    return jsonb_build_object('outcome', 'not_indexed');
  end if;
  <<lists>>
  for v_list in
    select c.word, c.prefix, s.id as segment_id, l.chunk_nos
    from (select distinct p.word, p.prefix from jsonb_to_recordset(p_probes) as p (word text, prefix text)) c
    left join quarry.segments s on c.word is not null and s.repository_id = v_tree.repository_id and s.published_at is not null
    cross join lateral (
      select case when c.word is not null then quarry.term_chunks(s.id, s.term_count, 'exact', c.word, '{}') end as chunk_nos offset 0
    ) l
    where c.word is null or cardinality(l.chunk_nos) > 0
    -- What is near first, then the rarest word, and last what any file below a folder satisfies.
    order by c.word is null, c.prefix = '', sum(cardinality(l.chunk_nos)) over (partition by c.word, c.prefix), c.word, c.prefix, s.id
  loop
    v_low := convert_to(v_list.prefix, 'UTF8');
    v_high := convert_to(rtrim(v_list.prefix, '/') || '0', 'UTF8');
    v_from := 1;
    loop
      if v_list.word is null then
        v_found := array(
          select t.path from quarry.tree_files t
          where t.tree_id = v_tree.tree_id and t.generation_to is null and t.language = any(p_languages)
            and t.path >= v_low and (v_list.prefix = '' or t.path < v_high)
          order by t.path limit p_limit + 1);
      elsif v_list.prefix <> '' and cardinality(v_list.chunk_nos) > c_slice_chunks then
        v_found := array(
          select distinct f.path
          from (
            select t.path, t.segment_id, t.blob_no from quarry.tree_files t
            where t.tree_id = v_tree.tree_id and t.generation_to is null and t.language = any(p_languages) and t.path >= v_low and t.path < v_high
              and t.segment_id = v_list.segment_id
            order by t.path limit c_below_files_max
          ) f
          cross join lateral (
            select k.chunk_no from quarry.blob_chunks k where k.segment_id = f.segment_id and k.blob_no = f.blob_no offset 0
          ) k
          join unnest(v_list.chunk_nos) n (chunk_no) on n.chunk_no = k.chunk_no);
        v_from := cardinality(v_list.chunk_nos);
      else
        v_looked := v_looked + least(c_slice_chunks, cardinality(v_list.chunk_nos) - v_from + 1);
        v_found := array(
          select f.path
          from (
            select distinct k.blob_no
            from unnest(v_list.chunk_nos[v_from : v_from + c_slice_chunks - 1]) n (chunk_no)
            cross join lateral (
              select b.blob_no from quarry.blob_chunks b where b.segment_id = v_list.segment_id and b.chunk_no = n.chunk_no offset 0
            ) k
          ) d
          cross join lateral (
            select t.path, t.language from quarry.tree_files t
            where t.segment_id = v_list.segment_id and t.blob_no = d.blob_no and t.tree_id = v_tree.tree_id and t.generation_to is null offset 0
          ) f
          where f.language = any(p_languages) and f.path >= v_low and (v_list.prefix = '' or f.path < v_high));
      end if;
      -- Behind what was found before, which is nearer or rarer.
      v_paths := v_paths || array(select d.path from (select unnest(v_found) except select unnest(v_paths)) d (path) order by d.path);
      v_from := v_from + c_slice_chunks;
      v_cut := cardinality(v_paths) > p_limit
        or v_looked >= c_chunks_max and v_from <= cardinality(v_list.chunk_nos);
      exit lists when v_cut;
      exit when v_list.word is null or v_from > cardinality(v_list.chunk_nos);
    end loop;
  end loop;
  return jsonb_build_object(
    'outcome', 'ok', 'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid, 'cut', v_cut,
    'files', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'path', f.path_text, 'language', f.language,
        'outline', (select encode(b.outline, 'base64') from quarry.blobs b where b.segment_id = f.segment_id and b.blob_no = f.blob_no)) order by f.path), '[]')
      from (
        select t.* from unnest(v_paths[: p_limit]) p (path)
        cross join lateral (
          select t.* from quarry.tree_files t where t.tree_id = v_tree.tree_id and t.path = p.path and t.generation_to is null offset 0
        ) t
      ) f));
end
$$;
comment on function api.find_files_by_word(uuid, text, text, jsonb, text[], integer) is
  'Files of an indexed ref, of some languages, that meet one of p_probes: [{word: a folded term of their text, null: any; prefix: of their path}]: those '
  'with a prefix before those without, a rarer word before a commoner, at most p_limit, from a bounded number of chunks. '
  'Answers {outcome: ok|not_found|not_indexed, repository, ref, commit_oid, files: [{path, language, outline: base64 or null}], cut: whether there are more}.';
grant execute on function api.find_files_by_word(uuid, text, text, jsonb, text[], integer) to service_role;

create function api.list_folder(p_tenant_id uuid, p_repository text, p_ref text, p_path text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_tree record;
  v_generation bigint;
  v_prefix text := case p_path when '' then '' else p_path || '/' end;
  v_items jsonb;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_tree.generation is null then
    return jsonb_build_object('outcome', 'not_indexed');
  end if;
  v_generation := coalesce((p_cursor ->> 'generation')::bigint, v_tree.generation);
  if p_cursor is not null and ((p_cursor ->> 'tree')::bigint <> v_tree.tree_id or v_generation < v_tree.oldest_generation) then
    return jsonb_build_object('outcome', 'cursor_expired');
  end if;
  select coalesce(jsonb_agg(jsonb_build_object(
      'name', e.name, 'path', v_prefix || e.name, 'kind', case when e.is_folder then 'folder' else 'file' end, 'files', e.files,
      'language', e.language, 'size_bytes', b.size_bytes, 'line_count', b.line_count, 'skip_reason', e.skip_reason) order by e.name), '[]')
  into v_items
  from (
    select g.name, g.files, g.is_folder, case when not g.is_folder then g.language end as language,
      case when not g.is_folder then g.segment_id end as segment_id, g.blob_no, case when not g.is_folder then g.skip_reason end as skip_reason
    from (
      select split_part(substr(t.path_text, length(v_prefix) + 1), '/', 1) as name, count(*)::integer as files,
        bool_or(position('/' in substr(t.path_text, length(v_prefix) + 1)) > 0) as is_folder,
        min(t.language) as language, min(t.segment_id) as segment_id, min(t.blob_no) as blob_no, min(t.skip_reason) as skip_reason
      from quarry.tree_files t
      where t.tree_id = v_tree.tree_id and t.path > convert_to(v_prefix, 'UTF8')
        and (p_path = '' or t.path < convert_to(p_path || '0', 'UTF8'))
        and t.generation_from <= v_generation and (t.generation_to is null or t.generation_to > v_generation)
      group by 1
    ) g
    where p_cursor is null or g.name > p_cursor ->> 'name' collate "C"
    order by g.name limit p_limit + 1
  ) e
  left join quarry.blobs b on b.segment_id = e.segment_id and b.blob_no = e.blob_no;
  return jsonb_build_object(
    'outcome', case when v_items = '[]' and p_cursor is null and p_path <> '' then 'file_not_found' else 'ok' end,
    'repository', v_tree.full_name, 'ref', v_tree.ref,
    'commit_oid', case when p_cursor is null then v_tree.commit_oid else p_cursor ->> 'commit' end,
    'items', (select coalesce(jsonb_agg(i.value order by i.ordinality), '[]')
      from jsonb_array_elements(v_items) with ordinality i where i.ordinality <= p_limit),
    'next_cursor', case when jsonb_array_length(v_items) > p_limit then jsonb_build_object(
      'tree', v_tree.tree_id, 'generation', v_generation, 'name', v_items -> (p_limit - 1) -> 'name',
      'commit', case when p_cursor is null then v_tree.commit_oid else p_cursor ->> 'commit' end) end);
end
$$;
comment on function api.list_folder(uuid, text, text, text, integer, jsonb) is
  'What lies directly in a folder of an indexed ref, by name ("" is the root): {outcome: ok|not_found|not_indexed|cursor_expired|file_not_found, repository, '
  'ref, commit_oid, items: [{name, path, kind: folder|file, files: how many it has below, language, size_bytes, line_count, skip_reason}], next_cursor}. '
  'Reads every file below the folder; all pages are of one generation.';
grant execute on function api.list_folder(uuid, text, text, text, integer, jsonb) to service_role;

create function api.read_overview(p_tenant_id uuid, p_repository text, p_ref text, p_folders integer, p_samples integer) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_tree record;
  v_answer jsonb;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_tree.generation is null then
    return jsonb_build_object('outcome', 'not_indexed');
  end if;
  with files as materialized (
    select t.path, t.path_text, t.language, t.segment_id, t.blob_no, coalesce(b.size_bytes, 0) as size_bytes, coalesce(b.line_count, 0) as line_count,
      b.outline is not null as has_outline
    from quarry.tree_files t left join quarry.blobs b on b.segment_id = t.segment_id and b.blob_no = t.blob_no
    where t.tree_id = v_tree.tree_id and t.generation_to is null
  ), languages as (
    select f.language, count(*) as files, sum(f.line_count) as lines, sum(f.size_bytes) as bytes from files f group by f.language
  ), folders as (
    select d.folder, count(*) as files, sum(f.size_bytes) as bytes
    from files f
    cross join lateral (
      select split_part(f.path_text, '/', 1) as folder where position('/' in f.path_text) > 0
      union all
      select split_part(f.path_text, '/', 1) || '/' || split_part(f.path_text, '/', 2) where split_part(f.path_text, '/', 3) <> ''
    ) d
    group by d.folder order by sum(f.size_bytes) desc, d.folder limit p_folders
  ), sources as (
    select f.*, row_number() over (order by f.path) - 1 as no, count(*) over () as total from files f where f.has_outline
  ), samples as (
    select s.*, s.total as sources from sources s where s.no % greatest(1, (s.total + p_samples - 1) / p_samples) = 0
  )
  select jsonb_build_object(
    'files', (select count(*) from files), 'lines', (select coalesce(sum(line_count), 0) from files), 'bytes', (select coalesce(sum(size_bytes), 0) from files),
    'languages', (select coalesce(jsonb_agg(jsonb_build_object('language', l.language, 'files', l.files, 'lines', l.lines, 'bytes', l.bytes)
      order by l.bytes desc, l.language), '[]') from languages l),
    'folders', (select coalesce(jsonb_agg(jsonb_build_object('path', d.folder, 'files', d.files, 'bytes', d.bytes) order by d.bytes desc, d.folder), '[]')
      from folders d),
    'sources', coalesce((select max(s.sources) from samples s), 0),
    'samples', (select coalesce(jsonb_agg(jsonb_build_object('path', s.path_text, 'language', s.language,
      'outline', (select encode(b.outline, 'base64') from quarry.blobs b where b.segment_id = s.segment_id and b.blob_no = s.blob_no)) order by s.path), '[]')
      from samples s))
  into v_answer;
  return v_answer || jsonb_build_object('outcome', 'ok', 'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid);
end
$$;
comment on function api.read_overview(uuid, text, text, integer, integer) is
  'An indexed ref from afar: {outcome: ok|not_found|not_indexed, repository, ref, commit_oid, files, lines, bytes, languages: [{language, files, lines, bytes}], '
  'folders: the largest of the first two levels [{path, files, bytes}], sources: files that have an outline, samples: at most p_samples of these, evenly '
  'spread by path [{path, language, outline: base64}]}. Reads one row per file.';
grant execute on function api.read_overview(uuid, text, text, integer, integer) to service_role;

create function api.count_mentions(p_tenant_id uuid, p_repository text, p_ref text, p_terms text[], p_files_max integer) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_tree record;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_tree.generation is null then
    return jsonb_build_object('outcome', 'not_indexed');
  end if;
  return jsonb_build_object('outcome', 'ok', 'files', (
    select coalesce(jsonb_object_agg(c.term, (
      select count(*) from (
        select from quarry.segments s
        cross join lateral (select distinct k.blob_no from quarry.blobs_with_term(s.id, s.term_count, c.term) k) n
        cross join lateral (
          select t.path from quarry.tree_files t
          where t.segment_id = s.id and t.blob_no = n.blob_no and t.tree_id = v_tree.tree_id and t.generation_to is null offset 0) f
        where s.repository_id = v_tree.repository_id and s.published_at is not null
        limit p_files_max
      ) m)), '{}')
    from (select distinct unnest(p_terms) as term) c));
end
$$;
comment on function api.count_mentions(uuid, text, text, text[], integer) is
  'In how many files of an indexed ref each folded term occurs, counted to p_files_max: {outcome: ok|not_found|not_indexed, files: {term: count}}.';
grant execute on function api.count_mentions(uuid, text, text, text[], integer) to service_role;
