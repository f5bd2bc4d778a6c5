/**
 * Files as resources: `quarry://OWNER/NAME/PATH`, at the indexed commit of the default branch. A path
 * that is empty or ends in a slash is the list of what is below it. Knows only the API.
 */
import {
  type CompleteResourceTemplateCallback,
  ResourceTemplate,
  type Variables,
} from "@modelcontextprotocol/server";
import { pageOf } from "../_shared/contracts/lists.ts";
import { FILE_TEXT_UNITS_MAX } from "../_shared/contracts/limits.ts";
import { fileAnswer, filesAnswer } from "../_shared/contracts/navigation.ts";
import { repository } from "../_shared/contracts/repository.ts";
import { ProblemError } from "../_shared/runtime/problem.ts";
import { type ApiCaller } from "./api_caller.ts";
import { printable } from "./token_budget.ts";

/** A client shows them in a list to choose from. */
const LISTED_MAX = 200;
/** What one resource may hold: a client takes it whole into its context. */
const PAGES_MAX = 5;

interface Owned {
  readonly owner: string | undefined;
  readonly name: string | undefined;
}

/** What the templates ask. */
export interface TemplateCallbacks {
  readonly list: () => ReturnType<typeof listRepositoryResources>;
  readonly completeRepository: (typed: string) => Promise<string[]>;
  readonly completePath: (typed: string, repository: Owned) => Promise<string[]>;
}

/** The template that every file's address fits. */
export function fileTemplate(
  { list, completeRepository: names, completePath: paths }: TemplateCallbacks,
): ResourceTemplate {
  return new ResourceTemplate("quarry://{owner}/{name}/{+path}", {
    list,
    complete: {
      ...completeOwned(names),
      path: (typed, context) => {
        const { owner, name } = context?.arguments ?? {};
        return paths(typed, { owner, name });
      },
    },
  });
}

/** The template of a repository's own address, the list of all its files. */
export function repositoryTemplate({ completeRepository: names }: TemplateCallbacks) {
  const complete = completeOwned(names);
  // What it would list, the other template lists.
  return new ResourceTemplate("quarry://{owner}/{name}/", { list: undefined, complete });
}

/** Completes the two parts of a repository's name. */
function completeOwned(names: TemplateCallbacks["completeRepository"]) {
  return {
    owner: async (typed) => unique((await names(typed)).map((each) => each.split("/")[0] ?? "")),
    name: async (typed, context) => {
      const owner = context?.arguments?.["owner"];
      const all = (await names(owner === undefined ? "" : `${owner}/`)).map((each) =>
        each.slice(each.indexOf("/") + 1)
      );
      return unique(all.filter((each) => each.toLowerCase().startsWith(typed.toLowerCase())));
    },
  } satisfies Record<string, CompleteResourceTemplateCallback>;
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** The repositories of this key, each as the list of its files. */
export async function listRepositoryResources(api: ApiCaller) {
  const page = await api.get("/repositories", { limit: LISTED_MAX }, pageOf(repository));
  return {
    resources: page.items.map(({ full_name: name, state }) => ({
      uri: `quarry://${name}/`,
      name,
      description: `The files of ${name} (${state}).`,
      mimeType: "text/plain",
    })),
  };
}

/** Names of repositories that begin with what was typed. */
export async function completeRepository(api: ApiCaller, typed: string): Promise<string[]> {
  const page = await api.get("/repositories", { limit: LISTED_MAX }, pageOf(repository));
  const start = typed.toLowerCase();
  return page.items.map(({ full_name: name }) => name)
    .filter((name) => name.toLowerCase().startsWith(start));
}

/** Paths of a repository that begin with what was typed; none before the repository is known. */
export async function completePath(
  api: ApiCaller,
  typed: string,
  { owner, name }: Owned,
): Promise<string[]> {
  if (owner === undefined || name === undefined) return [];
  const parameters = { repository: `${owner}/${name}`, prefix: typed, limit: 100 };
  try {
    return (await api.get("/files", parameters, filesAnswer)).items.map(({ path }) => path);
  } catch (error) {
    // What is not there completes to nothing.
    if (error instanceof ProblemError) return [];
    throw error;
  }
}

function textOf(value: string | string[] | undefined): string {
  try {
    return decodeURIComponent(Array.isArray(value) ? value.join("/") : value ?? "");
  } catch {
    throw new ProblemError("file_not_found", "The address has a % that begins no escape.");
  }
}

/** The text of a file, or the paths below a folder. Throws ProblemError for what is not there. */
export async function readResource(api: ApiCaller, uri: URL, variables: Variables) {
  const repositoryName = `${textOf(variables["owner"])}/${textOf(variables["name"])}`;
  const path = textOf(variables["path"]);
  const text = path === "" || path.endsWith("/")
    ? await readFolder(api, repositoryName, path)
    : await readFile(api, repositoryName, path);
  return { uri: uri.href, mimeType: "text/plain", text };
}

async function readFolder(api: ApiCaller, repositoryName: string, prefix: string) {
  const paths: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const parameters = { repository: repositoryName, prefix, limit: LISTED_MAX, cursor };
    const answer = await api.get("/files", parameters, filesAnswer);
    paths.push(...answer.items.map(({ path }) => path));
    if (paths.length === 0 && prefix !== "") {
      throw new ProblemError("file_not_found", "path: no such folder in the indexed commit.");
    }
    if (answer.next_cursor === null) return paths.map(printable).join("\n");
    cursor = answer.next_cursor;
  }
  return [...paths.map(printable), "… and more: list_files goes on."].join("\n");
}

async function readFile(api: ApiCaller, repositoryName: string, path: string): Promise<string> {
  const texts: string[] = [];
  let start = 1;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const parameters = { repository: repositoryName, path, start_line: start };
    const answer = await api.get("/file", parameters, fileAnswer);
    if (answer.skip_reason !== null) {
      throw new ProblemError("file_not_found", `path: has no text: ${answer.skip_reason}.`);
    }
    // A line that is cut is alone in its answer.
    const mark = `… (cut; line ${start} has more than ${FILE_TEXT_UNITS_MAX} UTF-16 units)`;
    texts.push(answer.truncated ? `${answer.text}${mark}` : answer.text);
    if (answer.end_line >= answer.line_count) return texts.join("\n");
    start = answer.end_line + 1;
  }
  return [...texts, `… and more: read_file goes on with start_line=${start}.`].join("\n");
}
