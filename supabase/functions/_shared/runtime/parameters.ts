/**
 * Reads query parameters and JSON bodies by a schema. A parameter that a route does not know is an
 * error: a misspelt filter must not silently widen a search.
 */
import { z } from "zod";
import { type ErrorCode } from "../contracts/error.ts";
import { JSON_BODY_BYTES_MAX, PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX } from "../contracts/limits.ts";
import { parseJson, readBody } from "./http.ts";
import { ProblemError } from "./problem.ts";

/** PostgreSQL has no text with U+0000; everything else is text. */
// deno-lint-ignore no-control-regex
export const text = z.string().refine((value) => !/\u0000/.test(value), "must not contain U+0000");

/** The number of items of a page. */
export const pageLimit = z.string()
  .regex(/^\d{1,6}$/, "must be a whole number")
  .transform(Number)
  .refine(
    (value) => value >= 1 && value <= PAGE_ITEMS_MAX,
    `must be between 1 and ${PAGE_ITEMS_MAX}`,
  )
  .default(PAGE_ITEMS_DEFAULT)
  .meta({
    type: "integer",
    pattern: undefined,
    minimum: 1,
    maximum: PAGE_ITEMS_MAX,
    description: `${PAGE_ITEMS_DEFAULT} when absent.`,
  });

/** The parameters that every list takes. */
export const pageParameters = {
  limit: pageLimit,
  cursor: z.string().optional().describe("The next_cursor of the page before."),
};

function parse<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  code: ErrorCode,
): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.join(".") ?? "";
  throw new ProblemError(code, `${place === "" ? "" : `${place}: `}${issue?.message ?? "wrong"}`);
}

/** The query parameters by a strict object's schema; one without a value counts as absent. */
export function readParameters<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): z.infer<Schema> {
  const given = new Map<string, string>();
  const { search, searchParams } = new URL(request.url);
  for (const [name, value] of searchParams) {
    if (value === "") continue;
    // What is no UTF-8 reads as U+FFFD: as another text than the one that is meant.
    if (value.includes("\ufffd") && !/%EF%BF%BD/i.test(search)) {
      throw new ProblemError("invalid_parameter", `${name}: is not UTF-8, percent-encoded`);
    }
    if (given.has(name)) {
      throw new ProblemError("invalid_parameter", `${name}: given more than once`);
    }
    given.set(name, value);
  }
  return parse(schema, Object.fromEntries(given), "invalid_parameter");
}

/** The JSON body by a schema; an absent one counts as an empty object. */
export async function readJsonBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const body = await readBody(request, JSON_BODY_BYTES_MAX);
  return parse(schema, body.byteLength === 0 ? {} : parseJson(body), "invalid_body");
}
