-- Lookups in the pages of segments: which chunks have a term, and what has a name. Several segments are
-- looked into by one statement: to start one costs more than what it finds in a segment. They unpack a page
-- at a time; string_to_array and slices do it natively, so that no byte is looped over here. An array of a
-- page may lie in TOAST, whence each use of it takes the whole: so it is used once for a page or a list, as a
-- slice, and not for each entry.

create type quarry.chunk_list as (chunk_nos integer[]);
comment on type quarry.chunk_list is 'Numbers of chunks, pages or blobs, ascending: an array of them is a list for each of several segments.';

create function quarry.gram_term_pages(p_segment_ids bigint[], p_grams text[]) returns quarry.chunk_list[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  c_gram_length constant integer := 3;
  -- To find a gram is cheap, to fetch its list is not: the two that the fewest pages have. More grams than these hardly tell more.
  c_grams_max constant integer := 5;
  -- Those that do not overlap say nearly all that all of them do.
  v_grams text[] := array(
    select g.gram from unnest(p_grams) with ordinality g (gram, no)
    where g.no % c_gram_length = 1 or g.no = cardinality(p_grams) order by g.no limit c_grams_max);
begin
  return (
    with probes as materialized (
      -- A page's grams are of one length, and so each has its place.
      select s.no, p.page_nos, p.list_starts[p.entry_no] as list_start, p.list_starts[p.entry_no + 1] as list_end,
        row_number() over (partition by s.no order by p.list_starts[p.entry_no + 1] - p.list_starts[p.entry_no]) as rank
      from unnest(p_segment_ids) with ordinality s (id, no) cross join unnest(v_grams) g (gram)
      cross join lateral (
        select k.page_nos, k.list_starts, case when k.position > 0 then k.position / (c_gram_length + 1) + 1 end as entry_no
        from (select 1) one left join (
          select t.page_nos, t.list_starts, strpos(t.grams, g.gram) as position from quarry.gram_pages t
          where t.segment_id = s.id and t.first_gram <= g.gram
          order by t.first_gram desc limit 1
        ) k on true
      ) p
    )
    select array_agg(row(coalesce(f.page_nos, '{}'))::quarry.chunk_list order by s.no)
    from generate_subscripts(p_segment_ids, 1) s (no)
    left join (
      select p.no, max(p.page_nos[p.list_start + 1 : p.list_end]::integer[]) filter (where p.rank = 1) operator(extensions.&)
        max(p.page_nos[p.list_start + 1 : p.list_end]::integer[]) filter (where p.rank = least(2, cardinality(v_grams))) as page_nos
      from probes p group by p.no having bool_and(p.list_end is not null)
    ) f on f.no = s.no
  );
end
$$;
comment on function quarry.gram_term_pages(bigint[], text[]) is
  'For each segment the term pages whose terms may have all of these grams, ascending; empty where it is null. Every other has grams; there is at least one.';

create function quarry.prefix_term_pages(p_segment_ids bigint[], p_term text) returns quarry.chunk_list[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- Terms have no more characters than this.
  c_term_length_max constant integer := 64;
  v_high text := p_term || repeat(chr(1114111), c_term_length_max);
begin
  return (
    select array_agg(row(array(
      select p.page_no::integer from quarry.term_pages p
      where p.segment_id = s.id and p.first_term <= v_high
        and p.first_term >= coalesce((
          select t.first_term from quarry.term_pages t
          where t.segment_id = s.id and t.first_term <= p_term order by t.first_term desc limit 1), '')
      order by p.page_no))::quarry.chunk_list order by s.no)
    from unnest(p_segment_ids) with ordinality s (id, no));
end
$$;
comment on function quarry.prefix_term_pages(bigint[], text) is 'For each segment the term pages that may have a term which begins so, ascending.';

create function quarry.exact_chunks(p_segment_id bigint, p_term text) returns integer[]
language plpgsql stable security definer set search_path = ''
as $$
begin
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
end
$$;
comment on function quarry.exact_chunks(bigint, text) is 'Chunks of a segment that have a term, ascending.';

create function quarry.partial_term_pages(p_segment_ids bigint[], p_term_counts integer[], p_kind text, p_term text, p_grams text[])
returns quarry.chunk_list[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- As GRAM_TERMS_MIN in the indexer: smaller dictionaries have no grams and are scanned.
  c_gram_terms_min constant integer := 4096;
  -- Terms on more than a quarter of the pages are in most of the chunks (on corpora of source, in 60 of 100 or more).
  -- Small numbers of pages are unpacked anyway.
  c_pages_small constant integer := 128;
  c_pages_share_min constant integer := 4;
  v_listed quarry.chunk_list[];
begin
  if p_kind = 'prefix' then
    v_listed := quarry.prefix_term_pages(p_segment_ids, p_term);
  elsif cardinality(p_grams) > 0 then
    v_listed := quarry.gram_term_pages(
      array(select case when s.term_count >= c_gram_terms_min then s.id end
        from unnest(p_segment_ids, p_term_counts) with ordinality s (id, term_count, no) order by s.no), p_grams);
  end if;
  return (
    select array_agg(row(case when cardinality(p.nos) > c_pages_small and cardinality(p.nos) * c_pages_share_min > (
        select max(t.page_no) + 1 from quarry.term_pages t where t.segment_id = s.id) then null else p.nos end)::quarry.chunk_list order by s.no)
    from unnest(p_segment_ids, p_term_counts) with ordinality s (id, term_count, no)
    cross join lateral (
      select coalesce(
        case when p_kind = 'prefix' or s.term_count >= c_gram_terms_min then (v_listed[s.no]).chunk_nos end,
        array(select t.page_no::integer from quarry.term_pages t where t.segment_id = s.id and strpos(t.terms, p_term) > 0 order by t.page_no)) as nos
      offset 0
    ) p);
end
$$;
comment on function quarry.partial_term_pages(bigint[], integer[], text, text, text[]) is
  'For each segment the term pages that may have a term which satisfies a constraint, as partial_chunks takes it, ascending; null when so many have one that '
  'it would narrow nothing; empty where the segment is null.';

create function quarry.partial_chunks(p_segment_ids bigint[], p_term_counts integer[], p_kind text, p_term text, p_grams text[])
returns quarry.chunk_list[]
-- No page is looked at twice, but the planner would remember what is in each.
language plpgsql stable security definer set search_path = '' set enable_memoize = off
as $$
declare
  -- Terms with more chunk numbers among them than two for each chunk are in most of the chunks (on corpora of source, in
  -- 85 of 100 or more), and to make one list of theirs is dearer than to read a few more. Small numbers are sorted.
  c_numbers_small constant integer := 1024;
  c_numbers_per_chunk_max constant integer := 2;
  -- As it stands in a page that has a line feed before and after each term.
  v_needle text := case p_kind when 'prefix' then E'\n' || p_term when 'suffix' then p_term || E'\n' else p_term end;
  v_pages quarry.chunk_list[] := quarry.partial_term_pages(p_segment_ids, p_term_counts, p_kind, p_term, p_grams);
begin
  return (
    with lists as materialized (
      select p.no, p.id, k.chunk_nos[k.list_starts[e.entry_no] + 1 : k.list_starts[e.entry_no + e.entries]] as chunk_nos,
        k.list_starts[e.entry_no + e.entries] - k.list_starts[e.entry_no] as numbers, e.entries
      from (
        select s.id, s.no, unnest((v_pages[s.no]).chunk_nos) as page_no from unnest(p_segment_ids) with ordinality s (id, no)
      ) p
      cross join lateral (
        select m.terms, m.list_starts, m.chunk_nos from quarry.term_pages m
        where m.segment_id = p.id and m.page_no = p.page_no and strpos(m.terms, p_term) > 0 offset 0
      ) k
      -- Which term a place is in, say the line feeds before it, counted from place to place: far fewer rows than terms, of
      -- which few have it. A place with none since the one before is in the same term. Terms that begin so follow one
      -- another, so that their lists do too.
      cross join lateral (
        select b.entry_no::integer as entry_no, b.entries
        from (
          select n.nth, n.feeds, n.entries,
            sum(n.feeds) over (rows unbounded preceding) + case p_kind when 'infix' then 0 when 'suffix' then n.nth - 1 else 1 end as entry_no
          from (
            select i.nth, octet_length(i.pieces[i.nth]) - octet_length(replace(i.pieces[i.nth], E'\n', '')) as feeds,
              case p_kind when 'prefix' then cardinality(i.pieces) - 1 else 1 end as entries
            from (
              select s.pieces, generate_series(1, case p_kind when 'prefix' then least(1, cardinality(s.pieces) - 1) else cardinality(s.pieces) - 1 end) as nth
              from (select string_to_array(E'\n' || k.terms || E'\n', v_needle) as pieces offset 0) s
            ) i
            offset 0
          ) n
        ) b
        where p_kind <> 'infix' or b.nth = 1 or b.feeds > 0
        offset 0
      ) e
    ), totals as materialized (
      select l.no, min(l.id) as id, sum(l.numbers) as numbers, sum(l.entries) as lists from lists l group by l.no
    )
    select array_agg(row(case
        when (v_pages[s.no]).chunk_nos is null then null
        when t.no is null then '{}'
        when t.lists = 1 then (select l.chunk_nos::integer[] from lists l where l.no = s.no)
        when t.numbers <= c_numbers_small or t.numbers <= c_numbers_per_chunk_max * (
          select max(k.chunk_no) + 1 from quarry.blob_chunks k where k.segment_id = t.id)
        -- Sorted as one array: to sort or to hash as many rows takes more than twice as long.
        then extensions.uniq(extensions.sort(array(select unnest(l.chunk_nos)::integer from lists l where l.no = s.no)))
      end)::quarry.chunk_list order by s.no)
    from generate_subscripts(p_segment_ids, 1) s (no)
    left join totals t on t.no = s.no
  );
end
$$;
comment on function quarry.partial_chunks(bigint[], integer[], text, text, text[]) is
  'For each segment the chunks with a term that satisfies a constraint (prefix, suffix or infix of a folded term), ascending; '
  'null when there are too many for the list to narrow anything; empty where the segment is null. '
  'p_grams: the anchored three-character grams such a term must have, empty when it is too short to have any: then the dictionary is scanned.';

create function quarry.literal_chunks(p_segment_ids bigint[], p_term_counts integer[], p_constraints jsonb) returns quarry.chunk_list[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  -- Below this many chunks (256 KiB of text) reading the text is cheaper than narrowing further;
  -- a constraint of one or two characters, which many terms satisfy, has to promise more.
  c_enough constant integer := 64;
  c_enough_for_short constant integer := 1024;
  v_lists quarry.chunk_list[];
  v_constraint record;
  v_segment_ids bigint[];
  v_found quarry.chunk_list[];
begin
  for v_constraint in
    select c.kind, c.term, c.grams, case when length(c.term) < 3 and c.kind <> 'exact' then c_enough_for_short else c_enough end as enough
    from jsonb_to_recordset(p_constraints) as c (kind text, term text, grams text[])
    -- A single ASCII character somewhere in a term is in nearly every chunk.
    where not (c.kind in ('infix', 'suffix') and length(c.term) = 1 and octet_length(c.term) = 1)
    order by c.kind = 'exact' desc, length(c.term) desc
  loop
    v_segment_ids := case when v_lists is null then p_segment_ids else array(
      select case when cardinality((v_lists[s.no]).chunk_nos) <= v_constraint.enough then null else s.id end
      from unnest(p_segment_ids) with ordinality s (id, no) order by s.no) end;
    exit when cardinality(array_remove(v_segment_ids, null)) = 0;
    if v_constraint.kind = 'exact' then
      v_found := array(
        select row(case when s.id is not null then quarry.exact_chunks(s.id, v_constraint.term) end)::quarry.chunk_list
        from unnest(v_segment_ids) with ordinality s (id, no) order by s.no);
    else
      v_found := quarry.partial_chunks(v_segment_ids, p_term_counts, v_constraint.kind, v_constraint.term, v_constraint.grams);
    end if;
    v_lists := case when v_lists is null then v_found else array(
      select row(case
          when s.id is null or f.nos is null then l.nos
          when l.nos is null then f.nos
          else l.nos operator(extensions.&) f.nos end)::quarry.chunk_list
      from unnest(v_segment_ids) with ordinality s (id, no)
      cross join lateral (select (v_lists[s.no]).chunk_nos as nos offset 0) l
      cross join lateral (select (v_found[s.no]).chunk_nos as nos offset 0) f
      order by s.no) end;
  end loop;
  return coalesce(v_lists, array(select row(null)::quarry.chunk_list from unnest(p_segment_ids)));
end
$$;
comment on function quarry.literal_chunks(bigint[], integer[], jsonb) is
  'For each segment the chunks that may contain the literal, ascending; null when nothing narrows it (a needle of one character, of white space, or nearly everywhere). '
  'p_constraints: [{kind, term, grams}].';

create function quarry.choice_chunks(p_segment_ids bigint[], p_term_counts integer[], p_choice jsonb) returns quarry.chunk_list[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_constraints jsonb;
  v_found quarry.chunk_list[];
  v_lists quarry.chunk_list[];
begin
  for v_constraints in select e.value from jsonb_array_elements(p_choice) e loop
    v_found := quarry.literal_chunks(p_segment_ids, p_term_counts, v_constraints);
    v_lists := case when v_lists is null then v_found else array(
      select row((v_lists[i]).chunk_nos operator(extensions.|) (v_found[i]).chunk_nos)::quarry.chunk_list
      from generate_subscripts(v_found, 1) i order by i) end;
  end loop;
  return v_lists;
end
$$;
comment on function quarry.choice_chunks(bigint[], integer[], jsonb) is
  'For each segment the chunks that may contain one of several literals, ascending; null when nothing narrows one of them. '
  'p_choice: for each literal its constraints, as literal_chunks takes them.';
