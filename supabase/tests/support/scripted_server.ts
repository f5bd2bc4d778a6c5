// An HTTP server that answers what a test tells it to, and keeps what it was asked. For clients of
// services: over real sockets, with the answers that a stand-in would never give.

import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** What to answer; "hang" never does, "drop" closes the connection. */
export type Scripted =
  | {
    readonly status: number;
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
    /** Sent as it is, instead of `body` as JSON. */
    readonly text?: string | Uint8Array;
  }
  | "hang"
  | "drop";

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** Decides every answer from here on. */
  answer: (request: Received) => Scripted;
}

/** Listens on a free port of 127.0.0.1; until told otherwise it answers 404. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const received: Received[] = [];
  const http = createServer((request, response) => {
    void readAll(request).then((body) => {
      const { method = "", url: path = "", headers } = request;
      const arrived = { method, path, headers, body };
      received.push(arrived);
      const scripted = server.answer(arrived);
      if (scripted === "drop") return request.socket.destroy();
      if (scripted === "hang") return;
      response.writeHead(scripted.status, {
        ...(scripted.text === undefined ? { "content-type": "application/json" } : {}),
        ...scripted.headers,
      });
      response.end(scripted.text ?? JSON.stringify(scripted.body ?? null));
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const server: ScriptedServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    received,
    answer: () => ({ status: 404 }),
    async [Symbol.asyncDispose]() {
      http.close();
      http.closeAllConnections();
      await once(http, "close");
    },
  };
  return server;
}

async function readAll(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return text === "" ? null : JSON.parse(text);
}
