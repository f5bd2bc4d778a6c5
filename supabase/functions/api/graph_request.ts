/**
 * What the routes that follow code share: whose imports are read, and how an answer says that it is not
 * whole.
 */
import { type ApiRequest } from "./context.ts";
import { ImportGraph } from "./import_graph.ts";
import { readRepository } from "./indexed_tree.ts";
import { readRef } from "./ref.ts";

/** The imports of the ref that a request is about. */
export function graphOf(
  request: ApiRequest,
  parameters: { readonly repository?: string | undefined; readonly ref?: string | undefined },
): ImportGraph {
  const { caller, dependencies } = request;
  return new ImportGraph({
    database: dependencies.database,
    tenantId: caller.tenantId,
    repository: readRepository(request, parameters.repository),
    ref: readRef(parameters.ref),
  });
}

/** Whether a walk saw everything. */
export function walkBounds(isCut: boolean) {
  return { complete: !isCut, incomplete_reason: isCut ? "work_budget" : null } as const;
}
