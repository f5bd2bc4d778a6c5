// What the GitHub stand-in promises, with real git, real HTTP and real signatures.

import { execFile } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type GitHub, startGitHub } from "./github.ts";
import { openRun, type Run } from "../processes/run.ts";

const TOKEN = "ghp_operator";
const SECRET = "It's a Secret to Everybody";

let run: Run;
let github: GitHub;
let directory: string;
let count = 0;

beforeAll(async () => {
  run = await openRun();
  github = await startGitHub({ run, token: TOKEN });
  directory = await mkdtemp(path.join(os.tmpdir(), "quarry-github-test-"));
});
afterAll(async () => {
  await github.stop();
  await run.close();
  await rm(directory, { recursive: true });
});

/** A work tree of its own with one commit, and what a test does with it. */
async function workTree(files: Record<string, string> = { "a.txt": "one\n" }) {
  const place = path.join(directory, `tree-${count += 1}`);
  const name = `Owner/Repo-${count}`;
  const git = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)("git", args, {
      cwd: place,
      env: {
        PATH: process.env["PATH"],
        GIT_TERMINAL_PROMPT: "0",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_AUTHOR_NAME: "A",
        GIT_AUTHOR_EMAIL: "a@example.com",
        GIT_COMMITTER_NAME: "C",
        GIT_COMMITTER_EMAIL: "c@example.com",
      },
    });
    return stdout.trim();
  };
  const commit = async (changed: Record<string, string>, message = "change") => {
    for (const [file, text] of Object.entries(changed)) {
      await writeFile(path.join(place, file), text);
    }
    await git("add", "--all");
    await git("commit", "--quiet", "--message", message);
    return await git("rev-parse", "HEAD");
  };
  await promisify(execFile)("git", ["init", "--quiet", "--initial-branch=main", place]);
  const first = await commit(files, "first");
  const remote = `${github.url}/${name}.git`;
  return { place, name, remote, git, commit, first };
}

