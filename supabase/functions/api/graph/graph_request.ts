/**
 * What the routes that follow code share: whose imports are read, and how an answer says that it is not
 * whole.
 */
import { type TreeName } from "../../_shared/runtime/database_index_functions.ts";
import { type ApiRequest } from "../context.ts";
import { ImportGraph } from "./import_graph.ts";
import { readRepository } from "../indexed_tree.ts";
import { readRef } from "../ref.ts";

/** The imports of a ref. */
export function graphOfTree(
  { caller: { tenantId }, dependencies }: ApiRequest,
  tree: TreeName,
): ImportGraph {
  const { database, outlines, foundFiles, treeLookups } = dependencies;
  return new ImportGraph({ database, outlines, foundFiles, treeLookups, tenantId, ...tree });
}

/** The imports of the ref that a request is about. */
export function graphOf(
  request: ApiRequest,
  parameters: { readonly repository?: string | undefined; readonly ref?: string | undefined },
): ImportGraph {
  return graphOfTree(request, {
    repository: readRepository(request, parameters.repository),
    ref: readRef(parameters.ref),
  });
}

/** Whether a walk saw everything. */
export function walkBounds(isCut: boolean) {
  return { complete: !isCut, incomplete_reason: isCut ? "work_budget" : null } as const;
}
