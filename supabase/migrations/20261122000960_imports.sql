-- Which of the files that an import may mean there are. What the answers mean is decided by the code that asks.

create function quarry.using_blobs(p_segment_id bigint, p_use smallint, p_word text) returns integer[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select p.blob_nos[p.list_starts[a.entry_no] + 1 : p.list_starts[a.entry_no + 1]]::integer[]
    from (
      select * from quarry.use_pages t
      where t.segment_id = p_segment_id and t.use = p_use and t.first_word <= p_word
      order by t.first_word desc limit 1
    ) p
    cross join lateral (select array_position(string_to_array(p.words, E'\n'), p_word) as entry_no) a
    where a.entry_no is not null);
end
$$;
comment on function quarry.using_blobs(bigint, smallint, text) is
  'The blobs of a segment that use a word as use_pages lists it, ascending; null: none.';

create function quarry.files_by_path(p_tree_id bigint, p_candidates jsonb, p_files_max integer)
returns table (found_by text, key text, path bytea, path_text text, language text, segment_id bigint, blob_no integer)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Paths that one path may be mistaken for: more of them have hashes in their names.
  c_stem_files_max constant integer := 1000;
begin
  return query
    select 'file', c.value, t.path, t.path_text, t.language, t.segment_id, t.blob_no
    from jsonb_array_elements_text(p_candidates -> 'files') c
    join quarry.tree_files t
      on t.tree_id = p_tree_id and t.generation_to is null and t.path = quarry.path_named(p_tree_id, c.value)
    union all
    select 'settings', c.value, t.path, t.path_text, t.language, t.segment_id, t.blob_no
    from jsonb_array_elements_text(p_candidates -> 'settings') c
    join quarry.tree_files t on t.tree_id = p_tree_id and t.generation_to is null and t.path = convert_to(c.value, 'UTF8')
    union all
    select 'file', l.path_text, l.path, l.path_text, l.language, l.segment_id, l.blob_no
    from jsonb_array_elements_text(p_candidates -> 'stems') c
    cross join lateral (
      select t.* from quarry.tree_files t
      where t.tree_id = p_tree_id and t.generation_to is null and t.path = convert_to(c.value, 'UTF8')
      union all
      (select t.* from quarry.tree_files t
      where t.tree_id = p_tree_id and t.generation_to is null
        and t.path > convert_to(c.value || '.', 'UTF8') and t.path < convert_to(c.value || '/', 'UTF8')
      order by t.path limit c_stem_files_max)) l
    union all
    select 'folder', c.value, l.path, l.path_text, l.language, l.segment_id, l.blob_no
    from jsonb_array_elements_text(p_candidates -> 'folders') c
    cross join lateral (
      select t.* from quarry.tree_files t
      where t.tree_id = p_tree_id and t.generation_to is null
        and t.path > convert_to(case c.value when '' then '' else c.value || '/' end, 'UTF8')
        and (c.value = '' or t.path < convert_to(c.value || '0', 'UTF8'))
        and position('/' in substr(t.path_text, case c.value when '' then 1 else length(c.value) + 2 end)) = 0
      order by t.path limit p_files_max) l
    union all
    select 'suffix', c.value, l.path, l.path_text, l.language, l.segment_id, l.blob_no
    from jsonb_array_elements_text(p_candidates -> 'suffixes') c
    cross join lateral (
      select t.* from quarry.tree_files t
      where t.tree_id = p_tree_id and t.generation_to is null
        and split_part(t.path_text, '/', -1) = split_part(c.value, '/', -1)
        and (t.path_text = c.value or right(t.path_text, length(c.value) + 1) = '/' || c.value)
      order by t.path limit p_files_max) l;
end
$$;
comment on function quarry.files_by_path(bigint, jsonb, integer) is
  'The files of a tree that are among p_candidates by their paths: of files, settings, stems, folders and suffixes, as find_files takes and answers them.';

create function quarry.files_by_content(p_tree_id bigint, p_repository_id uuid, p_candidates jsonb, p_files_max integer)
returns table (found_by text, key text, path bytea, path_text text, language text, segment_id bigint, blob_no integer)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- As USES in the code that writes use_pages.
  c_use_package constant smallint := 3;
