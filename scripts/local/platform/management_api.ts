// The little of the platform's Management API that a deployment calls, kept in memory.
// Stands for: api.supabase.com: secrets, the Data API's settings, and functions deployed from source.
// Leaves out: bundling (an upload is kept as it came), permissions beyond one token, every other
// endpoint (404), and the deployed functions themselves.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { z } from "zod";

/** One function as it was uploaded. */
export interface UploadedFunction {
  /** Source files by the path that they had in the checkout. */
  readonly files: ReadonlyMap<string, string>;
  readonly entrypointPath: string;
  readonly importMapPath: string;
  readonly verifyJwt: boolean;
}

/** A project that can be deployed to. */
export interface ManagementApi extends AsyncDisposable {
  readonly url: string;
  readonly functions: ReadonlyMap<string, UploadedFunction>;
  readonly secrets: ReadonlyMap<string, string>;
  /** The last settings of the Data API. */
  readonly dataApi: Readonly<Record<string, unknown>>;
}

interface Project {
  readonly token: string;
  readonly functions: Map<string, UploadedFunction>;
  readonly secrets: Map<string, string>;
  readonly dataApi: Record<string, unknown>;
}

const secretList = z.array(z.object({ name: z.string(), value: z.string() }));
const dataApiSettings = z.record(z.string(), z.unknown());
const uploadMetadata = z.object({
  entrypoint_path: z.string(),
  import_map_path: z.string(),
  verify_jwt: z.boolean(),
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Starts on a free port of 127.0.0.1; every request must carry the token. */
export async function startManagementApi(token: string): Promise<ManagementApi> {
  const project: Project = { token, functions: new Map(), secrets: new Map(), dataApi: {} };
  const server = createServer((request, response) => void serve(project, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...project,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  project: Project,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(request);
  const answer = await route(project, request, body).catch((error: unknown) => ({
    status: 400,
    body: { message: String(error) },
  }));
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(JSON.stringify(answer.body));
}

async function route(project: Project, request: IncomingMessage, body: Buffer): Promise<Answer> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const [, ref, rest = ""] = /^\/v1\/projects\/([a-z]{20})\/?(.*)$/.exec(url.pathname) ?? [];
  if (request.headers.authorization !== `Bearer ${project.token}`) {
    return { status: 401, body: { message: "Unauthorized" } };
  }
  if (ref === undefined) return { status: 404, body: { message: "Not Found" } };
  switch (`${request.method} ${rest}`) {
    case "GET ":
      return { status: 200, body: { id: ref, ref, name: "quarry", status: "ACTIVE_HEALTHY" } };
    case "PATCH postgrest":
      Object.assign(project.dataApi, dataApiSettings.parse(json(body)));
      return { status: 200, body: project.dataApi };
    case "POST secrets":
      for (const { name, value } of secretList.parse(json(body))) project.secrets.set(name, value);
      return { status: 201, body: {} };
    case "POST functions/deploy":
      return await storeFunction(project, url.searchParams.get("slug") ?? "", request, body);
    case "PUT functions":
      return { status: 200, body: { functions: json(body) } };
    default:
      return { status: 404, body: { message: "Not Found" } };
  }
}

function json(body: Buffer): unknown {
  return JSON.parse(body.toString("utf8"));
}

async function storeFunction(
  project: Project,
  slug: string,
  request: IncomingMessage,
  body: Buffer,
): Promise<Answer> {
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  // oxlint-disable-next-line typescript/no-deprecated -- deprecated for large uploads by strangers
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  const files = new Map<string, string>();
  let metadata = "";
  for (const [name, part] of form) {
    if (typeof part !== "string") files.set(part.name, await part.text());
    else if (name === "metadata") metadata = part;
  }
  const uploaded = uploadMetadata.parse(JSON.parse(metadata));
  project.functions.set(slug, {
    files,
    entrypointPath: uploaded.entrypoint_path,
    importMapPath: uploaded.import_map_path,
    verifyJwt: uploaded.verify_jwt,
  });
  const now = 1_700_000_000_000;
  const times = { version: 1, created_at: now, updated_at: now };
  const named = { id: slug, slug, name: slug, status: "ACTIVE", import_map: true };
  return { status: 201, body: { ...named, ...times, verify_jwt: uploaded.verify_jwt } };
}
