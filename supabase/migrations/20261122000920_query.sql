-- Text search: finds the files of the scoped trees that may satisfy a query, and hands out their text
-- in bounded batches. Functions/_shared/search plans the query, verifies the text, and ranks; nothing
-- here decides whether a line matches.
--
-- What is searched is a list of units: the segments of each tree. A query's leaves narrow the segments to
-- chunks, each by its own list, and several segments by one statement, for a statement costs more than what
-- it finds. An alternative is a set of leaves which a file must all have: the shortest of its lists, the
-- driver, is walked slice by slice, so that a common term stops early. Files come in the order of their
-- units and blobs, tier 0 (they define a word of the query) before tier 1, and a batch says where it ended.
-- Plans are kept, whatever the arrays hold: to plan anew took longer than to run.

-- From a blob to its chunks, which have consecutive numbers.
create index chunks_by_blob on quarry.blob_chunks (segment_id, blob_no, chunk_no);

create function quarry.text_array(p_list jsonb) returns text[]
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  -- A function in SQL would be planned anew by every query that calls it. Most lists are empty, which it takes no query to see.
  if p_list is null or p_list = '[]' then
    return '{}';
  end if;
  return array(select jsonb_array_elements_text(p_list));
end
$$;
comment on function quarry.text_array(jsonb) is 'A JSON list of strings as an array; empty for null.';

create function quarry.like_patterns(p_list jsonb) returns text[]
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  if p_list is null or p_list = '[]' then
    return '{}';
  end if;
  return array(select '%' || regexp_replace(e.value, '([\\%_])', '\\\1', 'g') || '%' from jsonb_array_elements_text(p_list) e);
end
$$;
comment on function quarry.like_patterns(jsonb) is 'For each string of a JSON list the pattern of LIKE that texts match which have it.';

create function quarry.search_trees(p_tenant_id uuid, p_repository text, p_filters jsonb)
returns table (
  tree_id bigint, repository_id uuid, full_name text, ref text, commit_oid text, generation bigint, oldest_generation bigint, has_symbols boolean)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_all_refs boolean := (p_filters ->> 'all_refs')::boolean;
  v_refs text[] := quarry.text_array(p_filters -> 'ref');
  v_repos text[] := quarry.text_array(p_filters -> 'repo');
  v_not_repos text[] := quarry.text_array(p_filters -> 'not_repo');
  v_repository text := lower(p_repository);
begin
  -- Filters that are empty, as most are, cost nothing for each of the tenant's repositories.
  return query
    select t.id, t.repository_id, t.full_name, t.ref, t.commit_oid, t.generation, t.oldest_generation, 'symbols' = any(t.features)
    from (
      select d.id, d.repository_id, r.full_name, d.ref, d.commit_oid, d.generation, d.oldest_generation, d.features,
        row_number() over (partition by r.id order by d.ref = r.default_ref desc, d.retired_at is not null desc, d.id) as place
      from quarry.repositories r join quarry.trees d on d.repository_id = r.id
      where r.tenant_id = p_tenant_id and r.deleted_at is null and d.generation is not null
        -- Of a case the planner thinks that half of them pass, else that two do, and looks for the trees of each.
        and case when v_repository is null then true else lower(r.full_name) = v_repository or r.id::text = v_repository end
        and (v_repos = '{}' or not exists (select from unnest(v_repos) v where strpos(lower(r.full_name collate "C"), v) = 0))
        and (v_not_repos = '{}' or not exists (select from unnest(v_not_repos) v where strpos(lower(r.full_name collate "C"), v) > 0))
    ) t
    where (v_all_refs or t.place = 1) and (v_refs = '{}' or not exists (
      select from unnest(v_refs) v where lower(t.ref) <> v and (v like 'refs/%' or lower(t.ref) not in ('refs/heads/' || v, 'refs/tags/' || v))))
    order by t.id;
end
$$;
comment on function quarry.search_trees(uuid, text, jsonb) is
  'The indexed refs a search looks at, by id: all that p_filters allows, or of each repository one: the default branch, else the one that serves in '
  'its place. p_repository: OWNER/NAME, an id, or null for all. p_filters: {all_refs, ref, repo, not_repo: lower-case lists}.';

