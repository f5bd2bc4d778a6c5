-- Search: literal text and symbols, for one tenant, each in one STABLE function and so in one snapshot.
--
-- A literal is planned in TypeScript (functions/_shared/text): its terms become constraints, which
-- narrow a segment to candidate chunks; the text of the candidates then decides. Comparing without
-- case is lower() under collation "C", which folds ASCII alone and the same on every host, plus a
-- translate() of the other characters that fold to one of the needle's.

create function quarry.utf16_length(p_text text) returns integer
language sql immutable parallel safe set search_path = ''
return length(p_text) + case when octet_length(p_text) = length(p_text) then 0
  else length(regexp_replace(p_text, '[^\U00010000-\U0010FFFF]', '', 'g')) end;
comment on function quarry.utf16_length(text) is 'Length in UTF-16 code units: characters beyond the basic plane count twice.';

create function quarry.scoped_trees(p_tenant_id uuid, p_repository text, p_after_tree_id bigint)
returns table (tree_id bigint, repository_id uuid, full_name text, ref text, commit_oid text, generation bigint, oldest_generation bigint)
language sql stable security definer set search_path = ''
as $$
  select t.id, r.id, r.full_name, t.ref, t.commit_oid, t.generation, t.oldest_generation
  from quarry.repositories r join quarry.trees t on t.repository_id = r.id
  where r.tenant_id = p_tenant_id and r.deleted_at is null and t.generation is not null
    and (p_repository is null or lower(r.full_name) = lower(p_repository) or r.id::text = lower(p_repository))
    and t.id >= coalesce(p_after_tree_id, 0)
  order by t.id;
$$;
comment on function quarry.scoped_trees(uuid, text, bigint) is
  'The indexed refs a search of this tenant looks at, in the order of its answer. p_repository: OWNER/NAME, an id, or null for all.';

create function quarry.search_scope(p_tenant_id uuid, p_repository text) returns jsonb
language sql stable security definer set search_path = ''
return (
  select jsonb_build_object(
    'repositories', count(distinct r.id),
    'unindexed', count(*) filter (where t.generation is null),
    'skipped', coalesce(sum(t.too_large_count), 0),
    'access_lost', count(distinct r.id) filter (where r.access_lost_at is not null))
  from quarry.repositories r left join quarry.trees t on t.repository_id = r.id
  where r.tenant_id = p_tenant_id and r.deleted_at is null
    and (p_repository is null or lower(r.full_name) = lower(p_repository) or r.id::text = lower(p_repository))
);
comment on function quarry.search_scope(uuid, text) is
  'What an honest answer must say of its scope: {repositories, unindexed: refs without a published index, '
  'skipped: text too large to index, access_lost: repositories whose index cannot follow their host any more}.';

create function quarry.literal_chunks(p_tree_id bigint, p_repository_id uuid, p_generation bigint, p_constraints jsonb, p_after_path bytea, p_chunks_max integer)
returns table (path bytea, path_text text, first_line integer, segment_id bigint, chunk_no integer)
language sql stable security definer set search_path = ''
as $$
  with candidates as materialized (
    select s.id as segment_id, quarry.candidate_chunks(s.id, s.term_count, p_constraints) as chunk_nos
    from quarry.segments s where s.repository_id = p_repository_id and s.published_at is not null
  ), chunks as materialized (
    select c.segment_id, k.chunk_no, k.blob_no, k.first_line
    from candidates c, unnest(c.chunk_nos) n join quarry.blob_chunks k on k.chunk_no = n
    where k.segment_id = c.segment_id
    union all
    select k.segment_id, k.chunk_no, k.blob_no, k.first_line
    from candidates c join quarry.blob_chunks k on k.segment_id = c.segment_id
    where c.chunk_nos is null
  )
  select f.path, f.path_text, k.first_line, k.segment_id, k.chunk_no
  from chunks k
  -- Offset 0: from the chunks to their files. Without statistics the planner would compare all with all.
  cross join lateral (
    select t.path, t.path_text from quarry.tree_files t
    where t.segment_id = k.segment_id and t.blob_no = k.blob_no and t.tree_id = p_tree_id
      and t.generation_from <= p_generation and (t.generation_to is null or t.generation_to > p_generation)
    offset 0
  ) f
  where p_after_path is null or f.path >= p_after_path
  order by f.path, k.first_line
  limit p_chunks_max;
