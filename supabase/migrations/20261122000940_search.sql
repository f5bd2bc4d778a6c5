-- One batch of a search, as the function that verifies and ranks asks for it.

-- What a function returns that answers bytes as they are: the Data API goes by the name of the type.
create domain api."application/octet-stream" as bytea;

create function quarry.with_header(p_header json, p_bytes bytea) returns bytea
language plpgsql immutable security definer set search_path = ''
as $$
declare
  v_header bytea := convert_to(p_header::text, 'utf8');
begin
  return int4send(length(v_header)) || v_header || p_bytes;
end
$$;
comment on function quarry.with_header(json, bytea) is 'A JSON text with its length in bytes before it (four, the highest first), and bytes after it.';

create function api.search_batch(
  p_tenant_id uuid, p_plan jsonb, p_repository text, p_cursor jsonb, p_weight_max integer, p_held jsonb, p_lacking jsonb, p_state text)
returns api."application/octet-stream"
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  -- Units whose lists are made by one statement: one where the first may do, and then more and more.
  c_window_min constant integer := 8;
  c_window_max constant integer := 32;
  c_blob_no_max constant integer := 2147483647;
  -- What a batch that is read again has at most: that of the largest, and the largest file behind it. A
  -- cursor that says it had more is made up.
  c_again_weight_max constant integer := 2048;
  -- Chunks of the drivers that are looked at in one step: about as many as are still wanted, of which each weighs one
  -- at least, and more after steps in vain; half as many blobs where nothing says which chunks.
  c_slice_min constant integer := 32;
  c_slice_max constant integer := 1024;
  -- What is lacking is not looked at, so that a step must not go farther than a batch which has all would.
  v_slice_min integer := case when p_lacking <> '{}' then 1 else c_slice_min end;
  -- Chunks of files that define a word, which are read without asking where it is in them.
  c_read_whole_max constant integer := 64;
  -- What one call looks at and finds nothing in, before it says how far it came.
  c_slices_max constant integer := 200;
  c_time_max constant interval := interval '400 milliseconds';
  -- Each tree that a batch shows something of is pinned by the cursor: about so many, for a window is taken whole.
  c_trees_max constant integer := 40;
  v_started timestamptz := clock_timestamp();
  v_filters jsonb := p_plan -> 'filters';
  v_scope jsonb := quarry.text_scope(p_tenant_id, p_repository, v_filters);
  v_words text[];
  v_alternatives bigint[];
  v_from jsonb := nullif(p_cursor -> 'from', 'null');
  v_until jsonb := nullif(p_cursor -> 'until', 'null');
  v_pins jsonb := coalesce(p_cursor -> 'pins', '{}');
  v_new_pins integer := 0;
  v_trees jsonb := '{}';
  v_all quarry.search_unit[];
  v_state text;
  v_units quarry.search_unit[];
  v_window quarry.search_unit[];
  v_window_size integer;
  v_commonness record;
  v_unit quarry.search_unit;
  v_is_whole boolean;
  v_is_full boolean;
  v_is_read_whole boolean;
  v_reached integer;
  v_shown integer[];
  v_segment_ids bigint[];
  v_definers quarry.chunk_list[];
  v_defining quarry.chunk_list[];
  v_held bytea[];
  v_lacking bytea[];
  -- A bit for each number that a chunk may have.
  c_none_lacking constant bytea := decode(repeat('00', 4096), 'hex');
  v_lists quarry.chunk_list[];
  -- Lists that the next call will need too are handed to it, when they have no more bytes than this.
  c_known_bytes_max constant integer := 65536;
  v_known quarry.segment_lists[];
  v_known_next text;
  v_drivers quarry.chunk_list[];
  v_first integer;
  v_no integer;
  v_after integer;
  v_next record;
  v_batch record;
  v_files bytea := '';
  v_weight integer := 0;
  v_passed integer;
  v_slices integer := 0;
  v_slice integer := greatest(v_slice_min, least(p_weight_max, c_slice_max));
  v_at jsonb := v_from;
  v_is_done boolean := true;
