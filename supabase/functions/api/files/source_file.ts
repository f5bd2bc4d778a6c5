/**
 * A file as those who follow code have it, with its imports. Reads nothing.
 */
import { type Resolution } from "../../_shared/graph/resolve_import.ts";
import { isImport } from "../../_shared/segment/bindings.ts";
import { type Outline, type OutlineImport } from "../../_shared/segment/outline_entries.ts";

/** A file with all that is known of it. */
export interface SourceFile {
  readonly path: string;
  readonly language: string;
  readonly outline: Outline;
}

/** An import with the file that it stands in. */
export interface FileImport {
  readonly file: SourceFile;
  readonly imported: OutlineImport;
}

/** An import of a file, and what it leads to. */
export interface ResolvedImport extends FileImport, Resolution {}

/** The imports of a file, without what it says of its exports. */
export function importsIn(file: SourceFile): FileImport[] {
  return file.outline.imports.filter(isImport).map((imported) => ({ file, imported }));
}
