-- Reading what is indexed: one ref, its files, their text and outlines, and its folders. Each is one STABLE
-- function and so one snapshot. Outlines pass through as they are stored; the code that packed them
-- unpacks them. Other functions name an outline by its blob (segment/number), which is immutable, and whoever
-- does not have it yet reads it here.

-- Imports name files by the ends of their paths, and settings lie anywhere: both are found by file name.
create index tree_files_by_name on quarry.tree_files (tree_id, split_part(path_text, '/', -1)) where generation_to is null;

create function quarry.tree_of(p_tenant_id uuid, p_repository text, p_ref text, p_cursor jsonb default null, p_needs_symbols boolean default false)
returns table (outcome text, tree_id bigint, repository_id uuid, full_name text, ref text, commit_oid text, generation bigint, has_symbols boolean)
-- In plpgsql, which keeps its plan: nearly every read begins here.
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_repository_id constant uuid := quarry.repository_named(p_tenant_id, p_repository);
begin
  return query select case
      when r.id is null then 'not_found'
      when t.generation is null then 'not_indexed'
      when c.generation < t.oldest_generation or c.tree_id <> t.id then 'cursor_expired'
      when p_needs_symbols and not 'symbols' = any(t.features) then 'symbols_pending'
      else 'ok' end,
    t.id, r.id, r.full_name, coalesce(t.ref, p_ref, r.default_ref),
    coalesce(c.commit_oid, t.commit_oid), coalesce(c.generation, t.generation), 'symbols' = any(t.features)
  from (
    select (p_cursor ->> 'tree')::bigint as tree_id, (p_cursor ->> 'generation')::bigint as generation, p_cursor ->> 'commit' as commit_oid
  ) c
  left join lateral (
    select n.id, n.full_name, n.default_ref from quarry.repositories n
    where n.id = v_repository_id
  ) r on true
  left join lateral (
    select * from quarry.trees d
    where d.repository_id = r.id and (d.ref = coalesce(p_ref, r.default_ref) or p_ref is null and (d.retired_at is not null or not exists (
      select from quarry.trees f where f.repository_id = r.id and f.ref = r.default_ref)))
    -- Where the default branch is not indexed yet, the one before it serves in its place; where it is not followed, another.
    order by d.generation is not null desc, d.ref = r.default_ref desc, d.id limit 1
  ) t on true;
end
$$;
comment on function quarry.tree_of(uuid, text, text, jsonb, boolean) is
  'One repository of the tenant, by OWNER/NAME or id, and the tree of a ref (null: the default branch, or the former one that serves until it is indexed; '
  'where the default one is not followed, the one at which a search looks). One row, always: outcome: ok; not_found: the tenant has no such repository; not_indexed: the ref is not; '
  'cursor_expired: what p_cursor ({tree, generation, commit}; null: none) goes on from is no longer there; symbols_pending: its text alone is, where p_needs_symbols. '
  'commit_oid and generation are the cursor''s, where there is one.';

create function quarry.path_named(p_tree_id bigint, p_path text) returns bytea
language plpgsql stable security definer set search_path = ''
as $$
begin
  if strpos(p_path, chr(65533)) = 0 then
    return convert_to(p_path, 'UTF8');
  end if;
  return (
    select f.path from quarry.tree_files f
    where f.tree_id = p_tree_id and f.generation_to is null
      and split_part(f.path_text, '/', -1) = split_part(p_path, '/', -1) and f.path_text = p_path
    order by f.path limit 1);
end
$$;
comment on function quarry.path_named(bigint, text) is
  'The path that a tree shows as p_path. Bytes that are no UTF-8 are shown as U+FFFD: then the first path, in the order of their bytes, '
  'that looks like it; null: none does.';

