// What an operator does while work goes on, which is no fault but must lose as little: the fleet is drained
// and resumed, a plan is changed, another image is deployed.

import { persist } from "../patience.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { during, type Fault, struck } from "./fault.ts";

async function drain({ stack: { sql } }: World, random: Random): Promise<void> {
  await during(
    random,
    async () => {
      await sql`select quarry.drain_fleet('chaos')`;
    },
    () =>
      persist("the fleet is resumed", async () => {
        await sql`select quarry.resume_fleet()`;
      }),
  );
}

/** To a plan that lets more jobs run at once, or, while they do, back. */
async function changePlan({ stack: { sql }, registrations }: World, random: Random): Promise<void> {
  const registration = random.pickAny(registrations);
  if (registration === null) throw new Error("nobody is registered");
  await sql`
    update quarry.tenants set plan = case plan when 'free' then 'team' else 'free' end
    where id = ${registration.tenant.tenantId}`;
}

/** What is there was launched with another image than dispatch does now. */
async function deploy({ stack: { sql } }: World): Promise<void> {
  const machines = await sql`
    update quarry.machines set image = 'former' where gone_at is null or leftover = 'stopped'
    returning launch_id`;
  if (machines.length === 0) throw new Error("there is no machine to outdate");
}

export const operatorFaults: readonly Fault[] = [
  struck("drain_fleet", drain),
  struck("change_plan", changePlan),
  struck("deploy_image", deploy),
];
