/**
 * Turns the uses of names that a scanned language found into references: with lines, columns and the
 * definitions around them. Knows no language.
 */
import { Definitions, type DefinitionSpan } from "../declarations/definitions.ts";
import { cutCodePoints, inOneLine } from "../one_line.ts";
import { type ExtractedReference, NAME_CODE_POINTS_MAX, type ReferenceRole } from "../symbol.ts";

/** One use of a name, by where it stands in the text. */
export interface ScannedReference {
  readonly name: string;
  readonly start: number;
  readonly role: ReferenceRole;
}

/** Two lists of references, each in the order of the text, as one. */
export function mergeReferences(
  some: readonly ExtractedReference[],
  others: readonly ExtractedReference[],
): readonly ExtractedReference[] {
  if (others.length === 0) return some;
  return [...some, ...others].sort((one, other) =>
    one.line - other.line || one.column - other.column
  );
}

/** Locates uses, which come in the order of the text. */
export function locateReferences(
  text: string,
  uses: readonly ScannedReference[],
  spans: readonly DefinitionSpan[],
): readonly ExtractedReference[] {
  const definitions = new Definitions(spans);
  let line = 1;
  let lineStart = 0;
  let lineEnd = text.indexOf("\n");
  return uses.map(({ name, start, role }) => {
    while (lineEnd !== -1 && lineEnd < start) {
      line += 1;
      lineStart = lineEnd + 1;
      lineEnd = text.indexOf("\n", lineStart);
    }
    const around = definitions.around(start);
    return {
      name: cutCodePoints(inOneLine(name), NAME_CODE_POINTS_MAX),
      line,
      column: start - lineStart + 1,
      role,
      enclosing: around === -1 ? null : around,
    };
  });
}
