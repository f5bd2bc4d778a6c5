/**
 * What reading and navigating answers: files, their outlines, and the uses of a name. Lines and columns
 * are 1-based, columns in UTF-16 units.
 */
import { z } from "zod";
import { oid } from "./ids.ts";
import { missingSymbolsReasons, pageOf, skipReasons } from "./lists.ts";
import { completeness } from "./search.ts";

/** What bounds an answer that has no pages. */
export const bounds = {
  complete: z.boolean(),
  incomplete_reason: z.enum(["not_indexed", "symbols_pending", "work_budget", "more_results"])
    .nullable(),
};

/** Which tree an answer speaks of. */
const place = { repository: z.string(), ref: z.string(), commit_oid: oid.nullable() };

/** A file of an indexed ref. */
export const indexedFile = z.object({
  path: z.string(),
  /** Linguist's name, empty when unknown. */
  language: z.string(),
  size_bytes: z.int().nullable(),
  line_count: z.int().nullable(),
  skip_reason: z.enum(skipReasons).nullable(),
});

/** The answer of GET /files. */
export const filesAnswer = z.object({ ...place, ...pageOf(indexedFile).shape });

/** The answer of GET /file: whole lines, joined by line feeds. */
export const fileAnswer = z.object({
  ...place,
  path: z.string(),
  language: z.string(),
  size_bytes: z.int().nullable(),
  line_count: z.int(),
  start_line: z.int(),
  /** The last line of the text; less than asked for where the file or the answer ends. */
  end_line: z.int(),
  text: z.string(),
  /** Whether the first line is longer than an answer may be, so that its end is missing. */
  truncated: z.boolean().meta({
    description: "The first line is longer than an answer may be: its end is missing.",
  }),
  /** Why there is no text; null when there is. */
  skip_reason: z.enum(skipReasons).nullable(),
});

/** A definition with what documents it. */
export const outlineDefinition = z.object({
  name: z.string(),
  kind: z.string(),
  line: z.int(),
  column: z.int(),
  start_line: z.int(),
  end_line: z.int(),
  container: z.string().nullable(),
  signature: z.string(),
  doc: z.string().nullable(),
  exported: z.boolean(),
});

/** An import as it is written. */
export const outlineImport = z.object({
  specifier: z.string(),
  line: z.int(),
  kind: z.string(),
  names: z.array(z.object({ name: z.string(), alias: z.string().nullable() })),
  type_only: z.boolean(),
});

/** The answer of GET /outline. */
export const outlineAnswer = z.object({
  ...place,
  path: z.string(),
  language: z.string(),
  definitions: z.array(outlineDefinition),
  imports: z.array(outlineImport),
  truncated: z.boolean().meta({
    description: "There are more than an answer holds: ask again from next_start_line.",
  }),
  /** The line to go on at, whose entries are not here yet; null where all are. */
  next_start_line: z.int().nullable(),
  /** Why there is no outline; null when there is. */
  skip_reason: z.enum([...skipReasons, ...missingSymbolsReasons]).nullable(),
});

/** How near a file is to another by what it imports and which package it is of, the nearest first. */
export const proximities = [
  "same_file",
  "imported",
  "same_package",
  "same_folder",
  "elsewhere",
] as const;

/** How a definition's name matches what was asked for, the best first. */
export const nameMatches = ["exact", "prefix", "hump", "infix", "fuzzy"] as const;

/** A definition that was found, and why it stands where it does. */
export const rankedDefinition = z.object({
  name: z.string(),
  kind: z.string(),
  ...place,
  path: z.string(),
  language: z.string(),
  line: z.int(),
  column: z.int(),
  end_line: z.int(),
  container: z.string().nullable(),
  signature: z.string(),
  doc: z.string().nullable(),
  /** Whether other files can name it. */
  exported: z.boolean(),
  in_test: z.boolean(),
  match: z.enum(nameMatches),
  /** How near its file is to the place that was asked about; null when none was. */
  proximity: z.enum(proximities).nullable(),
});

/** The answer of GET /definitions. */
export const definitionsAnswer = z.object({
  definitions: z.array(rankedDefinition),
  inherited: z.boolean().meta({
    description: "Whether what stands before the name has none itself, and inherits these.",
  }),
  ...bounds,
});

