-- The walk of a batch: window by window over the units, and in each slice by slice over the drivers.

create type quarry.search_window as (
  units quarry.search_unit[], segment_ids bigint[], definers quarry.chunk_list[], defining quarry.chunk_list[], lists quarry.chunk_list[],
  drivers quarry.chunk_list[], held bytea[], lacking bytea[]
);
comment on type quarry.search_window is
  'Units whose lists are made together, and these as batch_files and next_blobs take them. segment_ids: those whose lists were made for this window; null in the '
  'place of one whose were known, or is looked at without. drivers: null in tier 0, where it is walked alone.';

create type quarry.search_walk as (
  ends_at timestamptz, slices integer, slice integer, files bytea, weight integer, trees jsonb, pins jsonb, new_pins integer,
  at jsonb, unit quarry.search_unit, ending text
);
comment on type quarry.search_walk is
  'How far a batch has come: files, weight, trees, pins and position as api.search_batch answers them, how many of the pins are new, and the unit where it stands. slices: how '
  'many were looked at; slice: how large the next one is, null before the first; ends_at: when it has looked for long enough. ending: null as long as it goes on, enough, until '
  '(what was to be read again is read), or expired.';

create function quarry.all_search_units(p_tenant_id uuid, p_repository text, p_filters jsonb, p_pins jsonb, p_with_empty boolean) returns quarry.search_unit[]
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  c_blob_no_max constant integer := 2147483647;
begin
  return array(
    select row(t.tree_id, t.generation, t.commit_oid, t.full_name, t.ref, s.id, s.term_count, t.has_symbols, false, false, -1, c_blob_no_max)::quarry.search_unit
    from quarry.search_trees(p_tenant_id, p_repository, p_filters) t
    left join quarry.segments s on s.repository_id = t.repository_id and s.published_at is not null
    where (s.id is not null or p_with_empty) and coalesce(t.oldest_generation <= (p_pins -> t.tree_id::text ->> 0)::bigint, true)
    order by t.tree_id, s.id);
end
$$;
comment on function quarry.all_search_units(uuid, text, jsonb, jsonb, boolean) is
  'All that a query looks at, whole and as it is published. Without trees that no longer have the generation of their pin; p_with_empty: with those that have no segment.';

create function quarry.open_window(
  p_units quarry.search_unit[], p_tier integer, p_is_whole boolean, p_is_full boolean, p_is_all_short boolean, p_plan quarry.search_plan,
  p_held jsonb, p_lacking jsonb, p_known quarry.segment_lists[]
) returns quarry.search_window
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Chunks of files that define a word, which are read without asking where it is in them.
  c_read_whole_max constant integer := 64;
  -- A bit for each number that a chunk may have.
  c_none_lacking constant bytea := decode(repeat('00', 4096), 'hex');
  v_window quarry.search_window;
  v_is_read_whole boolean;
begin
  v_window.units := p_units;
  v_window.segment_ids := array(select u.segment_id from unnest(p_units) with ordinality u order by u.ordinality);
  -- Tier 1 leaves out what tier 0 has shown.
  if cardinality(p_plan.words) > 0 and (p_tier = 0 and not p_is_full or exists (select from unnest(p_units) u where u.is_shown)) then
    v_window.definers := quarry.defining_lists(
      array(select case when u.has_symbols and (p_tier = 0 and not p_is_full or u.is_shown) then u.segment_id end
        from unnest(p_units) with ordinality u order by u.ordinality),
      p_plan.words);
    v_window.defining := quarry.joined_lists(v_window.definers, cardinality(p_units));
  end if;
  if p_tier = 0 and not p_is_whole then
    v_window.segment_ids := array(
      select case when cardinality((v_window.defining[s.no]).chunk_nos) > 0 then s.id end
      from unnest(v_window.segment_ids) with ordinality s (id, no) order by s.no);
    if cardinality(array_remove(v_window.segment_ids, null)) = 0 then
      return null;
    end if;
  end if;
  if cardinality(p_known) > 0 then
    v_window.segment_ids := array(
      select case when not exists (
        select from unnest(p_known) k where k.segment_id = s.id and k.has_symbols = (p_units[s.no]).has_symbols) then s.id end
      from unnest(v_window.segment_ids) with ordinality s (id, no) order by s.no);
  end if;
  -- A few who define a short word are read whole: its list is made where it is first needed to find who else has it.
  v_is_read_whole := case when p_tier = 0 and not p_is_whole and p_is_all_short
    then quarry.chunk_count(p_units, v_window.defining) <= c_read_whole_max else false end;
  if v_is_read_whole then
    v_window.segment_ids := array_fill(null::bigint, array[cardinality(p_units)]);
    v_window.lists := array_fill(row(null)::quarry.chunk_list, array[jsonb_array_length(p_plan.leaves) * cardinality(p_units)]);
  else
    v_window.lists := quarry.leaf_lists(
      v_window.segment_ids, array(select u.term_count from unnest(p_units) with ordinality u order by u.ordinality),
      array(select u.has_symbols from unnest(p_units) with ordinality u order by u.ordinality), p_plan.leaves);
  end if;
  if cardinality(p_known) > 0 then
    v_window.lists := quarry.with_known_lists(v_window.lists, p_units, p_known);
  end if;
  if p_tier = 1 or p_is_whole then
    v_window.drivers := quarry.driver_chunks(v_window.lists, cardinality(p_units), p_plan.alternatives);
  end if;
  v_window.held := array(select decode(p_held ->> u.segment_id::text, 'base64') from unnest(p_units) with ordinality u order by u.ordinality);
  -- What it weighs is known where nothing comes first: not of files that define a word, of which tier 1 has none.
  if p_lacking <> '{}' and not exists (select from unnest(v_window.defining) d where cardinality(d.chunk_nos) > 0) then
    v_window.lacking := array(
      select decode(p_lacking ->> u.segment_id::text, 'base64') || c_none_lacking from unnest(p_units) with ordinality u order by u.ordinality);
  end if;
  return v_window;
