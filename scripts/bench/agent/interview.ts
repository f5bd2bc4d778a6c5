// Asks the five questions of a running stack, as an agent with the official client would, and counts
// the tokens that the answers of the tools cost beside those of the files that grep finds.

import { readFile } from "node:fs/promises";
import path from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { z } from "zod";
import { git } from "../command.ts";
import { type Question, questions } from "./questions.ts";

/** The tokenizer that counts, as tables name it. */
export const TOKENIZER = "o200k_base (gpt-tokenizer)";
const NOTHING_FOUND = 1;

/** What a question cost and what came of it. */
export interface Interviewed {
  readonly question: Question;
  readonly answer: string;
  readonly calls: number;
  /** Of the calls and their answers. */
  readonly tokens: number;
  readonly grepFiles: number;
  /** Of the files that have the words, whole. */
  readonly grepTokens: number;
}

const result = z.object({ content: z.array(z.object({ text: z.string() })).min(1) });

/** Where the repository is: at Quarry, and as a checkout for grep. */
export interface Interview {
  readonly functionsUrl: string;
  readonly apiKey: string;
  readonly repository: string;
  readonly checkout: string;
}

/** Asks every question. */
export async function interview(options: Interview): Promise<Interviewed[]> {
  const client = new Client({ name: "scripted agent", version: "1" }, {
    versionNegotiation: { mode: { pin: "2026-07-28" } },
  });
  const requestInit = { headers: { authorization: `Bearer ${options.apiKey}` } };
  const url = new URL(`${options.functionsUrl}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  try {
    const asked: Interviewed[] = [];
    for (const question of questions) asked.push(await ask(client, question, options));
    return asked;
  } finally {
    await client.close();
  }
}

async function ask(
  client: Client,
  question: Question,
  { repository, checkout }: Interview,
): Promise<Interviewed> {
  let calls = 0;
  let tokens = 0;
  const call = async (name: string, parameters: Record<string, unknown>) => {
    const answered = await client.callTool({ name, arguments: parameters });
    const text = result.parse(answered).content.map((each) => each.text).join("\n");
    calls += 1;
    tokens += countTokens(JSON.stringify({ name, parameters })) + countTokens(text);
    return text;
  };
  const answer = await question.ask(call, repository);
  const grepped = await grepCost(checkout, question.words);
  return { question, answer, calls, tokens, ...grepped };
}

async function grepCost(checkout: string, words: readonly string[]) {
  const patterns = words.flatMap((word) => ["-e", word]);
  const listed = await git(checkout, ["grep", "-lIFz", ...patterns], {
    exitCodes: [0, NOTHING_FOUND],
  });
  const files = listed.split("\0").filter((file) => file !== "");
  const texts = await Promise.all(
    files.map((file) => readFile(path.join(checkout, file), "utf8")),
  );
  const grepTokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  return { grepFiles: files.length, grepTokens };
}
