// Faults of the Machines API and of the hosts behind it, by the switches of its stand-in.

import type { CallFault, MachineFault } from "../../local/fly/fly_faults.ts";
import type { Machine } from "../../local/fly/fly_machine.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { armed, awaitVictim, during, type Fault, struck } from "./fault.ts";

const LATE_MILLISECONDS = 300;
const SLOW_MILLISECONDS = 500;
const RANDOM_SHARE = 0.4;

const UNCLEAR: readonly [CallFault, ...CallFault[]] = [
  { kind: "unclear", status: 408, isDone: true },
  { kind: "unclear", status: 408, isDone: false },
  { kind: "unclear", status: 502, isDone: true },
  { kind: "unclear", status: "dropped", isDone: true },
  { kind: "unclear", status: 504, isDone: true, lateMilliseconds: LATE_MILLISECONDS },
];

async function withAMachine(
  world: World,
  random: Random,
  act: (machine: Machine) => void,
): Promise<void> {
  act(await awaitVictim("machine", () => random.pickAny(world.stack.machines.running())));
}

/** With the next calls that make a machine work, whichever come first. */
function planned(name: string, fault: (random: Random) => CallFault): Fault {
  return armed(name, ({ stack: { machines } }, random) => {
    const [create, start] = [{ ...fault(random) }, { ...fault(random) }];
    machines.faults.onCall("create", create);
    machines.faults.onCall("start", start);
    return () => machines.faults.hasMet(create) || machines.faults.hasMet(start);
  });
}

/** With the next machine that is to start. */
function starting(name: string, fault: MachineFault): Fault {
  return armed(name, ({ stack: { machines } }) => {
    const own = { ...fault };
    machines.faults.onStart(own);
    return () => machines.faults.hasMet(own);
  });
}

export const flyFaults: readonly Fault[] = [
  planned("fly_429", () => ({ kind: "rate_limited", retryAfterSeconds: 1 })),
  planned("fly_unclear", (random) => random.pick(UNCLEAR)),
  planned("fly_5xx", () => ({ kind: "unclear", status: 500, isDone: false })),
  planned("fly_refuses", (random) => ({ kind: "refused", status: random.pick([409, 412]) })),
  planned("fly_no_capacity", () => ({ kind: "no_capacity" })),
  starting("fly_never_starts", { kind: "never_starts" }),
  starting("fly_slow_start", { kind: "slow_start", milliseconds: SLOW_MILLISECONDS }),
  struck(
    "fly_reports_gone",
    (world, random) => withAMachine(world, random, (machine) => machine.reportGone()),
  ),
  struck(
    "fly_loses_host",
    (world, random) => withAMachine(world, random, (machine) => machine.lose()),
  ),
  struck("fly_at_random", async ({ stack: { machines } }, random) => {
    const before = machines.faults.randomCount;
    await during(
      random,
      () => machines.faults.atRandom({ seed: random.integer(0, 1e9), share: RANDOM_SHARE }),
      () => machines.faults.atRandom({ seed: 0, share: 0 }),
    );
    if (machines.faults.randomCount === before) throw new Error("no call has failed");
  }),
];