end
$$;
comment on function quarry.open_window(quarry.search_unit[], integer, boolean, boolean, boolean, quarry.search_plan, jsonb, jsonb, quarry.segment_lists[]) is
  'What a walk of these units in a tier needs; null where tier 0 has nothing to look for. p_is_whole: they are all that is searched, and tier 1 is '
  'walked with tier 0; p_is_full: tier 0 has shown enough trees; p_is_all_short: as commonness says it; p_held, p_lacking: as api.search_batch takes them; '
  'p_known: lists that need not be made again.';

create function quarry.walked_to(p_walk quarry.search_walk, p_tier integer, p_unit quarry.search_unit, p_blob_no integer) returns quarry.search_walk
language plpgsql immutable security definer set search_path = ''
as $$
begin
  p_walk.unit := p_unit;
  p_walk.at := jsonb_build_object('tier', p_tier, 'tree', p_unit.tree_id, 'segment', p_unit.segment_id, 'blob', p_blob_no);
  return p_walk;
end
$$;
comment on function quarry.walked_to(quarry.search_walk, integer, quarry.search_unit, integer) is 'A walk that stands behind this blob.';

create function quarry.note_files(
  p_walk quarry.search_walk, p_units quarry.search_unit[], p_files bytea, p_weight integer, p_of_units integer[], p_shown integer[]
) returns quarry.search_walk
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  p_walk.weight := p_walk.weight + p_weight;
  p_walk.files := p_walk.files || coalesce(p_files, '');
  if p_of_units is null and cardinality(p_shown) = 0 then
    return p_walk;
  end if;
  select p_walk.new_pins + count(distinct u.tree_id) filter (where u.ordinality = any(p_of_units) and not p_walk.pins ? u.tree_id::text),
    p_walk.trees || coalesce(jsonb_object_agg(u.tree_id, jsonb_build_object('repository', u.full_name, 'ref', u.ref, 'commit_oid', u.commit_oid))
      filter (where u.ordinality = any(p_of_units)), '{}'),
    p_walk.pins || jsonb_object_agg(u.tree_id, jsonb_build_array(u.generation, u.commit_oid,
      u.ordinality = any(p_shown) or u.is_shown or coalesce((p_walk.pins -> u.tree_id::text ->> 2)::boolean, false)) order by u.ordinality = any(p_shown))
  into p_walk.new_pins, p_walk.trees, p_walk.pins
  from unnest(p_units) with ordinality u
  where u.ordinality = any(p_shown || p_of_units);
  return p_walk;
end
$$;
comment on function quarry.note_files(quarry.search_walk, quarry.search_unit[], bytea, integer, integer[], integer[]) is
  'A walk with these files, of the units p_of_units (null: none), and their trees with their pins. p_shown: the units in which tier 0 was looked at, '
  'whether something was found in it or not, which must be left out later.';

