// Compares the definitions of two programs: what both have, and into which class each difference
// falls. Pure: it reads no file and starts no program.

import type { ExtractedImport, ExtractedSymbol } from "../../../indexer/src/parse/symbol.ts";

/** What ctags says of one name. */
export interface Tag {
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  readonly kind: string;
}

/** What we found in one file. */
export interface FoundFile {
  readonly language: string;
  /** Why it has no symbols. */
  readonly skip: string | null;
  readonly symbols: readonly ExtractedSymbol[];
  readonly imports: readonly ExtractedImport[];
  readonly lines: readonly string[];
}

/** The classes of what ctags alone has, the surest first. */
export const THEIR_CLASSES = {
  skipped: "in a file that we do not parse, which says so",
  absent: "a name that does not stand on that line",
  anonymous: "a name that ctags makes up",
  guard: "a macro without a value that guards a header",
  heredoc: "the word that ends a document in a script",
  import: "a name that is imported, not defined",
  other_line: "ours too, on a line up to three away",
  implementation: "a block of methods, or a module in another file, which are no definitions to us",
  nested: "indented in a block at the top of a script, where we declare nothing",
  inside: "inside of a function, where we declare nothing",
  assigned: "an assignment or a field set where it is used",
  other: "anything else",
} as const;

/** The classes of what we alone have. */
export const OUR_CLASSES = {
  prototype: "a declaration without a body, which ctags leaves out",
  member: "a field, a property or an enum's member",
  same_name: "a name that ctags has elsewhere in the file",
  other: "anything else",
} as const;

export type TheirClass = keyof typeof THEIR_CLASSES;
export type OurClass = keyof typeof OUR_CLASSES;

/** Where a difference is, for whoever looks into it. */
export interface Difference<Class> {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly kind: string;
  readonly class: Class;
}

export interface FileComparison {
  /** By the kinds of ctags: how many, and how many of them are ours too. */
  readonly kinds: ReadonlyMap<string, { readonly theirs: number; readonly agreed: number }>;
  readonly theirs: readonly Difference<TheirClass>[];
  readonly ours: readonly Difference<OurClass>[];
  readonly ourCount: number;
}

const LINES_APART_MAX = 3;

/** The name without what one of the two writes in front of it: `$name`, `A::name`, `~A`. */
function plain(name: string): string {
  return name.replace(/^.*(?:::|[.:#\\])(?=.)/, "").replace(/^[$@:&*~]+/, "").replaceAll('"', "")
    .replaceAll(/\s+/g, "");
}

const keyOf = (name: string, line: number) => `${line}:${plain(name)}`;

const CODE = new Set(["function", "method", "constructor"]);

/** Whether a line lies within the body of one of our functions. */
function isInside(line: number, symbols: readonly ExtractedSymbol[]): boolean {
  return symbols.some(({ kind, startLine, endLine }) =>
    CODE.has(kind) && startLine < line && line <= endLine
  );
}

/** Languages in which a block at the top may hold variables of its own. */
const SCRIPTS = new Set(["JavaScript", "TypeScript", "TSX", "PHP", "Lua", "Kotlin"]);

const ANONYMOUS = /^(?:__anon|anonymous|AnonymousFunction|.*__anon)/;

function classOfTag({ name, line, kind }: Tag, file: FoundFile): TheirClass {
  if (file.skip !== null) return "skipped";
  if (ANONYMOUS.test(name)) return "anonymous";
  const source = file.lines[line - 1] ?? "";
  if (!plain(source).includes(plain(name)) && !source.includes(plain(name))) return "absent";
  if (kind === "macro" && /^\s*#\s*define\s+\w+\s*(?:\/[/*].*)?$/.test(source)) return "guard";
  if (kind === "heredoc") return "heredoc";
  if (/^(?:library|alias|namespace|unknown|module)$|import|package(?:Name)?/i.test(kind)) {
    if (/\b(?:import|from|use|require|include|as)\b|"/.test(source)) return "import";
  }
  const isNear = file.symbols.some((symbol) =>
    plain(symbol.name) === plain(name) && Math.abs(symbol.startLine - line) <= LINES_APART_MAX
  );
  if (isNear) return "other_line";
  if (isInside(line, file.symbols)) return "inside";
  if (kind === "implementation" || /^\s*(?:pub(?:\([^)]*\))? )?mod \w+;/.test(source)) {
    return "implementation";
  }
  if (file.symbols.some((symbol) => plain(symbol.name) === plain(name))) return "assigned";
  if (SCRIPTS.has(file.language) && /^[ \t]/.test(source)) return "nested";
  return "other";
}

const MEMBERS = new Set(["enum_member", "field", "property", "constant", "variable"]);

function classOfSymbol(
  symbol: ExtractedSymbol,
  file: FoundFile,
  theirNames: ReadonlySet<string>,
): OurClass {
  const last = (file.lines[symbol.endLine - 1] ?? "").slice(0, symbol.endColumn - 1).trimEnd();
  if (CODE.has(symbol.kind) && !/[}]$|\bend$/.test(last) && /[;)]$/.test(last)) return "prototype";
  if (theirNames.has(plain(symbol.name))) return "same_name";
  return MEMBERS.has(symbol.kind) ? "member" : "other";
}

/** Compares one file. */
export function compareFile(path: string, file: FoundFile, tags: readonly Tag[]): FileComparison {
  const ours = new Set(file.symbols.map(({ name, startLine }) => keyOf(name, startLine)));
  const theirs = new Set(tags.map(({ name, line }) => keyOf(name, line)));
  const theirNames = new Set(tags.map(({ name }) => plain(name)));
  const kinds = new Map<string, { theirs: number; agreed: number }>();
  const theirDifferences: Difference<TheirClass>[] = [];
  for (const tag of tags) {
    const count = kinds.get(tag.kind) ?? { theirs: 0, agreed: 0 };
    kinds.set(tag.kind, count);
    count.theirs += 1;
    if (ours.has(keyOf(tag.name, tag.line))) count.agreed += 1;
    else theirDifferences.push({ file: path, ...tag, class: classOfTag(tag, file) });
  }
  const ourDifferences = file.symbols
    .filter(({ name, startLine }) => !theirs.has(keyOf(name, startLine)))
    .map((symbol): Difference<OurClass> => ({
      file: path,
      line: symbol.startLine,
      name: symbol.name,
      kind: symbol.kind,
      class: classOfSymbol(symbol, file, theirNames),
    }));
  return {
    kinds,
    theirs: theirDifferences,
    ours: ourDifferences,
    ourCount: file.symbols.length,
  };
}
