import { afterEach, expect, test, vi } from "vitest";
import type { Job } from "../../supabase/functions/_shared/contracts/job.ts";
import type { QuarryClient } from "../client/quarry_client.ts";
import { Screen } from "../demo/screen.ts";
import { runCommand } from "./commands.ts";

const clock = vi.hoisted(() => ({ now: 0 }));
vi.mock("node:timers/promises", () => ({
  setTimeout: (milliseconds: number) => {
    clock.now += milliseconds;
    return Promise.resolve();
  },
}));
vi.spyOn(performance, "now").mockImplementation(() => clock.now);
afterEach(() => void (clock.now = 0));

const HOUR_MILLISECONDS = 3_600_000;
/** What a key may ask in an hour, for all that its holders do. */
const REQUESTS_OF_AN_HOUR = 60 * 1_200;

const screen = new Screen({ write: () => undefined, columns: () => undefined }, {
  escapeCodes: false,
});

test("a job is watched for as long as it waits, and leaves the key's requests to others", async () => {
  let looks = 0;
  const lookAt = (): Job => {
    looks += 1;
    const state = clock.now < HOUR_MILLISECONDS ? "queued" : "completed";
    return { id: "job", state, errors: [], commit_oid: null, started_at: null } as unknown as Job;
  };
  const api = { job: () => Promise.resolve(lookAt()) } as unknown as QuarryClient;
  const tools = { api, screen, signal: new AbortController().signal, gitToken: null };
  const done = await runCommand({ kind: "watch", what: "job" }, tools);
  expect(done).toMatchObject({ data: { state: "completed" }, isFailure: false });
  expect(looks).toBeLessThan(REQUESTS_OF_AN_HOUR / 8);
});
