/**
 * Receives GitHub's webhooks: verifies the raw bytes with the repository's own secret, then records
 * the delivery and enqueues in one SQL call. Nothing is parsed before it is verified.
 */
import { type z } from "zod";
import { id } from "../_shared/contracts/ids.ts";
import { WEBHOOK_BODY_BYTES_MAX } from "../_shared/contracts/limits.ts";
import { deliveryId, eventName, PUSH_EVENT, pushPayload } from "../_shared/contracts/webhook.ts";
import { type Database } from "../_shared/runtime/database.ts";
import {
  type Answer,
  parseJson,
  readBody,
  serve,
  type ServeDependencies,
} from "../_shared/runtime/http.ts";
import { ProblemError } from "../_shared/runtime/problem.ts";
import { findRoute, type Route } from "../_shared/runtime/router.ts";
import { isSignedWith } from "../_shared/runtime/signature.ts";

/** What the webhook takes from outside. */
export interface WebhookHandlerDependencies extends ServeDependencies {
  readonly database: Pick<Database, "webhookSecret" | "recordDelivery">;
}

/** An unknown repository, a missing and a wrong signature: one answer for all. */
function invalidSignature(): ProblemError {
  return new ProblemError("invalid_signature", "The signature is missing or does not match.");
}

/** Verified against when there is no secret, so that this takes as long as with one. */
const NO_SECRET = "no repository has this secret";

/** What a push says; null for the events that we only record. */
function readPush(
  event: string,
  payload: unknown,
): z.infer<typeof pushPayload> | null {
  if (event !== PUSH_EVENT) return null;
  const parsed = pushPayload.safeParse(payload);
  if (!parsed.success) {
    throw new ProblemError("invalid_body", "A push needs a ref and the commit it points at.");
  }
  return parsed.data;
}

async function receive(
  request: Request,
  { database }: WebhookHandlerDependencies,
  repositoryIdSegment: string,
): Promise<Answer> {
  const body = await readBody(request, WEBHOOK_BODY_BYTES_MAX);
  const repositoryId = id.safeParse(repositoryIdSegment);
  const secret = repositoryId.success ? await database.webhookSecret(repositoryId.data) : null;
  const signature = request.headers.get("x-hub-signature-256");
  const isSigned = await isSignedWith(secret ?? NO_SECRET, body, signature);
  if (!isSigned || secret === null || !repositoryId.success) throw invalidSignature();

  const event = eventName.safeParse(request.headers.get("x-github-event"));
  const delivery = deliveryId.safeParse(request.headers.get("x-github-delivery"));
  if (!event.success || !delivery.success) {
    throw new ProblemError("invalid_delivery", "The event or the delivery is not named.");
  }
  const push = readPush(event.data, parseJson(body));
  const recorded = await database.recordDelivery({
    repositoryId: repositoryId.data,
    deliveryId: delivery.data,
    event: event.data,
    ref: push?.ref ?? null,
    commitOid: push?.commitOid ?? null,
    isForced: push?.isForced ?? false,
    fullName: push?.fullName ?? null,
    defaultBranch: push?.defaultBranch ?? null,
  });
  // Deleted since its secret was read.
  if (recorded.outcome === "not_found") throw invalidSignature();
  return { status: recorded.outcome === "enqueued" ? 202 : 200, body: recorded };
}

const routes: readonly Route<"receive">[] = [
  { method: "POST", path: "/github-webhook/:id", handle: "receive" },
];

/** Serves a request to /github-webhook. */
export function handleWebhook(
  request: Request,
  dependencies: WebhookHandlerDependencies,
): Promise<Response> {
  return serve(request, dependencies, async () => {
    const { segments } = findRoute(routes, request);
    return await receive(request, dependencies, segments["id"] ?? "");
  });
}