async function api(method: string, route: string, body?: unknown, token: string | null = TOKEN) {
  const response = await fetch(`${github.apiUrl}${route}`, {
    method,
    redirect: "manual",
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = text === "" ? null : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: parsed as never };
}

describe("git", () => {
  test("a first push creates the repository, and it can be cloned in any case", async () => {
    const { git, name, remote, first } = await workTree();
    await git("push", "--quiet", remote, "main");
    const clone = path.join(directory, `clone-${count}`);
    await git("clone", "--quiet", remote.toLowerCase(), clone);
    expect(await git("-C", clone, "rev-parse", "HEAD")).toBe(first);
    expect(github.repository(name).defaultBranch).toBe("main");
  });

  test("HEAD follows the branch that is pushed first", async () => {
    const { git, name, remote } = await workTree();
    await git("push", "--quiet", remote, "main:trunk");
    expect(await git("ls-remote", "--symref", remote, "HEAD")).toContain("refs/heads/trunk");
    expect(github.repository(name).defaultBranch).toBe("trunk");
  });

  test("a fetch may leave out blobs and name any oid, by protocol 2", async () => {
    const { git, remote, commit, first } = await workTree();
    await commit({ "b.txt": "two\n" });
    await git("push", "--quiet", remote, "main");
    const bare = path.join(directory, `bare-${count}`);
    await git("init", "--quiet", "--bare", bare);
    const fetch = ["fetch", "--quiet", "--depth=1", "--filter=blob:none", remote, first];
    await git("-C", bare, "-c", "protocol.version=2", ...fetch);
    const missing = await git("-C", bare, "rev-list", "--objects", "--missing=print", "FETCH_HEAD");
    expect(missing).toMatch(/^\?[0-9a-f]{40}$/m);
  });

  test("a pack larger than git's post buffer arrives chunked and whole", async () => {
    const noise = Array.from({ length: 4000 }, (_, line) => `${line} ${Math.sin(line)}`).join("\n");
    const { git, remote, first } = await workTree({ "noise.txt": noise });
    await git("-c", "http.postBuffer=1000", "push", "--quiet", remote, "main");
    expect(await git("ls-remote", remote, "refs/heads/main")).toContain(first);
  });

  test("a compressed request body is understood", async () => {
    const { git, remote, first } = await workTree();
    await git("push", "--quiet", remote, "main");
    const want = `0032want ${first}\n00000009done\n`;
    const response = await fetch(`${remote}/git-upload-pack`, {
      method: "POST",
      headers: {
        "content-type": "application/x-git-upload-pack-request",
        "content-encoding": "gzip",
      },
      body: gzipSync(want),
    });
    const answer = Buffer.from(await response.arrayBuffer()).toString("latin1");
    expect([response.status, answer.slice(0, 12)]).toEqual([200, "0008NAK\nPACK"]);
  });

  test("a private repository demands a token, and one that is missing looks the same", async () => {
    const { git, name, remote } = await workTree();
    await git("push", "--quiet", remote, "main");
    github.setPrivate(name, true);
    for (const url of [remote, `${github.url}/owner/none.git`]) {
      await expect(git("ls-remote", url)).rejects.toThrow("could not read Username");
    }
    const withToken = remote.replace("://", `://x-access-token:${TOKEN}@`);
    expect(await git("ls-remote", withToken)).toContain("refs/heads/main");
    await expect(git("push", remote, "main:other")).rejects.toThrow("could not read Username");
    await expect(git("ls-remote", withToken.replace(TOKEN, "wrong"))).rejects.toThrow(
      "Authentication failed",
    );
    const header = `http.extraHeader=Authorization: Bearer ${TOKEN}`;
    expect(await git("-c", header, "ls-remote", remote)).toContain("refs/heads/main");
  });

  test("a token for one repository opens no other", async () => {
    const mine = await workTree();
    const other = await workTree();
    for (const { git, remote, name } of [mine, other]) {
      await git("push", "--quiet", remote, "main");
      github.setPrivate(name, true);
    }
    github.repositories.addToken("ghs_mine", github.repository(mine.name));
    const header = "http.extraHeader=Authorization: Bearer ghs_mine";
    expect(await mine.git("-c", header, "ls-remote", mine.remote)).toContain("main");
    await expect(mine.git("-c", header, "ls-remote", other.remote)).rejects.toThrow("not found");
    expect(await api("GET", `/repos/${mine.name}/hooks`, undefined, "ghs_mine")).toMatchObject({
      status: 404,
    });
  });

  test("a renamed repository is reached by its former name", async () => {
    const { git, name, remote } = await workTree();
    await git("push", "--quiet", remote, "main");
    github.rename(name, `Other/Name-${count}`);
    expect(await git("ls-remote", remote)).toContain("refs/heads/main");
    const { status, headers } = await api("GET", `/repos/${name}`);
    expect(status).toBe(301);
    const followed = await fetch(headers.get("location") ?? "");
    expect(await followed.json()).toMatchObject({ full_name: `Other/Name-${count}` });
  });

  test("a deleted repository is gone, and its successor has another number", async () => {
    const { git, name, remote } = await workTree();
    await git("push", "--quiet", remote, "main");
    const { id } = github.repository(name);
    await github.deleteRepository(name);
    expect(await api("GET", `/repos/${name}`)).toMatchObject({ status: 404 });
    expect(await api("GET", `/repositories/${id}`)).toMatchObject({ status: 404 });
    await git("push", "--quiet", remote, "main");
    expect(github.repository(name).id).not.toBe(id);
  });

  test("an outage is 503 for git and the API alike", async () => {
    const { git, name, remote } = await workTree();
    await git("push", "--quiet", remote, "main");
    github.setOutage(true);
    await expect(git("ls-remote", remote)).rejects.toThrow("503");
    expect((await fetch(`${github.apiUrl}/repos/${name}`)).status).toBe(503);
    github.setOutage(false);
    expect(await api("GET", `/repos/${name}`)).toMatchObject({ status: 200 });
  });

  test("fetches are refused or broken off while a test wants it, and pushes are not", async () => {
    const { git, remote, commit } = await workTree({
      "noise.txt": randomBytes(50_000).toString("hex"),
    });
    await git("push", "--quiet", remote, "main");
    github.faults.refusal = 451;
    await expect(git("ls-remote", remote)).rejects.toThrow("451");
    await commit({ "b.txt": "b\n" });
    await git("push", "--quiet", remote, "main");
    github.faults.clear();
    github.faults.bytesMax = 5000;
    const clone = path.join(directory, `broken-${count}`);
    await expect(git("clone", "--quiet", remote, clone)).rejects.toThrow("early EOF");
    github.faults.clear();
    await git("clone", "--quiet", remote, clone);
    expect(github.faults.count).toBeGreaterThan(1);
  });

  test("a host that is late takes a push, and shows neither ref nor commit until it is late no more", async () => {
    const { git, commit, first, remote } = await workTree();
    await git("push", "--quiet", remote, "main");
    await github.setLate(true);
    const pushed = await commit({ "a.txt": "two\n" });
    await git("push", "--quiet", remote, "main");
    const elsewhere = await workTree();
    expect(await elsewhere.git("ls-remote", remote, "refs/heads/main")).toContain(first);
    await expect(elsewhere.git("fetch", "--quiet", "--depth=1", remote, pushed)).rejects
      .toThrow("not our ref");
    await elsewhere.git("fetch", "--quiet", "--depth=1", remote, first);
    await github.setLate(false);
    await elsewhere.git("fetch", "--quiet", "--depth=1", remote, pushed);
  });
});

describe("the REST API", () => {
  test("shows a repository by name in any case, with a number that stays", async () => {
    const { id } = await github.createRepository("Some/Thing");
    expect(await api("GET", "/repos/some/THING", undefined, null)).toMatchObject({
      status: 200,
      body: {
        id,
        full_name: "Some/Thing",
        private: false,
        visibility: "public",
        default_branch: "main",
        archived: false,
      },
    });
  });

  test("hides what is missing or private, and refuses a token it does not know", async () => {
    await github.createRepository("Some/Private");
    github.setPrivate("Some/Private", true);
    expect(await api("GET", "/repos/some/none")).toMatchObject({
      status: 404,
      body: { message: "Not Found" },
    });
    expect(await api("GET", "/repos/some/private", undefined, null)).toMatchObject({ status: 404 });
    expect(await api("GET", "/repos/some/private")).toMatchObject({ body: { private: true } });
    expect(await api("GET", "/repos/some/private", undefined, "x")).toMatchObject({
      status: 401,
      body: { message: "Bad credentials" },
    });
  });

  test("shows where a branch points", async () => {
    const { git, name, remote, first } = await workTree();
    await git("push", "--quiet", remote, "main:feature/x");
    expect(await api("GET", `/repos/${name}/branches/feature/x`)).toMatchObject({
      body: { commit: { sha: first } },
    });
    expect(await api("GET", `/repos/${name}/git/ref/heads/feature/x`)).toMatchObject({
      body: { object: { sha: first } },
    });
    expect(await api("GET", `/repos/${name}/branches/none`)).toMatchObject({ status: 404 });
  });

  test("creates, changes and deletes hooks for the operator alone", async () => {
    await github.createRepository("Some/Hooked");
    const hooks = "/repos/some/hooked/hooks";
    const hook = {
      name: "web",
      events: ["push"],
      config: { url: "http://127.0.0.1:9/hook", content_type: "json", secret: SECRET },
    };
    expect(await api("POST", hooks, hook, null)).toMatchObject({ status: 404 });
    const created = await api("POST", hooks, hook) as { status: number; body: { id: number } };
    expect(created).toMatchObject({
      status: 201,
      body: {
        active: true,
        events: ["push"],
        config: { url: hook.config.url, secret: "********" },
      },
    });
    expect(await api("POST", hooks, hook)).toMatchObject({
      status: 422,
      body: { errors: [{ message: "Hook already exists on this repository" }] },
    });
    expect(await api("POST", hooks, { config: { url: "nonsense" } })).toMatchObject({
      status: 422,
    });
    const one = `${hooks}/${created.body.id}`;
    expect(await api("PATCH", one, { active: false })).toMatchObject({ body: { active: false } });
    expect((await api("GET", hooks)).body).toMatchObject([{ id: created.body.id }]);
    expect(await api("DELETE", one)).toMatchObject({ status: 204 });
    expect(await api("GET", one)).toMatchObject({ status: 404 });
  });
});

describe("webhooks", () => {
  let receiver: Server;
  let url: string;
  let status: number;
  let received: Received[];

  interface Received {
    event: string;
    headers: IncomingHttpHeaders;
    body: Buffer;
    payload: Payload;
  }
  interface Payload {
    ref?: string;
    commits?: { id: string; added: string[]; removed: string[]; modified: string[] }[];
    [field: string]: unknown;
  }

  beforeEach(async () => {
    received = [];
    status = 200;
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
        const body = Buffer.concat(chunks);
        const payload = JSON.parse(body.toString()) as Payload;
        const event = String(request.headers["x-github-event"]);
        received.push({ event, headers: request.headers, body, payload });
        response.writeHead(status).end();
      });
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  });
  afterEach(async () => {
    github.webhooks.isDelivering = true;
    await github.webhooks.idle();
    receiver.closeAllConnections();
    receiver.close();
  });

  /** A pushed work tree with a hook whose ping has arrived. */
  async function hooked() {
    const tree = await workTree();
    await tree.git("push", "--quiet", tree.remote, "main");
    await api("POST", `/repos/${tree.name}/hooks`, {
      config: { url, content_type: "json", secret: SECRET },
      events: ["push", "repository"],
    });
    await vi.waitFor(() => expect(received.map(({ event }) => event)).toEqual(["ping"]));
    received.length = 0;
    return tree;
  }

  async function pushed(count: number): Promise<Payload[]> {
    await vi.waitFor(() => expect(received).toHaveLength(count), { timeout: 10_000, interval: 5 });
    await github.webhooks.idle();
    expect(received).toHaveLength(count);
    return received.map(({ payload }) => payload);
  }

  test("a push is told with its commits and signed over the raw body", async () => {
    const { git, name, remote, commit, place, first } = await hooked();
    await rm(path.join(place, "a.txt"));
    const second = await commit({ "b ä.txt": "two\n", "c.txt": "c\n" }, "second\n\nwith a body");
    await appendFile(path.join(place, "c.txt"), "more\n");
    const third = await commit({}, "third");
    await git("push", "--quiet", remote, "main");
    const [payload] = await pushed(1);
    expect(payload).toMatchObject({
      ref: "refs/heads/main",
      before: first,
      after: third,
      created: false,
      deleted: false,
      forced: false,
      repository: { id: github.repository(name).id, full_name: name, default_branch: "main" },
      commits: [
        {
          id: second,
          message: "second\n\nwith a body",
          author: { name: "A", email: "a@example.com" },
          added: ["b ä.txt", "c.txt"],
          removed: ["a.txt"],
          modified: [],
        },
        { id: third, added: [], removed: [], modified: ["c.txt"] },
      ],
      head_commit: { id: third },
    });
    const signature = createHmac("sha256", SECRET).update(received[0]?.body ?? "").digest("hex");
    expect(received[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "x-hub-signature-256": `sha256=${signature}`,
      "x-github-delivery": expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      "x-github-hook-id": expect.stringMatching(/^\d+$/) as string,
      "user-agent": expect.stringContaining("GitHub-Hookshot/") as string,
    });
  });

  test("each changed ref is told: created, forced, deleted", async () => {
    const { git, remote, commit, first } = await hooked();
    await git("push", "--quiet", remote, "main:topic", "main:doomed");
    // Deliveries come in no order.
    const byRef = (a: Payload, b: Payload) => String(a.ref).localeCompare(String(b.ref));
    expect((await pushed(2)).toSorted(byRef)).toMatchObject([
      {
        ref: "refs/heads/doomed",
        created: true,
        before: "0".repeat(40),
        after: first,
        commits: [],
      },
      { ref: "refs/heads/topic", created: true, head_commit: { id: first } },
    ]);
    await git("commit", "--quiet", "--amend", "--message", "other first");
    await commit({ "d.txt": "d\n" });
    await git("push", "--quiet", "--force", remote, "main:topic", ":doomed");
    const [deleted, forced] = (await pushed(4)).slice(2).toSorted(byRef);
    expect(deleted).toMatchObject({
      ref: "refs/heads/doomed",
      deleted: true,
      after: "0".repeat(40),
      head_commit: null,
      commits: [],
    });
    expect(forced).toMatchObject({ ref: "refs/heads/topic", forced: true });
    expect(forced?.commits).toHaveLength(2);
  });

  test("a push that changes no ref tells nothing; more than three tags neither", async () => {
    const { git, remote } = await hooked();
    await git("push", "--quiet", remote, "main");
    for (const tag of ["t1", "t2", "t3", "t4"]) await git("tag", tag);
    await git("push", "--quiet", remote, "--tags");
    await git("tag", "t5");
    await git("push", "--quiet", remote, "t5");
    expect(await pushed(1)).toMatchObject([{ ref: "refs/tags/t5", created: true }]);
  });

  test("a failed delivery is not repeated, and redelivered by hand it is the same", async () => {
    const { git, remote, commit } = await hooked();
    status = 500;
    await commit({ "b.txt": "b\n" });
    await git("push", "--quiet", remote, "main");
    await pushed(1);
    const delivery = github.webhooks.deliveries.at(-1);
    expect(delivery?.attempts).toMatchObject([{ status: 500, error: null }]);
    status = 200;
    await github.webhooks.redeliver(delivery?.guid ?? "");
    await pushed(2);
    const [first, second] = received;
    expect(second?.body).toEqual(first?.body);
    expect(second?.headers["x-github-delivery"]).toBe(first?.headers["x-github-delivery"]);
    expect(delivery?.attempts.at(-1)).toMatchObject({ status: 200 });
  });

  test("a lost event waits to be redelivered", async () => {
    const { git, remote, commit } = await hooked();
    github.webhooks.isDelivering = false;
    await commit({ "b.txt": "b\n" });
    await git("push", "--quiet", remote, "main");
    await vi.waitFor(() => expect(github.webhooks.deliveries.at(-1)?.attempts).toEqual([]));
    expect(received).toHaveLength(0);
    await github.webhooks.redeliver(github.webhooks.deliveries.at(-1)?.guid ?? "");
    expect(await pushed(1)).toMatchObject([{ ref: "refs/heads/main" }]);
  });

  test("an inactive hook hears nothing, and changes of the repository are told", async () => {
    const { name, git, remote, commit } = await hooked();
    github.setPrivate(name, true);
    await github.setDefaultBranch(name, "other");
    github.rename(name, `${name}-renamed`);
    expect(await pushed(3)).toMatchObject([
      { action: "privatized", repository: { private: true } },
      { action: "edited", changes: { default_branch: { from: "main" } } },
      { action: "renamed", repository: { full_name: `${name}-renamed` } },
    ]);
    const { id } = github.repository(name);
    for (const hook of github.webhooks.of(id)) hook.isActive = false;
    await commit({ "b.txt": "b\n" });
    await git("push", "--quiet", remote.replace("://", `://x:${TOKEN}@`), "main");
    await pushed(3);
  });
});

test("stopped in the middle of a push, it leaves no process and no directory", async () => {
  const ownRun = await openRun();
  const own = await startGitHub({ run: ownRun, token: TOKEN });
  const { git, place } = await workTree({ "big.bin": "x".repeat(100) });
  await writeFile(path.join(place, "noise"), randomBytes(20_000_000));
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "noise");
  const pushed = git("push", "--quiet", `${own.url}/some/where.git`, "main").catch(() => "refused");
  await vi.waitFor(() => own.repository("some/where"), { timeout: 10_000, interval: 1 });
  const { directory: bare } = own.repository("some/where");
  await own.stop();
  await ownRun.close();
  expect(existsSync(path.dirname(bare))).toBe(false);
  await pushed;
  expect(existsSync(path.dirname(bare))).toBe(false);
});
