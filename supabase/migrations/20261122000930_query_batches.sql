-- The next files of a query to look at, and what of their text.

create function quarry.files_of_blobs(
  p_units quarry.search_unit[], p_unit_nos integer[], p_blob_nos integer[], p_tier_0_count integer, p_plan quarry.search_plan
) returns table (no bigint, unit_no integer, segment_id bigint, blob_no integer, language text, marks integer, path_count bigint, paths bytea, low integer, high integer)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_is_filtered boolean := cardinality(p_plan.paths) + cardinality(p_plan.not_paths) + cardinality(p_plan.languages) > 0;
begin
  return query
    select u.before + width_bucket(f.blob_no, u.blob_nos), u.unit_no, u.segment_id, f.blob_no, f.language, f.marks, f.path_count, f.paths, k.low, k.high
    from (
      select g.*, (p_units[g.unit_no]).tree_id, (p_units[g.unit_no]).segment_id, (p_units[g.unit_no]).generation
      from (
        select b.unit_no, min(b.no) - 1 as before, array_agg(b.blob_no order by b.no) as blob_nos
        from unnest(p_unit_nos, p_blob_nos) with ordinality b (unit_no, blob_no, no) group by b.unit_no, b.no <= p_tier_0_count
      ) g
      offset 0
    ) u
    -- All of a unit by one scan, which goes on where neighbours lie. Offset 0: from the blobs to their files. The tree as a
    -- range: by an equality the planner would start at the tree and read all its files, which are few in most trees.
    cross join lateral (
      select t.blob_no, min(t.language) as language, bit_and(t.marks) as marks, count(*) as path_count,
        string_agg(int4send(octet_length(t.path_text)) || convert_to(t.path_text, 'utf8'), '' order by t.path) as paths
      from quarry.tree_files t
      where t.segment_id = u.segment_id and t.blob_no = any(u.blob_nos) and t.tree_id between u.tree_id and u.tree_id and t.skip_reason is null
        and t.generation_from <= u.generation and (t.generation_to is null or t.generation_to > u.generation)
        and case when v_is_filtered then lower(t.path_text) like all (p_plan.paths) and lower(t.path_text) not like all (p_plan.not_paths)
          and lower(t.language collate "C") = all (p_plan.languages) else true end
      group by t.blob_no
      offset 0
    ) f
    cross join lateral (
      select min(b.chunk_no) as low, max(b.chunk_no) as high from quarry.blob_chunks b where b.segment_id = u.segment_id and b.blob_no = f.blob_no offset 0
    ) k;
end
$$;
comment on function quarry.files_of_blobs(quarry.search_unit[], integer[], integer[], integer, quarry.search_plan) is
  'Of these blobs, as batch_files takes them, the ones that have a file in their unit''s generation which passes the filters, each with its number among them, the marks that all its '
  'paths have, its paths as they are handed out, and its first and last chunk.';

create function quarry.batch_files(
  p_units quarry.search_unit[], p_unit_nos integer[], p_blob_nos integer[], p_tier_0_count integer, p_lists quarry.chunk_list[],
  p_definers quarry.chunk_list[], p_plan quarry.search_plan, p_held bytea[], p_lacking bytea[], p_weight_max integer,
  out files bytea, out weight integer, out of_units integer[], out cut integer
)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- What a chunk weighs at least; one line may be as long as a file.
  c_chunk_bytes constant integer := 4096;
  v_unit_count integer := cardinality(p_units);
  v_leaf_nos integer[] := array(select generate_series(1, cardinality(p_lists) / v_unit_count));
  v_word_nos integer[] := array(select generate_series(1, cardinality(p_definers) / v_unit_count));
