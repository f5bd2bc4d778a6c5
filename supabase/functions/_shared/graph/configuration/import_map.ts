/**
 * Names that deno.json or an import map gives to files of the repository.
 */
import { joinPath } from "../paths.ts";
import { isObject, parseJsonObject } from "./json_text.ts";
import { type ExportEntry } from "./package_json.ts";

/** An import map; its targets are paths from the root of the repository. */
export interface ImportMap {
  readonly directory: string;
  readonly entries: readonly ExportEntry[];
}

/** The map in a text; null when there is none. */
export function readImportMap(directory: string, text: string): ImportMap | null {
  const imports = parseJsonObject(text)?.["imports"];
  if (!isObject(imports)) return null;
  const entries = Object.entries(imports).flatMap(([pattern, target]) => {
    if (typeof target !== "string" || !target.startsWith(".")) return [];
    const path = joinPath(directory, target);
    if (path === null) return [];
    return [{ pattern, targets: [target.endsWith("/") ? `${path}/` : path] }];
  });
  return { directory, entries };
}
