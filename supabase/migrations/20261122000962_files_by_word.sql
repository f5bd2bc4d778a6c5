-- Which files use a word. What the answers mean is decided by the code that asks.

create function quarry.probe_lists(p_repository_id uuid, p_use integer, p_probes jsonb)
returns table (word text, prefix text, segment_id bigint, nos integer[])
language plpgsql stable security definer set search_path = ''
as $$
begin
  return query
    with probes as materialized (
      select distinct p.word, p.prefix from jsonb_to_recordset(p_probes) as p (word text, prefix text)
    ), lists as materialized (
      -- A word is mostly looked for twice, nearby and all over the tree.
      select w.word, s.id, case when p_use is null then quarry.exact_chunks(s.id, w.word) else quarry.using_blobs(s.id, p_use::smallint, w.word) end as nos
      from (select distinct p.word from probes p where p.word is not null) w
      cross join (select s.id from quarry.segments s where s.repository_id = p_repository_id and s.published_at is not null) s
    )
    select c.word, c.prefix, l.id, l.nos
    from probes c left join lists l on l.word = c.word
    where c.word is null or cardinality(l.nos) > 0
    -- What is near first, then the rarest word, and last what any file below a folder satisfies.
    order by c.word is null, c.prefix = '', sum(cardinality(l.nos)) over (partition by c.word, c.prefix), c.word, c.prefix, l.id;
end
$$;
comment on function quarry.probe_lists(uuid, integer, jsonb) is
  'What is looked at for p_probes, as find_files_by_word takes them, in this order: the chunks of a segment that have the word (p_use null) or the blobs that use it, ascending. A probe for no word has no list.';

