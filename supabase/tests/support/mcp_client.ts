/** The official client of the Model Context Protocol, connected to a stack. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

/** The current revision, which has no handshake and no sessions, and the one before it. */
export type McpRevision = "2026-07-28" | "2025-11-25";

/** Connects with an API key; what it asks is of the tenant of that key. */
export async function connectMcp(
  functionsUrl: string,
  apiKey: string,
  revision: McpRevision = "2026-07-28",
): Promise<Client> {
  const mode = revision === "2025-11-25" ? "legacy" as const : { pin: revision };
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${apiKey}` } };
  const url = new URL(`${functionsUrl}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  return client;
}
