/**
 * What walks over calls in both directions share: how they name definitions, and the ends of a call.
 */
import { type Call } from "../../_shared/contracts/graph.ts";
import { type RankedDefinition } from "../../_shared/contracts/navigation.ts";
import {
  type OutlineDefinition,
  type OutlineReference,
} from "../../_shared/segment/outline_entries.ts";
import { fullNameOf } from "../files/position.ts";
import { type Renamed } from "./called_names.ts";

/** The calls of a walk, the nearest first. */
export interface CallWalk {
  readonly calls: readonly Call[];
  readonly outside: readonly string[];
  readonly isCut: boolean;
}

/** A definition by its place. */
export type Node = Pick<RankedDefinition, "name" | "path" | "line" | "language">;

/** A name for it that no other one has. */
export function keyOf({ name, path, line }: Node): string {
  return [name, path, line].join("\n");
}

/** Where a call stands: in a definition, or in none of its file. */
export function endOf(path: string, definition: OutlineDefinition | undefined): Call["from"] {
  if (definition === undefined) return { name: null, kind: null, path, line: 1 };
  return { name: fullNameOf(definition), kind: definition.kind, path, line: definition.startLine };
}

/** Where a call leads. */
export function endOfRanked(definition: RankedDefinition): Call["to"] {
  const { name, container, kind, path, line } = definition;
  return { name: container === null ? name : `${container}.${name}`, kind, path, line };
}

/** One of the places that names are looked up for: of a step they are mostly in one part of the tree. */
export function nearOf([first]: Iterable<Node>): string | null {
  return first?.path ?? null;
}

/** The calls among references, by the names that what is called has itself. */
export function callsAmong(
  references: readonly OutlineReference[],
  renamed: Renamed,
): OutlineReference[] {
  return references.filter(({ role }) => role === "call").map((each) => {
    const name = renamed.get(each.name);
    return name === undefined ? each : { ...each, name };
  });
}
