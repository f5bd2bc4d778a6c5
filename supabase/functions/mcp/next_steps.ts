/**
 * What an agent can do about an error: with tools, where the API speaks of routes. Knows no tool's
 * workings, only names.
 */
import { type ErrorCode, errorMeanings } from "../_shared/contracts/error.ts";
import { type ProblemError } from "../_shared/runtime/problem.ts";

const nextSteps: Readonly<Partial<Record<ErrorCode, string>>> = {
  invalid_parameter: "Correct or leave out the argument that the message names.",
  invalid_body: "Correct the argument that the message names.",
  invalid_query:
    "Correct it where the message points; literal=true takes any text of one line as it is.",
  invalid_cursor: "Give the cursor unchanged, with the arguments of the call that answered it.",
  not_found:
    "list_repositories shows the repositories of this key; register_repository answers the job_id of one.",
  file_not_found: "list_files lists the paths there are, with prefix those below a folder.",
  definition_not_found:
    "find_definitions finds names that are like it, and their files. Names that a function has for itself are not indexed as definitions; search_code finds them as text.",
  ref_not_indexed:
    "list_repositories shows the refs that are indexed; register_repository with ref adds one.",
  symbols_pending:
    "search_code and read_file work already; call again when list_repositories shows symbols for the ref.",
  repository_not_found:
    "Check the name. A private repository needs a token that may read it, which only its owner can give, over the REST API.",
  ref_limit_reached: "Ask about one of the refs that list_repositories shows.",
  job_not_cancellable:
    "See its state with index_status: only a queued or running one can be, and no deletion.",
  cursor_expired: "Call again without a cursor; one lives for 10 minutes.",
  search_too_broad: "Name a repository, or search for something longer.",
  rate_limited: "Wait a minute, then call again.",
  busy: "Call again in some seconds, with fewer calls at once.",
  host_unavailable: "Call again in some seconds.",
  database_unavailable: "Call again in some seconds.",
};

/** The next step of an error, in the words of the tools. */
export function nextStepOf({ code, nextStep }: ProblemError): string {
  // One that the place of the error gave is nearer than what its code says.
  return nextStep === errorMeanings[code].nextStep ? nextSteps[code] ?? nextStep : nextStep;
}
