/**
 * The TCP connection below a database connection. Knows no protocol.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

const CONNECT_MILLISECONDS_MAX = 10_000;

/** Where the client library wants to connect to; it may know several hosts. */
export interface Target {
  readonly host: readonly string[];
  readonly port: readonly number[];
}

/**
 * Connects without Nagle's algorithm: with it each COPY waits twice for the other side's delayed
 * acknowledgement, 80 ms where the work takes less than one.
 */
export async function openSocket({ host: [host = "localhost"], port: [port = 5432] }: Target) {
  const socket: Socket = connect({ host, port, noDelay: true });
  const signal = AbortSignal.timeout(CONNECT_MILLISECONDS_MAX);
  try {
    await once(socket, "connect", { signal });
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw new ConnectTimeout(`no answer from ${host}:${port}`);
    throw error;
  }
  // The library reads the name for TLS from here.
  return Object.assign(socket, { host });
}

class ConnectTimeout extends Error {
  readonly code = "ETIMEDOUT";
}
