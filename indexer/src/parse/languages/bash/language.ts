/**
 * Shell: the grammar of Bash and where its declarations are: functions, aliases, and variables that
 * are exported or read-only. What a branch or a loop at the top of a script defines counts too; of the
 * inside of functions only what is sourced there does.
 */
import type { Node } from "web-tree-sitter";
import { HASH_COMMENTS } from "../../declarations/doc_comment.ts";
import {
  deeper,
  FILE_SCOPE,
  isWalkable,
  lineEnd,
  type Scope,
  type Span,
  type SymbolCollector,
  trimSpan,
} from "../../symbol.ts";
import type { LanguageSupport } from "../language_support.ts";
import { bashReferences } from "./references.ts";
import { findSources } from "./inner_sources.ts";

type Collect = (node: Node, scope: Scope, collector: SymbolCollector) => void;

const collectFunction: Collect = (node, scope, collector) => {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const signatureEnd = node.childForFieldName("body")?.startIndex ?? node.endIndex;
  collector.declare(scope, { kind: "function", name, node, signatureEnd, exported: true });
};

/** `ll` of the word `ll='ls -l'`; null where it says nothing new. */
function aliasName(argument: Node, text: string): Span | null {
  const { startIndex, startPosition } = argument;
  const equals = text.indexOf("=", startIndex);
  const isDefinition = equals > startIndex && equals < argument.endIndex &&
    /^[\w.:@!+-]+$/.test(text.slice(startIndex, equals));
  return isDefinition ? { startIndex, startPosition, endIndex: equals } : null;
}

/** `source ./a.sh`, with quotes or without; what variables spell stays as it is written. */
function collectSource(command: Node, collector: SymbolCollector): void {
  const [path] = command.childrenForFieldName("argument");
  if (path === undefined) return;
  const isQuoted = path.type === "string" || path.type === "raw_string";
  const specifier = isQuoted ? trimSpan(path, 1, 1) : path;
  collector.addImport({ specifier, kind: "file" });
}

const collectCommand: Collect = (node, scope, collector) => {
  const command = node.childForFieldName("name")?.text;
  if (command === "source" || command === ".") return collectSource(node, collector);
  if (command !== "alias") return;
  for (const argument of node.childrenForFieldName("argument")) {
    const name = aliasName(argument, collector.text);
    if (name === null) continue;
    const signatureEnd = lineEnd(collector.text, node.startIndex, node.endIndex);
    collector.declare(scope, { kind: "function", name, node, signatureEnd, exported: false });
  }
};

/** `export A=1`, `readonly B`, `declare -rx C=2`; a plain variable defines nothing for others. */
const collectDeclaration: Collect = (node, scope, collector) => {
  const flags = node.namedChildren
    .filter((child) => child.type === "word" && child.text.startsWith("-"))
    .map((child) => child.text)
    .join("");
  const command = node.firstChild?.text;
  const exported = command === "export" || flags.includes("x");
  const isConstant = command === "readonly" || flags.includes("r");
  if (!exported && !isConstant) return;
  const kind = isConstant ? "constant" : "variable";
  const signatureEnd = lineEnd(collector.text, node.startIndex, node.endIndex);
  for (const child of node.namedChildren) {
    const name = child.type === "variable_assignment" ? child.childForFieldName("name") : child;
    if (name?.type !== "variable_name") continue;
    collector.declare(scope, { kind, name, node, signatureEnd, exported });
  }
};

const collectChildren: Collect = (node, scope, collector) => {
  if (!isWalkable(scope)) return;
  for (const child of node.namedChildren) {
    collectByType.get(child.type)?.(child, deeper(scope), collector);
  }
};

const collectByType: ReadonlyMap<string, Collect> = new Map([
  ["command", collectCommand],
  ["function_definition", collectFunction],
  ["declaration_command", collectDeclaration],
  ...[
    "ERROR",
    "case_item",
    "case_statement",
    "compound_statement",
    "do_group",
    "elif_clause",
    "else_clause",
    "for_statement",
    "if_statement",
    "list",
    "redirected_statement",
    "while_statement",
  ].map((type): [string, Collect] => [type, collectChildren]),
]);

/** Shell. */
export const bash: LanguageSupport = {
  grammar: "tree-sitter-bash/tree-sitter-bash.wasm",
  comments: HASH_COMMENTS,
  references: bashReferences,
  collect(root, collector) {
    collectChildren(root, FILE_SCOPE, collector);
  },
  findImports: findSources,
};
