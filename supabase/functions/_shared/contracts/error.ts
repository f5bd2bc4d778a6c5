/**
 * Every error that the HTTP side answers with: a closed list of codes, each with its status, its
 * title and what the caller can do. Knows nothing of how an error came about.
 */

interface ErrorMeaning {
  readonly status: number;
  readonly title: string;
  readonly nextStep: string;
}

const errors = {
  invalid_json: {
    status: 400,
    title: "The body is not JSON",
    nextStep: "Send a JSON object in UTF-8.",
  },
  invalid_body: {
    status: 400,
    title: "The body is not what this route takes",
    nextStep: "Correct the field that the detail names.",
  },
  invalid_parameter: {
    status: 400,
    title: "A query parameter is wrong",
    nextStep: "Correct or leave out the parameter that the detail names.",
  },
  invalid_query: {
    status: 400,
    title: "The text to search for is wrong",
    nextStep:
      "Correct it where the detail points: docs/query.md has the grammar, and q is one line of 1 to " +
      "1,000 UTF-16 code units, percent-encoded as UTF-8. mode=literal takes any text as it is.",
  },
  invalid_repository: {
    status: 400,
    title: "This is no repository's name",
    nextStep: "Write it as OWNER/NAME, or give its https address.",
  },
  invalid_ref: {
    status: 400,
    title: "This is no branch's name",
    nextStep: "Write a branch name, or its full ref: refs/heads/NAME.",
  },
  invalid_cursor: {
    status: 400,
    title: "The cursor does not belong here",
    nextStep: "Send next_cursor unchanged, with the parameters of the request that answered it.",
  },
  invalid_delivery: {
    status: 400,
    title: "This is no webhook delivery",
    nextStep: "Send X-GitHub-Event and X-GitHub-Delivery as GitHub does.",
  },
  unauthorized: {
    status: 401,
    title: "The key is missing or not valid",
    nextStep: "Send the header Authorization: Bearer KEY with a key that was not revoked.",
  },
  invalid_signature: {
    status: 401,
    title: "The delivery is not signed with this repository's secret",
    nextStep: "Check the hook's address and secret; deleting and registering anew makes both.",
  },
  not_found: {
    status: 404,
    title: "There is nothing of this id or name",
    nextStep: "GET /repositories and GET /jobs list what there is for this key.",
  },
  route_not_found: {
    status: 404,
    title: "There is no such route",
    nextStep: "Compare the path with the documentation; it ends without a slash.",
  },
  file_not_found: {
    status: 404,
    title: "The indexed commit has no such file",
    nextStep: "GET /files?repository=OWNER/NAME&prefix=FOLDER/ lists the paths there are.",
  },
  definition_not_found: {
    status: 404,
    title: "The indexed commit defines no such name there",
    nextStep:
      "GET /definitions?name=NAME finds names that are like it, and their files. Names that a " +
      "function has for itself are not indexed as definitions.",
  },
  ref_not_indexed: {
    status: 404,
    title: "This ref is not indexed",
    nextStep:
      "GET /repositories/{id} lists the refs that are; POST /repositories/{id}/index adds one.",
  },
  symbols_pending: {
    status: 409,
    title: "Of this ref the text alone is indexed so far",
    nextStep:
      "GET /search finds text in it already. Ask again when GET /repositories/{id} shows the feature symbols.",
  },
  commit_not_indexed: {
    status: 409,
    title: "The index is at another commit",
    nextStep: "Ask without commit, or wait until the commit that the detail names is reached.",
  },
  repository_not_found: {
    status: 404,
    title: "The code host shows no such repository",
    nextStep: "Check the name. For a private repository add a token that may read it: " +
      '{"repository": "OWNER/NAME", "token": "..."}.',
  },
  method_not_allowed: {
    status: 405,
    title: "This route does not take the method",
    nextStep: "Use one of the methods in the header Allow.",
  },
  repository_limit_reached: {
    status: 409,
    title: "The plan's number of repositories is reached",
    nextStep: "Delete a repository that is no longer needed, or ask for a larger plan.",
  },
  ref_limit_reached: {
    status: 409,
    title: "The number of indexed refs of this repository is reached",
    nextStep: "Index one of the refs that GET /repositories/{id} lists, or set others with PATCH.",
  },
  job_not_cancellable: {
    status: 409,
    title: "This job cannot be cancelled",
    nextStep: "Look at its state: only queued and running jobs can be, and no deletion.",
  },
  job_not_redrivable: {
    status: 409,
    title: "This job did not fail",
    nextStep: "Only a failed job can be run again; to index anew, POST /repositories/{id}/index.",
  },
  cursor_expired: {
    status: 410,
    title: "The cursor is too old",
    nextStep: "Start again without a cursor; one lives for 10 minutes.",
  },
  body_too_large: {
    status: 413,
    title: "The body is too large",
    nextStep: "Send less than the bytes that the detail names.",
  },
  git_host_not_allowed: {
    status: 422,
    title: "Repositories of this host are not indexed here",
    nextStep: "Give a repository of a host that the detail names.",
  },
  token_rejected: {
    status: 422,
    title: "The code host refused the token",
    nextStep: "Give a token that is not expired and may read this repository.",
  },
  search_too_broad: {
    status: 422,
    title: "The search took too long",
    nextStep: "Name a repository, or search for something longer.",
  },
  rate_limited: {
    status: 429,
    title: "Too many requests with this key",
    nextStep: "Wait for the seconds in the header Retry-After.",
  },
  internal: {
    status: 500,
    title: "Something went wrong on our side",
    nextStep: "Try again; if it stays, report the request_id.",
  },
  busy: {
    status: 503,
    title: "Too much is asked at once",
    nextStep: "Try again after the seconds in the header Retry-After.",
  },
  host_unavailable: {
    status: 503,
    title: "The code host does not answer",
    nextStep: "Try again after the seconds in the header Retry-After.",
  },
  database_unavailable: {
    status: 503,
    title: "The database does not answer",
    nextStep: "Try again after the seconds in the header Retry-After.",
  },
} as const satisfies Record<string, ErrorMeaning>;

/** The code of an error; stable, for programs. */
export type ErrorCode = keyof typeof errors;

/** What each code means to the caller. */
export const errorMeanings: Readonly<Record<ErrorCode, ErrorMeaning>> = errors;

/** An error as it is answered: application/problem+json (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly next_step: string;
  readonly request_id: string;
}
