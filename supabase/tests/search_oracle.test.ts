// Every text answer equals git grep's on the same commit, for seeded random queries over the sources of
// packages that the lock pins, so that every run asks the same, and some files that are hard to read:
// literals from one character on, regular expressions in the syntax that both have, and boolean
// combinations, which are worked out from what git grep says of each part. SEARCH_ORACLE_QUERIES sets how
// many in all. What a query costs is what it reads, so the sources are few: enough for a dictionary with grams.
//
// Stated limits: paths that the index skips; the long s and the Kelvin sign, which RE2 takes for s and k
// without case and nothing here contains; lines with a dotless ı, which POSIX takes for an i without case
// and RE2 does not; and two lines of which RE2 and git grep say different things in
// expressions, which a test below names.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createIndexing,
  type Indexing,
  type RegisteredRepository,
} from "../../indexer/test/support/indexing.ts";
import { git } from "../../scripts/local/github/git_process.ts";
import type { SearchPosition } from "../functions/api/search/search_run.ts";
import { showLines } from "../functions/api/search/search_views.ts";
import { KeptChunks } from "../functions/_shared/search/kept_chunks.ts";
import { searchPage } from "./support/search.ts";

const QUERIES = Number(process.env["SEARCH_ORACLE_QUERIES"] ?? 1000);
const LITERALS = Math.ceil(QUERIES * 0.45);
const EXPRESSIONS = Math.ceil(QUERIES * 0.1);
const COMBINATIONS = Math.ceil(QUERIES * 0.45);
/** What combinations are made of: git grep is asked once for each. */
const WORDS = 60;
const SECONDS_MAX = 1_800;
const NEEDLE_UNITS_MAX = 40;
const SEED = 20261122;
const packages = fileURLToPath(new URL("../../node_modules", import.meta.url));
const SOURCES: readonly string[] = [
  "zod/src/v4/core/regexes.ts",
  "zod/src/v4/core/util.ts",
  "zod/src/v4/locales",
  "@supabase/storage-js/src",
  "@octokit/webhooks-methods",
];
const run = promisify(execFile);

/** As of an instance that has answered all queries before: little stays unpacked, and some is forgotten. */
const keptChunks = new KeptChunks(300_000, 60_000);

let indexing: Indexing;
let repository: RegisteredRepository;
let directory: string;
let lines: string[];

const oddFiles: readonly (readonly [name: string, content: string | Uint8Array])[] = [
  ["latin1.txt", Buffer.from("caf\xe9 au lait\nna\xefve = \xff\xfe;\n", "latin1")],
  ["crlf.txt", "first line\r\nsecond LINE\r\n\r\nlast without an end"],
  ["unicode.md", "Straße ÜBER Ωmega ωmega 𝒳 日本語テキスト — “quotes” 🚀🚀\n".repeat(3)],
  ["long.js", `var x="${"abcXYZ0189".repeat(2_000)}";\n`],
  ["binary.bin", Buffer.from([0, 1, 2, 3, 0x61, 0x62, 0x63])],
  ["late_nul.txt", `${"line of text\n".repeat(1000)}a\0b after a NUL\n`],
  ["empty.txt", ""],
  ["blank.txt", "\n\n   \n\t\n"],
  ['a file: with "quotes" and a tab\t.txt', "the odd name's content\n"],
];

beforeAll(async () => {
  indexing = await createIndexing();
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-oracle-"));
  for (const part of SOURCES) {
    await cp(path.join(packages, part), path.join(directory, part), { recursive: true });
  }
  await mkdir(path.join(directory, "odd"));
  for (const [name, content] of oddFiles) {
    await writeFile(path.join(directory, "odd", name), content);
  }
  const hosted = await indexing.createHosted();
  await git(directory, "init", "--quiet", "--initial-branch=main");
  await git(directory, "add", "--all");
  const author = ["-c", "user.name=A Person", "-c", "user.email=person@example.org"];
  await git(directory, ...author, "commit", "--quiet", "-m", "All");
  await git(directory, "push", "--quiet", hosted.directory, "HEAD:refs/heads/main");
  repository = await indexing.register(hosted);
  await indexing.work();
  expect(await indexing.lastJob(repository)).toMatchObject({ outcome: "indexed" });
  lines = (await textLines()).filter((line) => !/[\uFFFD\0\r]/.test(line));
}, 240_000);
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function textLines(): Promise<string[]> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && !entry.parentPath.includes(".git"))
    .map((entry) => path.join(entry.parentPath, entry.name)).sort();
  const texts = await Promise.all(files.map((name) => readFile(name, "utf8")));
  return texts.flatMap((text) => text.split("\n")).filter((line) => line !== "");
}

/** A small generator with a period long enough; the same queries in every run. */
class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** A piece of a line of the corpus, or one with its case changed. */
function randomLiteral(random: Random): string {
  for (;;) {
    const line = random.of(lines);
    const units = 1 + random.below(random.below(2) === 0 ? 6 : NEEDLE_UNITS_MAX);
    const start = random.below(Math.max(1, line.length - units));
    const literal = line.slice(start, start + units);
    if (literal === "" || !literal.isWellFormed()) continue;
    return random.below(4) === 0 ? literal.toLowerCase() : literal;
  }
}

