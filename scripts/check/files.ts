// Rules about a file as a whole: its length, its name and the comment it begins with.

import { isFixture, isScript, isTest, type Rule, type SourceFile } from "./source_file.ts";

const FILE_LINES_MAX = 300;
const bannedNames = /^(?:utils?|helpers?|common|types|misc)$/;
// Files are snake_case, then what they are for (x.test.ts). Folders of edge functions are kebab-case,
// since their name is their address.
const scriptName = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*(?:\.[a-z]+)*\.(?:ts|cjs)$/;

function ours(files: readonly SourceFile[]): SourceFile[] {
  return files.filter((file) => isScript(file.path) && !isFixture(file.path));
}

function isMigration(file: SourceFile): boolean {
  return /^supabase\/migrations\/.*\.sql$/.test(file.path);
}

function atLine(file: SourceFile, line: number, message: string) {
  return { path: file.path, line, message };
}

/** Sources stay small enough to be read at once; tests may be long lists. */
export const fileSizeRule: Rule = {
  name: "file size",
  check: (files) =>
    [...ours(files), ...files.filter(isMigration)].filter((file) => !isTest(file.path)).flatMap(
      (file) => {
        const lines = file.text.replace(/\n$/, "").split("\n").length;
        if (lines <= FILE_LINES_MAX) return [];
        return [atLine(file, FILE_LINES_MAX + 1, `${lines} lines, at most ${FILE_LINES_MAX}`)];
      },
    ),
};

/** A name says what is inside; these say nothing. */
export const fileNameRule: Rule = {
  name: "file names",
  check: (files) =>
    ours(files).flatMap((file) => {
      const name = file.path.split("/").at(-1) ?? "";
      const banned = file.path.split("/").map((part) => part.replace(/\..*$/, "")).find((part) =>
        bannedNames.test(part)
      );
      if (banned !== undefined) {
        return [atLine(file, 1, `"${banned}" says nothing: name it after what is inside`)];
      }
      return scriptName.test(name) ? [] : [atLine(file, 1, `${name} is not snake_case`)];
    }),
};

/** Each module opens with what it does and what it does not know. */
export const moduleHeaderRule: Rule = {
  name: "module headers",
  check: (files) =>
    ours(files).filter((file) => !isTest(file.path)).flatMap((file) =>
      /^(?:#!.*\n)?(?:\/\/ |\/\*\*)/.test(file.text)
        ? []
        : [atLine(file, 1, "starts without a comment that says what the module does")]
    ),
};
