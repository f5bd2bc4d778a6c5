// Stands before a server that speaks no TLS and speaks it for it, with a certificate that no public authority
// has signed. Stands for: a host of one's own. Knows nothing of what it carries.

import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { createServer } from "node:tls";
import { CERTIFICATE, KEY } from "./certificate.ts";

/** A listening front. */
export interface TlsFront extends AsyncDisposable {
  /** Its certificate is for this name. */
  readonly url: string;
}

/** Listens on a free port; where what stands behind it listens is asked for at each connection. */
export async function startTlsFront(targetPort: () => number): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (socket) => {
    const onward = connect(targetPort(), "127.0.0.1");
    for (const side of [socket, onward]) {
      sockets.add(side);
      side.on("error", () => side.destroy());
      side.on("close", () => sockets.delete(side));
    }
    socket.pipe(onward).pipe(socket);
  });
  // Whoever does not trust it hangs up.
  server.on("tlsClientError", () => undefined);
  server.listen(0);
  await once(server, "listening");
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
