// One HTTP exchange over a connection that is kept, timed from the call to the last byte of the answer.
// Parsing is not in the time: whoever asks does it as it likes.

import { Agent, type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";

/** An answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly milliseconds: number;
}

/** What is sent. */
export interface HttpQuestion {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

const agent = new Agent({ keepAlive: true });

/** Asks. Throws when there is no answer. */
export async function exchange(
  { url, method = "GET", headers = {}, body = "", signal }: HttpQuestion,
): Promise<HttpAnswer> {
  const started = performance.now();
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(url, { agent, method, headers, signal }, resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
  });
  const answered = await buffer(incoming);
  const milliseconds = performance.now() - started;
  return { status: incoming.statusCode ?? 0, body: answered, milliseconds };
}
