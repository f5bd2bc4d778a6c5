-- From a query's leaves to lists of chunks in each unit, and to the driver that is walked.

create function quarry.leaf_lists(p_segment_ids bigint[], p_term_counts integer[], p_have_symbols boolean[], p_leaves jsonb) returns quarry.chunk_list[]
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Fewer chunks are read as they are.
  c_enough constant integer := 64;
  v_all quarry.chunk_list[] := '{}';
  v_leaf jsonb;
  v_choice jsonb;
  v_lists quarry.chunk_list[];
  v_found quarry.chunk_list[];
begin
  for v_leaf in select e.value from jsonb_array_elements(p_leaves) with ordinality e order by e.ordinality loop
    if v_leaf ? 'symbol' then
      -- A definition lies anywhere in its file.
      v_lists := array(
        select row(array(
          select distinct k.chunk_no
          from (
            select distinct n.blob_no as no from quarry.find_names(array[s.id], 'infix', array[v_leaf #>> '{symbol,name_folded}'], null) n where p_have_symbols[s.no]
          ) b
          cross join lateral (
            select c.chunk_no from quarry.blob_chunks c where c.segment_id = s.id and c.blob_no = b.no offset 0
          ) k
          order by k.chunk_no))::quarry.chunk_list
        from unnest(p_segment_ids) with ordinality s (id, no) order by s.no);
    else
      v_lists := quarry.literal_chunks(p_segment_ids, p_term_counts, v_leaf -> 'constraints');
      for v_choice in select e.value from jsonb_array_elements(v_leaf -> 'choices') e loop
        v_found := quarry.choice_chunks(
          array(select case when cardinality((v_lists[s.no]).chunk_nos) <= c_enough then null else s.id end
            from unnest(p_segment_ids) with ordinality s (id, no) order by s.no),
          p_term_counts, v_choice);
        v_lists := array(
          select row(case
              when cardinality(l.nos) <= c_enough or f.nos is null then l.nos
              when l.nos is null then f.nos
              else l.nos operator(extensions.&) f.nos end)::quarry.chunk_list
          from generate_subscripts(v_lists, 1) s (no)
          cross join lateral (select (v_lists[s.no]).chunk_nos as nos offset 0) l
          cross join lateral (select (v_found[s.no]).chunk_nos as nos offset 0) f
          order by s.no);
      end loop;
    end if;
    v_all := v_all || v_lists;
  end loop;
  return v_all;
end
$$;
comment on function quarry.leaf_lists(bigint[], integer[], boolean[], jsonb) is
  'For each leaf, and then each segment, the chunks that may satisfy it, ascending; null: any may; for a null segment nothing of use. '
  'p_leaves: [{constraints, choices} or {symbol}]; p_have_symbols: of which segments names may be looked for.';

create function quarry.commonness(p_segment_id bigint, p_leaves jsonb, out is_any_common boolean, out is_all_short boolean)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- Terms that have so few characters in common are many.
  c_length_max constant integer := 4;
  -- A word that fills a batch from one segment.
  c_chunks_min constant integer := 64;
begin
  select coalesce(bool_or(length(t.term) <= c_length_max or cardinality(quarry.exact_chunks(p_segment_id, t.term)) >= c_chunks_min), false),
    coalesce(bool_and(coalesce(length(t.term) <= c_length_max, false)), false)
  into is_any_common, is_all_short
  from jsonb_array_elements(p_leaves) l
  left join lateral (
    select c.value ->> 'term' as term from jsonb_array_elements(l.value -> 'constraints') c order by length(c.value ->> 'term') desc limit 1
  ) t on true;
end
$$;
comment on function quarry.commonness(bigint, jsonb) is
  'Guesses, from one segment: whether a leaf has so many chunks that the lists of others may never be asked for; whether every leaf is made of so short terms '
  'that its list costs more than it tells of a few files.';

create function quarry.driver_chunks(p_lists quarry.chunk_list[], p_unit_count integer, p_alternatives bigint[]) returns quarry.chunk_list[]
language plpgsql immutable security definer set search_path = ''
as $$
declare
  v_drivers quarry.chunk_list[] := '{}';
  v_driver integer[];
  v_best integer[];
  v_list integer[];
  v_mask bigint;
begin
  for v_unit in 1 .. p_unit_count loop
    v_driver := '{}';
    foreach v_mask in array p_alternatives loop
      v_best := null;
      for v_leaf in 1 .. cardinality(p_lists) / p_unit_count loop
        v_list := (p_lists[(v_leaf - 1) * p_unit_count + v_unit]).chunk_nos;
        if (v_mask >> (v_leaf - 1)) & 1 = 1 and (v_best is null or cardinality(v_list) < cardinality(v_best)) then
          v_best := v_list;
        end if;
      end loop;
      v_driver := case when v_driver = '{}' then v_best else v_driver operator(extensions.|) v_best end;
      exit when v_driver is null;
    end loop;
    v_drivers := v_drivers || row(v_driver)::quarry.chunk_list;
  end loop;
  return v_drivers;
end
$$;
comment on function quarry.driver_chunks(quarry.chunk_list[], integer, bigint[]) is
  'For each unit the chunks of which every matching file has one: of each alternative the shortest list, together; null when an alternative has none. '
  'p_lists: for each leaf those of each unit.';

create function quarry.joined_lists(p_lists quarry.chunk_list[], p_unit_count integer) returns quarry.chunk_list[]
language plpgsql immutable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return array(
    select row(array(
      select distinct n.no from generate_series(u.no, cardinality(p_lists), p_unit_count) i (no), unnest((p_lists[i.no]).chunk_nos) n (no)
      order by n.no))::quarry.chunk_list
    from generate_series(1, p_unit_count) u (no) order by u.no);
end
$$;
comment on function quarry.joined_lists(quarry.chunk_list[], integer) is 'For each unit all that is in one of its lists, ascending.';

create function quarry.lists_by_segment(p_lists quarry.chunk_list[], p_units quarry.search_unit[], p_segment_ids bigint[]) returns quarry.segment_lists[]
language plpgsql immutable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return array(
    select row(s.id, s.has_symbols, array(
      select p_lists[i.no] from generate_series(s.no::integer, cardinality(p_lists), cardinality(p_segment_ids)) i (no) order by i.no))::quarry.segment_lists
    from (
      -- Trees of one repository share its segments.
      select distinct on (u.id, (p_units[u.no]).has_symbols) u.id, u.no, (p_units[u.no]).has_symbols
      from unnest(p_segment_ids) with ordinality u (id, no) where u.id is not null order by u.id, (p_units[u.no]).has_symbols, u.no
    ) s);
end
$$;
comment on function quarry.lists_by_segment(quarry.chunk_list[], quarry.search_unit[], bigint[]) is
  'The lists of each segment that is not null, once. p_segment_ids: those of the units, or null.';

create function quarry.with_known_lists(p_lists quarry.chunk_list[], p_units quarry.search_unit[], p_known quarry.segment_lists[]) returns quarry.chunk_list[]
language plpgsql immutable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_unit_count integer := cardinality(p_units);
begin
  return array(
    select case when k.segment_id is null then p_lists[(l.no - 1) * v_unit_count + u.ordinality] else k.lists[l.no] end
    from generate_series(1, cardinality(p_lists) / v_unit_count) l (no)
    cross join unnest(p_units) with ordinality u
    left join lateral (
      select n.segment_id, n.lists from unnest(p_known) n where n.segment_id = u.segment_id and n.has_symbols = u.has_symbols limit 1
    ) k on true
    order by l.no, u.ordinality);
end
$$;
comment on function quarry.with_known_lists(quarry.chunk_list[], quarry.search_unit[], quarry.segment_lists[]) is 'Lists, with those of segments that are known already.';

create function quarry.defining_lists(p_segment_ids bigint[], p_words text[]) returns quarry.chunk_list[]
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  -- A name with many definitions goes on over pages that begin with it.
  return array(
    select row(array(
      select distinct d.blob_no::integer
      from quarry.symbol_pages p
      cross join lateral (select array_positions(string_to_array(p.names_folded, E'\n'), w.word) as name_nos offset 0) a
      cross join lateral (
        select unnest(p.name_nos) as name_no, unnest(p.blob_nos) as blob_no where cardinality(a.name_nos) > 0
      ) d
      where p.segment_id = s.id and p.first_name <= w.word
        and p.first_name >= coalesce((
          select b.first_name from quarry.symbol_pages b
          where b.segment_id = s.id and b.first_name < w.word order by b.first_name desc limit 1), '')
        and strpos(p.names_folded, w.word) > 0 and d.name_no = any(a.name_nos)
      order by 1))::quarry.chunk_list
    from unnest(p_words) with ordinality w (word, no) cross join unnest(p_segment_ids) with ordinality s (id, no)
    order by w.no, s.no);
end
$$;
comment on function quarry.defining_lists(bigint[], text[]) is
  'For each word, and then each segment, the blobs that define a name, whatever its case, ascending.';

create function quarry.chunk_count(p_units quarry.search_unit[], p_blobs quarry.chunk_list[]) returns bigint
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return (
    select coalesce(sum(k.chunks), 0)
    from unnest(p_units) with ordinality u
    cross join lateral unnest((p_blobs[u.ordinality]).chunk_nos) b (no)
    cross join lateral (
      select count(*) as chunks from quarry.blob_chunks c where c.segment_id = u.segment_id and c.blob_no = b.no offset 0
    ) k);
end
$$;
comment on function quarry.chunk_count(quarry.search_unit[], quarry.chunk_list[]) is 'How many chunks these blobs of each unit have together.';
