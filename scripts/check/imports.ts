// Who may import whom: every import against the table of zones.

import { importsOf, resolveRelative } from "./import_scan.ts";
import { isFixture, isScript, isTest, type Rule, type SourceFile } from "./source_file.ts";
import type { Zone } from "./zone.ts";
import { zones } from "./zones.ts";

function zoneOf(path: string): Zone | undefined {
  return zones.find((zone) => zone.paths.test(path));
}

function allows(list: readonly string[], name: string): boolean {
  return list.includes("*") || list.includes(name);
}

/** Why this import is not allowed, or null. */
export function importProblem(from: string, specifier: string): string | null {
  const zone = zoneOf(from);
  if (zone === undefined) return `is in no zone of scripts/check/zones.ts`;
  if (/^\.{1,2}\//.test(specifier)) return relativeProblem(zone, from, specifier);
  if (specifier.startsWith("node:")) {
    const builtin = specifier.slice("node:".length);
    return allows(zone.builtins, builtin) ? null : `${zone.name} may not use ${specifier}`;
  }
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  if (/^[a-z]+:/.test(specifier)) return `write the bare package name, not ${specifier}`;
  return allows(zone.packages, name) ? null : `${zone.name} may not use the package ${name}`;
}

function relativeProblem(zone: Zone, from: string, specifier: string): string | null {
  if (!/\.[a-z]+$/.test(specifier)) return `write the file ending: ${specifier}`;
  const to = resolveRelative(from, specifier);
  if (zone.name === "tests") return null;
  if (isTest(to)) return `nobody imports tests: ${to}`;
  // Data beside the code (json, sql, wasm) belongs to the zone whose folder holds it.
  const target = zoneOf(to);
  if (target === undefined) return `${to} is in no zone of scripts/check/zones.ts`;
  if (target === zone || zone.zones.includes(target.name)) {
    return zone.name.startsWith("function") && target.name.startsWith("function")
      ? otherFunctionProblem(from, to)
      : null;
  }
  return `${zone.name} may not import ${target.name} (${to})`;
}

/** A function is its folder: it knows the shared code and itself. */
function otherFunctionProblem(from: string, to: string): string | null {
  const folder = (path: string) => path.split("/")[2];
  return folder(from) === folder(to) ? null : `a function may not import another one (${to})`;
}

/** The rule over all scripts. */
export const importRule: Rule = {
  name: "imports",
  check: (files) => files.filter((file) => isScript(file.path)).flatMap(violations),
};

function violations(file: SourceFile) {
  if (isFixture(file.path)) return [];
  return importsOf(file).flatMap(({ specifier, line }) => {
    const message = importProblem(file.path, specifier);
    return message === null ? [] : [{ path: file.path, line, message }];
  });
}
