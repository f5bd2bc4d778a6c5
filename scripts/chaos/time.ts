// Time, moved by the times in rows: nobody waits for a lease, a backoff or a deadline. Knows which
// machines really run, as only the stand-in can.

import { persist } from "./patience.ts";
import type { World } from "./world.ts";

/** The launches that created the machines with a living guest, by which their rows are known. */
function livingLaunches({ stack }: World): string[] {
  return stack.machines.running().filter(({ pid }) => pid !== null)
    .map(({ name }) => name.replace(/^quarry-/, ""));
}

/**
 * The database's clock jumps: forward, all that it ever wrote down lies further in the past, back, nearer or
 * ahead. Nobody's process hears of it.
 */
export async function moveClock({ stack }: World, seconds: number): Promise<void> {
  await persist("a jump of the clock", () =>
    stack.sql.unsafe(`
      do $$
      declare
        v_table record;
      begin
        for v_table in
          select c.table_name as name, string_agg(
            format('%1$I = %1$I - make_interval(secs => ${seconds})', c.column_name), ', ') as changes
          from information_schema.columns c
          join information_schema.tables t using (table_schema, table_name)
          where c.table_schema = 'quarry' and t.table_type = 'BASE TABLE'
            and c.data_type = 'timestamp with time zone'
            -- Named by calendar minutes: they would meet each other.
            and c.table_name <> 'rate_limit_windows'
          group by c.table_name order by c.table_name
        loop
          execute format('update quarry.%I set %s', v_table.name, v_table.changes);
        end loop;
        perform setval('quarry.leases_looked_until', greatest(0, l.last_value - ${seconds}))
        from quarry.leases_looked_until l;
      end $$`));
}

/** Waits are over; leases, launches and machines that nobody stands behind are past their time. */
export async function passTime(world: World): Promise<void> {
  const { sql } = world.stack;
  // Before the look at the rows: a machine that starts meanwhile must not be taken for a dead one.
  const launching = await sql<{ launch_id: string }[]>`
    select launch_id from quarry.machines where state <> 'gone'`;
  const known = launching.map(({ launch_id }) => launch_id);
  const alive = livingLaunches(world);
  if (!world.isWaitingKept) {
    await sql`
      update quarry.indexing_jobs set run_at = clock_timestamp() - interval '1 second'
      where state = 'queued' and wait_reason is not null`;
  }
  await sql`
    update quarry.indexing_jobs j set lease_expires_at = clock_timestamp() - interval '1 second'
    where j.state = 'running' and j.launch_id::text = any(${known}) and not exists (
      select from quarry.machines m where m.launch_id = j.launch_id
        and coalesce(m.created_by, m.launch_id)::text = any(${alive}))`;
  await sql`
    update quarry.indexing_jobs j set lease_expires_at = clock_timestamp() - interval '1 second'
    where j.state = 'running' and exists (
      select from quarry.machines m where m.launch_id = j.launch_id and m.state = 'gone')`;
  await sql`
    update quarry.machines set
      alive_at = alive_at - interval '61 seconds', launched_at = launched_at - interval '61 seconds'
    where state <> 'gone' and launch_id::text = any(${known})
      and launched_at < clock_timestamp() - interval '1 second'
      and not coalesce(created_by, launch_id)::text = any(${alive})`;
  await sql`
    update quarry.fleet_pause set paused_until = clock_timestamp()
    where paused_until > clock_timestamp()`;
  await sql`
    update quarry.repositories set hook_retry_at = clock_timestamp()
    where hook_state = 'pending' and hook_retry_at > clock_timestamp()`;
}

/**
 * Machines that are to be destroyed are tried again now, not in a minute, and those whose workers have
 * left are looked at after five seconds: saying goodbye takes three at most.
 */
export async function hastenCleaning({ stack }: World): Promise<void> {
  await stack.sql`
    update quarry.machines set clean_at = clock_timestamp() - interval '11 seconds'
    where clean_at > clock_timestamp() - interval '11 seconds' and (leftover = 'condemned'
      or leftover = 'stopped' and gone_at < clock_timestamp() - interval '5 seconds')`;
}

/** A day later: what stopped is not wanted any more, and what was never found is given up. */
export async function passDay({ stack }: World): Promise<void> {
  await stack.sql`
    update quarry.machines set
      gone_at = gone_at - interval '25 hours', launched_at = launched_at - interval '25 hours'
    where leftover is not null and gone_at > clock_timestamp() - interval '24 hours'`;
  await stack.sql`
    update quarry.segments set created_at = created_at - interval '1 day'
    where published_at is null`;
}

/** What pg_cron does every ten seconds, unless it stands still. */
export async function sweep(world: World): Promise<void> {
  if (!world.isSweepPaused) await world.stack.cron.tick("quarry-sweep");
}
