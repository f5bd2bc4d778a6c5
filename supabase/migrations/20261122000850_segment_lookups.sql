-- Lookups in the pages of one segment: which chunks have a term, and what has a name. They unpack a page
-- at a time; string_to_array and slices do it natively, so that no byte is looped over here. The rows
-- of a page's arrays are copied out of TOAST once (the inner selects with offset 0), not per entry.

create function quarry.gram_term_pages(p_segment_id bigint, p_grams text[]) returns integer[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- To look up a gram costs as much as to look at a few pages.
  c_enough constant integer := 8;
  -- Grams that overlap tell less together: first those that do not.
  c_gram_length constant integer := 3;
  v_gram text;
  v_list integer[];
  v_pages integer[];
begin
  for v_gram in select g.gram from unnest(p_grams) with ordinality g (gram, no) order by g.no % c_gram_length = 1 desc, g.no loop
    select g.page_nos[g.list_starts[a.entry_no] + 1 : g.list_starts[a.entry_no + 1]]::integer[] into v_list
    from (
      select * from quarry.gram_pages t
      where t.segment_id = p_segment_id and t.first_gram <= v_gram
      order by t.first_gram desc limit 1
    ) g
    cross join lateral (select array_position(string_to_array(g.grams, E'\n'), v_gram) as entry_no) a
    where a.entry_no is not null;
    if not found then
      return '{}';
    end if;
    v_pages := case when v_pages is null then v_list else v_pages operator(extensions.&) v_list end;
    exit when cardinality(v_pages) <= c_enough;
  end loop;
  return v_pages;
end
$$;
comment on function quarry.gram_term_pages(bigint, text[]) is
  'The term pages of a segment whose terms may have all of these grams, ascending. The segment has grams; there is at least one.';

create function quarry.term_chunks(p_segment_id bigint, p_term_count integer, p_kind text, p_term text, p_grams text[]) returns integer[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- As GRAM_TERMS_MIN in the indexer: smaller dictionaries have no grams and are scanned.
  c_gram_terms_min constant integer := 4096;
  -- Terms have no more characters than this.
  c_term_length_max constant integer := 64;
  -- Terms on more than a quarter of the pages, or with more chunk numbers among them than two for each chunk, are in most
  -- of the chunks (on corpora of source, in 60 and in 85 of 100 or more), and to make one list of theirs is dearer than to
  -- read a few more. Small numbers of pages are unpacked anyway.
  c_pages_small constant integer := 128;
  c_pages_share_min constant integer := 4;
  c_numbers_per_chunk_max constant integer := 2;
  v_pages integer[];
begin
  if p_kind = 'exact' then
    return coalesce((
      select p.chunk_nos[p.list_starts[a.entry_no] + 1 : p.list_starts[a.entry_no + 1]]::integer[]
      from (
        select * from quarry.term_pages t
        where t.segment_id = p_segment_id and t.first_term <= p_term
        order by t.first_term desc limit 1
      ) p
      cross join lateral (select array_position(string_to_array(p.terms, E'\n'), p_term) as entry_no) a
      where a.entry_no is not null
    ), '{}');
  elsif p_kind = 'prefix' then
    select array_agg(p.page_no::integer) into v_pages from quarry.term_pages p
    where p.segment_id = p_segment_id
      and p.first_term >= coalesce((
        select t.first_term from quarry.term_pages t
        where t.segment_id = p_segment_id and t.first_term <= p_term order by t.first_term desc limit 1), '')
      and p.first_term <= p_term || repeat(chr(1114111), c_term_length_max);
  elsif p_term_count >= c_gram_terms_min and cardinality(p_grams) > 0 then
    v_pages := quarry.gram_term_pages(p_segment_id, p_grams);
  else
    select array_agg(p.page_no::integer) into v_pages from quarry.term_pages p
    where p.segment_id = p_segment_id and strpos(p.terms, p_term) > 0;
  end if;
  if cardinality(v_pages) > c_pages_small and cardinality(v_pages) * c_pages_share_min > (
    select max(p.page_no) + 1 from quarry.term_pages p where p.segment_id = p_segment_id)
  then
    return null;
  end if;
  return (
    with lists as materialized (
      select p.chunk_nos[t.list_start + 1 : t.list_end] as chunk_nos, t.list_end - t.list_start as numbers
      from quarry.term_pages p
      cross join lateral (
        select unnest(string_to_array(p.terms, E'\n')) as term, unnest(p.list_starts) as list_start, unnest(p.list_starts[2:]) as list_end
      ) t
      where p.segment_id = p_segment_id and p.page_no = any(v_pages) and strpos(p.terms, p_term) > 0
        and case p_kind
          when 'prefix' then starts_with(t.term, p_term)
          when 'suffix' then right(t.term, length(p_term)) = p_term
          else strpos(t.term, p_term) > 0 end
    ), total as materialized (
      select coalesce(sum(l.numbers), 0) as numbers from lists l
    )
    -- Sorted as one array: to sort or to hash as many rows takes more than twice as long.
    select case when t.numbers <= c_numbers_per_chunk_max * (
        select max(k.chunk_no) + 1 from quarry.blob_chunks k where k.segment_id = p_segment_id) then
      extensions.uniq(extensions.sort(array(select unnest(l.chunk_nos)::integer from lists l))) end
    from total t
  );
end
$$;
comment on function quarry.term_chunks(bigint, integer, text, text, text[]) is
  'Chunks of a segment with a term that satisfies a constraint (exact, prefix, suffix or infix of a folded term), ascending; '
  'null when there are too many for the list to narrow anything. '
  'p_grams: the anchored three-character grams such a term must have, empty when it is too short to have any: then the dictionary is scanned.';

create function quarry.candidate_chunks(p_segment_id bigint, p_term_count integer, p_constraints jsonb) returns integer[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- Below this many chunks (256 KiB of text) reading the text is cheaper than narrowing further;
  -- a constraint of one or two characters, which many terms satisfy, has to promise more.
  c_enough constant integer := 64;
  c_enough_for_short constant integer := 1024;
  v_constraint record;
  v_list integer[];
  v_chunks integer[];
begin
  for v_constraint in
    select c.kind, c.term, c.grams, length(c.term) < 3 and c.kind <> 'exact' as is_short
    from jsonb_to_recordset(p_constraints) as c (kind text, term text, grams text[])
    -- A single ASCII character somewhere in a term is in nearly every chunk.
    where not (c.kind in ('infix', 'suffix') and length(c.term) = 1 and octet_length(c.term) = 1)
    order by c.kind = 'exact' desc, length(c.term) desc
  loop
    exit when cardinality(v_chunks) <= case when v_constraint.is_short then c_enough_for_short else c_enough end;
    v_list := quarry.term_chunks(p_segment_id, p_term_count, v_constraint.kind, v_constraint.term, v_constraint.grams);
    continue when v_list is null;
    if v_list = '{}' then
      return v_list;
    end if;
    v_chunks := case when v_chunks is null then v_list else v_chunks operator(extensions.&) v_list end;
  end loop;
  return v_chunks;
end
$$;
comment on function quarry.candidate_chunks(bigint, integer, jsonb) is
  'Chunks of a segment that may contain the literal, ascending; null when nothing narrows it (a needle of one character, of white space, or nearly everywhere). '
  'p_constraints: [{kind, term, grams}].';

create function quarry.choice_chunks(p_segment_id bigint, p_term_count integer, p_choice jsonb) returns integer[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_constraints jsonb;
  v_list integer[];
  v_chunks integer[] := '{}';
begin
  for v_constraints in select e.value from jsonb_array_elements(p_choice) e loop
    v_list := quarry.candidate_chunks(p_segment_id, p_term_count, v_constraints);
    if v_list is null then
      return null;
    end if;
    v_chunks := v_chunks operator(extensions.|) v_list;
  end loop;
  return v_chunks;
end
$$;
comment on function quarry.choice_chunks(bigint, integer, jsonb) is
  'Chunks of a segment that may contain one of several literals, ascending; null when nothing narrows one of them. '
  'p_choice: for each literal its constraints, as candidate_chunks takes them.';

create function quarry.symbol_kind(p_number smallint) returns text
language sql immutable parallel safe set search_path = ''
return (array[
  'class', 'constant', 'constructor', 'enum', 'enum_member', 'field', 'function', 'interface', 'key', 'macro', 'method', 'module',
  'namespace', 'object', 'package', 'property', 'protocol', 'section', 'struct', 'trait', 'type', 'union', 'variable'
])[p_number];
comment on function quarry.symbol_kind(smallint) is 'The kind of a definition by its number in symbol_pages, as SYMBOL_KINDS in the code that writes them.';

create function quarry.find_names(p_segment_id bigint, p_match text, p_folded text, p_limit integer)
returns table (name text, kind text, blob_no integer, symbol_no integer)
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- Names have no more characters than this.
  c_name_length_max constant integer := 255;
  c_distance_max constant integer := 2;
  v_length constant integer := length(p_folded);
  v_low text := '';
  v_high text := repeat(chr(1114111), c_name_length_max);
  -- Of as many pieces as edits and one more, one is spared.
  v_pieces text[];
begin
  if p_match in ('exact', 'prefix') then
    v_low := coalesce((
      select p.first_name from quarry.symbol_pages p
      where p.segment_id = p_segment_id and p.first_name < p_folded order by p.first_name desc limit 1), '');
    v_high := case p_match when 'exact' then p_folded else p_folded || v_high end;
  elsif p_match = 'fuzzy' then
    v_pieces := array[
      substring(p_folded from 1 for v_length / 3), substring(p_folded from v_length / 3 + 1 for 2 * v_length / 3 - v_length / 3),
      substring(p_folded from 2 * v_length / 3 + 1)];
  end if;
  return query
    select a.names[e.name_no], quarry.symbol_kind(e.kind), e.blob_no::integer, e.symbol_no
    from quarry.symbol_pages p
    cross join lateral (
      select array_agg(n.name_no) as name_nos
      from (
        select unnest(l.folded) as folded, unnest(l.humps) as humps, generate_subscripts(l.folded, 1) as name_no
        from (
          select string_to_array(p.names_folded, E'\n') as folded, case p_match when 'humps' then string_to_array(p.humps, E'\n') end as humps offset 0
        ) l
      ) n
      where case p_match
        when 'exact' then n.folded = p_folded
        when 'prefix' then starts_with(n.folded, p_folded)
        when 'infix' then strpos(n.folded, p_folded) > 0
        when 'humps' then starts_with(n.humps, p_folded)
        -- Longer texts than names can be are refused by what compares them.
        when 'fuzzy' then v_length <= c_name_length_max and length(n.folded) between v_length - c_distance_max and v_length + c_distance_max
          and extensions.levenshtein_less_equal(n.folded, p_folded, c_distance_max) <= c_distance_max
        end
    ) m
    cross join lateral (select string_to_array(p.names, E'\n') as names where m.name_nos is not null offset 0) a
    cross join lateral (
      select unnest(p.name_nos) as name_no, unnest(p.kinds) as kind, unnest(p.blob_nos) as blob_no, unnest(p.symbol_nos) as symbol_no
      where cardinality(a.names) > 0
    ) e
    where p.segment_id = p_segment_id and p.first_name >= v_low and p.first_name <= v_high
      and case p_match
        when 'humps' then strpos(E'\n' || p.humps, E'\n' || p_folded) > 0
        when 'fuzzy' then strpos(p.names_folded, v_pieces[1]) > 0 or strpos(p.names_folded, v_pieces[2]) > 0 or strpos(p.names_folded, v_pieces[3]) > 0
        else strpos(p.names_folded, p_folded) > 0 end
      and e.name_no = any(m.name_nos)
    order by p.first_name, p.page_no, e.name_no, e.blob_no, e.symbol_no
    limit p_limit;
end
$$;
comment on function quarry.find_names(bigint, text, text, integer) is
  'Definitions of a segment by folded name, in its order, at most p_limit (null: all). p_match: exact, prefix, infix; humps: the initials of the name begin '
  'with p_folded (gun for getUserName); fuzzy: every name within two edits.';

create function quarry.defining_blobs(p_segment_id bigint, p_name_folded text) returns setof integer
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
declare
  -- A name with many definitions goes on over pages that begin with it.
  v_low text := coalesce((
    select p.first_name from quarry.symbol_pages p
    where p.segment_id = p_segment_id and p.first_name < p_name_folded order by p.first_name desc limit 1), '');
begin
  return query
    select distinct d.blob_no::integer
    from quarry.symbol_pages p
    cross join lateral (select array_positions(string_to_array(p.names_folded, E'\n'), p_name_folded) as name_nos offset 0) a
    cross join lateral (
      select unnest(p.name_nos) as name_no, unnest(p.blob_nos) as blob_no where cardinality(a.name_nos) > 0
    ) d
    where p.segment_id = p_segment_id and p.first_name >= v_low and p.first_name <= p_name_folded and d.name_no = any(a.name_nos);
end
$$;
comment on function quarry.defining_blobs(bigint, text) is 'The blobs of a segment that define a name, whatever its case.';
