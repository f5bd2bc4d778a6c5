-- A ref from afar. What it looks like depends on nothing but its generation, so the first overview of one is
-- kept for those that follow.

create table quarry.tree_overviews (
  tree_id bigint primary key references quarry.trees (id) on delete cascade,
  generation bigint not null,
  shape integer not null,
  overview jsonb not null
);
comment on table quarry.tree_overviews is
  'The newest overview of a tree that was asked for, as it was answered. Nobody is shown that of a generation that is no longer published.';
comment on column quarry.tree_overviews.shape is 'The version of the code that made it: another one makes its own.';
alter table quarry.tree_overviews enable row level security;

create function api.read_overview(p_tenant_id uuid, p_repository text, p_ref text, p_shape integer, p_folders integer, p_samples integer) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off
as $$
declare
  v_tree record;
  v_answer jsonb;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref, p_needs_symbols => true);
  if v_tree.outcome <> 'ok' then
    return jsonb_build_object('outcome', v_tree.outcome);
  end if;
  select o.overview into v_answer from quarry.tree_overviews o
  where o.tree_id = v_tree.tree_id and o.generation = v_tree.generation and o.shape = p_shape;
  if found then
    -- A repository is renamed without a new generation.
    return jsonb_build_object('outcome', 'kept', 'overview', v_answer || jsonb_build_object('repository', v_tree.full_name));
  end if;
  with files as materialized (
    select t.path, t.path_text, t.language, t.segment_id, t.blob_no, coalesce(b.size_bytes, 0) as size_bytes, coalesce(b.line_count, 0) as line_count,
      b.outline is not null as has_outline
    from quarry.tree_files t left join quarry.blobs b on b.segment_id = t.segment_id and b.blob_no = t.blob_no
    where t.tree_id = v_tree.tree_id and t.generation_to is null
  ), languages as (
    select f.language, count(*) as files, sum(f.line_count) as lines, sum(f.size_bytes) as bytes from files f group by f.language
  ), folders as (
    select d.folder, count(*) as files, sum(f.size_bytes) as bytes
    from files f
    cross join lateral (
      select split_part(f.path_text, '/', 1) as folder where position('/' in f.path_text) > 0
      union all
      select split_part(f.path_text, '/', 1) || '/' || split_part(f.path_text, '/', 2) where split_part(f.path_text, '/', 3) <> ''
    ) d
    group by d.folder order by sum(f.size_bytes) desc, d.folder limit p_folders
  ), sources as (
    select f.*, row_number() over (order by f.path) - 1 as no, count(*) over () as total from files f where f.has_outline
  ), samples as (
    select s.*, s.total as sources from sources s where s.no % greatest(1, (s.total + p_samples - 1) / p_samples) = 0
  )
  select jsonb_build_object(
    'files', (select count(*) from files), 'lines', (select coalesce(sum(line_count), 0) from files), 'bytes', (select coalesce(sum(size_bytes), 0) from files),
    'languages', (select coalesce(jsonb_agg(jsonb_build_object('language', l.language, 'files', l.files, 'lines', l.lines, 'bytes', l.bytes)
      order by l.bytes desc, l.language), '[]') from languages l),
    'folders', (select coalesce(jsonb_agg(jsonb_build_object('path', d.folder, 'files', d.files, 'bytes', d.bytes) order by d.bytes desc, d.folder), '[]')
      from folders d),
    'sources', coalesce((select max(s.sources) from samples s), 0),
    'samples', (select coalesce(jsonb_agg(jsonb_build_object('path', s.path_text, 'language', s.language,
      'outline', s.segment_id || '/' || s.blob_no) order by s.path), '[]')
      from samples s))
  into v_answer;
  return v_answer || jsonb_build_object('outcome', 'ok', 'generation', v_tree.generation, 'repository', v_tree.full_name, 'ref', v_tree.ref, 'commit_oid', v_tree.commit_oid);
end
$$;
comment on function api.read_overview(uuid, text, text, integer, integer, integer) is
  'An indexed ref from afar: {outcome: ok|kept|not_found|not_indexed|symbols_pending, repository, ref, commit_oid, generation, files, lines, bytes, languages: [{language, files, lines, bytes}], '
  'folders: the largest of the first two levels [{path, files, bytes}], sources: files that have an outline, samples: at most p_samples of these, evenly '
  'spread by path [{path, language, outline: the blob, as read_outlines takes it}]}. Reads one row per file, unless an overview '
  'of this shape was kept for the generation: then {outcome: kept, overview}.';
grant execute on function api.read_overview(uuid, text, text, integer, integer, integer) to service_role;

create function api.keep_overview(
  p_tenant_id uuid, p_repository text, p_ref text, p_shape integer, p_generation bigint, p_overview jsonb
) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  -- Twenty of each list, with paths of 2,560 bytes.
  c_units_max constant integer := 512 * 1024;
  v_tree record;
begin
  select * into v_tree from quarry.tree_of(p_tenant_id, p_repository, p_ref);
  -- It was put together by several reads: they were all of one generation if it is still the same.
  if v_tree.generation is distinct from p_generation or length(p_overview::text) > c_units_max then
    return;
  end if;
  insert into quarry.tree_overviews (tree_id, generation, shape, overview)
  values (v_tree.tree_id, p_generation, p_shape, p_overview)
  on conflict (tree_id) do update set generation = excluded.generation, shape = excluded.shape, overview = excluded.overview;
end
$$;
comment on function api.keep_overview(uuid, text, text, integer, bigint, jsonb) is
  'Keeps the overview of a generation for whoever asks next, unless another generation has been published since.';
grant execute on function api.keep_overview(uuid, text, text, integer, bigint, jsonb) to service_role;