create function quarry.text_scope(p_tenant_id uuid, p_repository text, p_filters jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_all_refs boolean := (p_filters ->> 'all_refs')::boolean;
  v_refs text[] := quarry.text_array(p_filters -> 'ref');
  v_repos text[] := quarry.text_array(p_filters -> 'repo');
  v_not_repos text[] := quarry.text_array(p_filters -> 'not_repo');
  v_repository text := lower(p_repository);
begin
  return (
    select jsonb_build_object(
      'repositories', count(*),
      -- Few repositories have the ref that a query names; when none does, that is why nothing is found.
      'unindexed', case when v_refs <> '{}' and coalesce(sum(t.meant) filter (where t.is_meant), 0) = 0 then count(*) filter (where t.is_meant)
        else count(*) filter (where t.is_meant and (t.published = 0 or t.waiting > 0)) end,
      'symbols_pending', count(*) filter (where t.is_meant and t.text_alone > 0),
      'skipped', coalesce(sum(t.skipped) filter (where t.is_meant), 0),
      'access_lost', count(*) filter (where t.is_meant and t.is_lost))
    from (
      select r.is_meant, r.access_lost_at is not null as is_lost,
        count(d.generation) as published,
        count(*) filter (where d.generation is not null and d.is_meant) as meant,
        count(*) filter (where d.generation is null and d.is_meant) as waiting,
        count(*) filter (where d.generation is not null and d.is_meant and not 'symbols' = any(d.features)) as text_alone,
        sum(d.too_large_count) filter (where d.is_meant) as skipped
      from (
        select n.id, n.default_ref, n.access_lost_at,
          (v_repos = '{}' or not exists (select from unnest(v_repos) v where strpos(lower(n.full_name collate "C"), v) = 0))
          and (v_not_repos = '{}' or not exists (select from unnest(v_not_repos) v where strpos(lower(n.full_name collate "C"), v) > 0)) as is_meant
        from quarry.repositories n
        where n.tenant_id = p_tenant_id and n.deleted_at is null
          and case when v_repository is null then true else lower(n.full_name) = v_repository or n.id::text = v_repository end
      ) r
      left join lateral (
        select t.generation, t.features, t.too_large_count, (v_all_refs or t.ref = r.default_ref) and (v_refs = '{}' or not exists (
          select from unnest(v_refs) v where lower(t.ref) <> v and (v like 'refs/%' or lower(t.ref) not in ('refs/heads/' || v, 'refs/tags/' || v)))) as is_meant
        from quarry.trees t where t.repository_id = r.id
      ) d on true
      group by r.id, r.is_meant, r.access_lost_at
    ) t);
end
$$;
comment on function quarry.text_scope(uuid, text, jsonb) is
  'What an honest answer must say of its scope, where the filters of repositories and refs let it look: {repositories: whatever the filters, unindexed: repositories without a published index of the ref that is searched (all, where none has the refs that a query names), '
  'symbols_pending: those of whose ref the text alone is published, '
  'skipped: text too large to index, access_lost: repositories whose index cannot follow their host any more}.';

-- The lists of a query's leaves in a segment, for its second tier and for the next batch. Those of symbols are empty
-- where a tree has none yet, so it is told which of both they are of.
create type quarry.segment_lists as (segment_id bigint, has_symbols boolean, lists quarry.chunk_list[]);

-- A segment of a tree that is searched, in one generation. Of it the blobs between two are looked at.
create type quarry.search_unit as (
  tree_id bigint, generation bigint, commit_oid text, full_name text, ref text, segment_id bigint, term_count integer,
  has_symbols boolean, is_pinned boolean, is_shown boolean, after_blob integer, until_blob integer
);

create function quarry.search_units(p_trees quarry.search_unit[], p_tier integer, p_from jsonb, p_until jsonb, p_pins jsonb) returns quarry.search_unit[]
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  c_blob_no_max constant integer := 2147483647;
  v_from_tree bigint := case when (p_from ->> 'tier')::integer = p_tier then (p_from ->> 'tree')::bigint end;
  v_from_segment bigint := (p_from ->> 'segment')::bigint;
  v_from_blob integer := (p_from ->> 'blob')::integer;
  v_until_tree bigint := case when (p_until ->> 'tier')::integer = p_tier then (p_until ->> 'tree')::bigint end;
  v_until_segment bigint := (p_until ->> 'segment')::bigint;
  v_until_blob integer := (p_until ->> 'blob')::integer;
begin
  return array(
    select row(
        u.tree_id, coalesce((p.pin ->> 0)::bigint, u.generation), coalesce(p.pin ->> 1, u.commit_oid), u.full_name, u.ref, u.segment_id, u.term_count,
        u.has_symbols, p.pin is not null, coalesce((p.pin ->> 2)::boolean, false),
        case when u.tree_id = v_from_tree and u.segment_id = v_from_segment then v_from_blob else -1 end,
        case when u.tree_id = v_until_tree and u.segment_id = v_until_segment then v_until_blob else c_blob_no_max end)::quarry.search_unit
    from unnest(p_trees) u
    cross join lateral (select p_pins -> u.tree_id::text as pin) p
    where u.segment_id is not null
      -- What a page has shown is read again from the trees that it came from, as they were.
      and (p_until is null or p.pin is not null)
      and (v_from_tree is null or (u.tree_id, u.segment_id) >= (v_from_tree, v_from_segment))
      and (v_until_tree is null or (u.tree_id, u.segment_id) <= (v_until_tree, v_until_segment))
    order by u.tree_id, u.segment_id);
end
$$;
comment on function quarry.search_units(quarry.search_unit[], integer, jsonb, jsonb, jsonb) is
  'Of these the units of a tier from one position until another, as far as they go, in their pinned generations. p_from, p_until, p_pins: as in a cursor.';

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

create function quarry.batch_files(
  p_units quarry.search_unit[], p_unit_nos integer[], p_blob_nos integer[], p_tier_0_count integer, p_lists quarry.chunk_list[],
  p_definers quarry.chunk_list[], p_alternatives bigint[], p_plan jsonb, p_held bytea[], p_weight_max integer,
  out files bytea, out weight integer, out of_units integer[], out cut integer
)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- What a chunk weighs at least; one line may be as long as a file.
  c_chunk_bytes constant integer := 4096;
  v_paths text[] := quarry.like_patterns(p_plan #> '{filters,path}');
  v_not_paths text[] := quarry.like_patterns(p_plan #> '{filters,not_path}');
  v_languages text[] := quarry.text_array(p_plan #> '{filters,lang}');
  v_is_filtered boolean := cardinality(v_paths) + cardinality(v_not_paths) + cardinality(v_languages) > 0;
  v_first_chunk boolean := (p_plan ->> 'first_chunk')::boolean;
  v_around integer[] := case when (p_plan ->> 'neighbours')::boolean then '{-1,0,1}' else '{0}' end;
  v_outlines boolean := (p_plan ->> 'outlines')::boolean;
  v_unit_count integer := cardinality(p_units);
  v_leaf_nos integer[] := array(select generate_series(1, cardinality(p_lists) / v_unit_count));
  v_word_nos integer[] := array(select generate_series(1, cardinality(p_definers) / v_unit_count));
begin
  -- As few nodes as it takes: to start them costs more than what most of them do. Functions in select lists rather
  -- than in from: those keep their rows for somebody who may ask again.
  with files as materialized (
    select c.no, c.unit_no, c.blob_no, c.tree_id, c.segment_id, f.language, f.marks, f.path_count, f.paths, k.low, k.high
    from (
      select b.no, b.unit_no, b.blob_no, (p_units[b.unit_no]).tree_id, (p_units[b.unit_no]).segment_id, (p_units[b.unit_no]).generation
      from unnest(p_unit_nos, p_blob_nos) with ordinality b (unit_no, blob_no, no) offset 0
    ) c
    -- Offset 0: from the blobs to their files. Without statistics the planner would start at the tree.
    cross join lateral (
      select min(t.language) as language, bit_and(t.marks) as marks, count(*) as path_count,
        string_agg(int4send(octet_length(t.path_text)) || convert_to(t.path_text, 'utf8'), '' order by t.path) as paths
      from quarry.tree_files t
      where t.segment_id = c.segment_id and t.blob_no = c.blob_no and t.tree_id = c.tree_id and t.skip_reason is null
        and t.generation_from <= c.generation and (t.generation_to is null or t.generation_to > c.generation)
        and case when v_is_filtered then lower(t.path_text) like all (v_paths) and lower(t.path_text) not like all (v_not_paths)
          and lower(t.language collate "C") = all (v_languages) else true end
      offset 0
    ) f
    cross join lateral (
      select min(b.chunk_no) as low, max(b.chunk_no) as high from quarry.blob_chunks b where b.segment_id = c.segment_id and b.blob_no = c.blob_no offset 0
    ) k
    where f.path_count > 0
  ), hits as materialized (
    select h.no, h.unit_no, h.segment_id, h.chunk_no, bit_or(h.mask) as mask,
      coalesce(case when h.chunk_no < 8 * length(p_held[h.unit_no]) then get_bit(p_held[h.unit_no], h.chunk_no) = 1 end, false) as is_held
    from (
      select p.no, p.unit_no, p.segment_id, p.chunk_no + a.d as chunk_no, case a.d when 0 then 1::bigint << (p.leaf_no - 1) else 0 end as mask
      from (
        select d.no, d.unit_no, d.segment_id, d.leaf_no, d.low, d.high, unnest(case when d.nos is null then array(select generate_series(d.low, d.high))
          else d.nos[width_bucket(d.low - 1, d.nos) + 1 : width_bucket(d.high, d.nos)] end) as chunk_no
        from (
          select l.*, (p_lists[(l.leaf_no - 1) * v_unit_count + l.unit_no]).chunk_nos as nos
          from (select f.no, f.unit_no, f.segment_id, f.low, f.high, unnest(v_leaf_nos) as leaf_no from files f) l
          offset 0
        ) d
      ) p
      cross join (select unnest(v_around) as d) a
      where p.chunk_no + a.d between p.low and p.high
      union all
      -- The file itself, whatever is in it.
      select f.no, f.unit_no, f.segment_id, f.low, 0 from files f where v_first_chunk
    ) h
    group by h.no, h.unit_no, h.segment_id, h.chunk_no
  ), packed as materialized (
    select h.no, coalesce(sum(case when h.is_held then 1 else greatest(1, pg_column_size(k.content) / c_chunk_bytes) end) filter (where h.chunk_no is not null), 1) as weight,
      int4send(count(h.chunk_no)::integer) || coalesce(string_agg(int4send(h.chunk_no) || int8send(h.mask)
        || case when h.is_held then int4send(0) else int4send(k.first_line) || int4send(length(k.content)) || k.content end, '' order by h.chunk_no), '') as chunks
    from hits h
    left join lateral (
      select c.first_line, c.content from quarry.blob_chunks c where not h.is_held and c.segment_id = h.segment_id and c.chunk_no = h.chunk_no offset 0
    ) k on true
    group by h.no having exists (select from unnest(p_alternatives) a where bit_or(h.mask) & a = a)
  ), running as materialized (
    -- Without the text, which would be copied with each row.
    select p.no, p.weight, sum(p.weight) over (order by p.no) as total from packed p
  )
  select string_agg(
      int8send(f.tree_id) || int8send(f.segment_id) || int4send(f.blob_no) || int4send(case when f.no <= p_tier_0_count then 0 else 1 end)
        || int4send(octet_length(f.language)) || convert_to(f.language, 'utf8') || int4send(f.marks) || int4send(f.path_count::integer) || f.paths
        || case when f.no <= p_tier_0_count then (
          select int4send(count(*)::integer) || coalesce(string_agg(int4send(w.no - 1), '' order by w.no), '')
          from unnest(v_word_nos) w (no) where f.blob_no = any((p_definers[(w.no - 1) * v_unit_count + f.unit_no]).chunk_nos)) else int4send(0) end
        || coalesce(case when (v_outlines or f.no <= p_tier_0_count) and (p_units[f.unit_no]).has_symbols then (
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
comment on function quarry.batch_files(quarry.search_unit[], integer[], integer[], integer, quarry.chunk_list[], quarry.chunk_list[], bigint[], jsonb, bytea[], integer) is
  'Of these blobs the ones that have a file in their unit''s generation which passes the filters, and a chunk for each leaf of an alternative, as '
  'api.search_batch hands them out, in their order up to a weight of about as many chunks; bit i of a chunk''s mask: leaf i may match in it. The first p_tier_0_count '
  'are of tier 0. of_units: the units of what is handed out; cut: the number of the last one, when there are more. p_lists and p_definers (null where they do not matter): '
  'for each leaf and each word the lists of each unit. p_held: of each unit the chunks whose text whoever asks has, bit n for chunk n; null: none.';

create function quarry.next_blobs(
  p_units quarry.search_unit[], p_defining quarry.chunk_list[], p_drivers quarry.chunk_list[], p_tier integer, p_unit integer, p_after integer, p_count integer,
  out tier_0_count integer, out unit_nos integer[], out blob_nos integer[], out last_tier integer, out last_unit integer, out last_blob integer,
  out is_last boolean
)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  v_passed integer := 0;
  v_found record;
begin
  tier_0_count := 0;
  if p_tier = 0 then
    select array_agg(d.unit_no order by d.unit_no, d.blob_no), array_agg(d.blob_no order by d.unit_no, d.blob_no)
    into unit_nos, blob_nos
    from (
      select u.ordinality as unit_no, n.no as blob_no
      from unnest(p_units) with ordinality u cross join lateral unnest((p_defining[u.ordinality]).chunk_nos) n (no)
      where (u.ordinality, n.no) > (p_unit, p_after) and n.no > u.after_blob and n.no <= u.until_blob
      order by u.ordinality, n.no limit p_count
    ) d;
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
  if p_after >= 0 then
    -- From the chunk after the last one of the blob where it stands.
    v_passed := coalesce(width_bucket((
      select k.chunk_no from quarry.blob_chunks k
      where k.segment_id = (p_units[p_unit]).segment_id and k.blob_no <= p_after order by k.blob_no desc, k.chunk_no desc limit 1
    ), (p_drivers[p_unit]).chunk_nos), 0);
  end if;
  with picked as materialized (
    select u.ordinality as unit_no, u.segment_id, u.until_blob, n.no, l.nos is null as is_blob
    from unnest(p_units) with ordinality u
    cross join lateral (
      select (p_drivers[u.ordinality]).chunk_nos as nos, case when u.ordinality = p_unit then v_passed else 0 end as passed offset 0
    ) l
    cross join lateral (
      select unnest(l.nos[l.passed + 1 : l.passed + p_count]) as no
      union all
      select b.no from (
        -- Of the tree, for a text that is published alone has no blobs yet.
        select distinct a.blob_no as no from quarry.tree_files a
        where a.segment_id = u.segment_id and a.blob_no > case when u.ordinality = p_unit then p_after else u.after_blob end and a.tree_id = u.tree_id
        order by a.blob_no limit p_count
      ) b where l.nos is null
    ) n
    where u.ordinality >= p_unit
    order by u.ordinality, n.no limit p_count
  ), blobs as materialized (
    select distinct p.unit_no, p.until_blob, case when p.is_blob then p.no else (
      select k.blob_no from quarry.blob_chunks k where k.segment_id = p.segment_id and k.chunk_no = p.no) end as blob_no
    from picked p
  )
  select array_agg(b.unit_no order by b.unit_no, b.blob_no) filter (where b.is_meant) as unit_nos,
    array_agg(b.blob_no order by b.unit_no, b.blob_no) filter (where b.is_meant) as blob_nos,
    max(array[b.unit_no, b.blob_no]) as last, (select count(*) < p_count from picked) as is_last
  into v_found
  from (
    select c.unit_no, c.blob_no, c.blob_no <= c.until_blob and coalesce(c.blob_no <> all ((p_defining[c.unit_no]).chunk_nos), true) as is_meant from blobs c
  ) b;
  unit_nos := unit_nos || v_found.unit_nos;
  blob_nos := blob_nos || v_found.blob_nos;
  is_last := v_found.is_last;
  if v_found.last is not null then
    last_tier := 1;
    last_unit := v_found.last[1];
    last_blob := v_found.last[2];
  end if;
end
$$;
comment on function quarry.next_blobs(quarry.search_unit[], quarry.chunk_list[], quarry.chunk_list[], integer, integer, integer, integer) is
  'The next blobs to look at after one of a unit in a tier: of tier 0 p_count of those that define, then, unless p_drivers is null, of tier 1 those of the next p_count '
  'chunks of the drivers (null: every blob of the segment that the tree has had) without those that define. tier_0_count: how many of them are of tier 0; last_tier, last_unit, '
  'last_blob: where it ends; null: there is nothing more; is_last: nor will there be after these.';

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

create function api.search_batch(p_tenant_id uuid, p_plan jsonb, p_repository text, p_cursor jsonb, p_weight_max integer, p_held jsonb, p_state text)
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
  -- Chunks of the drivers, or blobs, that are looked at in one step: about as many as are wanted, and
  -- more after steps in vain.
  c_slice_min constant integer := 64;
  c_slice_max constant integer := 1024;
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
  v_slices integer := 0;
  v_slice integer := greatest(c_slice_min, least(p_weight_max, c_slice_max));
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
      v_reached := v_tier;
      v_no := 1;
      v_after := (v_window[1]).after_blob;
      loop
        v_next := quarry.next_blobs(v_window, v_defining, v_drivers, v_reached, v_no, v_after, v_slice);
        exit when v_next.last_unit is null;
        v_batch := quarry.batch_files(v_window, v_next.unit_nos, v_next.blob_nos, v_next.tier_0_count, v_lists, v_definers,
          v_alternatives, p_plan, v_held, case when v_until is null then p_weight_max else c_again_weight_max end - v_weight);
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
        if v_batch.of_units is null then
          v_slice := least(v_slice * 2, c_slice_max);
        else
          v_files := v_files || v_batch.files;
          v_weight := v_weight + v_batch.weight;
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
comment on function api.search_batch(uuid, jsonb, text, jsonb, integer, jsonb, text) is
  'One batch of files that may satisfy a query, with the text to verify. p_plan: {leaves: [{constraints: [{kind, term, grams}], '
  'choices: [[constraints of one literal each, one of which must hold]]} or {symbol}], '
  'alternatives: [mask of leaves which a file must all have], words: [folded names; files that define one come first], filters: {all_refs, and lists '
  'repo, not_repo, ref, path, not_path, lang}, first_chunk, neighbours, outlines: whether to add a file''s first chunk, the chunks beside candidates, outlines}. '
  'p_cursor: {from: position after which to go on, until: position up to which to read again what was read before, or null, pins: {tree: [generation, commit, '
  'whether its tier 0 counts]}, known: what the answer before said of the same plan, or null}, null for the start. '
  'p_held: {segment: bit n for chunk n, the lowest first, in base64} of chunks of fewer than 8 KB that need not be sent, for they are there already: '
  'a segment never changes, and its id is given to no other. It changes nothing else of the answer. '
  'p_state: what an earlier answer said, or null; while it is the same, so is every answer to the same question, and this one is unchanged. Answers bytes: as with_header writes it {outcome: ok|unchanged|not_found|cursor_expired, state, trees: {id: {repository, ref, '
  'commit_oid}}, weight: about how many chunks, at: position reached, pins, known: what the next call need not find out again, done: nothing is left, unindexed, symbols_pending, skipped, access_lost}; then its files, one after the '
  'other, numbers with the highest byte first, in four bytes but for ids and masks, which have eight; a text or packed bytes are its length and that, a list the number of '
  'its entries and those: tree, segment, blob, tier, language, marks that all its paths have, paths, defines (numbers of words), packed outline (empty where there is none, or was not asked for), '
  'chunks (number, mask, first line, packed text; the first line is 0, and there is no text, where it is held). Every file comes exactly once in its pinned generation.';
grant execute on function api.search_batch(uuid, jsonb, text, jsonb, integer, jsonb, text) to service_role;
