// Hooks and their deliveries: signed, at most once, never repeated by themselves.
// Stands for: GitHub's webhook service. Leaves out: the ban on local addresses, throttling, TLS.

import { createHmac, randomUUID } from "node:crypto";
import type { Hook } from "./github_views.ts";

/** As GitHub waits for an answer. */
const ANSWER_MILLISECONDS_MAX = 10_000;
/** Above it GitHub sends nothing at all. */
const PAYLOAD_BYTES_MAX = 25_000_000;
const DELIVERIES_KEPT_MAX = 1000;

/** One attempt to hand a delivery over. */
export interface DeliveryAttempt {
  readonly at: Date;
  readonly status: number | null;
  readonly error: string | null;
  readonly milliseconds: number;
}

/** One event for one hook. Sent again it keeps its guid, body and all. */
export interface Delivery {
  readonly guid: string;
  readonly hook: Hook;
  readonly event: string;
  readonly body: Buffer;
  readonly attempts: DeliveryAttempt[];
}

export class Webhooks {
  readonly #hooks = new Map<number, Hook>();
  readonly #underWay = new Set<Promise<void>>();
  #lastId = 400_000_000;
  /** Newest last; the oldest are forgotten. */
  readonly deliveries: Delivery[] = [];
  /** False: events become deliveries that wait to be redelivered, as if GitHub had lost them. */
  isDelivering = true;

  create(fields: Pick<Hook, "repositoryId" | "url" | "contentType" | "secret" | "events">): Hook {
    const now = new Date();
    const hook = {
      ...fields,
      id: this.#lastId += 1,
      isActive: true,
      createdAt: now,
      updatedAt: now,
      lastResponse: { code: null, status: "unused", message: null },
    };
    this.#hooks.set(hook.id, hook);
    return hook;
  }

  of(repositoryId: number): Hook[] {
    return [...this.#hooks.values()].filter((hook) => hook.repositoryId === repositoryId);
  }

  get(repositoryId: number, id: number): Hook | null {
    const hook = this.#hooks.get(id);
    return hook?.repositoryId === repositoryId ? hook : null;
  }

  delete(hook: Hook): void {
    this.#hooks.delete(hook.id);
  }

  /** The active hooks of a repository that want an event. */
  listeners(repositoryId: number, event: string): Hook[] {
    return this.of(repositoryId).filter((hook) =>
      hook.isActive && (hook.events.includes(event) || hook.events.includes("*"))
    );
  }

  /** Sends an event to one hook; the answer is awaited by nobody but idle(). */
  emit(hook: Hook, event: string, payload: unknown): void {
    const json = JSON.stringify(payload);
    const body = hook.contentType === "json" ? json : `payload=${encodeURIComponent(json)}`;
    const delivery = { guid: randomUUID(), hook, event, body: Buffer.from(body), attempts: [] };
    if (delivery.body.length > PAYLOAD_BYTES_MAX) return;
    this.deliveries.push(delivery);
    if (this.deliveries.length > DELIVERIES_KEPT_MAX) this.deliveries.shift();
    if (this.isDelivering) void this.#start(delivery);
  }

  /** Sends a delivery (again), as somebody would by hand on GitHub. */
  async redeliver(guid: string): Promise<void> {
    const delivery = this.deliveries.find((candidate) => candidate.guid === guid);
    if (delivery === undefined) throw new Error(`no delivery ${guid}`);
    await this.#start(delivery);
  }

  /** Resolves when no delivery is under way or about to be. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Lets idle() wait for work that will emit. */
  async track(work: Promise<void>): Promise<void> {
    this.#underWay.add(work);
    try {
      await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  async #start(delivery: Delivery): Promise<void> {
    await this.track(attemptDelivery(delivery));
  }
}

async function attemptDelivery(delivery: Delivery): Promise<void> {
  const { hook, body } = delivery;
  const at = new Date();
  const started = performance.now();
  let status: number | null = null;
  let error: string | null = null;
  try {
    const response = await fetch(hook.url, {
      method: "POST",
      headers: deliveryHeaders(delivery),
      body: new Uint8Array(body),
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX),
    });
    status = response.status;
    await response.arrayBuffer();
  } catch (reason) {
    error = reason instanceof Error ? reason.message : String(reason);
  }
  const isSuccess = status !== null && status >= 200 && status < 300;
  hook.lastResponse = { code: status, status: isSuccess ? "active" : "error", message: error };
  delivery.attempts.push({ at, status, error, milliseconds: performance.now() - started });
}

function deliveryHeaders({ guid, hook, event, body }: Delivery): Record<string, string> {
  return {
    "accept": "*/*",
    "content-type": hook.contentType === "json"
      ? "application/json"
      : "application/x-www-form-urlencoded",
    "user-agent": "GitHub-Hookshot/0000000",
    "x-github-delivery": guid,
    "x-github-event": event,
    "x-github-hook-id": String(hook.id),
    "x-github-hook-installation-target-id": String(hook.repositoryId),
    "x-github-hook-installation-target-type": "repository",
    ...(hook.secret === null ? {} : {
      "x-hub-signature-256": `sha256=${
        createHmac("sha256", hook.secret).update(body).digest("hex")
      }`,
    }),
  };
}
