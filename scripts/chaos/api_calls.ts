// The API as a client uses it that does not give up: what it asks for is asked for again until it is
// answered, since only then something is promised. Knows paths and statuses.

import { z } from "zod";
import type { Stack } from "../local/stack.ts";
import type { Tenant } from "../local/stack_database.ts";
import { persist } from "./patience.ts";

const registered = z.object({ repository: z.object({ id: z.string() }) });
const CALL_MILLISECONDS_MAX = 10_000;

interface Call {
  readonly tenant: Tenant;
  readonly method: "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** Statuses that settle it besides 2xx: somebody has done it already. */
  readonly settled?: readonly number[];
}

async function call(stack: Stack, { tenant, method, path, body, settled = [] }: Call) {
  return await persist(`${method} ${path}`, async () => {
    const response = await fetch(stack.functionsUrl + path, {
      method,
      headers: { authorization: `Bearer ${tenant.apiKey}` },
      signal: AbortSignal.timeout(CALL_MILLISECONDS_MAX),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok && !settled.includes(response.status)) {
      throw new Error(`${response.status}: ${text}`);
    }
    return { status: response.status, text };
  });
}

/** Registers a repository and answers its id. */
export async function register(stack: Stack, tenant: Tenant, name: string): Promise<string> {
  const path = "/api/repositories";
  const { text } = await call(stack, { tenant, method: "POST", path, body: { repository: name } });
  return registered.parse(JSON.parse(text)).repository.id;
}

export async function requestIndex(
  stack: Stack,
  tenant: Tenant,
  repositoryId: string,
  body: { readonly ref?: string; readonly full?: boolean },
): Promise<void> {
  await call(stack, {
    tenant,
    method: "POST",
    path: `/api/repositories/${repositoryId}/index`,
    body,
  });
}

export async function deleteRepository(
  stack: Stack,
  tenant: Tenant,
  repositoryId: string,
): Promise<void> {
  const path = `/api/repositories/${repositoryId}`;
  await call(stack, { tenant, method: "DELETE", path, settled: [404] });
}

export async function cancelJob(stack: Stack, tenant: Tenant, jobId: string): Promise<void> {
  const path = `/api/jobs/${jobId}/cancel`;
  await call(stack, { tenant, method: "POST", path, settled: [404, 409] });
}

export async function redriveJob(stack: Stack, tenant: Tenant, jobId: string): Promise<void> {
  const path = `/api/jobs/${jobId}/redrive`;
  await call(stack, { tenant, method: "POST", path, settled: [404, 409] });
}
