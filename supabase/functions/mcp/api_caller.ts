/**
 * How a tool asks the API: by the route that REST callers use, in this very process. So a tool can
 * do nothing that its key could not do over REST, and both answer alike.
 */
import { type z } from "zod";
import { type ApiDependencies } from "../api/context.ts";
import { answerApi } from "../api/handler.ts";
import { type Caller } from "../_shared/runtime/authenticate.ts";

/** The parameters of a call; absent ones are left out. */
export type CallParameters = Readonly<Record<string, string | number | boolean | undefined>>;

/** The API for one caller. Throws ProblemError for what REST answers with a problem. */
export interface ApiCaller {
  /** GET: parameters go into the query. */
  get<Schema extends z.ZodType>(
    path: string,
    parameters: CallParameters,
    answer: Schema,
  ): Promise<z.infer<Schema>>;
  /** POST: parameters become the body. */
  post<Schema extends z.ZodType>(
    path: string,
    parameters: CallParameters,
    answer: Schema,
  ): Promise<z.infer<Schema>>;
}

/** Its host is never asked: the URL only carries path and query to the router. */
const BASE = "https://quarry.invalid/api";

/** The API for `caller`, for as long as `signal` does not say that the client has gone. */
export function apiCaller(
  caller: Caller,
  signal: AbortSignal,
  dependencies: ApiDependencies,
): ApiCaller {
  async function ask(request: Request): Promise<unknown> {
    const { body } = await answerApi(request, caller, dependencies);
    return body;
  }
  return {
    async get(path, parameters, answer) {
      const url = new URL(BASE + path);
      for (const [name, value] of Object.entries(parameters)) {
        if (value !== undefined) url.searchParams.set(name, String(value));
      }
      return answer.parse(await ask(new Request(url, { signal })));
    },
    async post(path, parameters, answer) {
      const body = JSON.stringify(parameters);
      return answer.parse(await ask(new Request(BASE + path, { method: "POST", body, signal })));
    },
  };
}
