// What an API key is made of. Knows neither who gets it nor where its hash is kept.

import { createHash, randomBytes } from "node:crypto";

const SECRET_BYTES = 32;

/** 256 random bits, as text. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** A new API key and the hash by which the database knows it. */
export function newApiKey(): { apiKey: string; keyHash: Buffer } {
  const apiKey = `qry_${newSecret()}`;
  return { apiKey, keyHash: createHash("sha256").update(apiKey).digest() };
}
