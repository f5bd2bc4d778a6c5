// Words that no committed file may hold: addresses of one machine or one network, and notes to
// oneself. The patterns pass their own rule.

import { isFixture, type Rule, type SourceFile, violationsOf } from "./source_file.ts";

interface BannedWord {
  readonly pattern: RegExp;
  readonly message: string;
}

// Joined from pieces, so that no piece of this file is such a word itself.
const word = (...pieces: string[]) => pieces.join("");
const notes = [word("FIX", "ME"), word("TO", "DO"), word("XX", "X")].join("|");
const focus = [word("on", "ly"), word("sk", "ip"), word("to", "do")].join("|");

const bannedWords: readonly BannedWord[] = [
  {
    // The image registry of Fly is an address of the product; any other is a mirror's.
    pattern: /\bregistry\.(?!fly\.io\b)[a-z0-9-]+\.[a-z]{2,}/gi,
    message: "the host of a package source; the client's own setting decides it",
  },
  {
    pattern: /(?<![\w.~@}-])\/(?:home|root|Users|work(?:space)?)\/(?=\w)/g,
    message: "an absolute path of one machine",
  },
  {
    pattern: new RegExp(String.raw`\b(?:${notes})\b`, "g"),
    message: "a note to oneself: do it or open an issue",
  },
  {
    pattern: new RegExp(String.raw`\b(?:it|test|describe|suite)\.(?:${focus})\b`, "g"),
    message: "a focused or skipped test",
  },
];

/** The rule over every text file, documentation included. */
export const wordsRule: Rule = {
  name: "banned words",
  check: (files) => files.filter((file) => !isFixture(file.path)).flatMap(violations),
};

function violations(file: SourceFile) {
  return bannedWords.flatMap(({ pattern, message }) =>
    violationsOf(file, file.text, pattern, (match) => `${match[0]}: ${message}`)
  );
}
