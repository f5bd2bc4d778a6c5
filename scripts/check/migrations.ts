// Rules for supabase/migrations: names that sort, lower-case keywords, and functions that say whose
// rights they use, pin their search path, carry their contract in the database and fit on a screen.

import { maskSql, type SqlStatement, sqlStatements } from "./mask_sql.ts";
import { lineAt, type Rule, type SourceFile, type Violation, violationsOf } from "./source_file.ts";

const migrationPath = /^supabase\/migrations\/([^/]+)$/;
const migrationName = /^(\d{14})_[a-z][a-z0-9]*(?:_[a-z0-9]+)*\.sql$/;
const keywords = (
  "add alter and as begin between by case check column commit comment constraint create default " +
  "delete desc distinct do drop else elsif end exception execute exists false for foreign from " +
  "function grant group having if immutable in index insert into is join key language left limit " +
  "lock loop not null on or order primary raise references return returning returns revoke role " +
  "schema security select set stable table then to trigger true truncate type union unique update " +
  "using values view volatile when where with"
).toUpperCase().split(" ");
const shoutedKeyword = new RegExp(String.raw`\b(?:${keywords.join("|")})\b`, "g");
// More than in TypeScript: to cut a statement in two costs a start of each, a call about 10 µs.
const functionLinesMax = 70;
const createFunction = /^create\s+(?:or\s+replace\s+)?(function|procedure)\s+((?:\w+\.)?\w+)/;
const commentOnFunction = /^comment\s+on\s+(?:function|procedure)\s+((?:\w+\.)?\w+)/;

/** File names: fourteen digits that no other migration has, and one topic. */
export const migrationNameRule: Rule = {
  name: "migration names",
  check: (files) => {
    const seen = new Map<string, string>();
    return files.flatMap((file) => {
      const name = migrationPath.exec(file.path)?.[1];
      if (name === undefined) return [];
      const version = migrationName.exec(name)?.[1];
      const problem = (message: string) => [{ path: file.path, line: 1, message }];
      if (version === undefined) return problem("is not named <14 digits>_<topic>.sql");
      const other = seen.get(version);
      seen.set(version, name);
      return other === undefined ? [] : problem(`has the version of ${other}`);
    });
  },
};

/** Text of the migrations. */
export const migrationTextRule: Rule = {
  name: "migration text",
  check: (files) => {
    const migrations = files.filter((file) => migrationPath.test(file.path));
    const statements = migrations.map((file) => ({ file, list: sqlStatements(file.text) }));
    const commented = new Set(
      statements.flatMap(({ list }) =>
        list.flatMap(({ code }) => commentOnFunction.exec(code)?.[1] ?? [])
      ),
    );
    return [
      ...migrations.flatMap(shoutedKeywords),
      ...migrations.flatMap(atomicBodies),
      ...statements.flatMap(({ file, list }) =>
        list.flatMap((statement) => functionProblems(file, statement, commented))
      ),
    ];
  },
};

function shoutedKeywords(file: SourceFile): Violation[] {
  return violationsOf(
    file,
    maskSql(file.text),
    shoutedKeyword,
    (match) => `keyword ${match[0]} in capitals`,
  );
}

/**
 * `supabase db push` cuts a file into statements by itself, and takes the first "end" inside such a
 * body, be it that of a case expression or of "pending", for the body's own.
 */
function atomicBodies(file: SourceFile): Violation[] {
  return violationsOf(
    file,
    maskSql(file.text),
    /\bbegin\s+atomic\b/g,
    () => "begin atomic: the Supabase CLI cuts it apart; write return or a dollar-quoted body",
  );
}

function functionProblems(
  file: SourceFile,
  statement: SqlStatement,
  commented: ReadonlySet<string>,
): Violation[] {
  const [, kind, name] = createFunction.exec(statement.code) ?? [];
  if (kind === undefined || name === undefined) return [];
  const problems: string[] = [];
  // An immutable function reads nothing, so it has no rights to lend.
  if (!/\b(?:security\s+(?:definer|invoker)|immutable)\b/.test(statement.head)) {
    problems.push("says neither security definer nor security invoker");
  }
  // The empty string is blank in masked code, so the text decides.
  if (!/\bset\s+search_path\s*=\s*''/.test(statement.text)) {
    problems.push("does not set search_path = ''");
  }
  if (!commented.has(name)) problems.push(`has no comment on ${kind}`);
  const lines = statement.text.trimEnd().split("\n").length;
  if (lines > functionLinesMax) problems.push(`has ${lines} lines, more than ${functionLinesMax}`);
  const line = lineAt(file.text, statement.start);
  return problems.map((problem) => ({ path: file.path, line, message: `${name} ${problem}` }));
}
