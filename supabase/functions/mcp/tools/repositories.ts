/**
 * Tools about repositories and their indexing: list, register, watch, cancel.
 */
import { z } from "zod";
import { isOfLastAttempt, type Job, job, jobAnswer } from "../../_shared/contracts/job.ts";
import { PAGE_ITEMS_MAX } from "../../_shared/contracts/limits.ts";
import { type Page, pageOf } from "../../_shared/contracts/lists.ts";
import { registration, type Repository, repository } from "../../_shared/contracts/repository.ts";
import { notFound, ProblemError } from "../../_shared/runtime/problem.ts";
import { BudgetedText, linesWithin } from "../token_budget.ts";
import { defineTool, type Tool, toolParameters } from "../tool.ts";
import { answerEnd, cursorParameter, pageThatFits, tokenBudget } from "./shape.ts";

const SHORT_OID_UNITS = 12;
/** Well below what a hosted function may take, and most clients' patience. */
const WAIT_SECONDS_MAX = 50;
const LOOK_MILLISECONDS = 500;

const jobId = z.string().describe("From register_repository.");

/** The route of a job. What is no id at all is answered like an id that nobody has, and asks no route. */
function jobPath(id: string): string {
  if (!z.uuid().safeParse(id).success) throw notFound();
  return `/jobs/${id}`;
}

function hasEnded({ state }: Job): boolean {
  return state !== "queued" && state !== "running";
}

/** What a look sees that is refused since too much is asked at once: what was seen before. */
function orBefore(answer: Job): (error: unknown) => Job {
  return (error) => {
    if (error instanceof ProblemError && error.code === "busy") return answer;
    throw error;
  };
}

/** `acme/rocket  ready  refs/heads/main @ 0123456789ab, 487 files (text, symbols)`. */
function repositoryLine({ full_name, state, indexed }: Repository): string {
  const refs = indexed.map(({ ref, commit_oid, files, features }) => {
    const commit = commit_oid?.slice(0, SHORT_OID_UNITS) ?? "no commit";
    return `${ref} @ ${commit}, ${files} files (${features.join(", ")})`;
  });
  return [full_name, state, refs.length === 0 ? "not indexed yet" : refs.join("; ")].join("  ");
}

/** A page of repositories; where one alone does not fit, as much of it as does. */
function showRepositories(found: Page<Repository>, budget: number) {
  const text = new BudgetedText(budget, found.next_cursor);
  const shown = text.addAll(found.items.map(repositoryLine));
  const more = { complete: found.next_cursor === null, incomplete_reason: "more_results" };
  return { text, shown, answer: { ...found, ...more, items: found.items.slice(0, shown) } };
}

function jobLines(shown: Job): string {
  const { id, kind, state, outcome, phase, progress, errors } = shown;
  const head = `job ${id}: ${kind} ${state}${outcome === null ? "" : ` (${outcome})`}`;
  const now = state === "running"
    ? [
      `${
        phase ?? "starting"
      }, ${progress.percent} %, ${progress.files_done} of ${progress.files_total} files`,
    ]
    : [];
  const failures = errors.map((error) => {
    const whose = isOfLastAttempt(error, shown) ? "error" : "error of an earlier attempt";
    return `${whose} ${error.code}: ${error.message}`;
  });
  return [head, ...now, ...failures].join("\n");
}

const listRepositories = defineTool({
  name: "list_repositories",
  title: "List repositories",
  description:
    "The repositories that can be searched, with the ref and commit each is indexed at. Use it to learn names before limiting a search to a repository.",
  parameters: toolParameters({ token_budget: tokenBudget, cursor: cursorParameter }),
  isReadOnly: true,
  async run(api, { cursor, token_budget: budget }) {
    const page = await pageThatFits(
      Math.min(PAGE_ITEMS_MAX, linesWithin(budget)),
      (limit) => api.get("/repositories", { cursor, limit }, pageOf(repository)),
      (found) => showRepositories(found, budget),
    );
    if (page.shown === 0 && !page.text.isCut) {
      page.text.add("No repository is registered: use register_repository.");
    }
    const end = answerEnd(page.text, page.answer, page.shown, "repository");
    return { text: end, structured: page.answer };
  },
});

const registerRepository = defineTool({
  name: "register_repository",
  title: "Register a repository",
  description:
    "Starts indexing a repository of the code host and keeps it up to date on every push. Answers the job to watch with index_status. Registering one that is there already changes nothing.",
  parameters: toolParameters({
    repository: z.string().describe("OWNER/NAME or its address."),
    ref: z.string().optional().describe(
      "A branch to follow: of a new repository in place of its default one, else besides.",
    ),
  }),
  isReadOnly: false,
  async run(api, parameters) {
    const answer = await api.post("/repositories", parameters, registration);
    return {
      text: `${repositoryLine(answer.repository)}\n${jobLines(answer.job)}`,
      structured: answer,
    };
  },
});

const indexStatus = defineTool({
  name: "index_status",
  title: "Index status",
  description:
    "How far an indexing job is, its outcome or its errors. With wait_seconds it answers when the job has ended, or after so long, with progress meanwhile.",
  parameters: toolParameters({
    job_id: jobId,
    wait_seconds: z.int().min(0).max(WAIT_SECONDS_MAX).default(0),
  }),
  isReadOnly: true,
  async run(api, { job_id: id, wait_seconds: waitSeconds }, { report, pause }) {
    const look = () => api.get(jobPath(id), {}, job);
    let answer = await look();
    const looks = (waitSeconds * 1000) / LOOK_MILLISECONDS;
    for (let count = 0; count < looks && !hasEnded(answer); count += 1) {
      const { state, phase, progress: { percent } } = answer;
      await report({ percent, message: phase ?? state });
      if (!await pause(LOOK_MILLISECONDS)) break;
      answer = await look().catch(orBefore(answer));
    }
    return { text: jobLines(answer), structured: answer };
  },
});

const cancelIndexing = defineTool({
  name: "cancel_indexing",
  title: "Cancel indexing",
  description: "Stops a waiting or running indexing job. What was indexed before stays searchable.",
  parameters: toolParameters({ job_id: jobId }),
  isReadOnly: false,
  async run(api, { job_id: id }) {
    const answer = await api.post(`${jobPath(id)}/cancel`, {}, jobAnswer);
    return { text: jobLines(answer.job), structured: answer };
  },
});

/** The tools about repositories. */
export const repositoryTools: readonly Tool[] = [
  listRepositories,
  registerRepository,
  indexStatus,
  cancelIndexing,
];
