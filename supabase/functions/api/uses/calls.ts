/**
 * GET /callers and GET /callees: who calls a definition and what it calls, over several steps. A call
 * has only a name; which definition it means follows from how near the definitions are to its file.
 */
import { z } from "zod";
import {
  CALL_DEPTH_MAX,
  CALL_FILES_MAX,
  CALL_TARGETS_MAX,
  SYMBOL_NAME_UNITS_MAX,
} from "../../_shared/contracts/limits.ts";
import { type CallsAnswer, callsAnswer } from "../../_shared/contracts/graph.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { readParameters, text } from "../../_shared/runtime/parameters.ts";
import { ProblemError } from "../../_shared/runtime/problem.ts";
import { walkCallees } from "./callees.ts";
import { walkCallers } from "./callers.ts";
import { qualifiedName } from "../../_shared/text/qualified_name.ts";
import { type ApiRequest, type ApiRoute } from "../context.ts";
import { graphOfTree, walkBounds } from "../graph/graph_request.ts";
import {
  depthParameter,
  lineNumber,
  pathParameter,
  readRepository,
  treeParameters,
} from "../indexed_tree.ts";
import { readRef } from "../ref.ts";
import { NAME_DESCRIPTION } from "../names/owned_names.ts";
import { findTarget } from "../names/target.ts";

const callParameters = z.strictObject({
  ...treeParameters,
  name: text.max(SYMBOL_NAME_UNITS_MAX).optional().meta({ description: NAME_DESCRIPTION }),
  path: pathParameter.optional().meta({
    description:
      "The file that defines the name, where others do too; with a line, the file of a position.",
  }),
  line: lineNumber.optional(),
  column: lineNumber.optional(),
  depth: depthParameter(CALL_DEPTH_MAX),
});

async function followCalls(
  request: ApiRequest,
  direction: "callers" | "callees",
): Promise<Answer> {
  const parameters = readParameters(request.request, callParameters);
  const repository = readRepository(request, parameters.repository);
  if (parameters.name === undefined && parameters.line === undefined) {
    throw new ProblemError("invalid_parameter", "name: give a name, or a path and a line");
  }
  const ref = readRef(parameters.ref);
  const tree = { repository, ref };
  const graph = graphOfTree(request, tree);
  const { name, line, depth } = parameters;
  // Which files call a name is asked for while it is found out what the name means.
  const calling = direction === "callers" && name !== undefined && line === undefined &&
      qualifiedName(name) === null
    ? graph.filesUsing("call", [name], CALL_FILES_MAX)
    : null;
  // Nobody waits for it where the name means nothing.
  calling?.catch(() => undefined);
  const target = await findTarget(request, tree, parameters, graph);
  const { calls, outside, isCut } = direction === "callers"
    ? await walkCallers(request, target, depth, calling)
    : await walkCallees(request, target, depth);
  const body: CallsAnswer = {
    ...target.place,
    name: target.name,
    definitions: [...target.definitions],
    followed: Math.min(target.meant.length, CALL_TARGETS_MAX),
    calls: [...calls],
    outside: [...outside],
    ...walkBounds(isCut || target.isCut || target.meant.length > CALL_TARGETS_MAX),
  };
  return { status: 200, body };
}

export const callRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/callers",
    handle: (request) => followCalls(request, "callers"),
    description: {
      summary: "Who calls a definition, by name or position, to a depth",
      parameters: callParameters,
      requires: ["repository"],
      answers: { 200: callsAnswer },
    },
  },
  {
    method: "GET",
    path: "/api/callees",
    handle: (request) => followCalls(request, "callees"),
    description: {
      summary: "What a definition calls, by name or position, to a depth",
      parameters: callParameters,
      requires: ["repository"],
      answers: { 200: callsAnswer },
    },
  },
];
