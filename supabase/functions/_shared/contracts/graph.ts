/**
 * What following code answers: calls, cycles of imports, what a change reaches, what nothing uses, and a
 * repository seen from afar. Lines and columns are 1-based, columns in UTF-16 units.
 */
import { z } from "zod";
import { oid } from "./ids.ts";
import { pageOf, skipReasons } from "./lists.ts";
import { bounds, dependencyEdge, proximities, rankedDefinition } from "./navigation.ts";
import { completeness } from "./search.ts";

const place = { repository: z.string(), ref: z.string(), commit_oid: oid.nullable() };

/** One end of a call: a definition, or the file around it where path is known and name is null. */
export const callEnd = z.object({
  /** `Outer.inner`; null for code outside of any definition. */
  name: z.string().nullable(),
  kind: z.string().nullable(),
  path: z.string(),
  /** Of the definition. */
  line: z.int(),
});

/** A call from one definition to another, and where it stands. */
export const call = z.object({
  from: callEnd,
  to: callEnd,
  path: z.string(),
  line: z.int(),
  column: z.int(),
  /** How many calls away from the definition that was asked about. */
  depth: z.int(),
  /** How near the caller's file is to the callee's: the nearer, the surer that this one is meant. */
  proximity: z.enum(proximities),
  /**
   * How many things of the name are as near as this one, the signatures of one function being one; 1: no
   * other can be meant.
   */
  candidates: z.int(),
  /**
   * possible: nothing but the name ties the call to the definition, which the caller's file neither imports
   * nor has beside it; what the call is made on may as well be something else. Not followed further.
   */
  certainty: z.enum(["likely", "possible"]),
});

/** The answer of GET /callers and of GET /callees. */
export const callsAnswer = z.object({
  ...place,
  name: z.string(),
  /** What the name may mean, the likeliest first. */
  definitions: z.array(rankedDefinition),
  followed: z.int().meta({
    description:
      "How many of the definitions, from the first, the calls are of: those of the path, " +
      "the one at the position, else all up to a bound, beyond which the answer is not complete.",
  }),
  calls: z.array(call),
  /** Names that are called, were looked for and are defined nowhere in the repository, or called on what is from outside. */
  outside: z.array(z.string()),
  ...bounds,
});

/** Files that import one another in a circle. */
export const cycle = z.object({
  files: z.array(z.string()),
  /** The imports between them; depth is 1. */
  edges: z.array(dependencyEdge),
});

/** The answer of GET /cycles. */
export const cyclesAnswer = z.object({
  ...place,
  cycles: z.array(cycle),
  /** How many files were looked at. */
  files: z.int(),
  ...bounds,
});

/** A file that a change reaches. */
export const reachedFile = z.object({
  path: z.string(),
  /** How many imports away. */
  depth: z.int(),
  /** The file through which it is reached. */
  via: z.string(),
  line: z.int(),
  in_test: z.boolean(),
});

/** The answer of GET /impact: tests first, then the nearest. */
export const impactAnswer = z.object({
  ...place,
  path: z.string(),
  name: z.string().nullable(),
  files: z.array(reachedFile),
  tests: z.int(),
  ...bounds,
});

/** Why a definition that nothing mentions may still be used. */
export const unusedCaveats = [
  "exported",
  "method",
  "overrides",
  "entry_point",
  "dynamic_language",
] as const;

/** A definition whose name no other file has. */
export const unusedDefinition = z.object({
  name: z.string(),
  kind: z.string(),
  path: z.string(),
  line: z.int(),
  end_line: z.int(),
  container: z.string().nullable(),
  signature: z.string(),
  exported: z.boolean(),
  caveats: z.array(z.enum(unusedCaveats)),
});

/** The answer of GET /unused. */
export const unusedAnswer = z.object({
  ...place,
  definitions: z.array(unusedDefinition),
  /** How many files of the page were looked at. */
  files: z.int(),
  ...completeness,
});

/** What lies directly in a folder. */
export const treeEntry = z.object({
  name: z.string(),
  path: z.string(),
  kind: z.enum(["folder", "file"]),
  /** How many files are below it; 1 for a file. */
  files: z.int(),
  language: z.string().nullable(),
  size_bytes: z.int().nullable(),
  line_count: z.int().nullable(),
  skip_reason: z.enum(skipReasons).nullable(),
});

/** The answer of GET /tree. */
export const treeAnswer = z.object({ ...place, path: z.string(), ...pageOf(treeEntry).shape });

/** Where a program or a package begins. */
export const entryPoint = z.object({
  path: z.string(),
  line: z.int(),
  /** `package.json bin`, `main function`, `__main__.py`, … */
  why: z.string(),
});

/** The answer of GET /overview. */
export const overviewAnswer = z.object({
  ...place,
  files: z.int(),
  lines: z.int(),
  bytes: z.int(),
  languages: z.array(
    z.object({ language: z.string(), files: z.int(), lines: z.int(), bytes: z.int() }),
  ),
  folders: z.array(z.object({ path: z.string(), files: z.int(), bytes: z.int() })),
  entry_points: z.array(entryPoint),
  /** Counted in the files that were looked at. */
  most_referenced_symbols: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      path: z.string(),
      line: z.int(),
      references: z.int().meta({
        description: "Uses of the name, whichever of its definitions they mean.",
      }),
      /** How many definitions have this name. */
      definitions: z.int(),
    }),
  ),
  most_imported_files: z.array(z.object({ path: z.string(), imports: z.int() })),
  /** How many files with definitions there are, and in how many of them uses were counted. */
  source_files: z.int(),
  files_read: z.int(),
  ...bounds,
});

export type Call = z.infer<typeof call>;
export type CallsAnswer = z.infer<typeof callsAnswer>;
export type CyclesAnswer = z.infer<typeof cyclesAnswer>;
export type ImpactAnswer = z.infer<typeof impactAnswer>;
export type OverviewAnswer = z.infer<typeof overviewAnswer>;
export type TreeAnswer = z.infer<typeof treeAnswer>;
export type UnusedAnswer = z.infer<typeof unusedAnswer>;
export type UnusedDefinition = z.infer<typeof unusedDefinition>;
