/**
 * What a tool is: what an agent reads before it calls it, the parameters it takes, and what it does
 * with the API. Knows nothing of the protocol.
 */
import { z } from "zod";
import { ProblemError } from "../_shared/runtime/problem.ts";
import { type ApiCaller } from "./api_caller.ts";

/** The schema of a tool's parameters: it refuses what it does not know. */
export type ToolParameters<Shape extends z.ZodRawShape> = z.ZodObject<Shape, z.core.$strict>;

/** The parameters of a tool. One that it does not know is refused: to drop it would widen the question without a word. */
export function toolParameters<Shape extends z.ZodRawShape>(shape: Shape): ToolParameters<Shape> {
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === "unrecognized_keys" ? `unknown argument ${keys.join(", ")}` : undefined,
  });
}

/** What a tool answers. */
export interface ToolAnswer {
  /** Compact, for the agent to read: paths, lines and code. */
  readonly text: string;
  /** The same facts for a program. */
  readonly structured: Readonly<Record<string, unknown>>;
}

/** How far something is, in per cent of it. */
export interface ToolProgress {
  readonly percent: number;
  readonly message: string;
}

/** What a tool that takes a while is run with. */
export interface ToolRun {
  /** Tells a client that asked for it how far the work is. */
  readonly report: (progress: ToolProgress) => Promise<void>;
  /** Rests; false: the client has gone, so that nothing need go on. */
  readonly pause: (milliseconds: number) => Promise<boolean>;
}

/** A tool whose parameters are still of any kind. */
export interface Tool<Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  /** When to use it and what it answers: all that an agent knows of it. */
  readonly description: string;
  readonly parameters: ToolParameters<Shape>;
  /** Whether it leaves everything as it is; one that does not may still be repeated. */
  readonly isReadOnly: boolean;
  run(
    api: ApiCaller,
    parameters: z.infer<ToolParameters<Shape>>,
    run: ToolRun,
  ): Promise<ToolAnswer>;
}

/** Ties the parameters of a tool to its schema. */
export function defineTool<Shape extends z.ZodRawShape>(tool: Tool<Shape>): Tool<Shape> {
  return tool;
}

/** The arguments of a call. Throws ProblemError with all that is wrong with them, and with what the tool takes. */
export function readArguments({ name, parameters }: Tool, given: unknown) {
  const read = parameters.safeParse(given, { reportInput: true });
  if (read.success) return read.data;
  const mistakes = read.error.issues.map(({ path, message, input }) => {
    const place = path.length === 0 ? "" : `${path.join(".")}: `;
    return `${place}${path.length === 1 && input === undefined ? "is missing" : message}`;
  });
  const entries = Object.entries(parameters.shape);
  const [needed = [], optional = []] = [false, true].map((isOptional) =>
    entries.filter(([, each]) => z.safeParse(each, undefined).success === isOptional)
      .map(([key]) => key)
  );
  const takes = [
    ...needed.length === 0 ? [] : [`needs ${needed.join(", ")}`],
    ...optional.length === 0 ? [] : [`may have ${optional.join(", ")}`],
  ];
  throw new ProblemError(
    "invalid_parameter",
    mistakes.join("; "),
    {},
    `Call again with that put right: ${name} ${takes.join(" and ")}.`,
  );
}
