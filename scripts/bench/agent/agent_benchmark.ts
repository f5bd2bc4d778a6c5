// `npm run bench -- agent`: what it costs an agent to answer five questions about a repository from
// elsewhere with Quarry's tools, in tokens, beside reading the files that grep finds.

import path from "node:path";
import { mkdir } from "node:fs/promises";
import { createStack } from "../../local/stack.ts";
import type { Benchmark } from "../benchmark.ts";
import { FOREIGN_REPOSITORY, indexForeignRepository } from "./foreign_repository.ts";
import { interview, type Interviewed, TOKENIZER } from "./interview.ts";

function row({ question, answer, calls, tokens, grepFiles, grepTokens }: Interviewed): string[] {
  return [
    question.text,
    answer === question.answer ? "yes" : "no",
    String(calls),
    tokens.toLocaleString("en"),
    String(grepFiles),
    grepTokens.toLocaleString("en"),
    `${(grepTokens / tokens).toFixed(0)}×`,
  ];
}

export const agentBenchmark: Benchmark = {
  name: "agent",
  usage: "agent",
  async run(_args, { root, directory, say }) {
    const checkout = path.join(directory, "zod");
    await mkdir(checkout);
    const stack = await createStack({});
    try {
      say(`indexing ${FOREIGN_REPOSITORY}`);
      await indexForeignRepository(stack, root, checkout);
      const { functionsUrl, apiKey } = stack;
      const asked = await interview({
        functionsUrl,
        apiKey,
        checkout,
        repository: FOREIGN_REPOSITORY,
      });
      const columns = ["question", "answered", "calls", "tokens", "files", "tokens of them", "÷"];
      const table = { title: "An agent's five questions", columns, rows: asked.map(row) };
      const notes = [
        `Tokens by ${TOKENIZER}: of the calls and their answers, and of the files that git grep finds for the same words, read whole. ` +
        "The calls are scripted; answers are compared with what is known to be right.",
      ];
      return { tables: [table], notes, data: asked };
    } finally {
      await stack.stop();
    }
  },
};
