// The Data API as supabase-js's rpc() uses it: /rest/v1/rpc/:function, by POST and GET; and functions
// that answer bytes, by the media type that names the domain they return.
// Stands for: the platform's key check and PostgREST. Leaves out: tables, filters, embedding, user
// JWTs, Prefer, response GUCs, functions with a single unnamed parameter, variadic ones, media types of
// other domains than bytea's, and of aggregates, weights in Accept.

import type { IncomingMessage, ServerResponse } from "node:http";
import postgres, { type ReservedSql } from "postgres";
import { RestConnections } from "./rest_connections.ts";
import { errorOfQuery, type RestError, restError } from "./rest_errors.ts";
import { callStatement, chooseFunction, readFunctions, type SqlFunction } from "./rest_function.ts";
import type { ApiSettings } from "../platform/supabase_config.ts";

const PREFIX = "/rest/v1/";
const SINGLE_OBJECT = "application/vnd.pgrst.object+json";
const JSON_TYPE = "application/json";

export interface RestOptions {
  /** The database as role authenticator, which becomes the key's role for each request. */
  databaseUrl: string;
  settings: ApiSettings;
  /** sb_secret_… and sb_publishable_… keys and the roles they stand for. */
  roleByKey: ReadonlyMap<string, string>;
  /** After which the server counts as gone; a minute without it. */
  answerMillisecondsMax?: number;
}

/** Answers requests; the gateway owns the server. */
export interface Rest {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer | null;
  /** JSON where absent. */
  readonly headers?: Record<string, string>;
}

interface Call {
  readonly schema: string;
  readonly name: string;
  readonly argumentNames: readonly string[];
  /** The arguments as a JSON object. */
  readonly argumentsText: string;
  readonly role: string;
  readonly request: IncomingMessage;
  readonly readOnly: boolean;
}

/** Connects and reads the time limits of the API roles. */
export async function startRest(options: RestOptions): Promise<Rest> {
  const functions = new Map<string, SqlFunction[]>();
  const listener = postgres(options.databaseUrl, { max: 1, onnotice: () => undefined });
  await listener.listen("pgrst", () => functions.clear(), () => functions.clear());
  const connections = new RestConnections(options.databaseUrl, options.answerMillisecondsMax);
  const rows = await connections.use((sql) =>
    sql<{ rolname: string; value: string }[]>`
      select rolname, split_part(entry, '=', 2) as value
      from pg_roles, unnest(rolconfig) as entry
      where rolname <> session_user and entry like 'statement_timeout=%'`
  );
  const timeoutByRole = new Map(rows.map((row) => [row.rolname, row.value]));
  const api = new Api(connections, options, functions, timeoutByRole);
  return {
    handle: (request, response) => api.handle(request, response),
    stop: async () => {
      connections.stop();
      await listener.end({ timeout: 1 });
    },
  };
}

class Api {
  readonly #connections: RestConnections;
  readonly #options: RestOptions;
  readonly #functions: Map<string, SqlFunction[]>;
  readonly #timeoutByRole: ReadonlyMap<string, string>;

  constructor(
    connections: RestConnections,
    options: RestOptions,
    functions: Map<string, SqlFunction[]>,
    timeoutByRole: ReadonlyMap<string, string>,
  ) {
    this.#connections = connections;
    this.#options = options;
    this.#functions = functions;
    this.#timeoutByRole = timeoutByRole;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await this.#readCall(request);
    const result = "body" in call ? call : await this.#answer(call);
    const body = result.body === null || result.body instanceof Buffer
      ? result.body
      : JSON.stringify(result.body);
    const more = "headers" in result ? result.headers : {};
    response.writeHead(result.status, {
      ...(body === null ? {} : {
        "content-type": "application/json; charset=utf-8",
        "content-length": Buffer.byteLength(body),
      }),
      ...more,
    }).end(body ?? undefined);
  }

