// Faults of the Machines API and of the hosts behind it, by the switches of its stand-in.

import type { CallFault } from "../../local/fly_faults.ts";
import type { Machine } from "../../local/fly_machine.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";
import { awaitVictim, during, type Fault } from "./fault.ts";

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
function planned(
  name: string,
  fault: (random: Random) => CallFault,
): Fault {
  return {
    name,
    inject: async ({ stack: { machines } }, random) => {
      machines.faults.onCall("create", fault(random));
      machines.faults.onCall("start", fault(random));
      await Promise.resolve();
    },
  };
}

export const flyFaults: readonly Fault[] = [
  planned("fly_429", () => ({ kind: "rate_limited", retryAfterSeconds: 1 })),
  planned("fly_unclear", (random) => random.pick(UNCLEAR)),
  planned("fly_5xx", () => ({ kind: "unclear", status: 500, isDone: false })),
  planned("fly_refuses", (random) => ({ kind: "refused", status: random.pick([409, 412]) })),
  {
    name: "fly_no_capacity",
    inject: ({ stack: { machines } }, random) => {
      const { regionsWithoutCapacity } = machines.faults;
      return during(
        random,
        () => void regionsWithoutCapacity.add("local"),
        () => void regionsWithoutCapacity.delete("local"),
      );
    },
  },
  {
    name: "fly_never_starts",
    inject: async ({ stack: { machines } }) => {
      await Promise.resolve(machines.faults.onStart({ kind: "never_starts" }));
    },
  },
  {
    name: "fly_slow_start",
    inject: async ({ stack: { machines } }) => {
      machines.faults.onStart({ kind: "slow_start", milliseconds: SLOW_MILLISECONDS });
      await Promise.resolve();
    },
  },
  {
    name: "fly_reports_gone",
    inject: (world, random) => withAMachine(world, random, (machine) => machine.reportGone()),
  },
  {
    name: "fly_loses_host",
    inject: (world, random) => withAMachine(world, random, (machine) => machine.lose()),
  },
  {
    name: "fly_at_random",
    inject: ({ stack: { machines } }, random) =>
      during(
        random,
        () => machines.faults.atRandom({ seed: random.integer(0, 1e9), share: RANDOM_SHARE }),
        () => machines.faults.atRandom({ seed: 0, share: 0 }),
      ),
  },
];
