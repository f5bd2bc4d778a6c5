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
  colours: false,
  redraws: false,
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

test("of a job that waits only what its last attempt ended with is shown as its error", async () => {
  const shownOf = async (claimed_at: string) => {
    const shown: string[] = [];
    const write = (text: string) => void shown.push(text);
    const own = new Screen({ write, columns: () => undefined }, { colours: false, redraws: false });
    const errors = [{
      attempt: 1,
      code: "git_failed",
      message: "No.",
      at: "2026-12-03T10:00:00.000Z",
    }];
    const states = ["queued", "completed"];
    const look = () => ({
      state: states.shift(),
      errors,
      claimed_at,
      max_attempts: 5,
      commit_oid: null,
    });
    const api = { job: () => Promise.resolve(look()) } as unknown as QuarryClient;
    const signal = new AbortController().signal;
    await runCommand({ kind: "watch", what: "job" }, { api, screen: own, signal, gitToken: null });
    return shown.join("");
  };
  expect(await shownOf("2026-12-03T09:59:59.000Z")).toContain("attempt 1 of 5 failed: No.");
  // Its second attempt was postponed, which is no error.
  expect(await shownOf("2026-12-03T10:00:01.000Z")).not.toContain("failed");
});

test("a search shows its pages as one, a file that goes on by its name and commit once, and says how to see more", async () => {
  const file = {
    repository: "a/b",
    ref: "refs/heads/main",
    path: "c.ts",
    commit_oid: "0123456789".repeat(4),
  };
  const line = { text: "x", text_column: 1, ranges: [{ column: 1, length: 1 }], enclosing: null };
  const page = (...numbers: number[]) => ({
    milliseconds: 1,
    body: {
      files: [{ ...file, matches: numbers.map((number) => ({ ...line, line: number })) }],
      complete: false,
      incomplete_reason: "more_results",
    },
  });
  const api = {
    async *searchFiles() {
      yield await Promise.resolve(page(1, 2));
      yield await Promise.resolve(page(3));
    },
  } as unknown as QuarryClient;
  const written: string[] = [];
  const sink = { write: (text: string) => void written.push(text), columns: () => undefined };
  const shown = new Screen(sink, { colours: false, redraws: false, wholeRows: true });
  const tools = { api, screen: shown, signal: new AbortController().signal, gitToken: null };
  const command = {
    kind: "search",
    query: "x",
    literal: false,
    repository: null,
    limit: 3,
  } as const;
  const done = await runCommand(command, tools);
  expect(written.map((each) => each.trim().replaceAll(/\s+/g, " ")))
    .toEqual([
      "a/b c.ts main @ 01234567",
      "1 x",
      "2 x",
      "3 x",
      "3 lines, there are more (--limit) 2 ms",
    ]);
  const whole = { ...file, matches: [{ line: 1 }, { line: 2 }, { line: 3 }] };
  expect(done).toMatchObject({ data: { files: [whole], complete: false }, isFailure: false });
});

test("who asks for as many names as there can be is told of no --limit", async () => {
  const body = { definitions: [], complete: false, incomplete_reason: "more_results" };
  const api = {
    definitions: () => Promise.resolve({ milliseconds: 1, body }),
  } as unknown as QuarryClient;
  const written: string[] = [];
  const sink = { write: (text: string) => void written.push(text), columns: () => undefined };
  const shown = new Screen(sink, { colours: false, redraws: false, wholeRows: true });
  const tools = { api, screen: shown, signal: new AbortController().signal, gitToken: null };
  for (const limit of [199, 200]) {
    await runCommand({ kind: "symbols", name: "x", repository: null, limit }, tools);
  }
  expect(written.map((each) => each.trim().replaceAll(/\s+/g, " "))).toEqual([
    "no definition, there are more (--limit) 1 ms",
    "no definition, there are more (a longer name has fewer) 1 ms",
  ]);
});