/** What a name of a file is that an import brings. */
export const importedName = z.object({
  name: z.string().meta({
    description: "What the imported file calls it: `default`, or * for the file as a whole.",
  }),
  specifier: z.string(),
  line: z.int(),
  paths: z.array(z.string()).meta({
    description: "The files that the import leads to; none where it is from outside.",
  }),
});

/** The answer of GET /definitions/at. */
export const definitionsAtAnswer = z.object({
  ...place,
  path: z.string(),
  line: z.int(),
  column: z.int(),
  /** The name under the position; null where there is none. */
  name: z.string().nullable(),
  role: z.string().nullable().meta({
    description:
      "What the name does there, as far as it is known: definition, call, type, import; " +
      "keyword where the language reserves the word, which is no name then.",
  }),
  /** The definition around the position, `Outer.inner`. */
  enclosing: z.string().nullable(),
  imported: importedName.nullable().meta({
    description: "The import that brings the name into the file, or what it is a member of where " +
      "nothing here is meant by that; null where there is none.",
  }),
  may_be_local: z.boolean().meta({
    description:
      "No import brings the name and nothing near defines it: it may be one that a function " +
      "has for itself, which the index holds no definitions of.",
  }),
  definitions: z.array(rankedDefinition),
  ...bounds,
});

/** What a use of a name does. */
export const referenceRoles = ["call", "type", "import", "inherit", "read", "write"] as const;

/** A use of a name, and the definition it stands in. */
export const reference = z.object({
  ...place,
  path: z.string(),
  name: z.string().meta({
    description: "As it is written there: another one where an import renames it.",
  }),
  line: z.int(),
  column: z.int(),
  /** call, type, import, inherit, read or write. */
  role: z.string(),
  enclosing: z.string().nullable(),
  text: z.string(),
  /** How near its file is to the definition that was given; null when none was. */
  proximity: z.enum(proximities).nullable(),
});

/** The answer of GET /references. */
export const referencesAnswer = z.object({
  references: z.array(reference),
  /**
   * Files of this page that have the word but no references of it: prose, data, comments, strings, or a name
   * that a function has for itself.
   */
  other_files: z.array(z.string()),
  renaming_files: z.array(z.string()).meta({
    description: "Files of this page that give the name another one for those who import it, " +
      "`default` among them: uses by that name are found with defined_in alone.",
  }),
  defined_there: z.boolean().nullable().meta({
    description:
      "Whether the file of defined_in defines the name; false: it passes another file's on, or " +
      "the name is one that a function has for itself. Null without defined_in.",
  }),
  /** Those of them that could not be read for references, and why. */
  unread_files: z.array(z.object({
    path: z.string(),
    language: z.string(),
    reason: z.enum(missingSymbolsReasons),
  })),
  ...completeness,
});

/** An import from one file of the repository to another. */
export const dependencyEdge = z.object({
  from: z.string(),
  to: z.string(),
  line: z.int(),
  specifier: z.string(),
  /** How many imports away from the file that was asked about. */
  depth: z.int(),
});

/** The answer of GET /dependencies and of GET /dependents. */
export const dependenciesAnswer = z.object({
  ...place,
  path: z.string(),
  edges: z.array(dependencyEdge),
  /** Imports of things outside the repository. */
  external: z.array(z.string()),
  /** Imports that name something inside which is not there, or which no rule finds. */
  unresolved: z.array(z.object({ from: z.string(), line: z.int(), specifier: z.string() })),
  complete: z.boolean(),
  incomplete_reason: z.enum(["not_indexed", "work_budget"]).nullable(),
});

export type DependenciesAnswer = z.infer<typeof dependenciesAnswer>;
export type DefinitionsAnswer = z.infer<typeof definitionsAnswer>;
export type DefinitionsAtAnswer = z.infer<typeof definitionsAtAnswer>;
export type RankedDefinition = z.infer<typeof rankedDefinition>;
export type IndexedFile = z.infer<typeof indexedFile>;
export type FileAnswer = z.infer<typeof fileAnswer>;
export type OutlineAnswer = z.infer<typeof outlineAnswer>;
export type ReferencesAnswer = z.infer<typeof referencesAnswer>;
