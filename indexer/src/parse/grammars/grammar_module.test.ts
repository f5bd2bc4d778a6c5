import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { largestFunctionBytes } from "./grammar_module.ts";

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const TYPE_SECTION = [1, 4, 1, 0x60, 0, 0];

/** A module with functions of so many bytes of code each. */
function moduleOf(functionBytes: readonly number[]): Uint8Array {
  const code = [functionBytes.length];
  for (const bytes of functionBytes) {
    code.push((bytes % 128) | 0x80, bytes >> 7, ...new Uint8Array(bytes));
  }
  const section = [10, (code.length % 128) | 0x80, code.length >> 7, ...code];
  return Uint8Array.from([...HEADER, ...TYPE_SECTION, ...section]);
}

test("the largest function of a module is found behind its other sections", () => {
  expect(largestFunctionBytes(moduleOf([3, 1200, 40]))).toBe(1200);
  expect(largestFunctionBytes(Uint8Array.from(HEADER))).toBe(0);
});

test("of real grammars Bash has the one function that is too large to optimise, Go has none", async () => {
  const sizeOf = async (file: string) =>
    largestFunctionBytes(await readFile(fileURLToPath(import.meta.resolve(file))));
  expect(await sizeOf("tree-sitter-bash/tree-sitter-bash.wasm")).toBeGreaterThan(100_000);
  expect(await sizeOf("tree-sitter-go/tree-sitter-go.wasm")).toBeLessThan(20_000);
});

/** Sizes of the functions that V8 optimises while a source is parsed again and again. */
async function optimisedWhileParsing(grammar: string, source: string): Promise<number[]> {
  const program = `
    const { createGrammars } = await import(${
    JSON.stringify(import.meta.resolve("./grammars.ts"))
  });
    const parser = await createGrammars().parserFor(${JSON.stringify(grammar)});
    for (let round = 0; round < 20; round += 1) parser.parse(${JSON.stringify(source)}).delete();`;
  const args = ["--wasm-sync-tier-up", "--trace-wasm-compilation-times", "--input-type=module"];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...args, "--eval", program],
    { cwd: fileURLToPath(new URL(".", import.meta.url)), maxBuffer: 64 * 1024 * 1024 },
  );
  return [...stdout.matchAll(/using TurboFan.*bodysize (\d+)/g)].map((match) => Number(match[1]));
}

test("a function that costs hundreds of megabytes to optimise stays as it is, others do not", async () => {
  const shell = 'if [ "$1" = a ]; then echo "$2"; fi; for f in *.c; do cc "$f" | tail; done\n';
  const bash = await optimisedWhileParsing(
    "tree-sitter-bash/tree-sitter-bash.wasm",
    shell.repeat(50),
  );
  expect(bash.length).toBeGreaterThan(0);
  expect(Math.max(...bash)).toBeLessThanOrEqual(64 * 1024);
  const go = "package a\n" + "func f(a int) int { return a + 1 }\n".repeat(200);
  const lexed = await optimisedWhileParsing("tree-sitter-go/tree-sitter-go.wasm", go);
  // The lexer of Go, which is the largest function of its grammar.
  expect(lexed).toContain(
    largestFunctionBytes(
      await readFile(fileURLToPath(import.meta.resolve("tree-sitter-go/tree-sitter-go.wasm"))),
    ),
  );
});
