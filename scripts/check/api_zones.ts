// The routes of the API as zones: their folders, and the others that each builds on.

import type { Zone } from "./zone.ts";

const folders: Readonly<Record<string, readonly string[]>> = {
  registration: [],
  files: [],
  search: ["files"],
  graph: ["files"],
  names: ["files", "graph"],
  uses: ["files", "graph", "names"],
  overview: ["files", "graph", "names"],
};

function nameOf(folder: string): string {
  return `function ${folder}`;
}

/** All of them, for the handler that puts them together. */
export const apiZoneNames = Object.keys(folders).map(nameOf);

/** A zone for each folder; `base`: what every one may use. */
export function apiZones(base: readonly string[]): Zone[] {
  return Object.entries(folders).map(([folder, others]) => ({
    name: nameOf(folder),
    paths: new RegExp(`^supabase/functions/api/${folder}/`),
    zones: [...base, ...others.map(nameOf)],
    packages: ["zod"],
    builtins: [],
  }));
}
