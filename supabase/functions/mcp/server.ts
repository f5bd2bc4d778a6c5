/**
 * The server behind one request: the tools, and how their errors are told. Does not know what any
 * tool does.
 */
// The package names its types without the ending that its code has.
// @ts-types="@modelcontextprotocol/sdk/server/mcp"
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { type Log } from "../_shared/runtime/log.ts";
import { ProblemError } from "../_shared/runtime/problem.ts";
import { type ApiCaller } from "./api_caller.ts";
import { type Tool } from "./tool.ts";
import { tools } from "./tools.ts";

const SERVER = { name: "quarry", title: "Quarry", version: "1" };

/** The first thing that an agent reads. */
const INSTRUCTIONS =
  `Quarry has indexed the code of this key's repositories, each at a known commit, without a checkout.
Start with search_code for text, find_definitions for a name, outline_file before read_file. Every answer names its commit \
and says whether it is complete; an empty answer that is not complete is no proof of absence.`;

/** A server with every tool, acting for one caller. */
export function createMcpServer(api: ApiCaller, { log }: { readonly log: Log }): McpServer {
  const server = new McpServer(SERVER, { instructions: INSTRUCTIONS });
  for (const tool of tools) {
    const { name, title, description, parameters, isReadOnly } = tool;
    const annotations = { readOnlyHint: isReadOnly, idempotentHint: true, openWorldHint: false };
    const config = { title, description, inputSchema: parameters.shape, annotations };
    server.registerTool(name, config, (given) => runTool(tool, api, parameters.parse(given), log));
  }
  return server;
}

/** A tool's error is an answer that says what to do next; what is ours to mend goes to the log. */
async function runTool(
  tool: Tool,
  api: ApiCaller,
  parameters: Readonly<Record<string, unknown>>,
  log: Log,
) {
  try {
    const { text, structured } = await tool.run(api, parameters);
    return { content: [{ type: "text" as const, text }], structuredContent: { ...structured } };
  } catch (error) {
    const isExpected = error instanceof ProblemError;
    if (!isExpected) log("tool_failed", { tool: tool.name, error });
    const text = isExpected
      ? `${error.code}: ${error.message}\nNext step: ${error.nextStep}`
      : "internal: The tool could not be run.\nNext step: Try again.";
    return { content: [{ type: "text" as const, text }], isError: true };
  }
}
