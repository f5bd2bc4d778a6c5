/**
 * As much of an outline as an answer holds: whole lines, from one on. Pure.
 */
import { OUTLINE_ENTRIES_MAX } from "../../_shared/contracts/limits.ts";
import { isImport } from "../../_shared/segment/bindings.ts";
import {
  type Outline,
  type OutlineDefinition,
  type OutlineImport,
} from "../../_shared/segment/outline_entries.ts";

/** A part of an outline, and the line that the next one begins at; null where this is the last. */
export interface OutlinePage {
  readonly definitions: readonly OutlineDefinition[];
  readonly imports: readonly OutlineImport[];
  readonly nextLine: number | null;
}

interface Entry {
  readonly line: number;
  readonly definition: OutlineDefinition | null;
  readonly imported: OutlineImport | null;
}

/** The imports and definitions that begin at a line or behind it. */
export function outlinePage({ definitions, imports }: Outline, firstLine: number): OutlinePage {
  const entries = [
    ...imports.filter(isImport)
      .map((imported): Entry => ({ line: imported.line, definition: null, imported })),
    ...definitions
      .map((definition): Entry => ({ line: definition.rangeLine, definition, imported: null })),
  ].filter(({ line }) => line >= firstLine).toSorted((one, other) => one.line - other.line);
  const next = entries[OUTLINE_ENTRIES_MAX]?.line ?? null;
  const most = entries.slice(0, OUTLINE_ENTRIES_MAX);
  const whole = next === null ? most : most.filter(({ line }) => line < next);
  // Of a line that has more than an answer holds the rest is left out.
  const isOneLine = next !== null && whole.length === 0;
  const page = isOneLine ? most : whole;
  return {
    definitions: page.flatMap(({ definition }) => definition ?? []),
    imports: page.flatMap(({ imported }) => imported ?? []),
    nextLine: isOneLine ? next + 1 : next,
  };
}