begin
  if p_repository is not null and (v_scope ->> 'repositories')::integer = 0 then
    return quarry.with_header(json_build_object('outcome', 'not_found'), '');
  end if;
  p_cursor := nullif(p_cursor, 'null');
  v_all := array(
    select row(t.tree_id, t.generation, t.commit_oid, t.full_name, t.ref, s.id, s.term_count, t.has_symbols, false, false, -1, c_blob_no_max)::quarry.search_unit
    from quarry.search_trees(p_tenant_id, p_repository, v_filters) t
    left join quarry.segments s on s.repository_id = t.repository_id and s.published_at is not null
    where (s.id is not null or p_cursor is not null) and coalesce(t.oldest_generation <= (v_pins -> t.tree_id::text ->> 0)::bigint, true)
    order by t.tree_id, s.id);
  if v_pins <> '{}' and exists (select from jsonb_object_keys(v_pins) p (tree_id) where p.tree_id::bigint <> all (array(select u.tree_id from unnest(v_all) u))) then
    return quarry.with_header(json_build_object('outcome', 'cursor_expired'), '');
  end if;
  -- All that is published of what is searched, and what is said of it: the rest never changes.
  v_state := md5(v_scope::text || v_all::text);
  if v_state = p_state then
    return quarry.with_header(json_build_object('outcome', 'unchanged'), '');
  end if;

  v_words := quarry.text_array(p_plan -> 'words');
  v_alternatives := quarry.text_array(p_plan -> 'alternatives')::bigint[];
  v_known := coalesce((p_cursor ->> 'known')::quarry.segment_lists[], '{}');

  <<scan>>
  for v_tier in coalesce((v_from ->> 'tier')::integer, 0) .. coalesce((v_until ->> 'tier')::integer, 1) loop
    continue when v_tier = 0 and cardinality(v_words) = 0;
    v_units := case when p_cursor is null and v_pins = '{}' then v_all else quarry.search_units(v_all, v_tier, v_from, v_until, v_pins) end;
    v_commonness := quarry.commonness((v_units[1]).segment_id, p_plan -> 'leaves');
    v_window_size := case when v_commonness.is_any_common then 1 else c_window_min end;
    -- One window in all: what its tiers need is made at once.
    v_is_whole := p_cursor is null and v_tier = 0 and cardinality(v_units) <= v_window_size;
    v_first := 1;
    while v_first <= cardinality(v_units) loop
      v_window := v_units[v_first : v_first + v_window_size - 1];
      v_first := v_first + v_window_size;
      v_window_size := least(v_window_size * 2, c_window_max);
      v_is_full := case when v_tier = 0 and v_until is null and v_pins <> '{}' then
        (select count(*) from jsonb_each(v_pins) p where (p.value ->> 2)::boolean) >= c_trees_max else false end;
      v_segment_ids := array(select u.segment_id from unnest(v_window) with ordinality u order by u.ordinality);
      v_definers := null;
      v_defining := null;
      -- Tier 1 leaves out what tier 0 has shown.
      if cardinality(v_words) > 0 and (v_tier = 0 and not v_is_full or exists (select from unnest(v_window) u where u.is_shown)) then
        v_definers := quarry.defining_lists(
          array(select case when u.has_symbols and (v_tier = 0 and not v_is_full or u.is_shown) then u.segment_id end
            from unnest(v_window) with ordinality u order by u.ordinality),
          v_words);
        v_defining := quarry.joined_lists(v_definers, cardinality(v_window));
      end if;
      -- Null: nothing to look for, or known.
      if v_tier = 0 and not v_is_whole then
        v_segment_ids := array(
          select case when cardinality((v_defining[s.no]).chunk_nos) > 0 then s.id end from unnest(v_segment_ids) with ordinality s (id, no) order by s.no);
        continue when cardinality(array_remove(v_segment_ids, null)) = 0;
      end if;
      if cardinality(v_known) > 0 then
        v_segment_ids := array(
          select case when not exists (
            select from unnest(v_known) k where k.segment_id = s.id and k.has_symbols = (v_window[s.no]).has_symbols) then s.id end
          from unnest(v_segment_ids) with ordinality s (id, no) order by s.no);
      end if;
      -- A few who define a short word are read whole: its list is made where it is first needed to find who else has it.
      v_is_read_whole := case when v_tier = 0 and not v_is_whole and v_commonness.is_all_short
        then quarry.chunk_count(v_window, v_defining) <= c_read_whole_max else false end;
      v_lists := case when v_is_read_whole
        then array(select row(null)::quarry.chunk_list from generate_series(1, jsonb_array_length(p_plan -> 'leaves') * cardinality(v_window)))
        else quarry.leaf_lists(v_segment_ids, array(select u.term_count from unnest(v_window) with ordinality u order by u.ordinality),
          array(select u.has_symbols from unnest(v_window) with ordinality u order by u.ordinality), p_plan -> 'leaves') end;
      if v_tier = 0 and not v_is_whole and not v_is_read_whole then
        v_known := v_known || quarry.lists_by_segment(v_lists, v_window, v_segment_ids);
      end if;
      if cardinality(v_known) > 0 then
        v_lists := quarry.with_known_lists(v_lists, v_window, v_known);
      end if;
      v_drivers := case when v_tier = 1 or v_is_whole then quarry.driver_chunks(v_lists, cardinality(v_window), v_alternatives) end;
      v_held := array(select decode(p_held ->> u.segment_id::text, 'base64') from unnest(v_window) with ordinality u order by u.ordinality);
      -- What it weighs is known where nothing comes first: not of files that define a word, of which tier 1 has none.
      v_lacking := case when p_lacking <> '{}' and not exists (select from unnest(v_defining) d where cardinality(d.chunk_nos) > 0) then
        array(select decode(p_lacking ->> u.segment_id::text, 'base64') || c_none_lacking from unnest(v_window) with ordinality u order by u.ordinality) end;
      v_reached := v_tier;
      v_no := 1;
      v_after := (v_window[1]).after_blob;
      loop
        v_next := quarry.next_blobs(v_window, v_defining, v_drivers, v_lacking, v_reached, v_no, v_after,
          case when (v_drivers[v_no]).chunk_nos is null then greatest(c_slice_min, v_slice / 2) else v_slice end);
        exit when v_next.last_unit is null;
        v_batch := quarry.batch_files(v_window, v_next.unit_nos, v_next.blob_nos, v_next.tier_0_count, v_lists, v_definers,
          v_alternatives, p_plan, v_held, v_lacking, case when v_until is null then p_weight_max else c_again_weight_max end - v_weight);
        if v_batch.cut is null then
          v_reached := v_next.last_tier;
          v_no := v_next.last_unit;
          v_after := v_next.last_blob;
        else
          v_reached := case when v_batch.cut <= v_next.tier_0_count then 0 else v_next.last_tier end;
          v_no := v_next.unit_nos[v_batch.cut];
          v_after := v_next.blob_nos[v_batch.cut];
        end if;
        v_unit := v_window[v_no];
        v_at := jsonb_build_object('tier', v_reached, 'tree', v_unit.tree_id, 'segment', v_unit.segment_id, 'blob', v_after);
        v_slices := v_slices + 1;
        -- What is lacking weighs as if it had been handed out, or whoever holds nothing could not read the batch again.
        v_passed := case when v_batch.cut is null then greatest(v_batch.weight, v_next.weight) else v_batch.weight end;
        v_weight := v_weight + v_passed;
        v_files := v_files || coalesce(v_batch.files, '');
        if v_passed = 0 then
          v_slice := least(v_slice * 2, c_slice_max);
        else
          -- Where few pass, as with filters, as many more are looked at.
          if v_passed >= cardinality(v_next.blob_nos) then
            v_slice := greatest(v_slice_min, least(p_weight_max - v_weight, c_slice_max));
          end if;
        end if;
        -- What was looked at in tier 0 must be left out later, whether something was found in it or not.
        v_shown := coalesce(v_next.unit_nos[1 : least(v_next.tier_0_count, v_batch.cut)], '{}');
        if v_batch.of_units is not null or cardinality(v_shown) > 0 then
          select v_new_pins + count(distinct u.tree_id) filter (where u.ordinality = any(v_batch.of_units) and not v_pins ? u.tree_id::text),
            v_trees || coalesce(jsonb_object_agg(u.tree_id, jsonb_build_object('repository', u.full_name, 'ref', u.ref, 'commit_oid', u.commit_oid))
              filter (where u.ordinality = any(v_batch.of_units)), '{}'),
            v_pins || jsonb_object_agg(u.tree_id, jsonb_build_array(u.generation, u.commit_oid,
              u.ordinality = any(v_shown) or u.is_shown or coalesce((v_pins -> u.tree_id::text ->> 2)::boolean, false)) order by u.ordinality = any(v_shown))
          into v_new_pins, v_trees, v_pins
          from unnest(v_window) with ordinality u
          where u.ordinality = any(v_shown || v_batch.of_units);
        end if;
        if v_until is not null and (v_weight >= c_again_weight_max or v_slices > 8 * c_slices_max) then
          return quarry.with_header(json_build_object('outcome', 'cursor_expired'), '');
        end if;
        if v_until is null and (v_weight >= p_weight_max or v_slices >= c_slices_max or clock_timestamp() - v_started > c_time_max) then
          v_is_done := false;
          exit scan;
        end if;
        exit scan when v_until is not null and v_after >= v_unit.until_blob;
        exit when v_next.is_last and v_batch.cut is null;
      end loop;
      exit scan when v_is_whole;
      if v_until is null and (v_new_pins >= c_trees_max or clock_timestamp() - v_started > c_time_max) then
        v_unit := v_window[cardinality(v_window)];
        v_at := jsonb_build_object('tier', v_tier, 'tree', v_unit.tree_id, 'segment', v_unit.segment_id, 'blob', c_blob_no_max);
        v_is_done := false;
        exit scan;
      end if;
    end loop;
  end loop;
  if not v_is_done then
    -- Where it stands is pinned too, or the way to here would be another one.
    v_pins := jsonb_build_object(v_unit.tree_id, jsonb_build_array(v_unit.generation, v_unit.commit_oid, false)) || v_pins;
    v_known_next := (
      select array_agg(k)
      -- Where there are drivers, its last window's lists are not among those that are known.
      from unnest(case when v_drivers is null then v_known else v_known || quarry.lists_by_segment(v_lists, v_window, v_segment_ids) end) k
      where v_at ->> 'tier' = '0' or exists (
        select from unnest(v_units) u where u.segment_id = k.segment_id and (u.tree_id, u.segment_id) >= (v_unit.tree_id, v_unit.segment_id)));
    v_known_next := case when octet_length(v_known_next) <= c_known_bytes_max then v_known_next end;
  end if;

  return quarry.with_header(json_build_object(
    'outcome', 'ok', 'state', v_state, 'trees', v_trees, 'weight', v_weight, 'at', coalesce(v_until, v_at), 'pins', v_pins, 'known', v_known_next,
    'done', v_is_done and v_until is null,
    'unindexed', v_scope -> 'unindexed', 'symbols_pending', v_scope -> 'symbols_pending', 'skipped', v_scope -> 'skipped', 'access_lost', v_scope -> 'access_lost'), v_files);
