/**
 * What a composer.json says of where classes lie: PSR-4 prefixes and their folders.
 */
import { joinPath } from "../paths.ts";
import { isObject, parseJsonObject, stringsOf } from "./json_text.ts";

/** The prefixes of one manifest. */
export interface ComposerManifest {
  readonly directory: string;
  readonly prefixes: readonly {
    /** With its backslash at the end: `App\`. */
    readonly prefix: string;
    /** From the root of the repository. */
    readonly directories: readonly string[];
  }[];
}

/** The manifest in a text; null when it is none. */
export function readComposerManifest(directory: string, text: string): ComposerManifest | null {
  const value = parseJsonObject(text);
  if (value === null) return null;
  const prefixes = ["autoload", "autoload-dev"].flatMap((key) => {
    const autoload = value[key];
    const standard = isObject(autoload) ? autoload["psr-4"] : null;
    if (!isObject(standard)) return [];
    return Object.entries(standard).map(([prefix, folders]) => ({
      prefix,
      directories: stringsOf(folders).map((folder) => joinPath(directory, folder))
        .filter((folder) => folder !== null),
    }));
  });
  return { directory, prefixes };
}
