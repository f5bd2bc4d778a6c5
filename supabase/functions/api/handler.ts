/**
 * The REST API for API keys: finds the route, then the caller, then does the work.
 */
import { authenticate } from "../_shared/runtime/authenticate.ts";
import { serve } from "../_shared/runtime/http.ts";
import { findRoute } from "../_shared/runtime/router.ts";
import { type ApiDependencies, type ApiRoute } from "./context.ts";
import { jobRoutes } from "./jobs.ts";
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

/** Serves a request to /api. */
export function handleApi(request: Request, dependencies: ApiDependencies): Promise<Response> {
  return serve(request, dependencies, async (headers) => {
    const { handle, segments } = findRoute(apiRoutes, request);
    const caller = await authenticate(request, dependencies.database, headers);
    return await handle({ request, segments, caller, dependencies });
  });
}
