/**
 * The Model Context Protocol over Streamable HTTP, without sessions: each POST authenticates, is
 * charged as one request, and is answered by a server made for it alone, in the protocol's current
 * revision or in those of before. So any instance can answer any request, and nothing is left behind
 * when it dies. Knows no tool.
 */
import { createMcpHandler } from "@modelcontextprotocol/server";
import { type ApiDependencies } from "../api/context.ts";
import { JSON_BODY_BYTES_MAX } from "../_shared/contracts/limits.ts";
import { authenticate } from "../_shared/runtime/authenticate.ts";
import { parseJson, readBody, serve } from "../_shared/runtime/http.ts";
import { ProblemError } from "../_shared/runtime/problem.ts";
import { type ApiCaller, apiCaller } from "./api_caller.ts";
import { createMcpServer, type ServerDependencies } from "./server.ts";

/** What the API needs, and time to wait for a job. */
export type McpDependencies = ApiDependencies & ServerDependencies;

/** Serves a request to /mcp. */
export async function handleMcp(
  request: Request,
  dependencies: McpDependencies,
): Promise<Response> {
  const answers: Response[] = [];
  // What is refused before the protocol begins is answered like everywhere else: 401, 405, 413, 429.
  const refusal = await serve(request, dependencies, async (headers) => {
    if (request.method !== "POST") {
      const detail = "This server keeps no sessions and sends nothing on its own: it takes POST.";
      throw new ProblemError("method_not_allowed", detail, { allow: "POST" });
    }
    const caller = await authenticate(request, dependencies.database, headers);
    const parsedBody = parseJson(await readBody(request, JSON_BODY_BYTES_MAX));
    const answer = await converse(
      request,
      parsedBody,
      apiCaller(caller, request.signal, dependencies),
      dependencies,
    );
    for (const [name, value] of headers) answer.headers.set(name, value);
    answers.push(answer);
    return { status: answer.status, body: null };
  });
  return answers[0] ?? refusal;
}

/** One message and its answer, by a server of their own. */
async function converse(
  request: Request,
  parsedBody: unknown,
  api: ApiCaller,
  dependencies: McpDependencies,
): Promise<Response> {
  const { log } = dependencies;
  const handler = createMcpHandler(() => createMcpServer(api, dependencies), {
    // A stream of changes would hold an instance for as long as a client likes, and nothing here
    // ever changes by itself.
    maxSubscriptions: 0,
    onerror: (error) => log("mcp_request_refused", { error }),
  });
  return await handler.fetch(request, { parsedBody });
}
