/**
 * Names that files give to what they import and to what others import of them, as outlines have them:
 * an import lists what it renames, and an entry of the kind `export` what the file itself makes known
 * under another name. Pure; which files an import leads to is decided elsewhere.
 */
import { definitionsOf } from "./outline.ts";
import { type Outline, type OutlineDefinition, type OutlineImport } from "./outline_entries.ts";

/** The name of a module as a whole, and of what it exports without one. */
export const WHOLE = "*";
export const DEFAULT = "default";

/** What a name of a file stands for. */
export interface Binding {
  readonly imported: OutlineImport;
  /** What the imported file calls it. */
  readonly name: string;
}

/** A file as far as its imports tell. */
interface ImportingSource {
  readonly language: string;
  readonly outline: Pick<Outline, "imports">;
}

/** Where the last part of a path is a name in the file: `import "a/b"`, `import a.b`, `mod b;`. */
const NAMED_BY_PATH = /^(?:Go|Python|Rust)$/;

function lastPart(specifier: string): string {
  return /[^./:\\]*$/.exec(specifier)?.[0] ?? "";
}

/** `/v2` of a module and `.v3` of gopkg.in, which the name of the package is mostly without. */
const MAJOR_VERSION = /[/.]v\d+$/;

/** What a file calls a module that it names by its path alone: by one name, or by one of two. */
function namesByPath(specifier: string, language: string): string[] {
  const whole = lastPart(specifier);
  if (language !== "Go" || !MAJOR_VERSION.test(specifier)) return [whole];
  return [whole, lastPart(specifier.replace(MAJOR_VERSION, ""))];
}

/** Whether this is an import, and no list of what the file exports. */
export function isImport({ kind }: OutlineImport): boolean {
  return kind !== "export";
}

/** The names that an import brings, each with what it is called in the file. */
function namesOf(imported: OutlineImport, language: string) {
  const { specifier, kind, names } = imported;
  if (names.length === 0) {
    return NAMED_BY_PATH.test(language)
      ? namesByPath(specifier, language).map((local) => ({ name: WHOLE, local }))
      : [];
  }
  return names.flatMap(({ name, alias }) => {
    if (name !== WHOLE) return [{ name, local: alias ?? name }];
    // `using A = B.C;` names a class, or a namespace, by its path alone.
    return alias === null
      ? []
      : [{ name: kind === "name" ? lastPart(specifier) : WHOLE, local: alias }];
  });
}

/** What a name means that a file imports; null where no import brings it. */
export function bindingOf({ language, outline }: ImportingSource, local: string): Binding | null {
  for (const imported of outline.imports) {
    if (!isImport(imported) || !mayBring(imported, local)) continue;
    const found = namesOf(imported, language).find((each) => each.local === local);
    if (found !== undefined) return { imported, name: found.name };
  }
  return null;
}

/** Rules out nearly all imports before a list is made of their names. */
function mayBring({ specifier, names }: OutlineImport, local: string): boolean {
  return names.length === 0
    ? specifier.includes(local)
    : names.some(({ name, alias }) => (alias ?? name) === local);
}

/** All names of a file that imports bring; of two imports of one name the first, as `bindingOf` has it. */
export function importedNames(
  { language, outline }: ImportingSource,
): (Binding & { readonly local: string })[] {
  const all = outline.imports.filter(isImport).flatMap((imported) =>
    namesOf(imported, language).map((each) => ({ imported, ...each }))
  );
  return [...new Map(all.toReversed().map((each) => [each.local, each])).values()];
}

/** Whether an import brings a file as a whole, whose names are members of what it is called then. */
export function bringsWhole(imported: OutlineImport, language: string): boolean {
  return isImport(imported) && namesOf(imported, language).some(({ name }) => name === WHOLE);
}

/** Languages in which what a file imports may be imported of it, under the name that it has there. */
const PASSES_NAMES_ON = /^(?:JavaScript|TypeScript|TSX|Vue|Svelte|Python|Rust)$/;

/** Whether files of a language give names to others that they have of others. */
export function passesNamesOn(language: string): boolean {
  return PASSES_NAMES_ON.test(language);
}

/** The imports that bring a file as a whole, with what it is called: `import * as local`. */
export function importsOfWholes(
  { language, outline: { imports } }: ImportingSource,
): { readonly imported: OutlineImport; readonly local: string }[] {
  return imports.filter(isImport).flatMap((imported) =>
    namesOf(imported, language).flatMap(({ name, local }) =>
      name === WHOLE ? [{ imported, local }] : []
    )
  );
}

/** The imports that bring whatever there is in a file, whose names they do not tell. */
export function importsOfAll({ language, outline: { imports } }: ImportingSource): OutlineImport[] {
  return imports.filter((imported) =>
    isImport(imported) &&
    (imported.names.length === 0
      ? !NAMED_BY_PATH.test(language)
      : imported.names.some(({ name, alias }) => name === WHOLE && alias === null))
  );
}

/** What a file calls these names of what it imports, where that is something else. */
export function aliasesOf(source: ImportingSource, names: ReadonlySet<string>): Set<string> {
  const aliases = new Set<string>();
  for (const imported of source.outline.imports) {
    if (!isImport(imported) || imported.names.every(({ alias }) => alias === null)) continue;
    for (const { name, local } of namesOf(imported, source.language)) {
      if (names.has(name) && local !== name) aliases.add(local);
    }
  }
  return aliases;
}

/** What the names that imports change are called where they are defined. */
export function originalNames(
  { language, outline: { imports } }: ImportingSource,
): ReadonlyMap<string, string> {
  const originals = new Map<string, string>();
  for (const imported of imports) {
    if (!isImport(imported) || imported.names.every(({ alias }) => alias === null)) continue;
    for (const { name, local } of namesOf(imported, language)) {
      const isName = name !== WHOLE && name !== DEFAULT && name !== local;
      if (isName && !originals.has(local)) originals.set(local, name);
    }
  }
  return originals;
}

const DEFAULT_SIGNATURE = "export default ";

/** Other names by which files that import a file know one of its own: `default`, or of a list. */
export function exportedNames(outline: Outline, own: string): Set<string> {
  const names = new Set<string>();
  for (const each of outline.imports) {
    if (isImport(each)) continue;
    for (const { name, alias } of each.names) if (name === own && alias !== null) names.add(alias);
  }
  const isDefault = definitionsOf(outline, own).some(({ container, signature }) =>
    container === null && signature.startsWith(DEFAULT_SIGNATURE)
  );
  if (isDefault) names.add(DEFAULT);
  return names;
}

/** What a file calls what others import of it by a name. */
export function ownName({ imports }: Pick<Outline, "imports">, exported: string): string {
  for (const each of imports) {
    const found = isImport(each) ? undefined : each.names.find(({ alias }) => alias === exported);
    if (found !== undefined) return found.name;
  }
  return exported;
}

/** The definitions that others import of a file by a name: those at its top, if there are any. */
export function definitionsKnownAs(
  outline: Outline,
  exported: string,
): readonly OutlineDefinition[] {
  const own = ownName(outline, exported);
  if (own === DEFAULT) {
    return outline.definitions.filter(({ name, container, signature }) =>
      container === null && (name === DEFAULT || signature.startsWith(DEFAULT_SIGNATURE))
    );
  }
  const named = definitionsOf(outline, own);
  const outer = named.filter(({ container }) => container === null);
  return outer.length > 0 ? outer : named;
}
