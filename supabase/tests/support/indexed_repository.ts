// A stack with one repository whose files have been pushed and indexed: for tests of what is answered
// about them, over HTTP, through the real indexer.

import { createStack, type Stack } from "../../../scripts/local/stack.ts";
import { register, send } from "./http.ts";
import { Clone, ended } from "./whole_path.ts";

/** What a route answers. */
export type Body = Record<string, unknown>;

/** The stack lives as long as this. */
export class IndexedRepository implements AsyncDisposable {
  readonly stack: Stack;
  readonly #name: string;

  private constructor(stack: Stack, name: string) {
    this.stack = stack;
    this.#name = name;
  }

  /** `files` are texts by their paths. */
  static async create(
    name: string,
    files: Readonly<Record<string, string>>,
  ): Promise<IndexedRepository> {
    const stack = await createStack({
      durable: false,
      machineEnvironment: { IDLE_EXIT_SECONDS: "1" },
    });
    await using clone = await Clone.create(stack, name);
    for (const [file, text] of Object.entries(files)) await clone.write(file, text);
    await clone.commitAndPush();
    const { state, outcome } = await ended(stack, (await register(stack, name)).jobId);
    if (outcome !== "indexed") throw new Error(`${name} is not indexed: ${state}, ${outcome}`);
    return new IndexedRepository(stack, name);
  }

  /** Asks a route of the API about the repository. */
  async get(route: string, parameters: Readonly<Record<string, string>>): Promise<Body> {
    const query = new URLSearchParams({ repository: this.#name, ...parameters });
    return (await send(this.stack, `/api/${route}?${query.toString()}`)).body;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stack.stop();
  }
}
