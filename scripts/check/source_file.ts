// The vocabulary of the gate: a rule is a pure function from the committed files to violations.
// Nothing here reads a disk or prints; scripts/check.ts does.

/** One file of the repository, path relative to its root with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** One broken rule at one place; lines are 1-based. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A named rule. It sees every file at once, since some rules compare files with each other. */
export interface Rule {
  readonly name: string;
  readonly check: (files: readonly SourceFile[]) => Violation[];
}

/** The 1-based line of an offset in a text. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line += 1;
  }
  return line;
}

/** Every match of a pattern (which needs the `g` flag) as a violation at its line. */
export function violationsOf(
  file: SourceFile,
  searched: string,
  pattern: RegExp,
  message: (match: RegExpExecArray) => string,
): Violation[] {
  return [...searched.matchAll(pattern)].map((match) => ({
    path: file.path,
    line: lineAt(searched, match.index),
    message: message(match),
  }));
}

/** TypeScript and JavaScript sources. */
export function isScript(path: string): boolean {
  return /\.(?:ts|mts|cts|js|mjs|cjs)$/.test(path);
}

/** Paths of tests, and of what exists only for them. */
export const testPath = new RegExp(
  [
    String.raw`\.test\.ts$`,
    String.raw`(?:^|/)arbitrary_[a-z_]+\.ts$`, // generators for property tests
    String.raw`^(?:supabase/tests|indexer/test|indexer/bench)/`,
    String.raw`^scripts/local/test_[a-z_]+\.ts$`, // databases for tests
    String.raw`^vitest\.config\.ts$`,
  ].join("|"),
);

/** Whether a path is a test's. */
export function isTest(path: string): boolean {
  return testPath.test(path);
}

/** Sample sources that the tests index: input data, not our code. */
export function isFixture(path: string): boolean {
  return /(?:^|\/)(?:fixtures|golden)\//.test(path);
}