create function quarry.walk_window(
  p_walk quarry.search_walk, p_window quarry.search_window, p_tier integer, p_is_again boolean, p_plan quarry.search_plan, p_weight_max integer
) returns quarry.search_walk
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Chunks of the drivers that are looked at in one step: about as many as are still wanted, of which each weighs one
  -- at least, and more after steps in vain; half as many blobs where nothing says which chunks.
  c_slice_min constant integer := 32;
  c_slice_max constant integer := 1024;
  -- What one call looks at and finds nothing in, before it says how far it came.
  c_slices_max constant integer := 200;
  -- What a batch that is read again has at most: that of the largest, and the largest file behind it. A
  -- cursor that says it had more is made up.
  c_again_weight_max constant integer := 2048;
  v_weight_max integer := case when p_is_again then c_again_weight_max else p_weight_max end;
  -- What is lacking is not looked at, so that a step must not go farther than a batch which has all would.
  v_slice_min integer := case when p_window.lacking is null then c_slice_min else 1 end;
  v_reached integer := p_tier;
  v_no integer := 1;
  v_after integer := (p_window.units[1]).after_blob;
  v_next record;
  v_batch record;
  v_passed integer;
begin
  p_walk.slice := coalesce(p_walk.slice, greatest(v_slice_min, least(p_weight_max, c_slice_max)));
  loop
    v_next := quarry.next_blobs(p_window.units, p_window.defining, p_window.drivers, p_window.lacking, v_reached, v_no, v_after,
      case when (p_window.drivers[v_no]).chunk_nos is null then greatest(c_slice_min, p_walk.slice / 2) else p_walk.slice end);
    exit when v_next.last_unit is null;
    v_batch := quarry.batch_files(p_window.units, v_next.unit_nos, v_next.blob_nos, v_next.tier_0_count, p_window.lists, p_window.definers,
      p_plan, p_window.held, p_window.lacking, v_weight_max - p_walk.weight);
    if v_batch.cut is null then
      v_reached := v_next.last_tier;
      v_no := v_next.last_unit;
      v_after := v_next.last_blob;
    else
      v_reached := case when v_batch.cut <= v_next.tier_0_count then 0 else v_next.last_tier end;
      v_no := v_next.unit_nos[v_batch.cut];
      v_after := v_next.blob_nos[v_batch.cut];
    end if;
    -- What is lacking weighs as if it had been handed out, or whoever holds nothing could not read the batch again.
    v_passed := case when v_batch.cut is null then greatest(v_batch.weight, v_next.weight) else v_batch.weight end;
    p_walk := quarry.walked_to(p_walk, v_reached, p_window.units[v_no], v_after);
    p_walk := quarry.note_files(p_walk, p_window.units, v_batch.files, v_passed, v_batch.of_units,
      coalesce(v_next.unit_nos[1 : least(v_next.tier_0_count, v_batch.cut)], '{}'));
    p_walk.slices := p_walk.slices + 1;
    if v_passed = 0 then
      p_walk.slice := least(p_walk.slice * 2, c_slice_max);
    -- Where few pass, as with filters, as many more are looked at.
    elsif v_passed >= cardinality(v_next.blob_nos) then
      p_walk.slice := greatest(v_slice_min, least(p_weight_max - p_walk.weight, c_slice_max));
    end if;
    p_walk.ending := case
      when not p_is_again then
        case when p_walk.weight >= v_weight_max or p_walk.slices >= c_slices_max or clock_timestamp() > p_walk.ends_at then 'enough' end
      when p_walk.weight >= v_weight_max or p_walk.slices > 8 * c_slices_max then 'expired'
      when v_after >= (p_walk.unit).until_blob then 'until' end;
    exit when p_walk.ending is not null or v_next.is_last and v_batch.cut is null;
  end loop;
  return p_walk;
end
$$;
comment on function quarry.walk_window(quarry.search_walk, quarry.search_window, integer, boolean, quarry.search_plan, integer) is
  'A walk after this window of a tier, or where it ended in it. p_is_again: a batch is read again, until the units say; then p_weight_max is only where its steps ended.';

create function quarry.known_lists_text(p_known quarry.segment_lists[], p_units quarry.search_unit[], p_unit quarry.search_unit) returns text
language plpgsql immutable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  c_bytes_max constant integer := 65536;
  v_text text := (
    select array_agg(k) from unnest(p_known) k
    where p_units is null or exists (
      select from unnest(p_units) u where u.segment_id = k.segment_id and (u.tree_id, u.segment_id) >= (p_unit.tree_id, p_unit.segment_id)));
begin
  return case when octet_length(v_text) <= c_bytes_max then v_text end;
end
$$;
comment on function quarry.known_lists_text(quarry.segment_lists[], quarry.search_unit[], quarry.search_unit) is
  'Lists that the next call will need too, those of these units (null: of all) from one on, so that it is handed them; null where they have too many bytes.';
