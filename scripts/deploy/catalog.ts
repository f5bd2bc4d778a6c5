// Describes a database in sorted lines: what exists, whose it is and who may use it. Two databases
// with the same lines got the same migrations. Rows of tables count only where a migration wrote
// them (cron jobs, plans). Object identifiers and the order of creation do not count.

import type { Sql } from "postgres";

// pg_catalog names things in full only if they are not on the search path.
const lines = `
  with ours as (
    select oid, nspname from pg_namespace where nspname in ('quarry', 'api')
  )
  select format('schema %s owner %s acl %s', n.nspname, n.nspowner::regrole, n.nspacl) as line
    from pg_namespace n join ours using (oid)
  union all
  select format('relation %s.%s kind %s owner %s acl %s rls %s %s options %s view %s', o.nspname,
      c.relname, c.relkind, c.relowner::regrole, c.relacl, c.relrowsecurity, c.relforcerowsecurity,
      c.reloptions, case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end)
    from pg_class c join ours o on o.oid = c.relnamespace where c.relkind not in ('i', 'I')
  union all
  select format('column %s.%s.%s %s default %s not null %s acl %s collation %s storage %s',
      o.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.attacl, a.attcollation::regcollation,
      a.attstorage)
    from pg_attribute a join pg_class c on c.oid = a.attrelid join ours o on o.oid = c.relnamespace
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'c')
  union all
  select format('index %s', pg_get_indexdef(i.indexrelid))
    from pg_index i join pg_class c on c.oid = i.indrelid join ours o on o.oid = c.relnamespace
  union all
  select format('constraint %s.%s %s %s', o.nspname, c.conrelid::regclass, c.conname,
      pg_get_constraintdef(c.oid))
    from pg_constraint c join ours o on o.oid = c.connamespace
  union all
  select format('trigger %s', pg_get_triggerdef(t.oid))
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join ours o on o.oid = c.relnamespace
    where not t.tgisinternal
  union all
  select format('policy %s', to_jsonb(p)) from pg_policies p join ours o on o.nspname = p.schemaname
  union all
  select format('function %s owner %s acl %s %s', p.oid::regprocedure, p.proowner::regrole,
      p.proacl, pg_get_functiondef(p.oid))
    from pg_proc p join ours o on o.oid = p.pronamespace
  union all
  select format('default privileges %s %s %s %s', d.defaclrole::regrole,
      d.defaclnamespace::regnamespace, d.defaclobjtype, d.defaclacl)
    from pg_default_acl d
  union all
  select format('comment %s %s', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
    from pg_description d
    where d.classoid = 'pg_namespace'::regclass and d.objoid in (select oid from ours)
      or d.classoid = 'pg_proc'::regclass and d.objoid in
        (select p.oid from pg_proc p join ours o on o.oid = p.pronamespace)
      or d.classoid = 'pg_class'::regclass and d.objoid in
        (select c.oid from pg_class c join ours o on o.oid = c.relnamespace)
  union all
  select format('extension %s %s in %s', e.extname, e.extversion, e.extnamespace::regnamespace)
    from pg_extension e
  union all
  select format('role %s %s', r.rolname, to_jsonb(r) - 'oid' - 'rolpassword')
    from pg_roles r where r.rolname like 'quarry%'
  union all
  select format('cron job %s %s %s as %s', j.jobname, j.schedule, j.command, j.username)
    from cron.job j
`;

/** Every line, sorted. The connection must see everything: the superuser's. */
export async function catalogOf(sql: Sql): Promise<string[]> {
  const rows = await sql.unsafe<{ line: string }[]>(lines);
  const plans = await sql<{ line: string }[]>`
    select 'plan ' || to_jsonb(p)::text as line from quarry.plans p`;
  return [...rows, ...plans].map(({ line }) => line).toSorted();
}
