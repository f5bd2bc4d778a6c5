/**
 * The languages whose definitions can be extracted, by their Linguist name. Each is loaded when it is
 * first asked for: all of them take a process 50 ms, and a push is of one or two.
 */
import type { LanguageSupport } from "./language_support.ts";

/** What loads a language. Every other one is searchable as text. */
const loaders: ReadonlyMap<string, () => Promise<LanguageSupport>> = new Map([
  ["C", async () => (await import("./c/language.ts")).c],
  ["C#", async () => (await import("./csharp/language.ts")).csharp],
  ["C++", async () => (await import("./cpp/language.ts")).cpp],
  ["CSS", async () => (await import("./css/language.ts")).css],
  ["Elixir", async () => (await import("./elixir/language.ts")).elixir],
  ["Go", async () => (await import("./go/language.ts")).go],
  ["HTML", async () => (await import("./html/language.ts")).html],
  ["Java", async () => (await import("./java/language.ts")).java],
  ["JavaScript", async () => (await import("./javascript/language.ts")).javascript],
  ["JSON with Comments", async () => (await import("./json/language.ts")).json],
  ["JSON", async () => (await import("./json/language.ts")).json],
  ["Kotlin", async () => (await import("./kotlin/language.ts")).kotlin],
  ["Lua", async () => (await import("./lua/language.ts")).lua],
  ["Markdown", async () => (await import("./markdown/language.ts")).markdown],
  ["PHP", async () => (await import("./php/language.ts")).php],
  ["PLSQL", async () => (await import("./sql/language.ts")).sql],
  ["PLpgSQL", async () => (await import("./sql/language.ts")).sql],
  ["Python", async () => (await import("./python/language.ts")).python],
  ["Ruby", async () => (await import("./ruby/language.ts")).ruby],
  ["Rust", async () => (await import("./rust/language.ts")).rust],
  ["SQL", async () => (await import("./sql/language.ts")).sql],
  ["Scala", async () => (await import("./scala/language.ts")).scala],
  ["Shell", async () => (await import("./bash/language.ts")).bash],
  ["Svelte", async () => (await import("./component/language.ts")).svelte],
  ["Swift", async () => (await import("./swift/language.ts")).swift],
  ["TOML", async () => (await import("./toml/language.ts")).toml],
  ["TSQL", async () => (await import("./sql/language.ts")).sql],
  ["TSX", async () => (await import("./typescript/language.ts")).tsx],
  ["TypeScript", async () => (await import("./typescript/language.ts")).typescript],
  ["Vue", async () => (await import("./component/language.ts")).vue],
  ["YAML", async () => (await import("./yaml/language.ts")).yaml],
  ["Zig", async () => (await import("./zig/language.ts")).zig],
]);

/** A language; null where there are no symbols. */
export async function loadLanguage(name: string): Promise<LanguageSupport | null> {
  return await loaders.get(name)?.() ?? null;
}

/** All of them, by name. */
export async function loadLanguages(): Promise<ReadonlyMap<string, LanguageSupport>> {
  const loading = Array.from(loaders, async ([name, load]) => [name, await load()] as const);
  return new Map(await Promise.all(loading));
}
