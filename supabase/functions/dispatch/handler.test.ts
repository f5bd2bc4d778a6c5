import { expect, test } from "vitest";
import { sha256Hex } from "../_shared/runtime/sha256.ts";
import { type DispatchDependencies, handleDispatch } from "./handler.ts";

const SECRET = "wake-secret";

/** Dispatch over a fleet that wants `wanted` machines, and a platform that creates them all. */
function dispatch(wanted: number) {
  const recorded: string[] = [];
  const running = { now: 0, most: 0 };
  const dependencies: DispatchDependencies = {
    log: () => undefined,
    newId: () => "id",
    githubToken: null,
    publicFunctionsUrl: "https://functions.test",
    image: "image",
    regions: [],
    machinesMax: 20,
    github: {
      ensureHook: () => Promise.reject(new Error("no hook is pending")),
      deleteHook: () => Promise.resolve(),
    },
    fly: {
      async create({ launchId }) {
        running.now += 1;
        running.most = Math.max(running.most, running.now);
        await Promise.resolve();
        running.now -= 1;
        return { outcome: "created", machine: { machineId: `m-${launchId}`, region: "fra" } };
      },
      findByLaunch: () => Promise.resolve(null),
    },
    database: {
      verifyWake: async (hash) => hash === await sha256Hex(SECRET),
      planLaunches: () =>
        Promise.resolve(
          Array.from({ length: wanted }, (_, n) => ({ launch_id: `l${n}`, name: `quarry-l${n}` })),
        ),
      recordLaunch: (launchId, { machineId }) => {
        recorded.push(`${launchId} ${machineId}`);
        return Promise.resolve(null);
      },
      takePendingHooks: () => Promise.resolve([]),
      recordHook: () => Promise.resolve(null),
    },
  };
  const send = (secret: string | null, method = "POST", path = "/dispatch") =>
    handleDispatch(
      new Request(`http://functions.test${path}`, {
        method,
        headers: secret === null ? {} : { authorization: `Bearer ${secret}` },
      }),
      dependencies,
    );
  return { send, recorded, running };
}

test("every planned launch is created and recorded, a few at a time", async () => {
  const { send, recorded, running } = dispatch(7);
  const response = await send(SECRET);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ launched: 7, hooks: 0 });
  expect(recorded.toSorted()).toEqual(Array.from({ length: 7 }, (_, n) => `l${n} m-l${n}`));
  expect(running.most).toBe(3);
});

test("nothing wanted, nothing done", async () => {
  const { send, recorded } = dispatch(0);
  expect(await (await send(SECRET)).json()).toEqual({ launched: 0, hooks: 0 });
  expect(recorded).toEqual([]);
});

test("only the wake secret wakes", async () => {
  const { send, recorded } = dispatch(1);
  for (const secret of [null, "other", `${SECRET} `.repeat(2).trim()]) {
    const response = await send(secret);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
  }
  expect(recorded).toEqual([]);
});

test("it takes POST on its own path alone", async () => {
  const { send } = dispatch(1);
  expect((await send(SECRET, "GET")).status).toBe(405);
  expect((await send(SECRET, "POST", "/dispatch/more")).status).toBe(404);
});
