/**
 * What a tool is: what an agent reads before it calls it, the parameters it takes, and what it does
 * with the API. Knows nothing of the protocol.
 */
import { z } from "zod";
import { type ApiCaller } from "./api_caller.ts";

/** The schema of a tool's parameters: it refuses what it does not know. */
export type ToolParameters<Shape extends z.ZodRawShape> = z.ZodObject<Shape, z.core.$strict>;

/**
 * The parameters of a tool. One that it does not know is refused by name, with those it takes: to
 * drop it would widen the question without a word.
 */
export function toolParameters<Shape extends z.ZodRawShape>(shape: Shape): ToolParameters<Shape> {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: ({ code, keys }) =>
      code === "unrecognized_keys"
        ? `unknown argument ${keys.join(", ")}; this tool takes ${known}`
        : undefined,
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
