import { describe, expect, test } from "vitest";
import { maskSql, sqlStatements } from "./mask_sql.ts";
import { migrationNameRule, migrationTextRule } from "./migrations.ts";

const name = "supabase/migrations/20261122000100_jobs.sql";

function problems(text: string): string[] {
  return migrationTextRule.check([{ path: name, text }]).map(({ line, message }) =>
    `${line} ${message}`
  );
}

describe("sqlStatements", () => {
  test("splits at semicolons outside strings, comments and bodies", () => {
    const text = `select ';'; -- a; b\ndo $$ begin a; b; end $$;\nselect "c;d" /* ; */;`;
    expect(sqlStatements(text).map(({ code }) => code.split(/\s/)[0]))
      .toEqual(["select", "do", "select"]);
  });

  test("masks strings and comments inside a body too", () => {
    const masked = maskSql(`do $x$ select 'SELECT' -- FROM\n; $x$`);
    expect(masked).not.toContain("SELECT");
    expect(masked).not.toContain("FROM");
    expect(masked).toContain("$x$ select");
  });
});

describe("migration names", () => {
  const check = (...paths: string[]) =>
    migrationNameRule.check(paths.map((path) => ({ path, text: "" })));

  test.each(["2026_jobs.sql", "20261122000100-jobs.sql", "20261122000100_Jobs.sql", "jobs.sql"])(
    "%s is not one",
    (file) => {
      expect(check(`supabase/migrations/${file}`)).toHaveLength(1);
    },
  );

  test("two migrations may not share a version", () => {
    expect(check(name, "supabase/migrations/20261122000100_trees.sql")).toHaveLength(1);
    expect(check(name, "supabase/migrations/20261122000200_trees.sql")).toEqual([]);
  });
});

describe("migration text", () => {
  const comment = `comment on function api.f(int) is 'F.';`;

  test("a function says whose rights it uses, pins its search path and has a comment", () => {
    expect(problems(`create function api.f(a int) returns int language sql as $$ select 1 $$;`))
      .toEqual([
        "1 api.f says neither security definer nor security invoker",
        "1 api.f does not set search_path = ''",
        "1 api.f has no comment on function",
      ]);
  });

  test("a complete function passes, whichever way round it is written", () => {
    expect(problems(
      `create function api.f(a int) returns int language sql security definer set search_path = ''
       return a;\n${comment}`,
    )).toEqual([]);
    expect(problems(
      `create or replace function api.f(a int) returns int as $$ begin return a; end $$
       language plpgsql security invoker set search_path = '';\n${comment}`,
    )).toEqual([]);
  });

  test("an immutable function has no rights to lend", () => {
    expect(problems(
      `create function api.f(a int) returns int language sql immutable set search_path = ''
       return a;\n${comment}`,
    )).toEqual([]);
  });

  test("a function has 70 lines at most, with its head and without its comment", () => {
    const lines = (count: number) =>
      `create function api.f(a int) returns int language plpgsql security definer set search_path = ''
       as $$\nbegin\n${"  perform 1;\n".repeat(count - 6)}  return a;\nend\n$$;\n\n${comment}`;
    expect(problems(lines(70))).toEqual([]);
    expect(problems(lines(71))).toEqual(["1 api.f has 71 lines, more than 70"]);
  });

  test("words inside the body do not count for the head", () => {
    expect(problems(
      `create function api.f(a int) returns int language sql as $$ select 'security definer' $$
       set search_path = '';\n${comment}`,
    )).toEqual(["1 api.f says neither security definer nor security invoker"]);
  });

  test("the search path has to be empty", () => {
    expect(problems(
      `create function api.f(a int) returns int language sql security definer
       set search_path = 'public' return a;\n${comment}`,
    )).toEqual(["1 api.f does not set search_path = ''"]);
  });

  test("no body is begin atomic", () => {
    expect(problems(
      `create function api.f(a int) returns int language sql immutable set search_path = ''
       begin atomic select a; end;\n${comment}`,
    )).toEqual([
      "2 begin atomic: the Supabase CLI cuts it apart; write return or a dollar-quoted body",
    ]);
  });

  test("keywords are lower-case, also in bodies, but not in strings", () => {
    expect(problems(`SELECT 1;\ndo $$ begin UPDATE a set b = 'SELECT'; end $$;`))
      .toEqual(["1 keyword SELECT in capitals", "2 keyword UPDATE in capitals"]);
  });
});
