/**
 * The REST API for API keys: finds the route, then the caller, then does the work.
 */
import { type Caller } from "../_shared/runtime/authenticate.ts";
import { workForCaller } from "../_shared/runtime/caller_guesses.ts";
import { type Answer, serve } from "../_shared/runtime/http.ts";
import { findRoute } from "../_shared/runtime/router.ts";
import { type ApiDependencies, type ApiRoute } from "./context.ts";
import { callRoutes } from "./calls.ts";
import { definitionRoutes } from "./definitions.ts";
import { dependencyRoutes } from "./dependencies.ts";
import { fileRoutes } from "./files.ts";
import { jobRoutes } from "./jobs.ts";
import { describeApi } from "./openapi.ts";
import { overviewRoutes } from "./overview.ts";
import { reachRoutes } from "./reach.ts";
import { referenceRoutes } from "./references.ts";
import { repositoryRoutes } from "./repositories.ts";
import { searchRoutes } from "./search.ts";
import { symbolRoutes } from "./symbols.ts";
import { unusedRoutes } from "./unused.ts";

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
    return await admitted(request, dependencies, () =>
      workForCaller(
        request,
        dependencies,
        headers,
        (caller) => handle({ request, segments, caller, dependencies }),
      ));
  });
}

/** Who only reads can ask again and takes its turn; what writes is rare, and may wait for the code host. */
function admitted<Result>(
  { method }: Request,
  { reads }: ApiDependencies,
  work: () => Promise<Result>,
): Promise<Result> {
  return method === "GET" ? reads.run(work) : work();
}

/** What the API answers to a caller who is known already; throws ProblemError. */
export function answerApi(
  request: Request,
  caller: Caller,
  dependencies: ApiDependencies,
): Promise<Answer> {
  const { handle, segments } = findRoute(apiRoutes, request);
  return admitted(request, dependencies, () => handle({ request, segments, caller, dependencies }));
}
