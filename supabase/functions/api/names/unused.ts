/**
 * GET /unused: definitions whose name no other file has and their own does not use. Conservative: a
 * name that is only mentioned, in a comment too, counts as used. What may be used all the same says so.
 */
import { z } from "zod";
import { UNUSED_FILES_MAX, UNUSED_NAMES_MAX } from "../../_shared/contracts/limits.ts";
import {
  type UnusedAnswer,
  unusedAnswer,
  unusedCaveats,
  type UnusedDefinition,
} from "../../_shared/contracts/graph.ts";
import { cursorExpired } from "../../_shared/runtime/cursor.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { pageParameters, readParameters } from "../../_shared/runtime/parameters.ts";
import { notFound } from "../../_shared/runtime/problem.ts";
import { type OutlineDefinition } from "../../_shared/segment/outline_entries.ts";
import { FILE_MARKS, type FileMarks } from "../../_shared/text/path_marks.ts";
import { type ApiRequest, type ApiRoute, openPage } from "../context.ts";
import { graphOfTree } from "../graph/graph_request.ts";
import {
  demandFiles,
  pathParameter,
  readRepository,
  refNotIndexed,
  treeParameters,
  treePosition,
} from "../indexed_tree.ts";
import { termOfName } from "./name_queries.ts";
import { readRef } from "../ref.ts";
import { fullNameOf } from "../files/position.ts";
import { type SourceFile } from "../files/source_file.ts";

const unusedParameters = z.strictObject({
  ...treeParameters,
  ...pageParameters,
  prefix: pathParameter.optional(),
});
const unusedPosition = z.strictObject(treePosition);

type Caveat = (typeof unusedCaveats)[number];

/** Kinds that code uses by name. */
const USED_BY_NAME =
  /^(?:class|constant|enum|function|interface|macro|method|module|object|property|protocol|struct|trait|type|union|variable)$/;
/** Called by the language or a framework, never by name. */
const CALLED_FROM_OUTSIDE =
  /^(?:main|Main|init|setUp|tearDown|constructor|__\w+__|test\w*|Test\w*|Benchmark\w*|new|deinit)$/;
/** `[Mark]` is written for MarkAttribute, and may be Mark too: a use is of the name that is written. */
const ATTRIBUTE = /.Attribute$/;
const DYNAMIC = /^(?:JavaScript|Python|Ruby|PHP|Lua|Elixir|Shell)$/;

function caveatsOf(definition: OutlineDefinition, language: string): Caveat[] {
  const isMember = definition.container !== null &&
    /^(?:method|property)$/.test(definition.kind);
  return unusedCaveats.filter((caveat) => {
    switch (caveat) {
      case "exported":
        return definition.exported;
      case "method":
        return isMember;
      case "overrides":
        return /\boverride\b|@Override/.test(definition.signature);
      case "entry_point":
        return CALLED_FROM_OUTSIDE.test(definition.name) ||
          (language === "C#" && ATTRIBUTE.test(definition.name));
      case "dynamic_language":
        return DYNAMIC.test(language);
    }
  });
}

/** Tests are run, not named; documentation, other people's code and generated code are nobody's to clean. */
function isToBeCleaned({ marks }: { readonly marks: FileMarks }): boolean {
  const others = FILE_MARKS.test | FILE_MARKS.vendored | FILE_MARKS.generated |
    FILE_MARKS.documentation | FILE_MARKS.minified;
  return (marks & others) === 0;
}

/** The module that the tests of a file of Rust are in, and what is in it. */
const TEST_MODULE = /(?:^|\.)tests?(?:\.|$)/;

/** Whether it is of the tests that the file has for itself, which are run and not named. */
function isOfOwnTests(definition: OutlineDefinition, language: string): boolean {
  return language === "Rust" && TEST_MODULE.test(fullNameOf(definition));
}

/** Definitions of a file that the file itself does not use. */
function idleIn({ language, outline }: SourceFile): readonly OutlineDefinition[] {
  const used = new Set(outline.references.map(({ name }) => name));
  return outline.definitions.filter((each) =>
    USED_BY_NAME.test(each.kind) && !used.has(each.name) && !isOfOwnTests(each, language)
  );
}

async function listUnused(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, unusedParameters);
  const { caller, dependencies: { database } } = request;
  const tree = {
    repository: readRepository(request, parameters.repository),
    ref: readRef(parameters.ref),
  };
  const prefix = parameters.prefix ?? "";
  const limit = Math.min(parameters.limit, UNUSED_FILES_MAX);
  const scope = ["unused", tree.repository, tree.ref, prefix];
  const list = await openPage(request, { ...parameters, limit }, scope, unusedPosition);
  const page = await database.listFiles(list.page, tree.repository, tree.ref, prefix);
  if (page.outcome === "not_found") throw notFound();
  if (page.outcome === "not_indexed") throw refNotIndexed();
  if (page.outcome === "cursor_expired") throw cursorExpired();
  if (page.items.length === 0 && prefix !== "" && list.position === null) {
    await demandFiles(request, tree, prefix, "prefix");
  }
  const graph = graphOfTree(request, tree);
  const own = page.items.filter(isToBeCleaned);
  const files = await graph.files(own.map(({ path }) => path));
  const idle = files.flatMap((file) => idleIn(file).map((definition) => ({ file, definition })));
  const all = new Set(idle.flatMap(({ definition }) => termOfName(definition.name) ?? []));
  const terms = [...all].slice(0, UNUSED_NAMES_MAX);
  const isCut = terms.length < all.size;
  const counted = await database.countMentions(caller.tenantId, tree, terms, 2);
  const filesWith = counted.outcome === "ok" ? counted.files : {};
  const known = new Set(terms);
  const definitions = idle.flatMap(({ file, definition }): UnusedDefinition[] => {
    const term = termOfName(definition.name);
    if (term === null || !known.has(term) || (filesWith[term] ?? 0) > 1) return [];
    const { name, kind, startLine, endLine, container, signature, exported } = definition;
    return [{
      name,
      kind,
      path: file.path,
      line: startLine,
      end_line: endLine,
      container,
      signature,
      exported,
      caveats: caveatsOf(definition, file.language),
    }];
  });
  const next = await list.nextCursor(page.next_cursor);
  const { repository, ref, commit_oid } = page;
  const body: UnusedAnswer = {
    repository,
    ref,
    commit_oid,
    // What may be used all the same stands behind what is surely not.
    definitions: definitions.toSorted((one, other) => one.caveats.length - other.caveats.length),
    files: page.items.length,
    complete: next === null && !isCut,
    // Names of this page that were not counted are on no other.
    incomplete_reason: isCut ? "work_budget" : next === null ? null : "more_results",
    next_cursor: next,
  };
  return { status: 200, body };
}

export const unusedRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/unused",
    handle: listUnused,
    description: {
      summary: "Definitions that no other file mentions and their own does not use, with caveats",
      parameters: unusedParameters,
      requires: ["repository"],
      answers: { 200: unusedAnswer },
    },
  },
];
