/**
 * What a package.json says of the package's own modules: its name, and which file each of its entries is.
 */
import { isObject, type JsonObject, parseJsonObject, stringsOf } from "./json_text.ts";

/** A package of the repository. */
export interface PackageManifest {
  readonly directory: string;
  readonly name: string | null;
  /** The files of the package itself, the likeliest source first, as they are written: `./dist/a.js`. */
  readonly mains: readonly string[];
  /** Commands of the package. */
  readonly bins: readonly string[];
  /** `.`, `./sub`, `./sub/*` and what they may stand for; null: everything may be imported. */
  readonly exports: readonly ExportEntry[] | null;
  /** `#name` and what it may stand for. */
  readonly imports: readonly ExportEntry[];
}

/** A name inside a package, perhaps with one `*`, and the files that it may stand for. */
export interface ExportEntry {
  readonly pattern: string;
  readonly targets: readonly string[];
}

/** Conditions that are likelier than others to lead to a source of the repository. */
const CONDITIONS = ["source", "development", "deno", "bun", "types", "import", "module", "require"];

/** All targets below conditions, in the order of CONDITIONS and then of the file. */
function targetsOf(value: unknown): string[] {
  if (!isObject(value)) {
    return Array.isArray(value) ? value.flatMap((each) => targetsOf(each)) : stringsOf(value);
  }
  const rank = (condition: string) => {
    const index = CONDITIONS.indexOf(condition);
    return index === -1 ? CONDITIONS.length : index;
  };
  const conditions = Object.keys(value).toSorted((one, other) => rank(one) - rank(other));
  return conditions.flatMap((condition) => targetsOf(value[condition]));
}

function entriesOf(value: JsonObject): ExportEntry[] {
  return Object.entries(value).map(([pattern, target]) => ({
    pattern,
    targets: [...new Set(targetsOf(target))],
  }));
}

function exportsOf(value: unknown): ExportEntry[] | null {
  if (value === undefined || value === null) return null;
  if (isObject(value) && Object.keys(value).some((key) => key.startsWith("."))) {
    return entriesOf(value);
  }
  return [{ pattern: ".", targets: [...new Set(targetsOf(value))] }];
}

/** The manifest in a text; null when it is none. */
export function readPackageManifest(directory: string, text: string): PackageManifest | null {
  const value = parseJsonObject(text);
  if (value === null) return null;
  const { name, source, types, typings, module, main, bin, exports, imports } = value;
  return {
    directory,
    name: typeof name === "string" && name !== "" ? name : null,
    mains: [source, types, typings, module, main].flatMap((each) => stringsOf(each)),
    bins: isObject(bin) ? Object.values(bin).flatMap((each) => stringsOf(each)) : stringsOf(bin),
    exports: exportsOf(exports),
    imports: isObject(imports) ? entriesOf(imports) : [],
  };
}

/** The most exact of the entries that a name fits, the targets' `*` filled in. */
export function matchEntry(entries: readonly ExportEntry[], name: string): ExportEntry | undefined {
  const exact = entries.find(({ pattern }) => pattern === name);
  if (exact !== undefined) return exact;
  const matching = entries.flatMap(({ pattern, targets }) => {
    const [start = "", end] = pattern.endsWith("/") ? [pattern, ""] : pattern.split("*");
    const fits = end !== undefined && name.startsWith(start) && name.endsWith(end) &&
      name.length > start.length + end.length;
    if (!fits) return [];
    const star = name.slice(start.length, name.length - end.length);
    const filled = targets.map((target) =>
      pattern.endsWith("/") ? target + star : target.replaceAll("*", star)
    );
    return [{ start, entry: { pattern, targets: filled } }];
  });
  return matching.toSorted((one, other) => other.start.length - one.start.length)[0]?.entry;
}