begin
  -- As few nodes as it takes: to start them costs more than what most of them do. Functions in select lists rather
  -- than in from: those keep their rows for somebody who may ask again.
  with files as materialized (
    select * from quarry.files_of_blobs(p_units, p_unit_nos, p_blob_nos, p_tier_0_count, p_plan)
  ), hits as materialized (
    select h.no, h.unit_no, h.segment_id, h.chunk_no, bit_or(h.mask) as mask,
      coalesce(case when h.chunk_no < 8 * length(p_held[h.unit_no]) then get_bit(p_held[h.unit_no], h.chunk_no) = 1 end, false) as is_held
    from (
      select p.no, p.unit_no, p.segment_id, p.chunk_no + a.d as chunk_no, case a.d when 0 then 1::bigint << (p.leaf_no - 1) else 0 end as mask
      from (
        select d.no, d.unit_no, d.segment_id, d.leaf_no, d.low, d.high, case when d.nos is not null then d.lacking end as lacking, unnest(case when d.nos is null then array(select generate_series(d.low, d.high))
          else d.nos[width_bucket(d.low - 1, d.nos) + 1 : width_bucket(d.high, d.nos)] end) as chunk_no
        from (
          select l.*, (p_lists[(l.leaf_no - 1) * v_unit_count + l.unit_no]).chunk_nos as nos, p_lacking[l.unit_no] as lacking
          from (select f.no, f.unit_no, f.segment_id, f.low, f.high, unnest(v_leaf_nos) as leaf_no from files f) l
          offset 0
        ) d
      ) p
      cross join (select unnest(p_plan.around) as d) a
      where p.chunk_no + a.d between p.low and p.high and (p.lacking is null or get_bit(p.lacking, p.chunk_no) = 0)
      union all
      -- The file itself, whatever is in it.
      select f.no, f.unit_no, f.segment_id, f.low, 0 from files f where p_plan.first_chunk
    ) h
    group by h.no, h.unit_no, h.segment_id, h.chunk_no
  ), packed as materialized (
    select h.no, coalesce(sum(case when h.is_held then 1 else greatest(1, pg_column_size(k.content) / c_chunk_bytes) end) filter (where h.chunk_no is not null), 1)::integer as weight,
      int4send(count(h.chunk_no)::integer) || coalesce(string_agg(int4send(h.chunk_no) || int8send(h.mask)
        || case when h.is_held then int4send(0) else int4send(k.first_line) || int4send(length(k.content)) || k.content end, '' order by h.chunk_no), '') as chunks
    from hits h
    left join lateral (
      select c.first_line, c.content from quarry.blob_chunks c where not h.is_held and c.segment_id = h.segment_id and c.chunk_no = h.chunk_no offset 0
    ) k on true
    -- Mostly there is one alternative, and a query for each file costs more than the rest of its row.
    group by h.no having bit_or(h.mask) & p_plan.alternatives[1] = p_plan.alternatives[1] or exists (select from unnest(p_plan.alternatives) a where bit_or(h.mask) & a = a)
  ), running as materialized (
    -- Without the text, which would be copied with each row.
    select p.no, p.weight, sum(p.weight) over (order by p.no) as total from packed p
  )
  select string_agg(
      int8send((p_units[f.unit_no]).tree_id) || int8send(f.segment_id) || int4send(f.blob_no) || int4send(case when f.no <= p_tier_0_count then 0 else 1 end)
        || int4send(octet_length(f.language)) || convert_to(f.language, 'utf8') || int4send(f.marks) || int4send(f.path_count::integer) || f.paths
        || case when f.no <= p_tier_0_count then (
          select int4send(count(*)::integer) || coalesce(string_agg(int4send(w.no - 1), '' order by w.no), '')
          from unnest(v_word_nos) w (no) where f.blob_no = any((p_definers[(w.no - 1) * v_unit_count + f.unit_no]).chunk_nos)) else int4send(0) end
        || coalesce(case when (p_plan.outlines or f.no <= p_tier_0_count) and (p_units[f.unit_no]).has_symbols then (
          select int4send(length(b.outline)) || b.outline from quarry.blobs b where b.segment_id = f.segment_id and b.blob_no = f.blob_no) end, int4send(0))
        || p.chunks, '' order by f.no),
    coalesce(sum(r.weight), 0)::integer, array_agg(f.unit_no),
    case when count(*) < (select count(*) from running) then max(r.no) end
  into files, weight, of_units, cut
  -- At least one, or a search would not get on.
  from running r join files f on f.no = r.no join packed p on p.no = r.no
  where r.total - r.weight < p_weight_max or r.total = r.weight;
