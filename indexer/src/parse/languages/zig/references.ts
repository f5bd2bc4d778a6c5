/**
 * Zig: its words, its literals, and how its references and bodies are told.
 */
import { type CommentRule, LINE_COMMENT, plainString, words } from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

/** A line of a string begins with two backslashes. */
const STRING_LINE: CommentRule = { type: "comment", open: "\\\\", close: null };

/** The references of Zig. */
export const zigReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "_ addrspace align allowzero and anyframe anytype asm async await break callconv catch comptime " +
        "const continue defer else enum errdefer error export extern fn for if inline linksection " +
        "noalias noinline nosuspend opaque or orelse packed pub resume return struct suspend switch " +
        "test threadlocal try type union unreachable usingnamespace var volatile while true false " +
        "null undefined anyopaque bool void u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64 anyerror noreturn",
    ),
    rules: [LINE_COMMENT, STRING_LINE, plainString('"'), plainString("'")],
  },
  imports: [],
  heads: [],
  inherits: { words: [], signs: "" },
  typeWords: [],
  capitalTypes: true,
  lambdas: { signs: ["|"] },
  builtins: true,
  variables: ["const", "var"],
  order: "name",
  assigns: false,
  namedArguments: false,
  bareCalls: false,
  elision: {
    containers: ["struct", "enum", "union", "opaque", "error", "type"],
    functions: ["fn", "test", "comptime"],
    starts: ["const", "var"],
    parentheses: false,
    values: false,
  },
};
