/**
 * What an instance remembers of names and words that were looked for in a tree. Who may be told of it is decided
 * elsewhere.
 */
import { type DefinitionsFound, type FilesByWordFound } from "./database_answers.ts";
import { KeptLookups } from "./kept_lookups.ts";

/** Of paths and names, with what each thing costs besides: some 15,000 definitions, and as many files. */
const DEFINITIONS_UNITS_MAX = 6 * 1024 * 1024;
const FILES_UNITS_MAX = 3 * 1024 * 1024;
const DEFINITION_UNITS = 300;
const FILE_UNITS = 100;

/** What an instance remembers of names and words that were looked for. */
export interface TreeLookups {
  readonly definitions: KeptLookups<DefinitionsFound>;
  readonly words: KeptLookups<FilesByWordFound>;
}

/** Remembers nothing yet. */
export function treeLookups(): TreeLookups {
  return {
    definitions: new KeptLookups(
      DEFINITIONS_UNITS_MAX,
      ({ definitions }) =>
        definitions.reduce(
          (sum, { path, name }) => sum + DEFINITION_UNITS + path.length + name.length,
          0,
        ),
    ),
    words: new KeptLookups(
      FILES_UNITS_MAX,
      ({ files }) => files.reduce((sum, { path }) => sum + FILE_UNITS + path.length, 0),
    ),
  };
}