end
$$;
comment on function quarry.batch_files(quarry.search_unit[], integer[], integer[], integer, quarry.chunk_list[], quarry.chunk_list[], quarry.search_plan, bytea[], bytea[], integer) is
  'Of these blobs, ascending in each unit of a tier, the ones that have a file in their unit''s generation which passes the filters, and a chunk for each leaf of an alternative, as '
  'api.search_batch hands them out, in their order up to a weight of about as many chunks; bit i of a chunk''s mask: leaf i may match in it. The first p_tier_0_count '
  'are of tier 0. of_units: the units of what is handed out; cut: the number of the last one, when there are more. p_lists and p_definers (null where they do not matter): '
  'for each leaf and each word the lists of each unit. p_held: of each unit the chunks whose text whoever asks has, bit n for chunk n; null: none. p_lacking: as next_blobs takes it; these chunks are in no list.';

create function quarry.passed_count(p_segment_id bigint, p_blob_no integer, p_chunk_nos integer[]) returns integer
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  return coalesce(width_bucket((
    select k.chunk_no from quarry.blob_chunks k
    where k.segment_id = p_segment_id and k.blob_no <= p_blob_no order by k.blob_no desc, k.chunk_no desc limit 1
  ), p_chunk_nos), 0);
end
$$;
comment on function quarry.passed_count(bigint, integer, integer[]) is 'How many of a segment''s chunks, ascending, are of its blobs up to this one.';

create function quarry.defining_blobs(
  p_units quarry.search_unit[], p_defining quarry.chunk_list[], p_unit integer, p_after integer, p_count integer, out unit_nos integer[], out blob_nos integer[]
)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  select array_agg(d.unit_no order by d.unit_no, d.blob_no), array_agg(d.blob_no order by d.unit_no, d.blob_no)
  into unit_nos, blob_nos
  from (
    select u.ordinality as unit_no, n.no as blob_no
    from unnest(p_units) with ordinality u cross join lateral unnest((p_defining[u.ordinality]).chunk_nos) n (no)
    where (u.ordinality, n.no) > (p_unit, p_after) and n.no > u.after_blob and n.no <= u.until_blob
    order by u.ordinality, n.no limit p_count
  ) d;
end
$$;
comment on function quarry.defining_blobs(quarry.search_unit[], quarry.chunk_list[], integer, integer, integer) is
  'The next p_count blobs of p_defining after one of a unit, as next_blobs takes them; null: there are none.';

create function quarry.driven_blobs(
  p_units quarry.search_unit[], p_defining quarry.chunk_list[], p_drivers quarry.chunk_list[], p_lacking bytea[], p_unit integer, p_after integer, p_count integer,
  out unit_nos integer[], out blob_nos integer[], out last_unit integer, out last_blob integer, out is_last boolean, out weight integer
)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_passed integer := 0;
  v_last integer[];
  v_is_any_lacking boolean;
begin
  weight := 0;
  if p_after >= 0 then
    -- From the chunk after the last one of the blob where it stands.
    v_passed := quarry.passed_count((p_units[p_unit]).segment_id, p_after, (p_drivers[p_unit]).chunk_nos);
  end if;
  with picked as materialized (
    select u.ordinality::integer as unit_no, u.segment_id, u.until_blob, n.no, l.nos is null as is_blob,
      get_bit(l.lacking, n.no) = 1 as is_lacking
    from unnest(p_units) with ordinality u
    cross join lateral (
      select (p_drivers[u.ordinality]).chunk_nos as nos, case when u.ordinality = p_unit then v_passed else 0 end as passed,
        case when (p_drivers[u.ordinality]).chunk_nos is not null then p_lacking[u.ordinality] end as lacking offset 0
    ) l
    cross join lateral (
      select unnest(l.nos[l.passed + 1 : l.passed + p_count]) as no
      union all
      select b.no from (
        -- Of the tree, for a text that is published alone has no blobs yet; as a range, as in batch_files.
        select distinct a.blob_no as no from quarry.tree_files a
        where a.segment_id = u.segment_id and a.blob_no > case when u.ordinality = p_unit then p_after else u.after_blob end and a.tree_id between u.tree_id and u.tree_id
        order by a.blob_no limit p_count
      ) b where l.nos is null
    ) n
    where u.ordinality >= p_unit
    order by u.ordinality, n.no limit p_count
  ), blobs as materialized (
    select distinct p.unit_no, p.until_blob, case when p.is_blob then p.no else (
      select k.blob_no from quarry.blob_chunks k where k.segment_id = p.segment_id and k.chunk_no = p.no) end as blob_no
    from picked p
    -- The last one says where it ends: its blob, the rest of which may be behind it.
    where p.is_lacking is not true or p.no = (select max(l.no) from picked l where l.unit_no = (select max(unit_no) from picked))
  )
  select array_agg(b.unit_no order by b.unit_no, b.blob_no) filter (where b.is_meant),
    array_agg(b.blob_no order by b.unit_no, b.blob_no) filter (where b.is_meant),
    max(array[b.unit_no, b.blob_no]), (select count(*) < p_count from picked),
    (select bool_or(p.is_lacking) from picked p)
  into unit_nos, blob_nos, v_last, is_last, v_is_any_lacking
  from (
    select c.unit_no, c.blob_no, c.blob_no <= c.until_blob and coalesce(c.blob_no <> all ((p_defining[c.unit_no]).chunk_nos), true) as is_meant from blobs c
  ) b;
  last_unit := v_last[1];
  last_blob := v_last[2];
  if v_is_any_lacking then
    weight := quarry.passed_count((p_units[last_unit]).segment_id, last_blob, (p_drivers[last_unit]).chunk_nos) - v_passed;
    for v_unit in p_unit .. last_unit - 1 loop
      weight := weight + coalesce(cardinality((p_drivers[v_unit]).chunk_nos), 0);
    end loop;
  end if;
