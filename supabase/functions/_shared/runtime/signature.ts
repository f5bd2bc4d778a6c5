/**
 * Whether a webhook's body is signed with a secret. Never throws: the library does, on signatures
 * and bodies that anybody can send.
 */
import { verify } from "@octokit/webhooks-methods";

const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/** Verifies the raw body; bytes that are no UTF-8 cannot be GitHub's and do not verify. */
export async function isSignedWith(
  secret: string,
  body: Uint8Array,
  signature: string | null,
): Promise<boolean> {
  if (signature === null || !SIGNATURE.test(signature) || body.byteLength === 0) return false;
  try {
    // Without ignoreBOM the decoder would swallow a byte order mark, which is signed too.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return await verify(secret, text, signature);
  } catch {
    return false;
  }
}
