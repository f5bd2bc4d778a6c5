// Makes copies of a source text differ the way real files do: a part of its identifiers gets other
// names, the same one everywhere in a copy, so that the text still parses and still refers to
// itself. Knows no language; it leaves the words alone that are keywords in any of ours.

const IDENTIFIER = /[A-Za-z_$][A-Za-z0-9_$]{5,}/g;
/** One identifier in this many is renamed. */
const RENAMED_SHARE = 4;

/** Words of at least six letters that mean something to a parser of one of our languages. */
const RESERVED = new Set([
  ...["abstract", "accessor", "assert", "asserts", "boolean", "chan", "constructor", "continue"],
  ...["debugger", "declare", "default", "delete", "export", "extends", "fallthrough", "finally"],
  ...["function", "global", "implements", "import", "include", "instanceof", "interface"],
  ...["lambda", "module", "namespace", "nonlocal", "override", "package", "private", "protected"],
  ...["public", "readonly", "require", "return", "satisfies", "select", "sizeof", "static"],
  ...["string", "struct", "switch", "symbol", "typedef", "typeof", "undefined", "unique"],
  ...["unknown", "unsigned"],
]);

/** How a copy of a text reads. The same (text, copy) always gives the same result. */
export type Rename = (text: string) => string;

/** The renaming of one copy. It remembers its decisions, so use one for all files of a copy. */
export function renamingOf(copy: number): Rename {
  const names = new Map<string, string>();
  return (text) =>
    text.replace(IDENTIFIER, (name) => {
      const known = names.get(name);
      if (known !== undefined) return known;
      const renamed = isRenamed(name, copy) ? `${name}_${copy}` : name;
      names.set(name, renamed);
      return renamed;
    });
}

function isRenamed(name: string, copy: number): boolean {
  return !RESERVED.has(name) && hash(`${copy}:${name}`) % RENAMED_SHARE === 0;
}

/** FNV-1a over UTF-16 code units, mixed once more: its low bits alone follow the last letter. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (value ^ (value >>> 16)) >>> 0;
}