end
$$;
comment on function quarry.driven_blobs(quarry.search_unit[], quarry.chunk_list[], quarry.chunk_list[], bytea[], integer, integer, integer) is
  'The blobs of the next p_count chunks of the drivers (null: every blob of the segment that the tree has had) after a blob of a unit, without those that define, and what next_blobs says of tier 1.';

create function quarry.next_blobs(
  p_units quarry.search_unit[], p_defining quarry.chunk_list[], p_drivers quarry.chunk_list[], p_lacking bytea[], p_tier integer, p_unit integer,
  p_after integer, p_count integer,
  out tier_0_count integer, out unit_nos integer[], out blob_nos integer[], out last_tier integer, out last_unit integer, out last_blob integer,
  out is_last boolean, out weight integer
)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_defining record;
  v_driven record;
begin
  tier_0_count := 0;
  weight := 0;
  if p_tier = 0 then
    v_defining := quarry.defining_blobs(p_units, p_defining, p_unit, p_after, p_count);
    unit_nos := v_defining.unit_nos;
    blob_nos := v_defining.blob_nos;
    tier_0_count := coalesce(cardinality(unit_nos), 0);
    last_tier := 0;
    last_unit := unit_nos[tier_0_count];
    last_blob := blob_nos[tier_0_count];
    is_last := p_drivers is null and tier_0_count < p_count;
    if p_drivers is null or tier_0_count = p_count then
      return;
    end if;
    p_unit := 1;
    p_after := -1;
  end if;
  v_driven := quarry.driven_blobs(p_units, p_defining, p_drivers, p_lacking, p_unit, p_after, p_count);
  unit_nos := unit_nos || v_driven.unit_nos;
  blob_nos := blob_nos || v_driven.blob_nos;
  is_last := v_driven.is_last;
  weight := v_driven.weight;
  if v_driven.last_unit is not null then
    last_tier := 1;
    last_unit := v_driven.last_unit;
    last_blob := v_driven.last_blob;
  end if;
end
$$;
comment on function quarry.next_blobs(quarry.search_unit[], quarry.chunk_list[], quarry.chunk_list[], bytea[], integer, integer, integer, integer) is
  'The next blobs to look at after one of a unit in a tier: of tier 0 p_count of those that define, then, unless p_drivers is null, of tier 1 those of the next p_count '
  'chunks of the drivers (null: every blob of the segment that the tree has had) without those that define, nor those of which all of these chunks are lacking. p_lacking: of each unit '
  'bit n for any chunk n, null: none; weight: how many chunks of the drivers lie until there, where some are lacking, else 0. tier_0_count: how many of them are of tier 0; last_tier, last_unit, '
  'last_blob: where it ends; null: there is nothing more; is_last: nor will there be after these.';
