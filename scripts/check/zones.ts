// Who may import whom, as a table: a folder is a zone, and a zone names the zones, npm packages and Node
// modules that it may use; what is not named is not allowed. The table is the architecture.

import { apiZoneNames, apiZones } from "./api_zones.ts";
import { testPath } from "./source_file.ts";
import type { Zone } from "./zone.ts";

const functionsRoot = "supabase/functions";
const withoutZod = ["plain contracts", "text", "segment", "graph"];
const contracts = ["contracts", ...withoutZod];
const ofFunction = [...contracts, "runtime", "query", "search", "function"];
const indexerBase = [...withoutZod, "indexer base"];
const anything = ["*"];

/** First match wins, so a file that may do more or less than its folder stands before the folder. */
export const zones: readonly Zone[] = [
  {
    name: "tests",
    paths: testPath,
    zones: anything,
    packages: anything,
    builtins: anything,
  },
  {
    // What the indexer takes of them: its image has no zod.
    name: "plain contracts",
    paths: new RegExp(`^${functionsRoot}/_shared/contracts/(?:limits|null_oid)\\.ts$`),
    zones: [],
    packages: [],
    builtins: [],
  },
  {
    name: "contracts",
    paths: new RegExp(`^${functionsRoot}/_shared/contracts/`),
    zones: ["plain contracts"],
    packages: ["zod"],
    builtins: [],
  },
  {
    name: "text",
    paths: new RegExp(`^${functionsRoot}/_shared/text/`),
    zones: [],
    packages: [],
    builtins: [],
  },
  {
    name: "segment",
    paths: new RegExp(`^${functionsRoot}/_shared/segment/`),
    zones: [],
    packages: [],
    // Deno has both: what the indexer packs is unpacked by the same code.
    builtins: ["buffer", "zlib"],
  },
  {
    name: "query",
    paths: new RegExp(`^${functionsRoot}/_shared/query/`),
    zones: ["text", "segment"],
    packages: ["re2js"],
    builtins: [],
  },
  {
    name: "search",
    paths: new RegExp(`^${functionsRoot}/_shared/search/`),
    zones: ["text", "segment", "query"],
    packages: ["re2js"],
    builtins: [],
  },
  {
    name: "graph",
    paths: new RegExp(`^${functionsRoot}/_shared/graph/`),
    zones: ["text"],
    packages: [],
    builtins: [],
  },
  {
    name: "runtime",
    paths: new RegExp(`^${functionsRoot}/_shared/runtime/`),
    zones: [...contracts, "search"],
    packages: ["zod", "@supabase/supabase-js", "@octokit/webhooks-methods"],
    // Deno has it: a hash of a few bytes at once, which crypto.subtle has another thread make.
    builtins: ["crypto"],
  },
  {
    name: "function entry",
    paths: new RegExp(`^${functionsRoot}/[a-z][a-z-]*/index\\.ts$`),
    zones: [...contracts, "runtime", "function", "mcp"],
    packages: [],
    builtins: [],
  },
  {
    // Its tools are the API's routes in another dress: the only function that knows another one.
    name: "mcp",
    paths: new RegExp(`^${functionsRoot}/mcp/`),
    zones: [...contracts, "runtime", "function"],
    packages: ["zod", "@modelcontextprotocol/server"],
    builtins: [],
  },
  ...apiZones(ofFunction),
  {
    name: "function",
    paths: new RegExp(`^${functionsRoot}/[a-z][a-z-]*/`),
    zones: [...ofFunction, ...apiZoneNames],
    packages: ["zod"],
    builtins: [],
  },
  {
    name: "indexer parse",
    paths: /^indexer\/src\/parse\//,
    zones: [...withoutZod, "indexer segment"],
    packages: ["web-tree-sitter"],
    // Only to load a grammar: where its file lies, what is in it, and how V8 is to compile it.
    builtins: ["fs/promises", "url", "v8"],
  },
  {
    name: "indexer segment",
    paths: /^indexer\/src\/segment\//,
    zones: [...withoutZod, "indexer parse"],
    packages: [],
    builtins: ["zlib"],
  },
  {
    name: "indexer git",
    paths: /^indexer\/src\/git\//,
    zones: indexerBase,
    packages: ["simple-git"],
    builtins: anything,
  },
  {
    name: "indexer store",
    paths: /^indexer\/src\/store\//,
    zones: [...indexerBase, "indexer segment"],
    packages: ["postgres"],
    builtins: ["buffer", "events", "net", "stream", "timers/promises"],
  },
  {
    name: "indexer pipeline",
    paths: /^indexer\/src\/pipeline\//,
    zones: [...indexerBase, "indexer git", "indexer parse", "indexer segment"],
    packages: [],
    builtins: ["events", "timers/promises", "v8", "worker_threads"],
  },
  {
    name: "indexer worker",
    paths: /^indexer\/src\/worker\//,
    zones: indexerBase,
    packages: [],
    builtins: ["timers/promises", "events"],
  },
  {
    name: "indexer jobs",
    paths: /^indexer\/src\/jobs\//,
    zones: [
      ...indexerBase,
      "indexer git",
      "indexer parse",
      "indexer pipeline",
      "indexer segment",
      "indexer store",
    ],
    packages: [],
    builtins: ["crypto", "events", "timers/promises"],
  },
  {
    name: "indexer main",
    paths: /^indexer\/src\/(?:main|config)\.ts$/,
    zones: [
      ...indexerBase,
      "indexer git",
      "indexer jobs",
      "indexer parse",
      "indexer pipeline",
      "indexer segment",
      "indexer store",
      "indexer worker",
    ],
    packages: [],
    builtins: ["fs", "os", "timers/promises"],
  },
  {
    name: "indexer base",
    paths: /^indexer\/src\/[a-z_]+\.ts$/,
    zones: withoutZod,
    packages: [],
    builtins: [],
  },
  {
    name: "deno binary",
    paths: /^scripts\/deno_binary\.ts$/,
    zones: [],
    packages: [],
    builtins: ["fs", "path"],
  },
  {
    name: "api key",
    paths: /^scripts\/api_key\.ts$/,
    zones: [],
    packages: [],
    builtins: ["crypto"],
  },
  {
    name: "stand-ins",
    paths: /^scripts\/local\//,
    zones: [...contracts, "api key", "deno binary"],
    packages: ["croner", "postgres", "undici", "zod"],
    builtins: anything,
  },
  {
    name: "check",
    paths: /^scripts\/check\//,
    zones: ["deno binary"],
    packages: [],
    builtins: anything,
  },
  {
    name: "tools",
    paths: /^scripts\/[a-z_]+\.c?[jt]s$/,
    zones: [
      "api key",
      "check",
      "deno binary",
      "deploy",
      "demo",
      "bench",
      "differential",
      "chaos",
      "client",
      "command line",
      "operate",
      "stand-ins",
      ...contracts,
    ],
    packages: ["undici", "postgres", "zod"],
    builtins: anything,
  },
  {
    name: "deploy",
    paths: /^scripts\/deploy\//,
    zones: ["check"],
    packages: ["postgres", "zod"],
    builtins: anything,
  },
  {
    name: "client",
    paths: /^scripts\/client\//,
    zones: contracts,
    packages: ["@supabase/functions-js", "zod"],
    builtins: ["timers/promises"],
  },
  {
    name: "demo",
    paths: /^scripts\/demo\//,
    zones: ["client", "stand-ins", ...contracts],
    packages: ["undici", "zod"],
    builtins: anything,
  },
  {
    name: "command line",
    paths: /^scripts\/quarry\//,
    zones: ["client", "demo", ...contracts],
    packages: ["zod"],
    builtins: ["util"],
  },
  {
    name: "operate",
    paths: /^scripts\/operate\//,
    zones: ["demo", ...contracts],
    packages: ["postgres", "zod"],
    builtins: ["timers/promises", "util"],
  },
  {
    name: "chaos",
    paths: /^scripts\/chaos\//,
    zones: ["stand-ins", "segment"],
    packages: ["postgres", "zod"],
    builtins: anything,
  },
  {
    name: "differential",
    paths: /^scripts\/bench\/differential\//,
    zones: ["bench", "indexer parse", "indexer segment", ...contracts],
    packages: [],
    builtins: anything,
  },
  {
    name: "bench",
    paths: /^scripts\/bench\//,
    // Of the query language what prints it, so that the benchmarks need not know how it quotes.
    zones: ["stand-ins", "demo", "query", ...contracts],
    packages: [
      "@modelcontextprotocol/client",
      "gpt-tokenizer",
      "graphile-worker",
      "pg-boss",
      "postgres",
      "zod",
    ],
    builtins: anything,
  },
];
