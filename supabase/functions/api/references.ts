/**
 * GET /references: the uses of a name, by what is known of the files that have the word.
 */
import { z } from "zod";
import { SYMBOL_NAME_UNITS_MAX } from "../_shared/contracts/limits.ts";
import { type ReferencesAnswer, referencesAnswer } from "../_shared/contracts/navigation.ts";
import { cutText } from "../_shared/contracts/search.ts";
import { cursorExpired } from "../_shared/runtime/cursor.ts";
import { type Occurrence } from "../_shared/runtime/database_answers.ts";
import { type Answer } from "../_shared/runtime/http.ts";
import { pageParameters, readParameters, text } from "../_shared/runtime/parameters.ts";
import { notFound, ProblemError } from "../_shared/runtime/problem.ts";
import { fold } from "../_shared/text/fold.ts";
import { TERM_CODE_POINTS_MAX, visitRuns } from "../_shared/text/terms.ts";
import { type ApiRequest, type ApiRoute, openPage } from "./context.ts";
import { lineAt } from "./file_lines.ts";
import { readOutline } from "./outline_reader.ts";
import { repositoryFilter } from "./repository_filter.ts";
import { incompleteReason, treePosition } from "./search.ts";

/** A page counts files: their outlines are read whole, and a request has two seconds. */
const FILES_DEFAULT = 30;

const referenceParameters = z.strictObject({
  ...pageParameters,
  name: text.max(SYMBOL_NAME_UNITS_MAX).optional(),
  repository: text.optional(),
});
const referencePosition = z.object(treePosition).catchall(z.json());

/** The longest word in a name: what every text that uses the name has as a term. */
export function termOfName(name: string): string | null {
  let longest = "";
  visitRuns(name, 0, name.length, (start, end) => {
    const run = name.slice(start, end);
    if (/[\p{L}\p{N}_$]/u.test(run) && run.length > longest.length) longest = run;
  });
  const isTerm = longest !== "" && Array.from(longest).length <= TERM_CODE_POINTS_MAX;
  return isTerm ? fold(longest) : null;
}

/** The references of a name in one file; null when the outline has none of it. */
async function referencesIn(file: Occurrence, name: string) {
  const outline = await readOutline(file.outline);
  const found = outline.references.filter((each) => each.name === name);
  const defined = outline.definitions.some((each) => each.name === name);
  if (found.length === 0) return defined ? [] : null;
  const { repository, ref, commit_oid, path } = file;
  return found.map(({ line, column, role, enclosing }) => {
    const around = enclosing === null ? undefined : outline.definitions[enclosing];
    const container = around?.container ?? null;
    return {
      repository,
      ref,
      commit_oid,
      path,
      line,
      column,
      role,
      enclosing: around === undefined
        ? null
        : [container, around.name].filter((part) => part !== null).join("."),
      text: cutText(lineAt(file.chunks, line) ?? ""),
    };
  });
}

async function findReferences(request: ApiRequest): Promise<Answer> {
  const parameters = readParameters(request.request, referenceParameters);
  const { name } = parameters;
  const term = name === undefined ? null : termOfName(name);
  if (name === undefined || term === null) {
    throw new ProblemError("invalid_parameter", "name: must be a name with at least one letter");
  }
  const { allowedGitHosts, database } = request.dependencies;
  const repository = repositoryFilter(parameters.repository, allowedGitHosts);
  const limit = Math.min(parameters.limit, FILES_DEFAULT);
  const list = await openPage(
    request,
    { ...parameters, limit },
    ["references", name, repository],
    referencePosition,
  );
  const answer = await database.findOccurrences(list.page, term, repository);
  switch (answer.outcome) {
    case "not_found":
      throw notFound();
    case "cursor_expired":
      throw cursorExpired();
    case "ok": {
      const found = await Promise.all(answer.files.map((file) => referencesIn(file, name)));
      const reason = incompleteReason({
        ...answer,
        reason: answer.next_cursor === null ? null : "page_full",
      });
      const body: ReferencesAnswer = {
        references: found.flatMap((each) => each ?? []),
        other_files: answer.files.filter((_, index) => found[index] === null)
          .map(({ path }) => path),
        complete: reason === null,
        incomplete_reason: reason,
        next_cursor: await list.nextCursor(answer.next_cursor),
      };
      return { status: 200, body };
    }
  }
}

export const referenceRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/references",
    handle: findReferences,
    description: {
      summary: "The uses of a name with their role and the definition they stand in, by file",
      parameters: referenceParameters,
      answers: { 200: referencesAnswer },
    },
  },
];
