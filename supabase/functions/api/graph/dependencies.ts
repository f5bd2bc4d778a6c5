/**
 * GET /dependencies and GET /dependents: what a file imports, and who imports it, over several steps.
 */
import { z } from "zod";
import { DEPENDENCY_DEPTH_MAX } from "../../_shared/contracts/limits.ts";
import { type DependenciesAnswer, dependenciesAnswer } from "../../_shared/contracts/navigation.ts";
import { type Answer } from "../../_shared/runtime/http.ts";
import { readParameters } from "../../_shared/runtime/parameters.ts";
import { type ApiRequest, type ApiRoute } from "../context.ts";
import { graphOf, walkBounds } from "./graph_request.ts";
import { walkDependencies, walkDependents } from "./import_walk.ts";
import { depthParameter, pathParameter, required, treeParameters } from "../indexed_tree.ts";

const walkParameters = z.strictObject({
  ...treeParameters,
  path: pathParameter.optional(),
  depth: depthParameter(DEPENDENCY_DEPTH_MAX),
});

async function walk(
  request: ApiRequest,
  direction: "dependencies" | "dependents",
): Promise<Answer> {
  const parameters = readParameters(request.request, walkParameters);
  const graph = graphOf(request, parameters);
  const { place, file } = await graph.head(required(parameters.path, "path"));
  const walkFrom = direction === "dependencies" ? walkDependencies : walkDependents;
  const { edges, external, unresolved } = await walkFrom(graph, [file], parameters.depth);
  const body: DependenciesAnswer = {
    ...place,
    path: file.path,
    edges: [...edges],
    external: [...external],
    unresolved: [...unresolved],
    ...walkBounds(graph.isCut),
  };
  return { status: 200, body };
}

export const dependencyRoutes: readonly ApiRoute[] = [
  {
    method: "GET",
    path: "/api/dependencies",
    handle: (request) => walk(request, "dependencies"),
    description: {
      summary: "The files that a file imports, to a depth, and what it imports from outside",
      parameters: walkParameters,
      requires: ["repository", "path"],
      answers: { 200: dependenciesAnswer },
    },
  },
  {
    method: "GET",
    path: "/api/dependents",
    handle: (request) => walk(request, "dependents"),
    description: {
      summary: "The files that import a file, to a depth: what a change of it reaches",
      parameters: walkParameters,
      requires: ["repository", "path"],
      answers: { 200: dependenciesAnswer },
    },
  },
];