$$;
comment on function quarry.literal_chunks(bigint, uuid, bigint, jsonb, bytea, integer) is
  'Candidate chunks of one generation of a tree by path and line, from p_after_path (inclusive) on, at most p_chunks_max.';

create function quarry.search_literal_tree(
  p_tree_id bigint, p_repository_id uuid, p_generation bigint, p_plan jsonb, p_after_path bytea, p_after_line integer,
  p_matches_max integer, p_chunks_max integer
) returns table (path bytea, path_text text, line integer, line_text text, column_units integer, chunks_read integer)
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- What of a line is returned; the caller cuts it to 1,000 UTF-16 units.
  c_text_max constant integer := 1000;
  v_needle text := p_plan ->> 'needle';
  v_sensitive boolean := (p_plan ->> 'case_sensitive')::boolean;
  v_from text := p_plan ->> 'translate_from';
  v_to text := p_plan ->> 'translate_to';
  v_key record;
  v_content text;
  v_line record;
  v_found integer := 0;
begin
  chunks_read := 0;
  for v_key in
    select * from quarry.literal_chunks(p_tree_id, p_repository_id, p_generation, p_plan -> 'constraints', p_after_path, p_chunks_max)
  loop
    chunks_read := chunks_read + 1;
    select b.content into v_content from quarry.blob_chunks b
    where b.segment_id = v_key.segment_id and b.chunk_no = v_key.chunk_no
      and case when v_sensitive then strpos(b.content, v_needle)
        when v_from = '' then strpos(lower(b.content), v_needle)
        else strpos(translate(lower(b.content), v_from, v_to), v_needle) end > 0;
    continue when not found;
    path := v_key.path;
    path_text := v_key.path_text;
    for v_line in
      select l.value, v_key.first_line + l.ordinality::integer - 1 as number, p.position
      from string_to_table(v_content, E'\n') with ordinality as l (value, ordinality),
        lateral (select case when v_sensitive then strpos(l.value, v_needle)
          when v_from = '' then strpos(lower(l.value collate "C"), v_needle)
          else strpos(translate(lower(l.value collate "C"), v_from, v_to), v_needle) end as position) p
      where p.position > 0
      order by l.ordinality
    loop
      continue when v_key.path = p_after_path and v_line.number <= p_after_line;
      line := v_line.number;
      line_text := left(v_line.value, c_text_max);
      column_units := quarry.utf16_length(left(v_line.value, v_line.position - 1)) + 1;
      return next;
      v_found := v_found + 1;
      if v_found >= p_matches_max then
        return;
      end if;
    end loop;
  end loop;
  if chunks_read >= p_chunks_max then
    -- The budget ended before the candidates did: one row without a line says where to go on.
    path := v_key.path;
    path_text := null;
    line := v_key.first_line - 1;
    line_text := null;
    column_units := null;
    return next;
  end if;
end
$$;
comment on function quarry.search_literal_tree(bigint, uuid, bigint, jsonb, bytea, integer, integer, integer) is
  'Matching lines of one generation of a tree by path and line, after (p_after_path, p_after_line). A last row with a null line_text '
  'means that p_chunks_max chunks were read without reaching the end, and where to continue. chunks_read: so far.';

