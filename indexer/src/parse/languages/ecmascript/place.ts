/**
 * Where a statement of JavaScript or TypeScript stands, for whoever declares what it declares.
 */
import type { Scope } from "../../symbol.ts";

/** A scope and the words before the statement: `export declare `. */
export interface Place {
  readonly scope: Scope;
  readonly prefix: string;
  /** Names that the file exports elsewhere; null where everything here can be seen. */
  readonly exports: ReadonlySet<string> | null;
}
