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

create function quarry.walk_units(
  p_walk quarry.search_walk, p_units quarry.search_unit[], p_plan quarry.search_plan, p_cursor jsonb, p_weight_max integer, p_held jsonb, p_lacking jsonb,
  out walk quarry.search_walk, out known text
)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Units whose lists are made by one statement: one where the first may do, and then more and more.
  c_window_min constant integer := 8;
  c_window_max constant integer := 32;
  -- Each tree that a batch shows something of is pinned by the cursor: about so many, for a window is taken whole.
  c_trees_max constant integer := 40;
  c_blob_no_max constant integer := 2147483647;
  v_from jsonb := nullif(p_cursor -> 'from', 'null');
  v_until jsonb := nullif(p_cursor -> 'until', 'null');
  v_known quarry.segment_lists[] := coalesce((p_cursor ->> 'known')::quarry.segment_lists[], '{}');
  v_units quarry.search_unit[];
  v_commonness record;
  v_window_size integer;
  v_window quarry.search_window;
  v_is_whole boolean;
  v_is_full boolean;
  v_first integer;
begin
  walk := p_walk;
  <<scan>>
  for v_tier in coalesce((v_from ->> 'tier')::integer, 0) .. coalesce((v_until ->> 'tier')::integer, 1) loop
    continue when v_tier = 0 and p_plan.words = '{}';
    v_units := case when p_cursor is null and walk.pins = '{}' then p_units else quarry.search_units(p_units, v_tier, v_from, v_until, walk.pins) end;
    v_commonness := quarry.commonness((v_units[1]).segment_id, p_plan.leaves);
    v_window_size := case when v_commonness.is_any_common then 1 else c_window_min end;
    -- One window in all: what its tiers need is made at once.
    v_is_whole := p_cursor is null and v_tier = 0 and cardinality(v_units) <= v_window_size;
    v_first := 1;
    while v_first <= cardinality(v_units) loop
      v_is_full := case when v_tier = 0 and v_until is null and walk.pins <> '{}' then
        (select count(*) from jsonb_each(walk.pins) p where (p.value ->> 2)::boolean) >= c_trees_max else false end;
      v_window := quarry.open_window(
        v_units[v_first : v_first + v_window_size - 1], v_tier, v_is_whole, v_is_full, v_commonness.is_all_short, p_plan, p_held, p_lacking, v_known);
      v_first := v_first + v_window_size;
      v_window_size := least(v_window_size * 2, c_window_max);
      continue when v_window is null;
      walk := quarry.walk_window(walk, v_window, v_tier, v_until is not null, p_plan, p_weight_max);
      if v_until is null and walk.ending is null and not v_is_whole and (walk.new_pins >= c_trees_max or clock_timestamp() > walk.ends_at) then
        walk := quarry.walked_to(walk, v_tier, v_window.units[cardinality(v_window.units)], c_blob_no_max);
        walk.ending := 'enough';
      end if;
      -- Of those that drive a walk the lists are needed again where it ends among them.
      if v_window.drivers is null or walk.ending = 'enough' then
        v_known := v_known || quarry.lists_by_segment(v_window.lists, v_window.units, v_window.segment_ids);
      end if;
      exit scan when v_is_whole or walk.ending is not null;
    end loop;
  end loop;
  if walk.ending = 'enough' then
    known := quarry.known_lists_text(v_known, case when walk.at ->> 'tier' = '1' then v_units end, walk.unit);
  end if;
end
$$;
comment on function quarry.walk_units(quarry.search_walk, quarry.search_unit[], quarry.search_plan, jsonb, integer, jsonb, jsonb) is
  'A walk that begins, after all that it looks at, tier by tier, or where it ended; the rest is as api.search_batch takes and answers it.';

create function api.search_batch(
  p_tenant_id uuid, p_plan jsonb, p_repository text, p_cursor jsonb, p_weight_max integer, p_held jsonb, p_lacking jsonb, p_state text)
returns api."application/octet-stream"
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
  -- How long one call looks, before it says how far it came.
  c_time_max constant interval := interval '400 milliseconds';
  v_scope jsonb := quarry.text_scope(p_tenant_id, p_repository, p_plan -> 'filters');
  v_pins jsonb := coalesce(p_cursor -> 'pins', '{}');
  v_units quarry.search_unit[];
  v_state text;
  v_walked record;
  v_walk quarry.search_walk;
begin
  if p_repository is not null and (v_scope ->> 'repositories')::integer = 0 then
    return quarry.with_header(json_build_object('outcome', 'not_found'), '');
  end if;
  p_cursor := nullif(p_cursor, 'null');
  v_units := quarry.all_search_units(p_tenant_id, p_repository, p_plan -> 'filters', v_pins, p_cursor is not null);
  if v_pins <> '{}' and exists (
    select from jsonb_object_keys(v_pins) p (tree_id) where p.tree_id::bigint <> all (array(select u.tree_id from unnest(v_units) u)))
  then
    return quarry.with_header(json_build_object('outcome', 'cursor_expired'), '');
  end if;
  -- All that is published of what is searched, and what is said of it: the rest never changes.
  v_state := md5(v_scope::text || v_units::text);
  if v_state = p_state then
    return quarry.with_header(json_build_object('outcome', 'unchanged'), '');
  end if;

  v_walked := quarry.walk_units(
    row(clock_timestamp() + c_time_max, 0, null, '', 0, '{}', v_pins, 0, nullif(p_cursor -> 'from', 'null'), null, null)::quarry.search_walk,
    v_units, quarry.read_plan(p_plan), p_cursor, p_weight_max, p_held, p_lacking);
  v_walk := v_walked.walk;
  if v_walk.ending = 'expired' then
    return quarry.with_header(json_build_object('outcome', 'cursor_expired'), '');
  elsif v_walk.ending = 'enough' then
    -- Where it stands is pinned too, or the way to here would be another one.
    v_walk.pins := jsonb_build_object((v_walk.unit).tree_id, jsonb_build_array((v_walk.unit).generation, (v_walk.unit).commit_oid, false)) || v_walk.pins;
  end if;

  return quarry.with_header(json_build_object(
    'outcome', 'ok', 'state', v_state, 'trees', v_walk.trees, 'weight', v_walk.weight, 'at', coalesce(nullif(p_cursor -> 'until', 'null'), v_walk.at),
    'pins', v_walk.pins, 'known', v_walked.known, 'done', v_walk.ending is null and nullif(p_cursor -> 'until', 'null') is null,
    'unindexed', v_scope -> 'unindexed', 'symbols_pending', v_scope -> 'symbols_pending', 'skipped', v_scope -> 'skipped', 'access_lost', v_scope -> 'access_lost'), v_walk.files);
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
