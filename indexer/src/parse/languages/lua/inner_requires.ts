/**
 * The modules that Lua requires, wherever the call stands: functions are not walked.
 */
import type { ImportTokens } from "../../declarations/import_tokens.ts";
import { CLOSE, COMMA, EQUALS, OPEN } from "../../tokens/signs.ts";

/** Finds `require("a.b")`, `require "a.b"` and `pcall(require, "a.b")`. */
export function findRequires(tokens: ImportTokens): void {
  for (const index of tokens.positionsOf("require")) {
    if (tokens.isMember(index)) continue;
    const next = tokens.sign(index + 1);
    const isProtected = next === COMMA && tokens.word(index - 2) === "pcall";
    const at = next === OPEN || isProtected ? index + 2 : index + 1;
    const isWhole = next !== OPEN || tokens.sign(at + 1) === CLOSE;
    if (tokens.string(at) === null || !isWhole) continue;
    const alias = tokens.sign(index - 1) === EQUALS ? tokens.word(index - 2) : "";
    const isVariable = alias !== "" && !tokens.isMember(index - 2);
    tokens.addString(at, { kind: "module", names: isVariable ? [{ name: "*", alias }] : [] });
  }
}
