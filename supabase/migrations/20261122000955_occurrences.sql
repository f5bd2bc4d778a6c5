-- In which trees a name is looked for, and in which files it occurs.

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

create function api.find_occurrences(p_tenant_id uuid, p_repository text, p_ref text, p_term text, p_prefix text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
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
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
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
