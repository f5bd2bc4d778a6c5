/**
 * What an outline holds of a blob: definitions, imports and references. Knows not how they are packed.
 */

/** A definition. Lines and columns are 1-based, columns in UTF-16 units. */
export interface OutlineDefinition {
  readonly name: string;
  readonly kind: string;
  /** Where the name begins. */
  readonly startLine: number;
  readonly startColumn: number;
  /** The whole definition, from its first character to just after its last. */
  readonly rangeLine: number;
  readonly rangeColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** The enclosing definitions, `Outer.Inner`; null at the top. */
  readonly container: string | null;
  readonly signature: string;
  readonly doc: string | null;
  /** Whether other files can name it. */
  readonly exported: boolean;
}

/** An import as it is written. */
export interface OutlineImport {
  readonly specifier: string;
  readonly line: number;
  /** module, file, include, system_include or name. */
  readonly kind: string;
  readonly names: readonly { readonly name: string; readonly alias: string | null }[];
  readonly typeOnly: boolean;
}

/** A use of a name. */
export interface OutlineReference {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  /** call, type, import, inherit, read or write. */
  readonly role: string;
  /** The index of the innermost definition around it; null at the top. */
  readonly enclosing: number | null;
}

/** All of a blob, each list in the order of the source. */
export interface Outline {
  readonly definitions: readonly OutlineDefinition[];
  readonly imports: readonly OutlineImport[];
  readonly references: readonly OutlineReference[];
}
