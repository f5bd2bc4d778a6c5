/**
 * COPY from memory with back-pressure. Knows the client library's stream and its one gap; knows no
 * table.
 */
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Sql } from "postgres";

/**
 * Sends the chunks as the input of a `copy … from stdin` and waits for the server's word.
 *
 * The library resolves the query when the server is ready for data and forgets it then: an error
 * that arrives after the last byte, as every error of a small COPY does, would reach nobody and the
 * stream would never finish. So the query's own `reject` is listened to as well.
 */
export async function copyBytes(
  sql: Pick<Sql, "unsafe">,
  statement: string,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  const query = sql.unsafe(statement);
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  const reject: unknown = Reflect.get(query, "reject");
  Reflect.set(query, "reject", (error: unknown) => {
    if (typeof reject === "function") Reflect.apply(reject, query, [error]);
    fail(error);
  });
  const stream = await query.writable();
  stream.on("error", fail);
  await Promise.race([send(stream, chunks), failed]);
}

async function send(stream: Writable, chunks: Iterable<Uint8Array>): Promise<void> {
  const finished = once(stream, "finish");
  // Awaited at the end only; a failure before is the caller's other promise.
  finished.catch(() => undefined);
  for (const chunk of chunks) {
    if (!stream.write(chunk)) await once(stream, "drain");
  }
  stream.end();
  await finished;
}
