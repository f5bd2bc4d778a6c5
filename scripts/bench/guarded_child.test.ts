import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, test, vi } from "vitest";
import { isAlive } from "../local/processes/process.ts";

const PATIENCE = { timeout: 10_000, interval: 10 };

test("a child of a benchmark that was killed ends as well", async () => {
  const module = new URL("./guarded_child.ts", import.meta.url).href;
  const source = `
    import { spawn } from "node:child_process";
    import { guardChild } from ${JSON.stringify(module)};
    const child = spawn("sleep", ["1000.75"], { stdio: "ignore" });
    await guardChild(child, "1000.75");
    console.log(child.pid);`;
  const benchmark = spawn(process.execPath, ["--input-type=module-typescript", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: benchmark.stdout }), "line");
  const child = Number(line);
  expect(isAlive(child)).toBe(true);
  benchmark.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(child)).toBe(false), PATIENCE);
});