create function quarry.paths_in_list(
  p_tree_id bigint, p_segment_id bigint, p_are_chunks boolean, p_nos integer[], p_languages text[], p_low bytea, p_high bytea
) returns bytea[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return array(
    select f.path
    from (
      select distinct k.blob_no
      from unnest(p_nos) n (no)
      cross join lateral (
        select b.blob_no from quarry.blob_chunks b where p_are_chunks and b.segment_id = p_segment_id and b.chunk_no = n.no
        union all
        select n.no where not p_are_chunks
        offset 0
      ) k
    ) d
    cross join lateral (
      select t.path, t.language from quarry.tree_files t
      where t.segment_id = p_segment_id and t.blob_no = d.blob_no and t.tree_id = p_tree_id and t.generation_to is null offset 0
    ) f
    where f.language = any(p_languages) and f.path >= p_low and (p_high is null or f.path < p_high));
end
$$;
comment on function quarry.paths_in_list(bigint, bigint, boolean, integer[], text[], bytea, bytea) is
  'The paths of a tree from p_low to p_high (null: to the last), of files of some languages, that have one of these chunks or blobs of a segment: each is looked up.';

create function quarry.paths_below_in_list(
  p_tree_id bigint, p_segment_id bigint, p_are_chunks boolean, p_nos integer[], p_languages text[], p_low bytea, p_high bytea
) returns bytea[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  c_files_max constant integer := 1000;
begin
  return array(
    select distinct f.path
    from (
      select t.path, t.blob_no from quarry.tree_files t
      where t.tree_id = p_tree_id and t.generation_to is null and t.language = any(p_languages) and t.path >= p_low and t.path < p_high
        and t.segment_id = p_segment_id
      order by t.path limit c_files_max
    ) f
    cross join lateral (
      select k.chunk_no as no from quarry.blob_chunks k where p_are_chunks and k.segment_id = p_segment_id and k.blob_no = f.blob_no
      union all
      select f.blob_no where not p_are_chunks
      offset 0
    ) k
    -- Not joined, which would be by a loop: the planner takes lists for short ones.
    where (k.no in (select unnest(p_nos))) is true);
end
$$;
comment on function quarry.paths_below_in_list(bigint, bigint, boolean, integer[], text[], bytea, bytea) is
  'As paths_in_list, for a word that is in more chunks than the files of a folder have: these are looked at, the first 1,000.';

create function quarry.paths_by_word(
  p_tree_id bigint, p_repository_id uuid, p_use integer, p_probes jsonb, p_languages text[], p_limit integer, out paths bytea[], out is_cut boolean
)
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- Chunks that are looked at together, and in all: a word may be nearly everywhere.
  c_slice_chunks constant integer := 512;
  c_chunks_max constant integer := 8192;
  v_list record;
  v_found bytea[];
  v_low bytea;
  v_high bytea;
  v_looked integer := 0;
  v_from integer;
begin
  paths := '{}';
  is_cut := false;
  <<lists>>
  for v_list in select * from quarry.probe_lists(p_repository_id, p_use, p_probes) loop
    v_low := convert_to(v_list.prefix, 'UTF8');
    -- UTF-8 has no byte that could not be one more.
    v_high := case when v_list.prefix <> '' then set_byte(v_low, length(v_low) - 1, get_byte(v_low, length(v_low) - 1) + 1) end;
    v_from := 1;
    loop
      if v_list.word is null then
        v_found := array(
          select t.path from quarry.tree_files t
          where t.tree_id = p_tree_id and t.generation_to is null and t.language = any(p_languages) and t.path >= v_low and (v_high is null or t.path < v_high)
          order by t.path limit p_limit + 1);
      elsif v_high is not null and cardinality(v_list.nos) > c_slice_chunks then
        v_found := quarry.paths_below_in_list(p_tree_id, v_list.segment_id, p_use is null, v_list.nos, p_languages, v_low, v_high);
        v_from := cardinality(v_list.nos);
      else
        v_looked := v_looked + least(c_slice_chunks, cardinality(v_list.nos) - v_from + 1);
        v_found := quarry.paths_in_list(
          p_tree_id, v_list.segment_id, p_use is null, v_list.nos[v_from : v_from + c_slice_chunks - 1], p_languages, v_low, v_high);
      end if;
      -- Behind what was found before, which is nearer or rarer.
      if cardinality(v_found) > 0 then
        paths := paths || array(select d.path from (select unnest(v_found) except select unnest(paths)) d (path) order by d.path);
      end if;
      v_from := v_from + c_slice_chunks;
      is_cut := cardinality(paths) > p_limit or v_looked >= c_chunks_max and v_from <= cardinality(v_list.nos);
      exit lists when is_cut;
      exit when v_list.word is null or v_from > cardinality(v_list.nos);
    end loop;
  end loop;
end
$$;
comment on function quarry.paths_by_word(bigint, uuid, integer, jsonb, text[], integer) is
  'The paths that find_files_by_word answers, in the order in which they were found, and any more that were found with the last of them. is_cut: whether there may be others.';

create function api.find_files_by_word(
  p_tenant_id uuid, p_repository text, p_ref text, p_use integer, p_probes jsonb, p_languages text[], p_limit integer
) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  v_tree record;
  v_found record;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref, p_needs_symbols => true);
  if v_tree.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_tree.outcome);
  end if;
  v_found := quarry.paths_by_word(v_tree.tree_id, v_tree.repository_id, p_use, p_probes, p_languages, p_limit);
  return jsonb_build_object(
    'outcome', 'ok', 'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid, 'state', v_tree.tree_id || '/' || v_tree.generation, 'cut', v_found.is_cut,
    'files', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'path', f.path_text, 'language', f.language,
        'outline', (select f.segment_id || '/' || f.blob_no from quarry.blobs b where b.segment_id = f.segment_id and b.blob_no = f.blob_no and b.outline is not null))
        order by f.path), '[]')
      from (
        select t.* from unnest(v_found.paths[: p_limit]) p (path)
        cross join lateral (
          select t.* from quarry.tree_files t where t.tree_id = v_tree.tree_id and t.path = p.path and t.generation_to is null offset 0
        ) t
      ) f));
end
$$;
comment on function api.find_files_by_word(uuid, text, text, integer, jsonb, text[], integer) is
  'Files of an indexed ref, of some languages, that meet one of p_probes: [{word: a word that they use as use_pages lists p_use, where p_use is null a folded '
  'term of their text; null: any; prefix: of their path}]: those '
  'with a prefix before those without, a rarer word before a commoner, at most p_limit, from a bounded number of chunks. '
  'Answers {outcome: ok|not_found|not_indexed|symbols_pending, repository, ref, commit_oid, state: as find_files has it, files: [{path, language, outline: as find_files has it}], cut: whether there are more}.';
grant execute on function api.find_files_by_word(uuid, text, text, integer, jsonb, text[], integer) to service_role;
