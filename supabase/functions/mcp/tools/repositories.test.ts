import { expect, test } from "vitest";
import { type ErrorCode } from "../../_shared/contracts/error.ts";
import { ProblemError } from "../../_shared/runtime/problem.ts";
import { type ApiCaller } from "../api_caller.ts";
import { repositoryTools } from "./repositories.ts";

const id = "00000000-0000-4000-8000-000000000000";
const progress = { percent: 0, files_done: 0, files_total: 0 };

function jobIn(state: string) {
  return { id, kind: "full", state, outcome: null, phase: null, progress, errors: [] };
}

/** Waits for a job that looks so, one look after the other; a refusal by its code. */
async function watch(looks: readonly (ReturnType<typeof jobIn> | ErrorCode)[]) {
  const left = [...looks];
  const get = () => {
    const look = left.shift();
    return typeof look === "object"
      ? Promise.resolve(look)
      : Promise.reject(new ProblemError(look ?? "internal", "No."));
  };
  const tool = repositoryTools.find(({ name }) => name === "index_status");
  const answer = await tool?.run(
    { get } as unknown as ApiCaller,
    { job_id: id, wait_seconds: 1 },
    { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
  );
  return answer?.structured["state"];
}

test("index_status looks again when a look is refused since too much is asked at once", async () => {
  expect(await watch([jobIn("running"), "busy", jobIn("completed")])).toBe("completed");
  expect(await watch([jobIn("running"), "busy", "busy"])).toBe("running");
});

test("index_status tells errors of earlier attempts from what the last one ended with", async () => {
  const tool = repositoryTools.find(({ name }) => name === "index_status");
  const failed = { attempt: 1, code: "git_failed", message: "No.", at: "2026-12-03T10:00:00.000Z" };
  const textOf = async (claimed_at: string) => {
    const get = () => Promise.resolve({ ...jobIn("queued"), errors: [failed], claimed_at });
    const answer = await tool?.run(
      { get } as unknown as ApiCaller,
      { job_id: id, wait_seconds: 0 },
      { report: () => Promise.resolve(), pause: () => Promise.resolve(true) },
    );
    return String(answer?.text);
  };
  expect(await textOf("2026-12-03T09:59:59.000Z")).toContain("\nerror git_failed: No.");
  // Its second attempt was postponed, which is no error.
  expect(await textOf("2026-12-03T10:00:01.000Z"))
    .toContain("\nerror of an earlier attempt git_failed: No.");
});

test("index_status fails with any other refusal", async () => {
  await expect(watch([jobIn("running"), "not_found"])).rejects.toMatchObject({ code: "not_found" });
});
