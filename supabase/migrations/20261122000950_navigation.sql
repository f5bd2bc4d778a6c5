-- Reading what is indexed: files, their text and outlines, and the files in which a name occurs. Each
-- is one STABLE function and so one snapshot. Outlines pass through as they are stored; the code that
-- packed them unpacks them.

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
language plpgsql stable security definer set search_path = ''
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
      select coalesce(jsonb_agg(jsonb_build_object('first_line', c.first_line, 'content', c.content) order by c.chunk_no), '[]')
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
  'line_count, skip_reason, symbols_skip_reason, outline: base64 or null, chunks: [{first_line, content}] that hold the lines asked for}. '
  'p_commit_oid: the commit that the caller means, null for whichever is indexed; p_last_line 0: no text.';
grant execute on function api.read_file(uuid, text, text, text, text, integer, integer, boolean) to service_role;

create function api.list_files(p_tenant_id uuid, p_repository text, p_ref text, p_prefix text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_tree record;
  v_generation bigint;
  v_after bytea := decode(p_cursor ->> 'path', 'hex');
  v_prefix bytea := convert_to(coalesce(p_prefix, ''), 'UTF8');
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
    where f.tree_id = v_tree.tree_id and f.path >= v_prefix and substring(f.path for length(v_prefix)) = v_prefix
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

create function api.find_occurrences(p_tenant_id uuid, p_repository text, p_term text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_scope jsonb := quarry.search_scope(p_tenant_id, p_repository);
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
        'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid, 'path', h.path_text,
        'outline', (select encode(b.outline, 'base64') from quarry.blobs b where b.segment_id = h.segment_id and b.blob_no = h.blob_no),
        'chunks', (select jsonb_agg(jsonb_build_object('first_line', c.first_line, 'content', c.content) order by c.chunk_no)
          from quarry.blob_chunks c where c.segment_id = h.segment_id and c.chunk_no = any(h.chunk_nos)),
        'key', jsonb_build_object('tree', v_tree.tree_id, 'generation', v_generation, 'commit', v_tree.commit_oid, 'path', encode(h.path, 'hex')))
      order by h.path), '[]')
    into v_found
    from (
      -- Materialized, and offset 0: terms lead to chunks, and chunks to files, in this order.
      with named as materialized (
        select k.segment_id, k.blob_no, array_agg(k.chunk_no) as chunk_nos
        from quarry.segments s
        cross join lateral unnest(quarry.term_chunks(s.id, s.term_count, 'exact', p_term, '{}')) n (chunk_no)
        join quarry.blob_chunks k on k.segment_id = s.id and k.chunk_no = n.chunk_no
        where s.repository_id = v_tree.repository_id and s.published_at is not null
        group by k.segment_id, k.blob_no
      )
      select y.*, f.path, f.path_text
      from named y
      cross join lateral (
        select t.path, t.path_text from quarry.tree_files t
        where t.segment_id = y.segment_id and t.blob_no = y.blob_no and t.tree_id = v_tree.tree_id
          and t.generation_from <= v_generation and (t.generation_to is null or t.generation_to > v_generation)
        offset 0
      ) f
      where v_tree.tree_id is distinct from v_cursor.tree_id or f.path > v_cursor.path
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
    'files', (select coalesce(jsonb_agg(i.value - 'key' order by i.ordinality), '[]')
      from jsonb_array_elements(v_files) with ordinality i where i.ordinality <= p_limit));
end
$$;
comment on function api.find_occurrences(uuid, text, text, integer, jsonb) is
  'Files whose text has this folded term, with their outlines and the chunks that have it: {outcome: ok|not_found|cursor_expired, '
  'files: [{repository, ref, commit_oid, path, outline: base64 or null, chunks: [{first_line, content}]}], next_cursor, unindexed, access_lost, skipped}, '
  'by repository, ref and path, all pages of a ref in the generation of its first.';
grant execute on function api.find_occurrences(uuid, text, text, integer, jsonb) to service_role;

create function api.read_outlines(p_tenant_id uuid, p_repository text, p_ref text, p_paths text[], p_with_outlines boolean) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- A folder with more files than this is no package that anybody imports.
  c_folder_files_max constant integer := 100;
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
        'asked', a.path, 'path', f.path_text, 'language', f.language,
        'outline', case when p_with_outlines then
          (select encode(b.outline, 'base64') from quarry.blobs b where b.segment_id = f.segment_id and b.blob_no = f.blob_no) end)
        order by f.path), '[]')
      from unnest(p_paths) a (path)
      cross join lateral (
        select t.path, t.path_text, t.language, t.segment_id, t.blob_no
        from quarry.tree_files t
        where t.tree_id = v_tree.tree_id and t.generation_to is null and t.path = convert_to(a.path, 'UTF8')
        union all
        (select t.path, t.path_text, t.language, t.segment_id, t.blob_no
        from quarry.tree_files t
        where t.tree_id = v_tree.tree_id and t.generation_to is null and right(a.path, 1) = '/'
          and t.path > convert_to(a.path, 'UTF8') and t.path < convert_to(left(a.path, -1) || '0', 'UTF8')
          and position('/' in substr(t.path_text, length(a.path) + 1)) = 0
        order by t.path limit c_folder_files_max)
      ) f));
end
$$;
comment on function api.read_outlines(uuid, text, text, text[], boolean) is
  'Which of these paths an indexed ref has; one that ends in "/" stands for the files directly in that folder: '
  '{outcome: ok|not_found|not_indexed, repository, ref, commit_oid, files: [{asked, path, language, outline: base64 or null}]}.';
grant execute on function api.read_outlines(uuid, text, text, text[], boolean) to service_role;