begin
  return query
    select 'package', c.name, l.path, l.path_text, l.language, l.segment_id, l.blob_no
    from jsonb_to_recordset(p_candidates -> 'packages') as c (name text, word text)
    cross join lateral (
      select t.*
      from quarry.segments s
      cross join lateral unnest(quarry.using_blobs(s.id, c_use_package, c.word)) n (blob_no)
      cross join lateral (
        select * from quarry.tree_files t
        where t.segment_id = s.id and t.blob_no = n.blob_no and t.tree_id = p_tree_id and t.generation_to is null offset 0) t
      where s.repository_id = p_repository_id and s.published_at is not null
        and split_part(t.path_text, '/', -1) = 'package.json'
      order by t.path limit p_files_max) l
    union all
    select 'definition', c.key, l.path, l.path_text, l.language, l.segment_id, l.blob_no
    from jsonb_to_recordset(p_candidates -> 'definitions') as c (key text, folded text, is_namespace boolean)
    cross join lateral (
      select distinct t.path, t.path_text, t.language, t.segment_id, t.blob_no
      from (
        select distinct n.segment_id, n.blob_no
        from quarry.find_names(
          array(select s.id from quarry.segments s where s.repository_id = p_repository_id and s.published_at is not null),
          'exact', array[c.folded], null) n
        where not c.is_namespace or n.kind in ('namespace', 'package', 'module')) y
      cross join lateral (
        select * from quarry.tree_files t
        where t.segment_id = y.segment_id and t.blob_no = y.blob_no and t.tree_id = p_tree_id and t.generation_to is null offset 0) t
      order by t.path limit p_files_max) l;
end
$$;
comment on function quarry.files_by_content(bigint, uuid, jsonb, integer) is
  'The files of a tree that are among p_candidates by what they define or say that they are: of definitions and packages, as find_files takes and answers them.';

create function api.find_files(
  p_tenant_id uuid, p_repository text, p_ref text, p_candidates jsonb, p_files_max integer, p_with_outlines boolean, p_text_chunks integer
) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_tree record;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref, p_needs_symbols => true);
  if v_tree.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_tree.outcome);
  end if;
  return jsonb_build_object(
    'outcome', 'ok', 'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid, 'state', v_tree.tree_id || '/' || v_tree.generation,
    'files', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'kind', f.found_by, 'key', f.key, 'path', f.path_text, 'language', f.language,
        'outline', case when p_with_outlines and f.found_by <> 'settings' or f.found_by = 'definition' then
          (select f.segment_id || '/' || f.blob_no from quarry.blobs b where b.segment_id = f.segment_id and b.blob_no = f.blob_no and b.outline is not null) end,
        'text', case when p_text_chunks > 0 and f.found_by <> 'file' then (
          select jsonb_agg(encode(c.content, 'base64') order by c.chunk_no) from (
            select k.chunk_no, k.content from quarry.blob_chunks k
            where k.segment_id = f.segment_id and k.blob_no = f.blob_no order by k.chunk_no limit p_text_chunks) c) end)
        order by f.path), '[]')
      from (
        select * from quarry.files_by_path(v_tree.tree_id, p_candidates, p_files_max)
        union all
        select * from quarry.files_by_content(v_tree.tree_id, v_tree.repository_id, p_candidates, p_files_max)
      ) f));
end
$$;
comment on function api.find_files(uuid, text, text, jsonb, integer, boolean, integer) is
  'Which files an indexed ref has of p_candidates: {files: paths, settings: paths of which the text is wanted, stems: paths without what follows the first dot of the name, folders: the files directly in them, suffixes: ends of paths, definitions: '
  '[{key, folded: a name that they define, is_namespace: as a namespace, package or module}], packages: [{name, word: as use_pages lists it}]}, at most p_files_max of each. '
  'Answers {outcome: ok|not_found|not_indexed|symbols_pending, repository, ref, commit_oid, state: the tree in this generation, files: [{kind: file|settings|folder|suffix|definition|package, key: the path, folder, suffix, name or key '
  'that found it, for a package one that it may name, path, language, outline: the blob that has one, as read_outlines takes it, or null; of definitions always, of settings never; text: the first p_text_chunks chunks, packed in '
  'base64, or null; of files never}]}.';
grant execute on function api.find_files(uuid, text, text, jsonb, integer, boolean, integer) to service_role;
