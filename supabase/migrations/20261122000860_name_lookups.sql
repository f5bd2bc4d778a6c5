-- What has a name: exact, by a part of it, by its humps, or nearly so. Pages are unpacked as for terms.

create function quarry.symbol_kinds() returns text[]
language sql immutable parallel safe set search_path = ''
return (array[
  'class', 'constant', 'constructor', 'enum', 'enum_member', 'field', 'function', 'interface', 'key', 'macro', 'method', 'module',
  'namespace', 'object', 'package', 'property', 'protocol', 'section', 'struct', 'trait', 'type', 'union', 'variable'
]);
comment on function quarry.symbol_kinds() is 'The kinds of definitions, by their numbers in symbol_pages, as SYMBOL_KINDS in the code that writes them.';

create function quarry.kind_ranks() returns jsonb
language sql immutable security invoker set search_path = ''
return '{"method": 1, "constructor": 2, "enum_member": 2, "field": 2, "property": 2, "namespace": 3, "package": 3, "key": 4, "section": 4}'::jsonb;
comment on function quarry.kind_ranks() is
  'How far a name alone is from meaning a definition of a kind, as kindRank in the code: not there: 0, what stands by itself; 1 and 2 members; 3 what every file of a package declares; 4 names of data and prose.';

create function quarry.name_segments(p_repository_id uuid, p_match text, p_pages_max integer, out segment_ids bigint[], out pages integer, out is_cut boolean)
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan
as $$
begin
  select coalesce(array_agg(w.id order by w.id) filter (where w.pages <= p_pages_max), '{}'),
    coalesce(max(w.pages) filter (where w.pages <= p_pages_max), 0), coalesce(bool_or(w.pages > p_pages_max), false)
  into segment_ids, pages, is_cut
  from (
    select s.id, sum(l.pages) over (order by s.id) as pages
    from quarry.segments s
    -- Names that begin with something are looked up; for any other part of them every page is looked at.
    cross join lateral (
      select coalesce((
        select n.page_no + 1 from quarry.symbol_pages n
        where p_match not in ('exact', 'prefix') and n.segment_id = s.id order by n.page_no desc limit 1), 0) as pages
      offset 0
    ) l
    where s.repository_id = p_repository_id and s.published_at is not null
  ) w;
end
$$;
comment on function quarry.name_segments(uuid, text, integer) is
  'The segments of a repository, the oldest first, of which find_names looks at no more than so many pages together. pages: of all of these; is_cut: whether there are more segments.';

create function quarry.last_name() returns text
language sql immutable parallel safe set search_path = ''
-- Names have no more characters than this.
return repeat(chr(1114111), 255);
comment on function quarry.last_name() is
  'The last name that there could be, in the order of pages: behind it comes none, and behind a text with it appended none that begins with that text.';

create function quarry.near_names(p_segment_ids bigint[], p_near text, p_distance integer)
returns table (folded text, segment_id bigint)
-- No page is looked at twice, but the planner would remember what is in each.
language plpgsql stable security definer set search_path = '' set enable_memoize = off set plan_cache_mode = force_generic_plan
as $$
declare
  c_character_octets_max constant integer := 4;
  -- Shorter pieces are on nearly every page: to look for them there takes as long as to look at the names.
  c_page_piece_length_min constant integer := 3;
  c_last_name constant text := quarry.last_name();
  v_length constant integer := length(p_near);
  v_octets constant integer := octet_length(p_near);
  v_octets_likely constant integer := v_octets + p_distance;
  v_octets_min constant integer := v_octets - p_distance * case when v_octets > v_length then c_character_octets_max else 1 end;
  v_octets_max constant integer := v_octets + p_distance * c_character_octets_max;
  -- Of as many pieces as edits and one more, one is spared; of two, the last is there twice.
  v_pieces constant integer := p_distance + 1;
  v_piece_1 constant text := substring(p_near from 1 for v_length / v_pieces);
  v_piece_2 constant text := substring(p_near from v_length / v_pieces + 1 for 2 * v_length / v_pieces - v_length / v_pieces);
  v_piece_3 constant text := substring(p_near from p_distance * v_length / v_pieces + 1);
  v_is_cut_short constant boolean := v_length / v_pieces < c_page_piece_length_min;
  -- What begins otherwise has an edit there, and one less is left for what follows: of two, either the former half of that
  -- is spared, or the name ends with the latter. As names are in order, few pages have any that begin the same.
  v_first constant text := substr(p_near, 1, 1);
  v_half constant integer := case when p_distance = 1 then 0 else v_length / 2 end;
  v_former constant text := substr(p_near, 2, v_half);
  v_ending constant text := substr(p_near, 2 + v_half) || E'\n';
