/**
 * What a symbol search answers: definitions, with where they are and what they are in.
 */
import { z } from "zod";
import { oid } from "./ids.ts";
import { completeness } from "./search.ts";

/** How a name is compared: exact as written, the others without case unless it has a capital. */
export const symbolMatches = ["exact", "prefix", "infix"] as const;

/** A definition. */
export const symbol = z.object({
  name: z.string(),
  kind: z.string(),
  path: z.string(),
  line: z.number().int(),
  column: z.number().int(),
  end_line: z.number().int(),
  container: z.string().nullable(),
  signature: z.string(),
  repository: z.string(),
  ref: z.string(),
  commit_oid: oid,
});
export type SymbolDefinition = z.infer<typeof symbol>;

/** The answer of GET /symbols. */
export const symbolsAnswer = z.object({ symbols: z.array(symbol).readonly(), ...completeness });
export type SymbolsAnswer = z.infer<typeof symbolsAnswer>;
