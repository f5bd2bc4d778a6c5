import { expect, test } from "vitest";
import { GitError, gitFailure, isMissingRef } from "./git_failure.ts";

const url = "http://host/a/b.git/";

test.each([
  [`fatal: unable to access '${url}': Could not resolve host: host`, "host_unreachable"],
  [`fatal: unable to access '${url}': Failed to connect to host port 443`, "host_unreachable"],
  [`fatal: unable to access '${url}': The requested URL returned error: 503`, "host_unreachable"],
  ["error: RPC failed; curl 92 HTTP/2 stream 5 was not closed cleanly", "host_unreachable"],
  ["fatal: the remote end hung up unexpectedly", "host_unreachable"],
  [`fatal: unable to access '${url}': The requested URL returned error: 301`, "host_unreachable"],
  [`fatal: unable to access '${url}': The requested URL returned error: 429`, "rate_limited"],
  [`fatal: unable to access '${url}': The requested URL returned error: 403`, "access_denied"],
  [`fatal: unable to access '${url}': The requested URL returned error: 400`, "access_denied"],
  [`fatal: unable to access '${url}': The requested URL returned error: 451`, "access_denied"],
  [`fatal: Authentication failed for '${url}'`, "access_denied"],
  [
    "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
    "access_denied",
  ],
  [`remote: Repository not found.\nfatal: repository '${url}' not found`, "repository_gone"],
  ["error: Server does not allow request for unadvertised object 1234", "commit_gone"],
  ["fatal: remote error: upload-pack: not our ref 1234", "commit_gone"],
  ["fatal: write error: No space left on device", "work_area_full"],
  [
    "error: refs/quarry/head^{commit}: expected commit type, but the object dereferences to tree type",
    "ref_not_found",
  ],
  ["fatal: mismatched algorithms: client sha1; server sha256", "unsupported_repository"],
  ["fatal: something that nobody has seen", "git_failed"],
])("git's %j means %s", (stderr, code) => {
  expect(gitFailure(new GitError("fetch", 128, stderr)).code).toBe(code);
});

test("a missing ref is told from a missing repository", () => {
  const missing = new GitError("fetch", 128, "fatal: couldn't find remote ref refs/heads/main");
  expect(isMissingRef(missing)).toBe(true);
  expect(isMissingRef(new GitError("fetch", 128, "fatal: repository 'x' not found"))).toBe(false);
  expect(isMissingRef(new Error("couldn't find remote ref"))).toBe(false);
});