  /** Who asks, and for what: every refusal that needs no query. */
  async #readCall(request: IncomingMessage): Promise<Call | RestError> {
    const role = this.#readRole(request);
    if (typeof role !== "string") return role;
    const method = request.method ?? "";
    const url = new URL(request.url ?? "", "http://local");
    const [kind, name, ...rest] = url.pathname.slice(PREFIX.length).split("/");
    if (kind !== "rpc" || name === undefined || name === "" || rest.length > 0) {
      return restError(404, "PGRST125", "Invalid path specified in request URL");
    }
    if (method !== "POST" && method !== "GET") {
      return restError(405, "PGRST101", "Cannot use the " + method + " method on RPC");
    }
    const profile = request.headers[method === "GET" ? "accept-profile" : "content-profile"];
    const schema = profile === undefined ? this.#options.settings.schemas[0] : String(profile);
    if (schema === undefined || !this.#options.settings.schemas.includes(schema)) {
      return restError(406, "PGRST106", `Invalid schema: ${schema}`, {
        hint: `Only the following schemas are exposed: ${
          this.#options.settings.schemas.join(", ")
        }`,
      });
    }
    const readOnly = method === "GET";
    const argumentsText = readOnly
      ? JSON.stringify(Object.fromEntries(url.searchParams))
      : await readText(request);
    const argumentNames = namesOf(argumentsText);
    if (argumentNames === null) return restError(400, "PGRST102", "Empty or invalid json");
    const call = { schema, name: decodeURIComponent(name), argumentNames, argumentsText };
    return { ...call, role, request, readOnly };
  }

  /** The new keys come in apikey; supabase-js repeats them as a bearer token, which is let pass. */
  #readRole(request: IncomingMessage): string | RestError {
    const key = request.headers["apikey"];
    const bearer = request.headers.authorization?.replace(/^Bearer /i, "");
    if (key === undefined) {
      return restError(401, "401", "No API key found in request", {
        hint: "No `apikey` request header or url param was found.",
      });
    }
    const role = this.#options.roleByKey.get(String(key));
    if (role === undefined) {
      return restError(401, "401", "Invalid API key", { hint: "Double check your API key." });
    }
    if (bearer !== undefined && bearer !== key) {
      return restError(401, "PGRST301", "Expected 3 parts in JWT; got 1");
    }
    return role;
  }

  async #answer(call: Call): Promise<Answer | RestError> {
    try {
      const candidates = await this.#candidates(call);
      const target = chooseFunction(candidates, call.schema, call.name, call.argumentNames);
      if ("body" in target) return target;
      const { accept } = call.request.headers;
      const type = acceptedType(accept, target);
      if (type === null) {
        return restError(406, "PGRST107", `None of these media types are available: ${accept}`);
      }
      const body = await this.#run(call, target, type === target.mediaType);
      if (target.isVoid) return { status: 204, body: null };
      if (type === SINGLE_OBJECT) return single(body, target);
      return type === target.mediaType
        ? { status: 200, body, headers: { "content-type": type } }
        : { status: 200, body };
    } catch (error) {
      return errorOfQuery(error, call.role);
    }
  }

  async #candidates({ schema, name }: Call): Promise<SqlFunction[]> {
    const key = `${schema}.${name}`;
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const read = await this.#connections.use((sql) => readFunctions(sql, schema, name));
    // What does not exist is asked for again: it may be created at any time.
    if (read.length > 0) this.#functions.set(key, read);
    return read;
  }

  /** One transaction: the settings of the request, then the call; all of it is sent at once. */
  async #run(call: Call, target: SqlFunction, isAsItStands: boolean): Promise<Buffer> {
    const { rowsMax } = this.#options.settings;
    const statement = callStatement(target, call.argumentNames, rowsMax, isAsItStands);
    const parameters = call.argumentNames.length === 0 ? [] : [call.argumentsText];
    const mode = call.readOnly || !target.isVolatile ? "read only" : "read write";
    const timeout = target.statementTimeout ?? this.#timeoutByRole.get(call.role) ?? null;
    const searchPath = [call.schema, ...this.#options.settings.extraSearchPath]
      .map((schema) => `"${schema}"`).join(", ");
    return await this.#connections.use(async (sql) => {
      const begun = sql.unsafe(`begin ${mode}`).execute();
      const set = sql`
        select
          set_config('search_path', ${searchPath}, true),
          set_config('request.jwt.claims', ${JSON.stringify({ role: call.role })}, true),
          set_config('request.method', ${call.request.method ?? ""}, true),
          set_config('request.path', ${`/rpc/${call.name}`}, true),
          set_config('request.headers', ${JSON.stringify(call.request.headers)}, true),
          set_config('statement_timeout',
            coalesce(${timeout}, current_setting('statement_timeout')), true),
          set_config('role', ${call.role}, true)`.execute();
      const called = isAsItStands
        ? binary(sql, statement, parameters)
        // Raw: bytes that go on as they come need not become text in between.
        : sql.unsafe(statement, parameters, { prepare: true }).raw().execute();
      // After an error this undoes the transaction.
      const ended = sql.unsafe("commit").execute();
      const [, , answer] = await settled([begun, set, called, ended]);
      return (answer as (Buffer | null)[][])[0]?.[0] ?? Buffer.from(isAsItStands ? "" : "null");
    });
  }
}

/**
 * A query whose values come as they are and not as text, which this client does not ask for: a binary
 * cursor gives them so to whoever fetches from it by the simple protocol. Sends all of it at once.
 */
async function binary(
  sql: ReservedSql,
  query: string,
  parameters: string[],
): Promise<unknown> {
  const declared = sql
    .unsafe(`declare answer binary cursor for ${query}`, parameters, { prepare: true }).execute();
  const fetched = sql.unsafe("fetch all from answer").simple().raw().execute();
  const [, rows] = await settled([declared, fetched]);
  return rows;
}

/** What all of them came to, when every one is over; throws what the first that failed threw. */
async function settled(queries: readonly Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(queries);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8") || "{}";
}

/** The names of the members of a JSON object; null for anything else. */
function namesOf(text: string): string[] | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? Object.keys(value) : null;
  } catch {
    return null;
  }
}

/** The first accepted media type that the function can be answered in; null when there is none. */
function acceptedType(accept: string | undefined, target: SqlFunction): string | null {
  for (const each of (accept ?? "*/*").split(",")) {
    const type = each.split(";")[0]?.trim().toLowerCase() ?? "";
    if (type === "*/*") return JSON_TYPE;
    if ([JSON_TYPE, SINGLE_OBJECT, target.mediaType].includes(type)) return type;
  }
  return null;
}

/** rpc().single(): the one row of a set as an object, or 406. */
function single(body: Buffer, target: SqlFunction): Answer | RestError {
  if (!target.isSet) return { status: 200, body };
  const rows = JSON.parse(body.toString("utf8")) as unknown[];
  if (rows.length === 1) return { status: 200, body: Buffer.from(JSON.stringify(rows[0])) };
  return restError(406, "PGRST116", "Cannot coerce the result to a single JSON object", {
    details: `The result contains ${rows.length} rows`,
  });
}