create function api.read_file(
  p_tenant_id uuid, p_repository text, p_ref text, p_path text, p_commit_oid text, p_first_line integer, p_last_line integer, p_with_outline boolean
) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_tree record;
  v_file record;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  if v_tree.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_tree.outcome);
  elsif p_commit_oid is not null and not coalesce(starts_with(v_tree.commit_oid, p_commit_oid), false) then
    return jsonb_build_object('outcome', 'commit_not_indexed', 'commit_oid', v_tree.commit_oid);
  end if;
  select f.path_text, f.language, f.skip_reason, f.segment_id, f.blob_no, b.size_bytes, b.line_count, b.symbols_skip_reason,
    case when p_with_outline then encode(b.outline, 'base64') end as outline
  into v_file
  from quarry.tree_files f
  left join quarry.blobs b on b.segment_id = f.segment_id and b.blob_no = f.blob_no and v_tree.has_symbols
  where f.tree_id = v_tree.tree_id and f.path = quarry.path_named(v_tree.tree_id, p_path) and f.generation_to is null;
  if not found then
    return jsonb_build_object('outcome', 'file_not_found');
  end if;
  return jsonb_build_object(
    'outcome', 'ok', 'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid, 'state', v_tree.tree_id || '/' || v_tree.generation,
    'path', v_file.path_text, 'language', v_file.language, 'size_bytes', v_file.size_bytes,
    'line_count', case when v_tree.has_symbols then coalesce(v_file.line_count, 0) end,
    'last_chunk', case when not v_tree.has_symbols then (
      select jsonb_build_object('first_line', c.first_line, 'content', encode(c.content, 'base64')) from quarry.blob_chunks c
      where c.segment_id = v_file.segment_id and c.blob_no = v_file.blob_no order by c.chunk_no desc limit 1) end,
    'skip_reason', v_file.skip_reason, 'symbols_skip_reason', case when v_tree.has_symbols then v_file.symbols_skip_reason else 'symbols_pending' end,
    'outline', v_file.outline,
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
  'A file of an indexed ref: {outcome: ok|not_found|not_indexed|commit_not_indexed|file_not_found, repository, ref, commit_oid, state: the tree in this generation, path, language, size_bytes, '
  'line_count, skip_reason, symbols_skip_reason, outline: base64 or null, chunks: [{first_line, content: packed text in base64}] that hold the lines asked for}. '
  'Of a tree without symbols size_bytes and line_count are null, last_chunk is the file''s last, otherwise null, and symbols_skip_reason is symbols_pending. '
  'p_commit_oid: the commit that the caller means, or the beginning of its id, null for whichever is indexed; p_last_line 0: no text.';
grant execute on function api.read_file(uuid, text, text, text, text, integer, integer, boolean) to service_role;

create function quarry.segments_of(p_tenant_id uuid, p_blobs text[]) returns bigint[]
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return array(
    select s.id from quarry.segments s join quarry.repositories r on r.id = s.repository_id
    where s.id = any(array(select distinct split_part(b, '/', 1)::bigint from unnest(p_blobs) b))
      and s.published_at is not null and r.tenant_id = p_tenant_id and r.deleted_at is null);
end
$$;
comment on function quarry.segments_of(uuid, text[]) is 'The segments of these blobs (segment/number) that are the tenant''s.';

create function api.read_outlines(p_tenant_id uuid, p_blobs text[]) returns api."application/octet-stream"
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_segment_ids bigint[] := quarry.segments_of(p_tenant_id, p_blobs);
begin
  return (
    select quarry.with_header(coalesce(json_agg(length(o.outline) order by o.no), '[]'), coalesce(string_agg(o.outline, '' order by o.no), ''))
    from (
      select w.no, b.outline
      from (
        select k.no, split_part(k.blob, '/', 1)::bigint as segment_id, split_part(k.blob, '/', 2)::integer as blob_no
        from unnest(p_blobs) with ordinality k (blob, no) offset 0
      ) w
      left join lateral (
        select o.outline from quarry.blobs o where o.segment_id = w.segment_id and o.blob_no = w.blob_no and w.segment_id = any(v_segment_ids) offset 0
      ) b on true
      order by w.no
    ) o);
end
$$;
comment on function api.read_outlines(uuid, text[]) is
  'The outlines of blobs, each named as segment/number by other answers to this tenant: a header (as with_header has it) of their lengths, null where the tenant has no such blob or it no outline, '
  'and then the outlines as they are stored.';
grant execute on function api.read_outlines(uuid, text[]) to service_role;

create function api.read_chunks(p_tenant_id uuid, p_wanted jsonb) returns api."application/octet-stream"
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_segment_ids bigint[] := quarry.segments_of(p_tenant_id, array(select w ->> 'blob' from jsonb_array_elements(p_wanted) w));
begin
  return (
    select quarry.with_header(
      coalesce(json_agg(json_build_array(c.blob, c.first_line, length(c.content)) order by c.blob, c.first_line), '[]'),
      coalesce(string_agg(c.content, '' order by c.blob, c.first_line), ''))
    from (
      select distinct on (w.blob, k.chunk_no) w.blob, k.first_line, k.content
      from jsonb_to_recordset(p_wanted) as w (blob text, lines integer[])
      cross join unnest(w.lines) l (line)
      cross join lateral (
        select b.chunk_no, b.first_line, b.content from quarry.blob_chunks b
        where b.segment_id = split_part(w.blob, '/', 1)::bigint and b.blob_no = split_part(w.blob, '/', 2)::integer and b.segment_id = any(v_segment_ids)
          and b.first_line <= l.line
        order by b.chunk_no desc limit 1
      ) k
      order by w.blob, k.chunk_no
    ) c);
end
$$;
comment on function api.read_chunks(uuid, jsonb) is
  'The text around lines of blobs, named as read_outlines takes them. p_wanted: [{blob, lines}]. Answers a header (as with_header has it) of [blob, first_line, length] for each chunk that has such a line, '
  'and then the chunks'' packed texts; nothing for a blob that the tenant does not have.';
grant execute on function api.read_chunks(uuid, jsonb) to service_role;

create function api.list_files(p_tenant_id uuid, p_repository text, p_ref text, p_prefix text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_tree record;
  v_after bytea := decode(p_cursor ->> 'path', 'hex');
  v_prefix bytea := convert_to(coalesce(p_prefix, ''), 'UTF8');
  -- Bounds of one range of the index; UTF-8 has no byte that could not be one more. No path is as long as the last.
  v_low bytea := greatest(v_prefix, v_after);
  v_end bytea := case length(v_prefix) when 0 then decode(repeat('ff', 2561), 'hex')
    else set_byte(v_prefix, length(v_prefix) - 1, get_byte(v_prefix, length(v_prefix) - 1) + 1) end;
  v_items jsonb;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref, p_cursor);
  if v_tree.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_tree.outcome);
  end if;
  select coalesce(jsonb_agg(jsonb_build_object(
      'path', l.path_text, 'language', l.language, 'marks', l.marks, 'size_bytes', l.size_bytes, 'line_count', l.line_count, 'skip_reason', l.skip_reason,
      'key', encode(l.path, 'hex')) order by l.path), '[]')
  into v_items
  from (
    select f.path, f.path_text, f.language, f.marks, b.size_bytes, b.line_count, f.skip_reason
    from quarry.tree_files f
    left join quarry.blobs b on b.segment_id = f.segment_id and b.blob_no = f.blob_no and v_tree.has_symbols
    where f.tree_id = v_tree.tree_id and f.path >= v_low and f.path < v_end
      and (v_after is null or f.path > v_after)
      and f.generation_from <= v_tree.generation and (f.generation_to is null or f.generation_to > v_tree.generation)
    order by f.path limit p_limit + 1
  ) l;
  return jsonb_build_object(
    'outcome', 'ok', 'repository', v_tree.full_name, 'ref', v_tree.ref,
    'commit_oid', v_tree.commit_oid,
    'items', (select coalesce(jsonb_agg(i.value - 'key' order by i.ordinality), '[]')
      from jsonb_array_elements(v_items) with ordinality i where i.ordinality <= p_limit),
    'next_cursor', case when jsonb_array_length(v_items) > p_limit then jsonb_build_object(
      'tree', v_tree.tree_id, 'generation', v_tree.generation, 'path', v_items -> (p_limit - 1) -> 'key',
      'commit', v_tree.commit_oid) end);
