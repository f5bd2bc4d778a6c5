// A way to the database that can go dead without a word: connections that stay open and carry nothing,
// as when a router forgets them or a host loses power. Knows nothing of what it carries.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A listening proxy. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #dead = new Set<readonly [Socket, Socket]>();

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Listens on a free port; `targetPort` is asked for at each connection. */
  static async open(targetPort: () => number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new TcpProxy(server);
    server.on("connection", (client) => proxy.#carry(client, targetPort()));
    return proxy;
  }

  #carry(client: Socket, port: number): void {
    const target = connect({ host: "127.0.0.1", port, noDelay: true });
    client.setNoDelay(true);
    const pair = [client, target] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [target, client] as const]) {
      from.on("data", (bytes) => {
        if (this.#dead.has(pair)) return;
        if (to.write(bytes)) return;
        from.pause();
        to.once("drain", () => from.resume());
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        // Of a dead connection nobody hears that the other side is gone.
        if (!this.#dead.has(pair)) this.#end(pair);
      });
    }
  }

  #end(pair: readonly [Socket, Socket]): void {
    this.#pairs.delete(pair);
    this.#dead.delete(pair);
    for (const socket of pair) socket.destroy();
  }

  /** From now on the connections there are carry nothing and say nothing; new ones work. */
  silence(): void {
    for (const pair of this.#pairs) this.#dead.add(pair);
  }

  /** What keep-alive does after minutes: dead connections end on both sides. */
  endSilent(): void {
    for (const pair of this.#dead) this.#end(pair);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pair of this.#pairs) this.#end(pair);
    this.#server.close();
    await once(this.#server, "close");
  }
}
