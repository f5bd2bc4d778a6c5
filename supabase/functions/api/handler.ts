/**
 * The REST API for API keys: finds the route, then the caller, then does the work.
 */
import { authenticate } from "../_shared/runtime/authenticate.ts";
import { serve } from "../_shared/runtime/http.ts";
import { findRoute } from "../_shared/runtime/router.ts";
import { type ApiDependencies, type ApiRoute } from "./context.ts";
import { jobRoutes } from "./jobs.ts";
import { describeApi } from "./openapi.ts";
import { repositoryRoutes } from "./repositories.ts";
import { searchRoutes } from "./search.ts";
import { symbolRoutes } from "./symbols.ts";

/** Every route, in the order of the documentation. */
export const apiRoutes: readonly ApiRoute[] = [
  ...repositoryRoutes,
  ...jobRoutes,
  ...searchRoutes,
  ...symbolRoutes,
];

/** The one path that needs no key: it shows what is in the documentation anyway. */
const DESCRIPTION_PATH = "/api/openapi.json";

/** Serves a request to /api. */
export function handleApi(request: Request, dependencies: ApiDependencies): Promise<Response> {
  return serve(request, dependencies, async (headers) => {
    if (request.method === "GET" && new URL(request.url).pathname === DESCRIPTION_PATH) {
      const server = `${dependencies.publicFunctionsUrl}/api`;
      return { status: 200, body: describeApi(apiRoutes, server) };
    }
    const { handle, segments } = findRoute(apiRoutes, request);
    const caller = await authenticate(request, dependencies.database, headers);
    return await handle({ request, segments, caller, dependencies });
  });
}