end
$$;
comment on function api.search_batch(uuid, jsonb, text, jsonb, integer, jsonb, jsonb, text) is
  'One batch of files that may satisfy a query, with the text to verify. p_plan: {leaves: [{constraints: [{kind, term, grams}], '
  'choices: [[constraints of one literal each, one of which must hold]]} or {symbol}], '
  'alternatives: [mask of leaves which a file must all have], words: [folded names; files that define one come first], filters: {all_refs, and lists '
  'repo, not_repo, ref, path, not_path, lang}, first_chunk, neighbours, outlines: whether to add a file''s first chunk, the chunks beside candidates, outlines}. '
  'p_cursor: {from: position after which to go on, until: position up to which to read again what was read before, or null, pins: {tree: [generation, commit or null, '
  'whether its tier 0 counts]}, known: what the answer before said of the same plan, or null}, null for the start. '
  'p_held: {segment: bit n for chunk n, the lowest first, in base64} of chunks of fewer than 8 KB that need not be sent, for they are there already: '
  'a segment never changes, and its id is given to no other. It changes nothing else of the answer. '
  'p_lacking: of these, in the same form, those that need not be named either, for what the plan''s one leaf looks for is not in them; the plan has no filter of files and no neighbours. Of no effect where files define a word. '
  'They weigh what they would have weighed, so that whoever holds nothing can read again what one batch came to. '
  'p_state: what an earlier answer said, or null; while it is the same, so is every answer to the same question, and this one is unchanged. Answers bytes: as with_header writes it {outcome: ok|unchanged|not_found|cursor_expired, state, trees: {id: {repository, ref, '
  'commit_oid}}, weight: about how many chunks, at: position reached, pins, known: what the next call need not find out again, done: nothing is left, unindexed, symbols_pending, skipped, access_lost}; then its files, one after the '
  'other, numbers with the highest byte first, in four bytes but for ids and masks, which have eight; a text or packed bytes are its length and that, a list the number of '
  'its entries and those: tree, segment, blob, tier, language, marks that all its paths have, paths, defines (numbers of words), packed outline (empty where there is none, or was not asked for), '
  'chunks (number, mask, first line, packed text; the first line is 0, and there is no text, where it is held). Every file comes exactly once in its pinned generation.';
grant execute on function api.search_batch(uuid, jsonb, text, jsonb, integer, jsonb, jsonb, text) to service_role;