begin
  -- Longer texts than names can be are refused by what compares them.
  if v_length > length(c_last_name) then
    return;
  end if;
  return query
    select n.key, n.segment_id
    from (
      select n.segment_id, n.key
      from (
        select t.segment_id, unnest(string_to_array(t.names_folded, E'\n')) as key
        from (
          select s.id, coalesce((
            select p.first_name from quarry.symbol_pages p
            where p.segment_id = s.id and p.first_name < v_first order by p.first_name desc limit 1), '') as low
          from unnest(p_segment_ids) s (id)
          offset 0
        ) b
        join quarry.symbol_pages t on t.segment_id = b.id
        where (t.first_name between b.low and v_first || c_last_name
            or p_distance > 1 and strpos(t.names_folded, v_former) > 0 or strpos(t.names_folded || E'\n', v_ending) > 0)
          and (v_is_cut_short or strpos(t.names_folded, v_piece_1) > 0 or strpos(t.names_folded, v_piece_2) > 0 or strpos(t.names_folded, v_piece_3) > 0)
      ) n
      -- In this order: what is cheap rules out nearly all. Where some character has several bytes, so may those of the edits.
      where case
        when octet_length(n.key) < v_octets_min or octet_length(n.key) > v_octets_max then false
        when octet_length(n.key) > v_octets_likely and octet_length(n.key) = length(n.key) then false
        when strpos(n.key, v_piece_1) > 0 or strpos(n.key, v_piece_2) > 0 or strpos(n.key, v_piece_3) > 0
        then extensions.levenshtein_less_equal(n.key, p_near, p_distance) <= p_distance
        else false end
      union
      -- A swap of neighbours is two edits to what counts these, and where one is allowed it is asked for by itself.
      select s.id, overlay(p_near placing reverse(substr(p_near, i, 2)) from i for 2)
      from unnest(p_segment_ids) s (id) cross join generate_series(1, v_length - 1) i
      where p_distance = 1
    ) n
    cross join lateral (select least(extensions.levenshtein_less_equal(n.key, p_near, p_distance), p_distance) as edits offset 0) d
    -- The name itself may have thousands of definitions and was asked for before.
    order by n.key = p_near, d.edits, n.key, n.segment_id;
end
$$;
comment on function quarry.near_names(bigint[], text, integer) is
  'Folded names of segments within p_distance edits of a text, one or two, the nearest first and the text itself last. Where one is allowed, a swap of neighbours is one too, '
  'and each text that such a swap makes is among them, whether it is a name or not.';

create function quarry.find_names(
  p_segment_ids bigint[], p_match text, p_folded text[], p_limit integer, p_distance integer default 2, p_all_max integer default null
)
returns table (query_no integer, segment_id bigint, name text, kind text, blob_no integer, symbol_no integer)
-- No page is looked at twice, but the planner would remember what is in each.
language plpgsql stable security definer set search_path = '' set enable_memoize = off set plan_cache_mode = force_generic_plan
as $$
declare
  c_last_name constant text := quarry.last_name();
  v_is_fuzzy constant boolean := p_match = 'fuzzy';
  v_is_exact constant boolean := p_match in ('exact', 'fuzzy');
  v_is_sorted constant boolean := v_is_exact or p_match = 'prefix';
  v_is_infix constant boolean := p_match = 'infix';
  v_is_humps constant boolean := p_match = 'humps';
  v_kinds constant text[] := quarry.symbol_kinds();
