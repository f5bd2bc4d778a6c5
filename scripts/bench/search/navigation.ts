// The questions of navigation: every route that answers about a name, a place or a file, as the API's own
// description lists them, so that a route is measured from its first day on. Pure.

import { z } from "zod";

const parameterSchema = z.object({
  name: z.string(),
  in: z.string(),
  schema: z.object({
    enum: z.array(z.string()).optional(),
    description: z.string().default(""),
  }),
});
const operationSchema = z.object({ parameters: z.array(parameterSchema).default([]) });

/** What of the API's description is read. */
export const apiDescription = z.object({
  paths: z.record(z.string(), z.object({ get: operationSchema.optional() })),
});
export type ApiDescription = z.infer<typeof apiDescription>;

/** A definition to ask about. */
export interface Subject {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** A request, and what measurements of its kind are called. */
export interface NavigationQuestion {
  readonly kind: string;
  /** Below the API's address. */
  readonly route: string;
}

/** These answer about other things. */
const OTHER_ROUTES = /^\/(?:search|jobs|repositories|openapi)\b|\{/;

/** Every question about one definition that the described API can answer. */
export function navigationQuestions(
  { paths }: ApiDescription,
  subject: Subject,
  repository: string,
): NavigationQuestion[] {
  return Object.entries(paths).flatMap(([described, { get }]) => {
    const path = described.replace(/^\/api\b/, "");
    if (get === undefined || OTHER_ROUTES.test(path)) return [];
    const names = new Set(get.parameters.map(({ name }) => name));
    const about = (name: string) =>
      get.parameters.find((each) => each.name === name)?.schema.description ?? "";
    if (!names.has("repository")) return [];
    const ask = (how: string, values: Readonly<Record<string, string>>) => ({
      kind: how === "" ? path.slice(1) : `${path.slice(1)} ${how}`,
      route: `${path}?${new URLSearchParams({ repository, ...values }).toString()}`,
    });
    const matches = get.parameters.find(({ name }) => name === "match")?.schema.enum;
    const { name, line, column } = subject;
    const slash = subject.path.lastIndexOf("/");
    const folder: Record<string, string> = slash < 0 ? {} : { path: subject.path.slice(0, slash) };
    const place = { path: subject.path, line: String(line), column: String(column) };
    const ofName = {
      name,
      ...(/ in the file\b/.test(about("name")) ? { path: subject.path } : {}),
    };
    const byPlace = names.has("path") && names.has("line") && names.has("column");
    return [
      ...(!names.has("name")
        ? []
        : matches?.map((match) => ask(match, { name, match })) ?? [ask("of a name", ofName)]),
      ...(byPlace ? [ask(path.endsWith("/at") ? "" : "at a place", place)] : []),
      // Beside a name a path only narrows.
      ...(names.has("path") && !names.has("name") && !byPlace
        ? [ask("", /^A folder\b/.test(about("path")) ? folder : { path: subject.path })]
        : []),
      ...(names.has("name") || names.has("path") ? [] : [ask("", {})]),
    ];
  });
}