end
$$;
comment on function api.list_files(uuid, text, text, text, integer, jsonb) is
  'The files of an indexed ref whose path begins with p_prefix, by path: {outcome: ok|not_found|not_indexed|cursor_expired, repository, ref, commit_oid, '
  'items: [{path, language, marks, size_bytes, line_count, skip_reason}], next_cursor}; all pages are of one generation. Of a tree without symbols size_bytes and '
  'line_count are null.';
grant execute on function api.list_files(uuid, text, text, text, integer, jsonb) to service_role;

create function api.list_folder(p_tenant_id uuid, p_repository text, p_ref text, p_path text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off
as $$
declare
  v_tree record;
  v_prefix text := case p_path when '' then '' else p_path || '/' end;
  v_items jsonb;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref, p_cursor);
  if v_tree.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_tree.outcome);
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
        and t.generation_from <= v_tree.generation and (t.generation_to is null or t.generation_to > v_tree.generation)
      group by 1
    ) g
    where p_cursor is null or g.name > p_cursor ->> 'name' collate "C"
    order by g.name limit p_limit + 1
  ) e
  left join quarry.blobs b on b.segment_id = e.segment_id and b.blob_no = e.blob_no and v_tree.has_symbols;
  return jsonb_build_object(
    'outcome', case when v_items = '[]' and p_cursor is null and p_path <> '' then 'file_not_found' else 'ok' end,
    'repository', v_tree.full_name, 'ref', v_tree.ref,
    'commit_oid', v_tree.commit_oid,
    'items', (select coalesce(jsonb_agg(i.value order by i.ordinality), '[]')
      from jsonb_array_elements(v_items) with ordinality i where i.ordinality <= p_limit),
    'next_cursor', case when jsonb_array_length(v_items) > p_limit then jsonb_build_object(
      'tree', v_tree.tree_id, 'generation', v_tree.generation, 'name', v_items -> (p_limit - 1) -> 'name',
      'commit', v_tree.commit_oid) end);
end
$$;
comment on function api.list_folder(uuid, text, text, text, integer, jsonb) is
  'What lies directly in a folder of an indexed ref, by name ("" is the root): {outcome: ok|not_found|not_indexed|cursor_expired|file_not_found, repository, '
  'ref, commit_oid, items: [{name, path, kind: folder|file, files: how many it has below, language, size_bytes, line_count, skip_reason}], next_cursor}. '
  'Reads every file below the folder; all pages are of one generation. Of a tree without symbols size_bytes and line_count are null.';
grant execute on function api.list_folder(uuid, text, text, text, integer, jsonb) to service_role;
