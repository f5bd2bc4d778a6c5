/**
 * Calls one SQL function of schema `api` and sorts what can go wrong: through supabase-js, or where the
 * answer is bytes, which supabase-js would take for JSON, by the same request without it. Knows no
 * function by name.
 */
import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import { DATABASE_CALL_MILLISECONDS_MAX } from "../contracts/limits.ts";

/**
 * unavailable: no answer, or one that says to come back; nothing may be concluded about what was
 * done. timeout: the statement or the wait for it was cut short. failed: a fault of ours.
 */
export type DatabaseErrorCode = "unavailable" | "timeout" | "failed";

/** A call that brought no answer. The message names the function, never its arguments. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string) {
    super(message);
    this.name = "DatabaseError";
    this.code = code;
  }
}

/** Calls an SQL function by name and parses its answer. */
export type CallFunction = <Schema extends z.ZodType>(
  name: string,
  parameters: Readonly<Record<string, unknown>>,
  answer: Schema,
  millisecondsMax?: number,
) => Promise<z.infer<Schema>>;

/**
 * Calls an SQL function that answers bytes; `read` takes them apart, and throws when they are of
 * another form.
 */
export type CallForBytes = <Answer>(
  name: string,
  parameters: Readonly<Record<string, unknown>>,
  read: (bytes: Uint8Array) => Answer,
  millisecondsMax?: number,
) => Promise<Answer>;

/** Where the Data API is and the key that opens schema `api`. */
export interface DatabaseSettings {
  readonly supabaseUrl: string;
  readonly secretKey: string;
}

/** Connection lost, too many connections, shutting down, serialisation, and the pool's own. */
const TRANSIENT = /^(?:08|53|57P0|40001|40P01|55P03|PGRST00)/;
/** Of a message of the database so much is told. */
const MESSAGE_UNITS_MAX = 300;
const STATEMENT_CANCELLED = "57014";

/** Undone in favour of another transaction, whole: nothing was done, and it may be tried again. */
const UNDONE = /^(?:40001|40P01)$/;
const TRIES_MAX = 3;

/** Makes a call until it is not undone. The other one goes on meanwhile, so that it need not wait. */
async function tryAgain<T extends { readonly error: { readonly code?: unknown } | null }>(
  call: () => PromiseLike<T>,
): Promise<T> {
  for (let tries = 1;; tries += 1) {
    const response = await call();
    const code = response.error?.code;
    if (typeof code !== "string" || !UNDONE.test(code) || tries === TRIES_MAX) return response;
  }
}

function classify(status: number, code: string, message: string): DatabaseErrorCode {
  if (code === STATEMENT_CANCELLED) return "timeout";
  // supabase-js answers status 0 when there was no response at all.
  if (status === 0) return message.startsWith("TimeoutError") ? "timeout" : "unavailable";
  if (TRANSIENT.test(code)) return "unavailable";
  // A 5xx without a code comes from something in front of the Data API.
  return code === "" && status >= 500 ? "unavailable" : "failed";
}

/** supabase-js takes an empty 404 for an empty answer, which would say "no such row". */
const refuseEmpty404: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  if (response.status !== 404 || isJson) return response;
  await response.body?.cancel();
  return new Response(null, { status: 502 });
};

/** Makes the caller. One client serves all requests; it holds no session and no connection. */
export function createFunctionCaller(settings: DatabaseSettings): CallFunction {
  const client = createClient(settings.supabaseUrl, settings.secretKey, {
    db: { schema: "api" },
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    global: { fetch: refuseEmpty404 },
  });
  return async (name, parameters, answer, millisecondsMax) => {
    const signal = AbortSignal.timeout(millisecondsMax ?? DATABASE_CALL_MILLISECONDS_MAX);
    const response = await tryAgain(() => client.rpc(name, parameters).abortSignal(signal));
    const { error, status } = response;
    if (error !== null) {
      const code = typeof error.code === "string" ? error.code : "";
      const message = `${name}: ${status} ${code} ${error.message.slice(0, MESSAGE_UNITS_MAX)}`;
      throw new DatabaseError(classify(status, code, error.message), message);
    }
    const data: unknown = response.data ?? null;
    const parsed = answer.safeParse(data);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const place = issue?.path.join(".") ?? "";
    throw new DatabaseError(
      "failed",
      `${name}: unexpected answer at "${place}": ${issue?.message}`,
    );
  };
}

const BYTES = "application/octet-stream";
const errorBody = z.object({ code: z.string(), message: z.string() });

/** Makes the caller for answers of bytes. */
export function createBytesCaller({ supabaseUrl, secretKey }: DatabaseSettings): CallForBytes {
  const functions = new URL("rest/v1/rpc/", `${supabaseUrl.replace(/\/+$/, "")}/`);
  const headers = {
    "accept": BYTES,
    "apikey": secretKey,
    "authorization": `Bearer ${secretKey}`,
    "content-profile": "api",
    "content-type": "application/json",
  };
  const ask = async (name: string, init: RequestInit) => {
    try {
      const response = await refuseEmpty404(new URL(name, functions), init);
      const type = response.headers.get("content-type");
      return { status: response.status, type, bytes: new Uint8Array(await response.arrayBuffer()) };
    } catch (error) {
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new DatabaseError(classify(0, "", message), `${name}: ${message}`);
    }
  };
  return async (name, parameters, read, millisecondsMax) => {
    const signal = AbortSignal.timeout(millisecondsMax ?? DATABASE_CALL_MILLISECONDS_MAX);
    const body = JSON.stringify(parameters);
    const { status, type, bytes } = await ask(name, { method: "POST", headers, body, signal });
    if (status !== 200 || type !== BYTES) {
      const { code, message } = readError(bytes);
      const told = `${name}: ${status} ${code} ${message.slice(0, MESSAGE_UNITS_MAX)}`;
      throw new DatabaseError(classify(status, code, message), told);
    }
    try {
      return read(bytes);
    } catch (cause) {
      throw new DatabaseError("failed", `${name}: unexpected answer: ${String(cause)}`);
    }
  };
}

/** What an answer says that is not the one that was asked for. */
function readError(bytes: Uint8Array): z.infer<typeof errorBody> {
  const text = new TextDecoder().decode(bytes);
  try {
    return errorBody.parse(JSON.parse(text));
  } catch {
    return { code: "", message: text };
  }
}
