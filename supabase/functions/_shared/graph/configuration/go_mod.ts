/**
 * What a go.mod says of names: the module's own, and folders that stand for other modules.
 */
import { joinPath } from "../paths.ts";

/** A Go module of the repository. */
export interface GoModule {
  readonly name: string;
  /** The folder of its go.mod, "" for the root. */
  readonly directory: string;
  /** Modules that are replaced by folders of the repository. */
  readonly replaced: readonly { readonly name: string; readonly directory: string }[];
}

/** The module in a text; null when it names none. */
export function readGoModule(directory: string, text: string): GoModule | null {
  const name = /^\s*module\s+"?([^\s"]+)/m.exec(text)?.[1];
  if (name === undefined) return null;
  const replaced = [
    ...text.matchAll(/^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(\.{1,2}\/?\S*)/gm),
  ]
    .flatMap(([, from = "", to = ""]) => {
      const folder = joinPath(directory, to);
      return folder === null ? [] : [{ name: from, directory: folder }];
    });
  return { name, directory, replaced };
}
