/**
 * Definitions by assignment, the way CommonJS modules and older classes are written:
 * `exports.parse = function`, `module.exports = { … }`, `Reader.prototype.read = function`,
 * `Reader.prototype = { … }`.
 */
import type { Node } from "web-tree-sitter";
import { inside, type Scope, type SymbolCollector } from "../../symbol.ts";
import {
  collectMembers,
  collectObjectFunctions,
  functionOf,
  valueSignatureEnd,
} from "./members.ts";

/** Whether a text names what a CommonJS module exports. */
export function isExportsObject(text: string): boolean {
  return text === "exports" || text === "module.exports";
}

/** The scope of what is assigned to a property of an object that is written as `text`. */
export function scopeOfObject(text: string, scope: Scope): Scope {
  if (isExportsObject(text)) return scope;
  const owner = text.replace(/\.prototype$/, "");
  // Only names are a container: `(a || b).c = …` has none that anybody could look for.
  return /^[\w$.]{1,255}$/.test(owner) ? inside(scope, owner) : scope;
}

/** The parts of `object.name = right`, and its left side as it is written. */
interface Assignment {
  readonly node: Node;
  readonly object: Node;
  readonly name: Node;
  readonly right: Node;
  readonly target: string;
}

function assignmentOf(node: Node, text: string): Assignment | null {
  const left = node.childForFieldName("left");
  const right = node.childForFieldName("right");
  if (left?.type !== "member_expression" || right === null) return null;
  const object = left.childForFieldName("object");
  const name = left.childForFieldName("property");
  if (object === null || name === null) return null;
  return { node, object, name, right, target: text.slice(left.startIndex, left.endIndex) };
}

function collectClass(assignment: Assignment, scope: Scope, collector: SymbolCollector): void {
  const { node, right, target } = assignment;
  // `module.exports = class Reader {}` is known by the name of the class.
  const isModule = target === "module.exports";
  const name = isModule ? right.childForFieldName("name") : assignment.name;
  if (name === null) return;
  const body = right.childForFieldName("body");
  const signatureEnd = body?.startIndex ?? node.endIndex;
  const members = collector.declare(scope, { kind: "class", name, node, signatureEnd });
  collectMembers(body, { scope: members, exported: true }, collector);
}

/** Declares what an assignment at the top of a file defines. */
export function collectAssignment(node: Node, scope: Scope, collector: SymbolCollector): void {
  const assignment = assignmentOf(node, collector.text);
  if (assignment === null) return;
  const { object, name, right, target } = assignment;
  if (right.type === "class") {
    collectClass(assignment, scope, collector);
  } else if (right.type === "object") {
    const owner = scopeOfObject(target, scope);
    if (isExportsObject(target) || owner !== scope) {
      const kind = owner === scope ? "function" : "method";
      collectObjectFunctions(right, kind, { scope: owner, exported: true }, collector);
    }
  } else if (functionOf(right) !== null && target !== "module.exports") {
    const written = collector.text.slice(object.startIndex, object.endIndex);
    const owner = scopeOfObject(written, scope);
    const kind = owner === scope ? "function" : "method";
    const signatureEnd = valueSignatureEnd(collector.text, node, right);
    collector.declare(owner, { kind, name, node, signatureEnd });
  }
}
