import { expect, test } from "vitest";
import { type LeftoverMachine } from "../_shared/runtime/database_answers.ts";
import { type FlyMachines, type FlyResult } from "../_shared/runtime/fly_machines.ts";
import { cleanUp } from "./clean.ts";

const never = new AbortController().signal;
const unclear = { error: { code: "unclear", message: "500", retryAfterSeconds: null } } as const;
const notFound = { error: { code: "not_found", message: "404", retryAfterSeconds: null } } as const;

interface Answers {
  list: typeof unclear | null;
  destroy: FlyResult<null>;
  /** The machine's, when it is asked for. */
  state: string | typeof unclear | typeof notFound;
  /** A later launch has taken the machine meanwhile. */
  isTaken: boolean;
}

/** Cleaning of these machines, on a platform that has those. */
function cleaning(due: readonly LeftoverMachine[], launches: ReadonlyMap<string, string>) {
  const destroyed: string[] = [];
  const recorded: string[] = [];
  const logged: string[] = [];
  const refused = () => Promise.reject(new Error("not a part of cleaning"));
  const answers: Answers = {
    list: null,
    destroy: { value: null },
    state: "stopped",
    isTaken: false,
  };
  const fly: FlyMachines = {
    create: refused,
    get(machineId) {
      const { state } = answers;
      if (typeof state !== "string") return Promise.resolve(state);
      return Promise.resolve({ value: { machineId, region: "fra", state, launchId: "l1" } });
    },
    start: refused,
    listByLaunch(launchId) {
      if (answers.list !== null) return Promise.resolve(answers.list);
      const machineId = launches.get(launchId);
      const found = { machineId: machineId ?? "", region: "fra", state: "created", launchId };
      return Promise.resolve({ value: machineId === undefined ? [] : [found] });
    },
    destroy(machineId) {
      destroyed.push(machineId);
      return Promise.resolve(answers.destroy);
    },
  };
  const database = {
    planCleaning: () => Promise.resolve([...due]),
    recordRest(launchId: string, isAtRest: boolean) {
      recorded.push(`${launchId} ${isAtRest ? "rests" : "does not rest"}`);
      return Promise.resolve(!isAtRest && !answers.isTaken);
    },
    recordCleaning(launchId: string, wasFound: boolean) {
      recorded.push(`${launchId} ${wasFound}`);
      return Promise.resolve(null);
    },
  };
  const log = (event: string) => void logged.push(event);
  const run = (deadline = never) => cleanUp({ database, fly, image: "image", log }, deadline);
  return { destroyed, recorded, logged, answers, run };
}

const condemned = { leftover: "condemned" } as const;
const known = { launch_id: "l2", created_by: "l1", machine_id: "m1", ...condemned };
const unknown = { launch_id: "l3", created_by: "l3", machine_id: null, ...condemned };
const left = { ...known, leftover: "stopped" } as const;

test("a condemned machine is destroyed, under its id or by the launch that created it", async () => {
  const { run, destroyed, recorded } = cleaning([known, unknown], new Map([["l3", "m3"]]));
  await run();
  expect(destroyed).toEqual(["m1", "m3"]);
  expect(recorded).toEqual(["l2 true", "l3 true"]);
});

test("a machine that is nowhere to be found is recorded as such", async () => {
  const { run, destroyed, recorded } = cleaning([unknown], new Map());
  await run();
  expect(destroyed).toEqual([]);
  expect(recorded).toEqual(["l3 false"]);
});

test("what fails is not recorded, and stops nothing else", async () => {
  const { run, answers, recorded, logged } = cleaning([unknown, known], new Map());
  answers.list = unclear;
  await run();
  expect(recorded).toEqual(["l2 true"]);
  answers.destroy = unclear;
  await run();
  expect(recorded).toEqual(["l2 true"]);
  expect(logged).toEqual(Array.from({ length: 3 }, () => "machine_not_cleaned"));
});

test("a machine whose worker has left is let be when it is at rest", async () => {
  const { run, destroyed, recorded } = cleaning([left], new Map());
  await run();
  expect(destroyed).toEqual([]);
  expect(recorded).toEqual(["l2 rests"]);
});

test.each(["started", "stopping", notFound])(
  "one that is %j instead is destroyed",
  async (state) => {
    const { run, answers, destroyed, recorded, logged } = cleaning([left], new Map());
    answers.state = state;
    await run();
    expect(destroyed).toEqual(["m1"]);
    expect(recorded).toEqual(["l2 does not rest", "l2 true"]);
    expect(logged).toEqual(["machine_not_at_rest"]);
  },
);

test("one that a later launch has taken, or of which nobody can say, is let be", async () => {
  const { run, answers, destroyed, recorded } = cleaning([left], new Map());
  Object.assign(answers, { state: "started", isTaken: true });
  await run();
  expect(recorded).toEqual(["l2 does not rest"]);
  Object.assign(answers, { state: unclear, isTaken: false });
  await run();
  expect(recorded).toHaveLength(1);
  expect(destroyed).toEqual([]);
});

test("after the deadline nothing more is done", async () => {
  const { run, destroyed } = cleaning([known], new Map());
  await run(AbortSignal.abort());
  expect(destroyed).toEqual([]);
});
