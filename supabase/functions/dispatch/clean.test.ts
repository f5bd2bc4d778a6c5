import { expect, test } from "vitest";
import { type CondemnedMachine } from "../_shared/runtime/database_answers.ts";
import { type FlyMachines, type FlyResult } from "../_shared/runtime/fly_machines.ts";
import { cleanUp } from "./clean.ts";

const never = new AbortController().signal;
const unclear = { error: { code: "unclear", message: "500", retryAfterSeconds: null } } as const;

/** Cleaning of these machines, on a platform that has those. */
function cleaning(due: readonly CondemnedMachine[], launches: ReadonlyMap<string, string>) {
  const destroyed: string[] = [];
  const recorded: string[] = [];
  const logged: string[] = [];
  const refused = () => Promise.reject(new Error("not a part of cleaning"));
  const answers: { list: typeof unclear | null; destroy: FlyResult<null> } = {
    list: null,
    destroy: { value: null },
  };
  const fly: FlyMachines = {
    create: refused,
    get: refused,
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
    recordCleaning(launchId: string, wasFound: boolean) {
      recorded.push(`${launchId} ${wasFound}`);
      return Promise.resolve(null);
    },
  };
  const log = (event: string) => void logged.push(event);
  const run = (deadline = never) => cleanUp({ database, fly, image: "image", log }, deadline);
  return { destroyed, recorded, logged, answers, run };
}

const known = { launch_id: "l2", created_by: "l1", machine_id: "m1" };
const unknown = { launch_id: "l3", created_by: "l3", machine_id: null };

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
  expect(logged).toEqual(Array.from({ length: 3 }, () => "machine_not_destroyed"));
});

test("after the deadline nothing more is done", async () => {
  const { run, destroyed } = cleaning([known], new Map());
  await run(AbortSignal.abort());
  expect(destroyed).toEqual([]);
});
