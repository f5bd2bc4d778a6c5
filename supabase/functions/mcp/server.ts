/**
 * The server behind one request: its tools and resources, and how their errors are told. Does not
 * know what any of them does.
 */
import {
  McpServer,
  ResourceNotFoundError,
  type ServerContext,
  type StandardSchemaWithJSON,
  type Variables,
} from "@modelcontextprotocol/server";
import { type Log } from "../_shared/runtime/log.ts";
import { ProblemError } from "../_shared/runtime/problem.ts";
import { type ApiCaller } from "./api_caller.ts";
import { nextStepOf } from "./next_steps.ts";
import {
  completePath,
  completeRepository,
  fileTemplate,
  listRepositoryResources,
  readResource,
  repositoryTemplate,
  type TemplateCallbacks,
} from "./resources.ts";
import { readArguments, type Tool, type ToolRun } from "./tool.ts";
import { tools } from "./tools.ts";

const SERVER = { name: "quarry", title: "Quarry", version: "1" };

/** The first thing that an agent reads. */
const INSTRUCTIONS =
  `Quarry has indexed the code of this key's repositories, each at a known commit, without a checkout.
Start with overview_repository where you know nothing, search_code for text, find_definitions for a name; \
trace_calls and impact_of_change follow code without reading it; outline_file before read_file. Every answer names its commit \
and says whether it is complete; an empty answer that is not complete is no proof of absence.`;

/** A schema that tells what it takes, and takes anything: what is wrong we say ourselves, with the next step. */
function takingAny({ "~standard": standard }: Tool["parameters"]): StandardSchemaWithJSON {
  return { "~standard": { ...standard, validate: (value) => ({ value }) } };
}

/** What a server works with. */
export interface ServerDependencies {
  readonly log: Log;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** A server with every tool and resource, acting for one caller. */
export function createMcpServer(api: ApiCaller, dependencies: ServerDependencies): McpServer {
  const server = new McpServer(SERVER, { instructions: INSTRUCTIONS });
  for (const tool of tools) {
    const { name, title, description, parameters, isReadOnly } = tool;
    const annotations = { readOnlyHint: isReadOnly, idempotentHint: true, openWorldHint: false };
    const inputSchema = takingAny(parameters);
    const config = { title, description, inputSchema, annotations };
    server.registerTool(
      name,
      config,
      (given, context) => runTool(tool, api, given, toolRun(context, dependencies), dependencies),
    );
  }
  registerResources(server, api);
  return server;
}

function registerResources(server: McpServer, api: ApiCaller): void {
  const callbacks = {
    list: () => listRepositoryResources(api),
    completeRepository: (typed) => completeRepository(api, typed),
    completePath: (typed, { owner, name }) => completePath(api, typed, { owner, name }),
  } satisfies TemplateCallbacks;
  const template = fileTemplate(callbacks);
  const metadata = {
    title: "Files",
    description: "A file, or the files of a folder where the path is empty or ends in a slash.",
  };
  const read = async (uri: URL, variables: Variables) => {
    try {
      return { contents: [await readResource(api, uri, variables)] };
    } catch (error) {
      // Absent, another tenant's and not indexed alike: the client hears that it is not there, and why.
      if (error instanceof ProblemError) {
        throw new ResourceNotFoundError(uri.href, `${error.message} ${nextStepOf(error)}`);
      }
      throw error;
    }
  };
  server.registerResource("files", template, metadata, read);
  // A variable of a template is never empty: the address of a repository itself fits one of its own.
  server.registerResource("repository", repositoryTemplate(callbacks), metadata, read);
}

/** What a tool may tell while it runs: to a client that gave a token for it. */
function toolRun({ mcpReq }: ServerContext, { sleep }: ServerDependencies): ToolRun {
  const { _meta: meta } = mcpReq;
  const token = meta?.progressToken;
  return {
    async report({ percent, message }) {
      if (token === undefined) return;
      const params = { progressToken: token, progress: percent, total: 100, message };
      await mcpReq.notify({ method: "notifications/progress", params });
    },
    async pause(milliseconds) {
      await sleep(milliseconds);
      return !mcpReq.signal.aborted;
    },
  };
}

/** A tool's error is an answer that says what to do next; what is ours to mend goes to the log. */
async function runTool(
  tool: Tool,
  api: ApiCaller,
  given: unknown,
  run: ToolRun,
  { log }: ServerDependencies,
) {
  try {
    const { text, structured } = await tool.run(api, readArguments(tool, given), run);
    return { content: [{ type: "text" as const, text }], structuredContent: { ...structured } };
  } catch (error) {
    const isExpected = error instanceof ProblemError;
    if (!isExpected) log("tool_failed", { tool: tool.name, error });
    const text = isExpected
      ? `${error.code}: ${error.message}\nNext step: ${nextStepOf(error)}`
      : "internal: The tool could not be run.\nNext step: Try again.";
    return { content: [{ type: "text" as const, text }], isError: true };
  }
}
