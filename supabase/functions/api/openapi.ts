/**
 * The description of the API in OpenAPI 3.1, made from the routes and the schemas that validate, so
 * that it cannot say anything else than they do. Pure.
 */
import { z } from "zod";
import { errorMeanings } from "../_shared/contracts/error.ts";
import { type ApiRoute } from "./context.ts";

/** The version of the API, not of the code behind it. */
const API_VERSION = "1";

type JsonSchema = Readonly<Record<string, unknown>>;

function toJsonSchema(schema: z.ZodType): JsonSchema {
  // What a caller sends and what an answer holds on the wire, before any transformation.
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}

function content(type: string, schema: JsonSchema) {
  return { [type]: { schema } };
}

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ enum: Object.keys(errorMeanings) }),
  detail: z.string(),
  next_step: z.string(),
  request_id: z.string(),
});

/** `/api/jobs/:id` as OpenAPI writes it below its server: `/jobs/{id}`. */
function templateOf(path: string): string {
  return path.replace(/^\/api/, "").replaceAll(/:(\w+)/g, "{$1}");
}

/** One without a value counts as absent, so one that is required has a value. */
function parameterSchema(schema: z.ZodType, required: boolean): JsonSchema {
  const described = toJsonSchema(schema);
  return required && described.type === "string" ? { minLength: 1, ...described } : described;
}

function parametersOf({ path, description }: ApiRoute) {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(description.parameters?.shape ?? {}).map(([name, schema]) => {
    const required = description.requires?.includes(name) ?? false;
    return { name, in: "query", required, schema: parameterSchema(schema, required) };
  });
  return [...inPath, ...inQuery];
}

function operationOf(route: ApiRoute) {
  const { summary, body, answers } = route.description;
  const responses = Object.entries(answers).map(([status, schema]): [string, unknown] => [status, {
    description: Number(status) === 202 ? "Accepted" : "OK",
    content: content("application/json", toJsonSchema(schema)),
  }]);
  return {
    summary,
    operationId: `${route.method.toLowerCase()}${
      templateOf(route.path).replaceAll(/[{}]/g, "").replaceAll(/[/-]+(\w)/g, (_, first: string) =>
        first.toUpperCase())
    }`,
    parameters: parametersOf(route),
    ...(body === undefined ? {} : {
      requestBody: {
        // None at all is an empty one.
        required: !body.safeParse({}).success,
        content: content("application/json", toJsonSchema(body)),
      },
    }),
    responses: {
      ...Object.fromEntries<unknown>(responses),
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

/** The document for these routes, as served below `server`. */
export function describeApi(routes: readonly ApiRoute[], server: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const operations = paths[templateOf(route.path)] ??= {};
    operations[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Quarry",
      version: API_VERSION,
      description:
        "A hosted code index: register repositories, search their code and navigate it. " +
        "A query parameter without a value counts as absent; one that a route does not know is refused. " +
        "Paths are from the root of the repository; a / or ./ that they begin with counts for nothing. " +
        "HEAD answers as GET without a body, and pages of any origin may call with a key (CORS).",
    },
    servers: [{ url: server }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key." } },
      responses: {
        Problem: {
          description: "An error (RFC 9457); next_step says what the caller can do.",
          content: content("application/problem+json", toJsonSchema(problemSchema)),
        },
      },
    },
  };
}