create function api.search_literal(p_tenant_id uuid, p_plan jsonb, p_repository text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- About 16 MiB of text read by one request at most.
  c_chunks_max constant integer := 4096;
  v_scope jsonb := quarry.search_scope(p_tenant_id, p_repository);
  v_cursor record;
  v_tree record;
  v_row record;
  v_generation bigint;
  v_matches jsonb[] := '{}';
  v_chunks integer := 0;
  v_read integer;
  v_next jsonb;
  v_reason text;
begin
  if p_repository is not null and (v_scope ->> 'repositories')::integer = 0 then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  select (p_cursor ->> 'tree')::bigint as tree_id, (p_cursor ->> 'generation')::bigint as generation,
    p_cursor ->> 'commit' as commit_oid, decode(p_cursor ->> 'path', 'hex') as path, (p_cursor ->> 'line')::integer as line
  into v_cursor;
  if v_cursor.tree_id is not null
    and not exists (select from quarry.scoped_trees(p_tenant_id, p_repository, v_cursor.tree_id) t where t.tree_id = v_cursor.tree_id)
  then
    return jsonb_build_object('outcome', 'cursor_expired');
  end if;

  for v_tree in select * from quarry.scoped_trees(p_tenant_id, p_repository, v_cursor.tree_id) loop
    v_generation := v_tree.generation;
    if v_tree.tree_id = v_cursor.tree_id then
      if v_cursor.generation < v_tree.oldest_generation then
        return jsonb_build_object('outcome', 'cursor_expired');
      end if;
      v_generation := v_cursor.generation;
      -- The answer speaks of the commit of the generation it reads, whatever was published since.
      v_tree.commit_oid := v_cursor.commit_oid;
    end if;
    v_read := 0;
    for v_row in
      select * from quarry.search_literal_tree(v_tree.tree_id, v_tree.repository_id, v_generation, p_plan,
        case when v_tree.tree_id = v_cursor.tree_id then v_cursor.path end,
        case when v_tree.tree_id = v_cursor.tree_id then v_cursor.line end,
        p_limit + 1 - cardinality(v_matches), c_chunks_max - v_chunks)
    loop
      v_read := v_row.chunks_read;
      if v_row.line_text is null then
        v_reason := 'work_budget';
        v_next := jsonb_build_object('tree', v_tree.tree_id, 'generation', v_generation, 'commit', v_tree.commit_oid,
          'path', encode(v_row.path, 'hex'), 'line', v_row.line);
      elsif cardinality(v_matches) = p_limit then
        v_reason := 'page_full';
        v_next := (select jsonb_build_object('tree', m -> 'tree', 'generation', m -> 'generation', 'commit', m -> 'commit_oid',
            'path', m -> 'path_hex', 'line', m -> 'line')
          from (select v_matches[p_limit] as m) last);
      else
        v_matches := v_matches || jsonb_build_object(
          'repository', v_tree.full_name, 'ref', v_tree.ref,
          'commit_oid', v_tree.commit_oid, 'path', v_row.path_text, 'line', v_row.line, 'column', v_row.column_units,
          'text', v_row.line_text, 'tree', v_tree.tree_id, 'generation', v_generation, 'path_hex', encode(v_row.path, 'hex'));
      end if;
    end loop;
    exit when v_reason is not null;
    v_chunks := v_chunks + v_read;
  end loop;

  return jsonb_build_object(
    'outcome', 'ok', 'reason', v_reason, 'next_cursor', v_next,
    'unindexed', v_scope -> 'unindexed', 'skipped', v_scope -> 'skipped', 'access_lost', v_scope -> 'access_lost',
    'matches', (select coalesce(jsonb_agg(m.value - 'tree' - 'generation' - 'path_hex' order by m.ordinality), '[]')
      from unnest(v_matches) with ordinality m (value, ordinality)));
end
$$;
comment on function api.search_literal(uuid, jsonb, text, integer, jsonb) is
  'Lines that contain a literal. p_plan: {needle (folded unless case_sensitive), case_sensitive, translate_from, translate_to, constraints: [{kind, term, grams}]}. '
  'Answers {outcome: ok|not_found|cursor_expired, matches: [{repository, ref, commit_oid, path, line, column, text}], reason: null|page_full|work_budget, '
  'next_cursor, unindexed, skipped, access_lost}: one match per line, by repository, ref, path and line, all pages of a ref in the generation of its first.';
grant execute on function api.search_literal(uuid, jsonb, text, integer, jsonb) to service_role;

create function api.search_symbols(p_tenant_id uuid, p_query jsonb, p_repository text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_scope jsonb := quarry.search_scope(p_tenant_id, p_repository);
  v_cursor record;
  v_tree record;
  v_generation bigint;
  v_symbols jsonb := '[]';
  v_found jsonb;
  v_last jsonb;
begin
  if p_repository is not null and (v_scope ->> 'repositories')::integer = 0 then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  select (p_cursor ->> 'tree')::bigint as tree_id, (p_cursor ->> 'generation')::bigint as generation,
    p_cursor ->> 'commit' as commit_oid, decode(p_cursor ->> 'path', 'hex') as path, (p_cursor ->> 'symbol_no')::integer as symbol_no
  into v_cursor;
  if v_cursor.tree_id is not null
    and not exists (select from quarry.scoped_trees(p_tenant_id, p_repository, v_cursor.tree_id) t where t.tree_id = v_cursor.tree_id)
  then
    return jsonb_build_object('outcome', 'cursor_expired');
  end if;

  for v_tree in select * from quarry.scoped_trees(p_tenant_id, p_repository, v_cursor.tree_id) loop
    v_generation := v_tree.generation;
    if v_tree.tree_id = v_cursor.tree_id then
      if v_cursor.generation < v_tree.oldest_generation then
        return jsonb_build_object('outcome', 'cursor_expired');
      end if;
      v_generation := v_cursor.generation;
      v_tree.commit_oid := v_cursor.commit_oid;
    end if;
    select coalesce(jsonb_agg(jsonb_build_object(
        'name', h.name, 'kind', h.kind, 'path', h.path_text, 'symbol_no', h.symbol_no, 'blob', h.segment_id || '/' || h.blob_no,
        'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid,
        'key', jsonb_build_object('tree', v_tree.tree_id, 'generation', v_generation, 'commit', v_tree.commit_oid,
          'path', encode(h.path, 'hex'), 'symbol_no', h.symbol_no))
      order by h.path, h.symbol_no), '[]')
    into v_found
    from (
      -- Materialized, and offset 0: names lead to symbols and symbols to files, in this order. Without statistics
      -- the planner would start at the tree, and look for the names anew for every symbol.
      with named as materialized (
        select s.id as segment_id, y.* from quarry.segments s
        cross join lateral (
          select * from quarry.find_names(s.id, p_query ->> 'match', p_query ->> 'name_folded', null) offset 0) y
        where s.repository_id = v_tree.repository_id and s.published_at is not null
          and case p_query ->> 'match'
            when 'exact' then y.name = p_query ->> 'name'
            else not (p_query ->> 'case_sensitive')::boolean
              or case p_query ->> 'match' when 'prefix' then starts_with(y.name, p_query ->> 'name') else strpos(y.name, p_query ->> 'name') > 0 end
            end
      )
      select y.*, f.path, f.path_text
      from named y
      cross join lateral (
        select t.path, t.path_text from quarry.tree_files t
        where t.segment_id = y.segment_id and t.blob_no = y.blob_no and t.tree_id = v_tree.tree_id
          and t.generation_from <= v_generation and (t.generation_to is null or t.generation_to > v_generation)
        offset 0
      ) f
      where (v_tree.tree_id is distinct from v_cursor.tree_id or (f.path, y.symbol_no) > (v_cursor.path, v_cursor.symbol_no))
      order by f.path, y.symbol_no
      limit p_limit + 1 - jsonb_array_length(v_symbols)
    ) h;
    v_symbols := v_symbols || v_found;
    exit when jsonb_array_length(v_symbols) > p_limit;
  end loop;

  if jsonb_array_length(v_symbols) > p_limit then
    v_last := v_symbols -> (p_limit - 1) -> 'key';
  end if;
  return jsonb_build_object(
    'outcome', 'ok', 'next_cursor', v_last, 'unindexed', v_scope -> 'unindexed', 'access_lost', v_scope -> 'access_lost',
    'symbols', (select coalesce(jsonb_agg(i.value - 'key' order by i.ordinality), '[]')
      from jsonb_array_elements(v_symbols) with ordinality i where i.ordinality <= p_limit),
    'outlines', (select coalesce(jsonb_object_agg(k.blob, encode(b.outline, 'base64')), '{}')
      from (select distinct i.value ->> 'blob' as blob from jsonb_array_elements(v_symbols) with ordinality i where i.ordinality <= p_limit) k
      join quarry.blobs b on b.segment_id = split_part(k.blob, '/', 1)::bigint and b.blob_no = split_part(k.blob, '/', 2)::integer));
end
$$;
comment on function api.search_symbols(uuid, jsonb, text, integer, jsonb) is
  'Definitions by name. p_query: {name, name_folded, match: exact|prefix|infix, case_sensitive}; exact compares the name as written. '
  'Answers {outcome: ok|not_found|cursor_expired, symbols: [{name, kind, path, symbol_no, blob, repository, ref, commit_oid}], outlines: {blob: base64}, '
  'next_cursor, unindexed, access_lost}, by repository, ref, path and position; the rest of a symbol is definition symbol_no of its blob''s outline.';
grant execute on function api.search_symbols(uuid, jsonb, text, integer, jsonb) to service_role;