/** An expression that RE2 and POSIX read alike, made from a piece of a line. */
function randomRegex(random: Random): string {
  const pieces = Array.from(randomLiteral(random)).slice(0, 12).map((character) => {
    const literal = /[A-Za-z0-9 _]/.test(character) ? character : `[${character}]`;
    if (/[\\\]^[\n]/.test(character)) return ".";
    return random.of([
      literal,
      literal,
      literal,
      ".",
      `${literal}+`,
      `${literal}?`,
      `(${literal}|x)`,
      `[a-z${/[\w ]/.test(character) ? character : "0"}]`,
    ]);
  });
  const anchored = random.below(8);
  return `${anchored === 0 ? "^" : ""}${pieces.join("")}${anchored === 1 ? "$" : ""}`;
}

/** path:line of every line that git grep finds, but for paths that the index skips. */
async function grep(pattern: string, kind: "-F" | "-E", ignoresCase: boolean): Promise<string[]> {
  // A locale of UTF-8, or git folds ASCII alone.
  const env = { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" };
  const args = ["grep", "-nIz", kind, ...(ignoresCase ? ["-i"] : []), "-e", pattern, "HEAD"];
  const result = await run("git", args, { cwd: directory, env, maxBuffer: 2 ** 28 })
    .catch((error: unknown) => {
      // 1: no line matches.
      if (error instanceof Error && "code" in error && error.code === 1) return { stdout: "" };
      throw error;
    });
  return result.stdout.split("\n").filter((row) => row.includes("\0")).map((row) => {
    const [file = "", line = ""] = row.split("\0");
    return `${file.slice("HEAD:".length)}:${line}`;
  }).filter((place) => !place.startsWith("odd/binary.bin:")).sort();
}

/** All pages; no line twice. */
async function search(q: string, mode: "query" | "literal"): Promise<string[]> {
  const places: string[] = [];
  let position: SearchPosition | null = null;
  do {
    const { serviceRole } = indexing.database;
    const found = await searchPage(serviceRole, repository.tenantId, q, {
      mode,
      position,
      limit: 1_000_000,
      keptChunks,
    });
    if (found.outcome !== "ok") throw new Error(found.outcome);
    for (const match of showLines(found.lines, false)) places.push(`${match.path}:${match.line}`);
    position = found.next;
  } while (position !== null);
  expect(new Set(places).size, q).toBe(places.length);
  return places.sort();
}

function difference(query: string, actual: readonly string[], expected: readonly string[]) {
  if (actual.join("\n") === expected.join("\n")) return [];
  const missing = expected.filter((line) => !actual.includes(line)).slice(0, 3);
  const extra = actual.filter((line) => !expected.includes(line)).slice(0, 3);
  return [{ query, missing, extra }];
}

/** A byte that is no UTF-8 is a character of the index, and a NUL is one to RE2; neither is to git grep. */
const isReadAlike = (place: string) =>
  !place.startsWith("odd/latin1.txt:") && place !== "odd/late_nul.txt:1001";

/** Asks two at a time, so that one searches while the database works for the other. */
async function differencesOf<Asked>(
  all: readonly Asked[],
  ask: (asked: Asked) => Promise<readonly unknown[]>,
): Promise<unknown[]> {
  const left = all.values();
  const differing: unknown[] = [];
  const lane = async () => {
    for (const asked of left) differing.push(...await ask(asked));
  };
  await Promise.all([lane(), lane()]);
  return differing;
}

/** As many as are made one after the other, so that every run asks the same. */
function make<Made>(count: number, one: (index: number) => Made): Made[] {
  return Array.from({ length: count }, (_, index) => one(index));
}

const quote = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
const hasCapital = (text: string) => text !== text.toLowerCase();

describe("search names the same lines as git grep", () => {
  test(`for ${LITERALS} random literals`, async () => {
    const random = new Random(SEED);
    let found = 0;
    const literals = make(LITERALS, (index) => ({ index, literal: randomLiteral(random) }));
    const differing = await differencesOf(literals, async ({ index, literal }) => {
      const isPhrase = index % 2 === 0;
      const [actual, expected] = await Promise.all([
        isPhrase ? search(quote(literal), "query") : search(literal, "literal"),
        grep(literal, "-F", !hasCapital(literal)),
      ]);
      found += actual.length;
      return difference(literal, actual, expected);
    });
    expect(differing).toEqual([]);
    expect(found).toBeGreaterThan(LITERALS);
  }, SECONDS_MAX * 1000);

  test(`for ${EXPRESSIONS} random regular expressions`, async () => {
    const random = new Random(SEED + 1);
    const expressions = make(EXPRESSIONS, () => ({
      regex: randomRegex(random),
      ignoresCase: random.below(2) === 0,
    }));
    const dotless = new Set(await grep("ı", "-F", false));
    const differing = await differencesOf(expressions, async ({ regex, ignoresCase }) => {
      const isAlike = (place: string) => isReadAlike(place) && !(ignoresCase && dotless.has(place));
      const q = `/${regex.replaceAll("/", "\\/")}/ case:${ignoresCase ? "no" : "yes"}`;
      const [actual, expected] = await Promise.all([
        search(q, "query"),
        grep(regex, "-E", ignoresCase),
      ]);
      return difference(q, actual.filter(isAlike), expected.filter(isAlike));
    });
    expect(differing).toEqual([]);
  }, SECONDS_MAX * 1000);

  test(`for ${COMBINATIONS} random combinations of words`, async () => {
    const random = new Random(SEED + 2);
    const words = [...new Set(lines.flatMap((line) => line.match(/[a-z]{3,12}/g) ?? []))];
    const some = make(WORDS, () => random.of(words));
    const known = new Map<string, string[]>();
    for (const word of some) known.set(word, await grep(word, "-F", true));
    const combinations = make(COMBINATIONS, () => ({
      wanted: [random.of(some), random.of(some), random.of(some)] as const,
      form: random.below(5),
    }));
    const differing = await differencesOf(combinations, async ({ wanted, form }) => {
      const found = wanted.map((word) => known.get(word) ?? []);
      const { q, lines: expected } = combine(form, wanted, found);
      return difference(q, await search(q, "query"), expected.sort());
    });
    expect(differing).toEqual([]);
  }, SECONDS_MAX * 1000);
});

const fileOf = (place: string) => place.slice(0, place.lastIndexOf(":"));

/** A query of three words, and what it finds, from what each word finds. */
function combine(
  form: number,
  [a, b, c]: readonly [string, string, string],
  found: readonly (readonly string[])[],
): { q: string; lines: string[] } {
  const files = found.map((places) => new Set(places.map(fileOf)));
  const has = (index: number, file: string) => files[index]?.has(file) ?? false;
  const pick = (indexes: readonly number[], keeps: (file: string) => boolean) => {
    const places = new Set(indexes.flatMap((index) => found[index] ?? []));
    return [...places].filter((place) => keeps(fileOf(place)));
  };
  switch (form) {
    case 0:
      return { q: `${a} ${b}`, lines: pick([0, 1], (file) => has(0, file) && has(1, file)) };
    case 1:
      return { q: `${a} or ${b}`, lines: pick([0, 1], () => true) };
    case 2:
      return { q: `${a} -${b}`, lines: pick([0], (file) => !has(1, file)) };
    case 3: {
      const q = `(${a} or ${b}) ${c}`;
      const holds = (file: string) => (has(0, file) || has(1, file)) && has(2, file);
      return { q, lines: pick([0, 1, 2], holds) };
    }
    default: {
      // Of an alternative that does not hold nothing is shown.
      const q = `(${a} ${b}) or ${c}`;
      const both = pick([0, 1], (file) => has(0, file) && has(1, file));
      return { q, lines: [...new Set([...both, ...(found[2] ?? [])])] };
    }
  }
}

test("needles at the edges of what is indexed", async () => {
  const needles = [
    "@",
    "日",
    "🚀",
    "   ",
    "\t",
    "straße",
    "ωmega",
    "\r",
    "abcXYZ0189abcXYZ",
    ");",
    "last without an end",
    "~",
    "a tab",
    "a",
  ];
  for (const needle of needles) {
    const expected = await grep(needle, "-F", !hasCapital(needle));
    expect(await search(needle, "literal"), JSON.stringify(needle)).toEqual(expected);
  }
}, 120_000);

test("a dot is any character of a line, as in RE2, also a NUL and a byte that is no UTF-8", async () => {
  expect(await search("/^a.b after a/ path:odd/", "query")).toEqual(["odd/late_nul.txt:1001"]);
  expect(await search("/caf. au lait/ path:odd/", "query")).toEqual(["odd/latin1.txt:1"]);
  expect(await grep("^a.b after a|caf. au lait", "-E", false)).toEqual([]);
});

test("a query without text names files by their first line", async () => {
  const all = (await git(directory, "ls-files", "-z")).split("\0").filter((name) => name !== "");
  const odd = all.filter((name) => name.startsWith("odd/") && !name.endsWith(".bin"));
  expect(await search("path:odd/", "query")).toEqual(odd.map((name) => `${name}:1`).sort());
  const withoutE = odd.filter((name) => !/crlf|unicode|latin1|late_nul|quotes/.test(name));
  expect(await search("path:odd/ -e", "query")).toEqual(withoutE.map((name) => `${name}:1`).sort());
});

test("columns and lengths are UTF-16 units of the line that is shown", async () => {
  for (const needle of ["語テキ", "🚀", "“quotes”", "second"]) {
    const { serviceRole } = indexing.database;
    const found = await searchPage(serviceRole, repository.tenantId, needle, { mode: "literal" });
    if (found.outcome !== "ok") throw new Error(found.outcome);
    for (const match of showLines(found.lines, false)) {
      const shown = match.text.slice(match.column - 1, match.column - 1 + match.length);
      expect(shown.toLowerCase()).toBe(needle);
    }
  }
});
