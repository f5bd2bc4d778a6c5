/**
 * Finds the route of a request by method and path. It looks at the resolved path of the URL, the
 * one that the platform, too, routes by: `/a/../b` is `/b` before any check.
 */
import { ProblemError } from "./problem.ts";

/** A route: `:name` stands for one path segment that is not empty. */
export interface Route<Handler> {
  readonly method: string;
  readonly path: string;
  readonly handle: Handler;
}

/** The route that was found, and what its `:name` segments hold. */
export interface RouteMatch<Handler> {
  readonly handle: Handler;
  readonly segments: Readonly<Record<string, string>>;
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const expected = pattern.split("/");
  const actual = path.split("/");
  if (expected.length !== actual.length) return null;
  const segments: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const value = actual[index] ?? "";
    if (segment.startsWith(":") && value !== "") segments[segment.slice(1)] = value;
    else if (segment !== value) return null;
  }
  return segments;
}

/** The route of a request; throws route_not_found, or method_not_allowed with the header Allow. */
export function findRoute<Handler>(
  routes: readonly Route<Handler>[],
  request: Request,
): RouteMatch<Handler> {
  const { pathname } = new URL(request.url);
  const onPath = routes.flatMap((route) => {
    const segments = matchPath(route.path, pathname);
    return segments === null ? [] : [{ route, segments }];
  });
  const found = onPath.find(({ route }) => route.method === request.method);
  if (found !== undefined) return { handle: found.route.handle, segments: found.segments };
  if (onPath.length === 0) {
    throw new ProblemError("route_not_found", "No route has this path.");
  }
  const allow = onPath.map(({ route }) => route.method).join(", ");
  throw new ProblemError("method_not_allowed", `This path takes ${allow}.`, { allow });
}
