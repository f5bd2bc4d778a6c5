/**
 * The REST API for API keys: finds the route, then the caller, then does the work.
 */
import { type Caller, keyHashOf } from "../_shared/runtime/authenticate.ts";
import { type CallerGuesses, workForCaller } from "../_shared/runtime/caller_guesses.ts";
import { type Answer, serve } from "../_shared/runtime/http.ts";
import { findRoute } from "../_shared/runtime/router.ts";
import { type ApiDependencies, type ApiRoute } from "./context.ts";
import { callRoutes } from "./uses/calls.ts";
import { definitionRoutes } from "./names/definitions.ts";
import { dependencyRoutes } from "./graph/dependencies.ts";
import { fileRoutes } from "./files/files.ts";
import { jobRoutes } from "./registration/jobs.ts";
import { describeApi } from "./openapi.ts";
import { overviewRoutes } from "./overview/overview.ts";
import { reachRoutes } from "./uses/reach.ts";
import { referenceRoutes } from "./uses/references.ts";
import { repositoryRoutes } from "./registration/repositories.ts";
import { searchRoutes } from "./search/search.ts";
import { symbolRoutes } from "./names/symbols.ts";
import { unusedRoutes } from "./names/unused.ts";

/** Every route, in the order of the documentation. */
export const apiRoutes: readonly ApiRoute[] = [
  ...repositoryRoutes,
  ...jobRoutes,
  ...searchRoutes,
  ...symbolRoutes,
  ...definitionRoutes,
  ...referenceRoutes,
  ...fileRoutes,
  ...overviewRoutes,
  ...callRoutes,
  ...dependencyRoutes,
  ...reachRoutes,
  ...unusedRoutes,
];

/** The one path that needs no key: it shows what is in the documentation anyway. */
const DESCRIPTION_PATH = "/api/openapi.json";

/** By the server it names, of which an instance has one: to make it takes some milliseconds. */
const descriptions = new Map<string, ReturnType<typeof describeApi>>();

function descriptionFor(server: string): ReturnType<typeof describeApi> {
  const known = descriptions.get(server);
  if (known !== undefined) return known;
  const made = describeApi(apiRoutes, server);
  descriptions.set(server, made);
  return made;
}

/** Serves a request to /api. */
export function handleApi(request: Request, dependencies: ApiDependencies): Promise<Response> {
  return serve(request, dependencies, async (headers) => {
    if (request.method === "GET" && new URL(request.url).pathname === DESCRIPTION_PATH) {
      return { status: 200, body: descriptionFor(`${dependencies.publicFunctionsUrl}/api`) };
    }
    const { handle, segments } = findRoute(apiRoutes, request);
    const keyHash = keyHashOf(request);
    const line = lineOf(keyHash, dependencies.callerGuesses);
    return await admitted(request, line, dependencies, () =>
      workForCaller(
        { method: request.method, keyHash },
        dependencies,
        headers,
        (caller) => handle({ request, segments, caller, dependencies }),
      ));
  });
}

/**
 * Where a key's requests wait before the database knows whose it is: those that this instance has seen
 * have a line each, all others share sixteen, so that whoever makes keys up gets few turns.
 */
function lineOf(keyHash: string, callerGuesses: CallerGuesses): string {
  return callerGuesses.of(keyHash) === null ? keyHash.slice(0, 1) : keyHash;
}

/** Who only reads can ask again and takes its turn; what writes is rare, and may wait for the code host. */
function admitted<Result>(
  request: Request,
  line: string,
  { reads }: ApiDependencies,
  work: () => Promise<Result>,
): Promise<Result> {
  return request.method === "GET" ? reads.run({ line, request }, work) : work();
}

/** What the API answers to a caller who is known already; throws ProblemError. */
export function answerApi(
  request: Request,
  caller: Caller,
  dependencies: ApiDependencies,
): Promise<Answer> {
  const { handle, segments } = findRoute(apiRoutes, request);
  // Known by its key already, whichever line that had.
  return admitted(
    request,
    caller.requestedBy,
    dependencies,
    () => handle({ request, segments, caller, dependencies }),
  );
}
