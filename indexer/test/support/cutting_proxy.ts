// A way to the database that breaks off at a chosen answer: the call is committed, and who made it is not told.

import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** Lets no connection through any more once it is disposed of. */
export interface CuttingProxy extends Disposable {
  /** The database's, by this way. */
  readonly url: string;
  readonly isCut: boolean;
}

/**
 * Passes bytes on to the database at a URL until a connection calls the function and `isCommitted` answers that
 * its call is: that connection is cut, once, before anything more of its answer gets through.
 */
export async function startCuttingProxy(
  databaseUrl: string,
  functionName: string,
  isCommitted: () => Promise<boolean>,
): Promise<CuttingProxy> {
  const { port, hostname } = new URL(databaseUrl);
  const url = new URL(databaseUrl);
  let isCut = false;
  const server = createServer((client) => {
    const target = connect(Number(port), hostname);
    const end = () => [client, target].forEach((side) => side.destroy());
    for (const side of [client, target]) side.on("error", end).on("close", end);
    let isCalling = false;
    client.on("data", (bytes) => {
      isCalling ||= bytes.includes(functionName);
      target.write(bytes);
    });
    let passed: Promise<unknown> = Promise.resolve();
    target.on("data", (bytes) => {
      passed = passed.then(async () => {
        if (isCalling && !isCut && await isCommitted()) {
          isCut = true;
          end();
        }
        if (!client.destroyed) client.write(bytes);
      });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    get isCut() {
      return isCut;
    },
    [Symbol.dispose]: () => void server.close(),
  };
}
