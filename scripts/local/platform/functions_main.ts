// Runs in Deno: serves every function of a directory in one process, by the first path segment.
// Stands for: the platform's edge runtime. Leaves out: an isolate per function, the limits on CPU,
// memory and wall clock.
//
// A function says Deno.serve(handler) when it is imported; here that only hands the handler over.

type Handler = (request: Request) => Response | Promise<Response>;

/** The little of Deno's interface that is used; the project's types are Node's. */
declare const Deno: {
  args: string[];
  exit(code: number): never;
  readDir(path: string): AsyncIterable<{ name: string; isDirectory: boolean }>;
  serve(options: object, handler: Handler): unknown;
  stat(path: string): Promise<{ isFile: boolean }>;
  stdin: { readable: ReadableStream<Uint8Array> };
};

const realServe = Deno.serve.bind(Deno);
let captured: Handler | null = null;

function captureServe(...args: unknown[]): unknown {
  const handler = args.find((argument) => typeof argument === "function");
  const inOptions = args.find((argument) => isObject(argument) && "handler" in argument);
  captured = (handler ?? (isObject(inOptions) ? inOptions["handler"] : null)) as Handler | null;
  return { finished: new Promise(() => undefined), ref() {}, unref() {}, shutdown() {} };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Imports one function; one that fails to start answers 503, as on the platform. */
async function load(directory: string, name: string): Promise<Handler> {
  captured = null;
  try {
    const url = `file://${directory}/${name}/index.ts`;
    const module = await import(url) as { default?: unknown };
    const exported = isObject(module.default) ? module.default["fetch"] : undefined;
    const handler = captured ?? (typeof exported === "function" ? exported as Handler : null);
    if (handler !== null) return handler;
    console.error(`function ${name} serves nothing`);
  } catch (error) {
    console.error(`function ${name} does not start:`, error);
  }
  return () => answer(503, "BOOT_ERROR", "Function failed to start (please check logs)");
}

async function loadAll(directory: string): Promise<Map<string, Handler>> {
  const handlers = new Map<string, Handler>();
  for await (const entry of Deno.readDir(directory)) {
    if (!entry.isDirectory || entry.name.startsWith("_")) continue;
    const entryFile = `${directory}/${entry.name}/index.ts`;
    const isFunction = await Deno.stat(entryFile).then((file) => file.isFile, () => false);
    // One after the other: what Deno.serve captured must belong to the module just imported.
    if (isFunction) handlers.set(entry.name, await load(directory, entry.name));
  }
  return handlers;
}

function answer(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}

async function dispatch(handlers: Map<string, Handler>, request: Request): Promise<Response> {
  const name = new URL(request.url).pathname.split("/")[1] ?? "";
  const handler = handlers.get(name);
  if (handler === undefined) return answer(404, "NOT_FOUND", "Requested function was not found");
  try {
    return await handler(request);
  } catch (error) {
    console.error(`function ${name} threw:`, error);
    return answer(500, "WORKER_ERROR", "Function exited due to an error (please check logs)");
  }
}

/** The parent holds the other end: it closes however the parent dies, and then nobody needs us. */
async function exitWithParent(): Promise<void> {
  for await (const _ of Deno.stdin.readable);
  Deno.exit(0);
}

Object.defineProperty(Deno, "serve", { value: captureServe, configurable: true });
Object.defineProperty(globalThis, "EdgeRuntime", {
  value: {
    waitUntil(work: Promise<unknown>) {
      work.catch((error: unknown) => console.error("background work failed:", error));
    },
  },
});
void exitWithParent();
const handlers = await loadAll(Deno.args[0] ?? "");
realServe(
  {
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }: { port: number }) => console.log(JSON.stringify({ listening: port })),
  },
  (request) => dispatch(handlers, request),
);
