import { expect, test } from "vitest";
import type { Repository } from "../contracts/repository.ts";
import { GithubError, type GithubErrorCode } from "./github.ts";
import {
  finishPendingHooks,
  removeHook,
  type WebhookDependencies,
} from "./webhook_registration.ts";

const pending = { repository_id: "r1", full_name: "o/n", secret: "s", token: "own" };

const registered: Repository = {
  id: "r1",
  full_name: "o/n",
  host_id: 1,
  default_branch: "main",
  visibility: "public",
  state: "pending",
  refs: [],
  indexed: [],
  hook_state: "active",
  created_at: "2026-01-01T00:00:00Z",
};

/** A host that answers each token as told, and everything that was done; the repository may be deleted meanwhile. */
function world(
  answers: Readonly<Record<string, GithubErrorCode | "ok">>,
  due = 1,
  recorded: Repository | null = registered,
) {
  const done: string[] = [];
  const ask = (what: string, token: string | null) => {
    done.push(`${what} ${token}`);
    const answer = answers[token ?? "nobody"] ?? "not_found";
    return answer === "ok" ? Promise.resolve(42) : Promise.reject(new GithubError(answer, "said"));
  };
  const dependencies: WebhookDependencies = {
    log: () => undefined,
    githubToken: "operator",
    publicFunctionsUrl: "https://functions.test",
    github: {
      ensureHook: (_, token) => ask("create", token),
      deleteHook: async (_, token) => {
        await ask("delete", token);
      },
    },
    database: {
      takePendingHooks: () => Promise.resolve((due -= 1) >= 0 ? [pending] : []),
      recordHook: (_, { hookId, error, isDenied, retrySeconds }) => {
        const because = isDenied
          ? ", denied"
          : retrySeconds === null
          ? ""
          : `, in ${retrySeconds} s`;
        done.push(`record ${hookId} ${error}${because}`);
        return Promise.resolve(recorded);
      },
    },
  };
  return { done, dependencies };
}

test("the operator's token creates the hook", async () => {
  const { done, dependencies } = world({ operator: "ok" });
  await finishPendingHooks(dependencies, "r1", 1);
  expect(done).toEqual(["create operator", "record 42 null"]);
});

test.each(["not_found", "forbidden", "token_rejected", "rate_limited"] as const)(
  "after the operator's %s the repository's own token may",
  async (denial) => {
    const { done, dependencies } = world({ operator: denial, own: "ok" });
    await finishPendingHooks(dependencies, "r1", 1);
    expect(done).toEqual(["create operator", "create own", "record 42 null"]);
  },
);

test("an outage is recorded, not asked about twice", async () => {
  const { done, dependencies } = world({ operator: "unavailable", own: "ok" });
  await finishPendingHooks(dependencies, "r1", 1);
  expect(done).toEqual(["create operator", "record null unavailable: said"]);
});

test("a host that limits us is left alone by the hooks that come after, which wait as long", async () => {
  const { done, dependencies } = world({ operator: "rate_limited", own: "rate_limited" }, 3);
  await finishPendingHooks(dependencies, null, 10);
  const recorded = "record null rate_limited: said, in 60 s";
  expect(done).toEqual(["create operator", "create own", recorded, recorded, recorded]);
});

test("where the operator's token is limited, hooks that have another are made all the same", async () => {
  const { done, dependencies } = world({ operator: "rate_limited", own: "ok" }, 2);
  await finishPendingHooks(dependencies, null, 10);
  const made = ["create own", "record 42 null"];
  expect(done).toEqual(["create operator", ...made, ...made]);
});

test.each(
  [
    ["rate_limited", "forbidden"],
    ["forbidden", "rate_limited"],
  ] as const,
)(
  "where one token is limited and the other refused, nobody says that it never will be (%s, %s)",
  async (operator, own) => {
    const { done, dependencies } = world({ operator, own });
    await finishPendingHooks(dependencies, "r1", 1);
    expect(done.at(-1)).toBe("record null rate_limited: said, in 60 s");
  },
);

test("of a repository that is deleted meanwhile the new hook is removed again", async () => {
  const { done, dependencies } = world({ own: "ok" }, 1, null);
  expect(await finishPendingHooks(dependencies, "r1", 1)).toEqual([]);
  expect(done).toEqual([
    "create operator",
    "create own",
    "record 42 null",
    "delete operator",
    "delete own",
  ]);
});

test("without an operator's token the repository's own is all there is", async () => {
  const { done, dependencies } = world({ own: "forbidden" });
  await finishPendingHooks({ ...dependencies, githubToken: null }, "r1", 1);
  expect(done).toEqual(["create own", "record null forbidden: said, denied"]);
});

test("so many are finished as are due, allowed and in time", async () => {
  const countOf = async (due: number, hooksMax: number, deadline?: AbortSignal) => {
    const { done, dependencies } = world({ operator: "ok" }, due);
    await finishPendingHooks(dependencies, null, hooksMax, deadline);
    return done.filter((step) => step.startsWith("create")).length;
  };
  expect(await countOf(2, 10)).toBe(2);
  expect(await countOf(5, 3)).toBe(3);
  expect(await countOf(5, 3, AbortSignal.abort())).toBe(0);
});

test("a deleted repository's hook is removed by whoever may, and its being gone is no trouble", async () => {
  const hook = { full_name: "o/n", hook_id: 5, token: "own" };
  const { done, dependencies } = world({ own: "ok" });
  await removeHook(dependencies, hook);
  expect(done).toEqual(["delete operator", "delete own"]);
  await removeHook(world({}).dependencies, hook);
  const none = world({});
  await removeHook(none.dependencies, { ...hook, hook_id: null });
  expect(none.done).toEqual([]);
});