begin
  return query
    select w.query_no, w.segment_id, e.name, v_kinds[e.kind], e.blob_no::integer, e.symbol_no
    from (
      select f.folded, f.no::integer as query_no, s.id as segment_id
      from unnest(p_folded) with ordinality f (folded, no) cross join unnest(p_segment_ids) s (id) where not v_is_fuzzy
      union all
      -- Those that are near, as if they had been asked for.
      select n.folded, 1, n.segment_id from quarry.near_names(p_segment_ids, p_folded[1], p_distance) n where v_is_fuzzy
    ) w
    -- A name with many definitions goes on over pages that begin with it.
    cross join lateral (
      select
        case when v_is_sorted then coalesce((
          select p.first_name from quarry.symbol_pages p
          where p.segment_id = w.segment_id and p.first_name < w.folded order by p.first_name desc limit 1), '') else '' end as low,
        case when v_is_exact then w.folded when v_is_sorted then w.folded || c_last_name else c_last_name end as high
      offset 0
    ) b
    cross join lateral (
      select n.name, unnest(n.kinds) as kind, unnest(n.blob_nos) as blob_no, unnest(n.symbol_nos) as symbol_no
      -- What follows keeps the order of the pages: it depends on them, and can only be looked up page by page.
      from (
        select * from quarry.symbol_pages t
        where t.segment_id = w.segment_id and t.first_name >= b.low and t.first_name <= b.high
          and case when v_is_humps then strpos(E'\n' || t.humps, E'\n' || w.folded) > 0 else strpos(t.names_folded, w.folded) > 0 end
        order by t.first_name, t.page_no offset 0
      ) p
      cross join lateral (select string_to_array(case when v_is_humps then p.humps else p.names_folded end, E'\n') as keys offset 0) l
      cross join lateral (
        select case when v_is_exact then array_positions(l.keys, w.folded) else array(
          select k.name_no
          from (select unnest(l.keys) as key, generate_subscripts(l.keys, 1) as name_no) k
          where case when v_is_infix then strpos(k.key, w.folded) > 0 else starts_with(k.key, w.folded) end) end as name_nos
        offset 0
      ) m
      -- A page lists its definitions by name, and each name has one.
      cross join lateral (select string_to_array(p.names, E'\n') as names, p.name_nos[:] as name_nos where cardinality(m.name_nos) > 0 offset 0) a
      cross join lateral (
        select a.names[k.name_no] as name, p.kinds[k.first_no : k.last_no] as kinds, p.blob_nos[k.first_no : k.last_no] as blob_nos,
          p.symbol_nos[k.first_no : k.last_no] as symbol_nos
        from (
          select o.name_no, array_position(a.name_nos, o.name_no::smallint) as first_no,
            coalesce(array_position(a.name_nos, (o.name_no + 1)::smallint) - 1, cardinality(a.name_nos)) as last_no
          from (select unnest(m.name_nos) as name_no) o
          offset 0
        ) k
        offset 0
      ) n
      limit p_limit
    ) e
    -- Thousands of names may be near, of which each cannot have as many.
    limit least(p_all_max, case when v_is_fuzzy then p_limit end);
end
$$;
comment on function quarry.find_names(bigint[], text, text[], integer, integer, integer) is
  'Definitions of segments by folded name, those of each name in each segment in the order of its pages and at most p_limit (null: all). p_match: exact, prefix, '
  'infix; humps: the initials of the name begin with one of p_folded (gun for getUserName); fuzzy: every one of near_names of the first of p_folded and p_distance, '
  'in their order and at most p_limit of all. p_all_max: of all, at most (null: all). query_no: which of p_folded, from 1.';
