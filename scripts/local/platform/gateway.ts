// The one public address of the project: /functions/v1/<name>/… goes to the functions, with the
// prefix cut off as the platform does, and /rest/v1/… to the Data API. Bodies are streamed both ways.
// Stands for: the platform's gateway. Leaves out: TLS, auth and storage routes, verify_jwt (all our
// functions turn it off), the 150 s after which the platform answers 504.

import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Rest } from "../data_api/rest.ts";

const FUNCTIONS_PREFIX = "/functions/v1";
const REST_PREFIX = "/rest/v1/";
/** Headers that speak of one connection and must not travel on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"];

/** What lies behind; set as it comes up, and 503 is answered until then. */
export interface Backends {
  functionsPort: number | null;
  rest: Rest | null;
}

/** A listening gateway. */
export interface Gateway {
  readonly port: number;
  readonly backends: Backends;
  stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startGateway(): Promise<Gateway> {
  const backends: Backends = { functionsPort: null, rest: null };
  const agent = new Agent({ keepAlive: true });
  const server = createServer(
    { keepAliveTimeout: 60_000, requestTimeout: 0 },
    (request, response) => {
      route(request, response, backends, agent);
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
    await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, backends, stop };
}

function route(
  request: IncomingMessage,
  response: ServerResponse,
  backends: Backends,
  agent: Agent,
): void {
  const target = request.url ?? "/";
  if (target.startsWith(`${FUNCTIONS_PREFIX}/`)) {
    if (backends.functionsPort === null) return answer(response, 503, "BOOT_ERROR");
    return forward(request, response, backends.functionsPort, agent);
  }
  if (target.startsWith(REST_PREFIX)) {
    if (backends.rest === null) return answer(response, 503, "PGRST002");
    backends.rest.handle(request, response).catch((error: unknown) => {
      console.error(`rest stand-in: ${String(error)}`);
      response.destroy();
    });
    return;
  }
  answer(response, 404, "no Route matched with those values");
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  agent: Agent,
): void {
  const headers = { ...request.headers };
  for (const name of HOP_BY_HOP) delete headers[name];
  headers["x-forwarded-for"] = request.socket.remoteAddress ?? "127.0.0.1";
  headers["x-forwarded-proto"] = "http";
  const upstream = httpRequest({
    host: "127.0.0.1",
    port,
    agent,
    method: request.method,
    path: (request.url ?? "").slice(FUNCTIONS_PREFIX.length),
    headers,
  });
  upstream.on("response", (incoming) => {
    const passed = { ...incoming.headers };
    for (const name of HOP_BY_HOP) delete passed[name];
    response.writeHead(incoming.statusCode ?? 502, passed);
    incoming.pipe(response);
    incoming.on("error", () => response.destroy());
  });
  upstream.on("error", () => {
    if (response.headersSent) response.destroy();
    else answer(response, 502, "An invalid response was received from the upstream server");
  });
  response.on("close", () => {
    upstream.destroy();
    // What is left of the body is in the way of the connection's next request.
    request.unpipe(upstream).resume();
  });
  request.pipe(upstream);
}

function answer(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ message }));
}
