/**
 * Sources whose definitions and references a person wrote down from what the source means, without
 * looking at what extraction finds. A source line stands after two spaces; lines that begin with `//`
 * say what is in the line above:
 *
 *       return open(this.path);
 *     //ref call open read path
 *     //def Reader class
 *
 * What counts as a reference: every use of a name that a file or another one defines, packages of
 * imports and members included. No reference are parameters, variables and type parameters of the
 * code around, labels, keywords, `std` and the primitive types of a language, the names of named
 * arguments, what an import is called here, and what stands in comments and strings.
 */
import type { ExtractedReference, ExtractedSymbol } from "../../src/parse/symbol.ts";

export interface Annotated {
  readonly text: string;
  /** `line kind name`, one for each definition. */
  readonly definitions: readonly string[];
  /** `line role name`, one for each reference. */
  readonly references: readonly string[];
}

/** Reads a source and what is written down about it. */
export function readAnnotated(file: string): Annotated {
  const text: string[] = [];
  const definitions: string[] = [];
  const references: string[] = [];
  for (const line of file.split("\n")) {
    const [mark = "", ...words] = line.split(" ");
    if (mark === "//def") definitions.push(`${text.length} ${words[1] ?? ""} ${words[0] ?? ""}`);
    else if (mark === "//ref") {
      for (let index = 0; index + 1 < words.length; index += 2) {
        references.push(`${text.length} ${words[index] ?? ""} ${words[index + 1] ?? ""}`);
      }
    } else text.push(line.slice(2));
  }
  return { text: text.join("\n"), definitions, references };
}

/** What was found, in the same words. */
export function wordsOfSymbols(symbols: readonly ExtractedSymbol[]): string[] {
  return symbols.map(({ startLine, kind, name }) => `${startLine} ${kind} ${name}`);
}

/** What was found, in the same words. */
export function wordsOfReferences(references: readonly ExtractedReference[]): string[] {
  return references.map(({ line, role, name }) => `${line} ${role} ${name}`);
}

/** How many were expected, how many found, and how many of these are the same. */
export interface Score {
  readonly expected: number;
  readonly found: number;
  readonly right: number;
}

/** The second word of `line role name`. */
function groupOf(entry: string): string {
  return entry.split(" ")[1] ?? "";
}

/** Compares two lists as bags, and by group: kinds of definitions, roles of references. */
export function scoreByGroup(
  expected: readonly string[],
  found: readonly string[],
): ReadonlyMap<string, Score> {
  const scores = new Map<string, Score>();
  for (const group of new Set([...expected, ...found].map(groupOf))) {
    const left = expected.filter((entry) => groupOf(entry) === group);
    const count = left.length;
    const inGroup = found.filter((entry) => groupOf(entry) === group);
    const right = inGroup.filter((entry) => {
      const index = left.indexOf(entry);
      if (index !== -1) left.splice(index, 1);
      return index !== -1;
    });
    scores.set(group, { expected: count, found: inGroup.length, right: right.length });
  }
  return scores;
}

/** What is in one bag and not in the other. */
export function missingFrom(list: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return list.filter((entry) => {
    const index = left.indexOf(entry);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}
