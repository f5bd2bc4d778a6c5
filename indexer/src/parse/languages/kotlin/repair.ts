/**
 * What the grammar of Kotlin stumbles over. Between declarations at the top level it often recovers by
 * itself. In the body of a class it seldom does: of a mistake there, or a member and the end of its class
 * on one line, it mostly loses the rest of the class, and what stands behind that. So the text is changed
 * where it fails, no character that is left moves, and it is parsed again.
 */
import type { Node } from "web-tree-sitter";
import { behindBrackets } from "../../declarations/attributes.ts";
import type { Repair } from "../language_support.ts";

/** A body on one line, `{ val a = 1 }`: the grammar does not see that the brace ends the member. */
const BODY_LINE =
  /\{[ \t]*(?:(?:[a-z]+|@\w+)[ \t]+)*?(?:fun|val|var|init|class|object|interface|constructor)\b.*/g;
const BEFORE_END = /(?<=[^\s;{])[ \t](?=\})/g;

/** The text with an end behind such members. */
function endMembers(text: string): string {
  return text.replace(BODY_LINE, (line) => line.replace(BEFORE_END, ";"));
}

/**
 * What annotations at the top are called with, at which the grammar ends a declaration, and the contexts of
 * functions, which it does not know.
 */
const CALLED = /^(?:@[\w.:]+|[ \t]*context)(?=\()/gm;
const CALLED_UNITS_MAX = 4000;
/** Of those that are not closed: each costs a look at so many units. */
const UNCLOSED_CALLS_MAX = 100;

/** The text without those: no word of it is defined here. */
function withoutCalls(text: string): string {
  let kept = "";
  let from = 0;
  let unclosed = 0;
  for (const { 0: head, index } of text.matchAll(CALLED)) {
    if (index < from) continue;
    const open = index + head.length;
    const length = behindBrackets(text.slice(open, open + CALLED_UNITS_MAX), 0);
    if (length === -1) {
      if (++unclosed === UNCLOSED_CALLS_MAX) break;
      continue;
    }
    const start = head.startsWith("@") ? open : index;
    kept += text.slice(from, start) + text.slice(start, open + length).replace(/\S/g, " ");
    from = open + length;
  }
  return kept + text.slice(from);
}

/** The ends of lines and the comments between a class and what follows it. */
const GAP = String
  .raw`(?:[ \t]*(?:\r?\n|\/\/[^\n]*\n|\/\*[^*]{0,1000}(?:\*(?!\/)[^*]{0,1000}){0,60}\*\/)){1,60}[ \t]*`;

/** Annotations behind a class without a body, where the grammar waits for a constructor. */
const BEHIND_BODILESS = new RegExp(
  String.raw`\b((?:class|interface)[ \t]+\w+(?:<[^<>\n]*>)?(?=[ \t]*\r?\n)${GAP})` +
    String
      .raw`((?:@[\w.:]+\s+){1,20})(?!\s|@|(?:(?:private|internal|protected|public)\s+)?constructor\b)`,
  "g",
);

function withoutAnnotations(text: string): string {
  return text.replace(
    BEHIND_BODILESS,
    (_, head: string, annotations: string) => head + annotations.replace(/\S/g, " "),
  );
}

/** A second annotation in front of a declaration, with which the grammar may take it for an expression. */
const MORE_ANNOTATIONS = /(@[\w.:]+\s+)((?:@[\w.:]+\s+){1,20})/g;

/** The text with the first of such annotations, where the declaration begins. */
function withOneAnnotation(text: string): string {
  return text.replace(
    MORE_ANNOTATIONS,
    (_, first: string, others: string) => first + others.replace(/\S/g, " "),
  );
}

/** Modifiers behind an annotation that the grammar takes for words of an expression. */
const SOFT_MODIFIER =
  /\b(?:actual|annotation|const|data|enum|expect)(?=[ \t]+(?:class|fun|interface|object|val|var)\b)(?<=(?:@[\w.:]+|\))\s+\w+)/g;

/** The text with a modifier in their place that it takes for nothing else. */
function withHardModifiers(text: string): string {
  return text.replace(SOFT_MODIFIER, (word) => "open".padEnd(word.length));
}

/** An annotation that the text ends with: looking behind it for what it annotates, the grammar does not come to an end. */
const LAST_ANNOTATION = /@[^\s@]*$/;

/** The text as the grammar reads it. */
export function readable(text: string): string {
  const begun = text.replace(LAST_ANNOTATION, (annotation) => " ".repeat(annotation.length));
  return withHardModifiers(withoutAnnotations(withOneAnnotation(withoutCalls(endMembers(begun)))));
}

/** The error that took the rest of the file; null where the grammar went on behind each. */
function swallowing(root: Node): Node | null {
  for (let node: Node | null = root; node !== null; node = node.lastChild) {
    if (node.type === "ERROR") return node;
    if (!node.hasError) return null;
  }
  return null;
}

function lineStartOf(text: string, index: number): number {
  return text.lastIndexOf("\n", index - 1) + 1;
}

function lineEndOf(text: string, index: number): number {
  const end = text.indexOf("\n", index);
  return end === -1 ? text.length : end;
}

/** Without a part, but for its braces: what stands behind it is as deep as it was. */
function without(text: string, start: number, end: number): string | null {
  const part = text.slice(start, end);
  const blank = part.replace(/[^\s{}]/g, " ");
  return blank === part ? null : text.slice(0, start) + blank + text.slice(end);
}

/** The text without what the grammar failed at; null where that is nothing, or nothing helps. */
export function withoutMistake(root: Node, text: string): Repair | null {
  const error = swallowing(root);
  if (error === null) return null;
  const known = error.lastChild?.endIndex ?? error.startIndex;
  const skipped = /\S/.exec(text.slice(known));
  if (skipped === null) return null;
  const failedAt = known + skipped.index;
  const line = lineStartOf(text, known);
  // What ends too soon is at fault, and not the next line, which begins anew.
  const rest = failedAt < lineEndOf(text, known)
    ? without(text, failedAt, lineEndOf(text, failedAt))
    : null;
  const repaired = rest ?? without(text, line, lineEndOf(text, known)) ??
    without(text, failedAt, lineEndOf(text, failedAt));
  return repaired === null ? null : { text: repaired, failedAt };
}
