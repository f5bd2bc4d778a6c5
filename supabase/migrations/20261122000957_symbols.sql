-- Definitions by name for one tenant, in one STABLE function and so in one snapshot.

create function quarry.symbols_in_tree(
  p_tree quarry.named_tree, p_segment_ids bigint[], p_query jsonb, p_cursor jsonb, p_limit integer, out symbols jsonb, out is_cut boolean
)
-- To gather what each blob has, a hash table is thought to need 8 KiB for each list of it, and goes to the disk.
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_hashagg = off
as $$
declare
  -- Definitions of a tree that are looked at.
  c_definitions_max constant integer := 100000;
  v_after constant bytea := decode(p_cursor ->> 'path', 'hex');
  v_after_no constant integer := (p_cursor ->> 'symbol_no')::integer;
begin
  -- Materialized, and offset 0: names lead to symbols and symbols to files, in this order. Without statistics
  -- the planner would start at the tree, and look for the names anew for every symbol.
  with named as materialized (
    select y.* from quarry.find_names(
      p_segment_ids, p_query ->> 'match', array[p_query ->> 'name_folded'], null, p_all_max => c_definitions_max) y
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'name', h.name, 'kind', h.kind, 'path', h.path_text, 'symbol_no', h.symbol_no, 'blob', h.segment_id || '/' || h.blob_no,
      'repository', p_tree.full_name, 'ref', p_tree.ref, 'commit_oid', p_tree.commit_oid,
      'key', jsonb_build_object('tree', p_tree.tree_id, 'generation', p_tree.generation, 'commit', p_tree.commit_oid,
        'path', encode(h.path, 'hex'), 'symbol_no', h.symbol_no))
    order by h.path, h.symbol_no), '[]'), (select count(*) from named) >= c_definitions_max
  into symbols, is_cut
  from (
    select y.*
    from (
      select b.segment_id, b.blob_no, b.path, b.path_text, unnest(b.names) as name, unnest(b.kinds) as kind, unnest(b.symbol_nos) as symbol_no
      from (
        -- A blob may define a name many times, and its files are looked up once.
        select o.*, f.path, f.path_text
        from (
          select n.segment_id, n.blob_no, array_agg(n.name) as names, array_agg(n.kind) as kinds, array_agg(n.symbol_no) as symbol_nos
          from named n
          where case p_query ->> 'match'
            when 'exact' then n.name = p_query ->> 'name'
            else not (p_query ->> 'case_sensitive')::boolean
              or case p_query ->> 'match' when 'prefix' then starts_with(n.name, p_query ->> 'name') else strpos(n.name, p_query ->> 'name') > 0 end
            end
          group by n.segment_id, n.blob_no
        ) o
        cross join lateral (
          select t.path, t.path_text from quarry.tree_files t
          where t.segment_id = o.segment_id and t.blob_no = o.blob_no and t.tree_id = p_tree.tree_id
            and t.generation_from <= p_tree.generation and (t.generation_to is null or t.generation_to > p_tree.generation)
          offset 0
        ) f
        where not p_tree.is_resumed or f.path >= v_after
        -- Each has one at least, but for the one in which the page before has ended.
        order by f.path limit p_limit + 1
      ) b
    ) y
    where not p_tree.is_resumed or (y.path, y.symbol_no) > (v_after, v_after_no)
    order by y.path, y.symbol_no
    limit p_limit
  ) h;
end
$$;
comment on function quarry.symbols_in_tree(quarry.named_tree, bigint[], jsonb, jsonb, integer) is
  'The first symbols of segments of a tree that search_symbols answers, each with the cursor behind it as its key; of a tree that is resumed those behind p_cursor. is_cut: whether some were not looked at for their number.';

create function api.search_symbols(p_tenant_id uuid, p_query jsonb, p_repository text, p_ref text, p_limit integer, p_cursor jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  -- Pages of names that are looked at for one answer, of 24 names each: as many as a segment may have.
  c_pages_max constant integer := 32768;
  v_pages_left integer := c_pages_max;
  v_segments record;
  v_is_stopped boolean := false;
  -- What one answer lacks no later one brings: all that follow say so too.
  v_is_lacking boolean := coalesce((p_cursor ->> 'lacking')::boolean, false);
  v_named record;
  v_tree quarry.named_tree;
  v_symbols jsonb := '[]';
  v_found record;
  v_last jsonb;
begin
  select * into v_named from quarry.named_trees(p_tenant_id, p_repository, p_ref, p_cursor);
  if v_named.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_named.outcome);
  end if;
  foreach v_tree in array v_named.trees loop
    continue when not v_tree.has_symbols;
    v_segments := quarry.name_segments(v_tree.repository_id, p_query ->> 'match', v_pages_left);
    -- A tree that would be looked at whole the next time is left for that.
    v_is_stopped := v_segments.is_cut and v_pages_left < c_pages_max;
    if v_is_stopped then
      v_last := jsonb_build_object('tree', v_tree.tree_id, 'generation', v_tree.generation, 'commit', v_tree.commit_oid, 'path', '', 'symbol_no', -1);
      exit;
    end if;
    v_pages_left := v_pages_left - v_segments.pages;
    v_found := quarry.symbols_in_tree(v_tree, v_segments.segment_ids, p_query, p_cursor, p_limit + 1 - jsonb_array_length(v_symbols));
    v_symbols := v_symbols || v_found.symbols;
    v_is_lacking := v_is_lacking or v_segments.is_cut or v_found.is_cut;
    exit when jsonb_array_length(v_symbols) > p_limit;
  end loop;

  if jsonb_array_length(v_symbols) > p_limit then
    v_last := v_symbols -> (p_limit - 1) -> 'key';
  end if;
  return jsonb_build_object(
    'outcome', 'ok', 'next_cursor', case when v_is_lacking then v_last || '{"lacking": true}' else v_last end, 'stopped', v_is_stopped or v_is_lacking, 'unindexed', v_named.scope -> 'unindexed', 'symbols_pending', v_named.scope -> 'symbols_pending', 'access_lost', v_named.scope -> 'access_lost',
    'symbols', (select coalesce(jsonb_agg(i.value - 'key' order by i.ordinality), '[]')
      from jsonb_array_elements(v_symbols) with ordinality i where i.ordinality <= p_limit));
end
$$;
comment on function api.search_symbols(uuid, jsonb, text, text, integer, jsonb) is
  'Definitions by name. p_query: {name, name_folded, match: exact|prefix|infix, case_sensitive}; exact compares the name as written. '
  'p_ref: that one alone; null: of each repository the one that a text search looks at. '
  'Answers {outcome: ok|not_found|cursor_expired, symbols: [{name, kind, path, symbol_no, blob: as read_outlines takes it, repository, ref, commit_oid}], '
  'next_cursor, stopped: whether some names were not looked at for their number (the next page goes on with those of other trees, and no page has the others of one), unindexed, symbols_pending, access_lost}, by repository, ref, path and position; the rest of a symbol is definition symbol_no of its blob''s outline.';
grant execute on function api.search_symbols(uuid, jsonb, text, text, integer, jsonb) to service_role;
