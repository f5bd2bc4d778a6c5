/**
 * The declarations of C and C++: what the two have in common, and what only C++ has. Every branch of
 * the preprocessor counts, since which one is compiled is not known here. Function bodies are never
 * entered. Declarations without a body (prototypes, `extern`) are declarations all the same, but a
 * type is found where its members are.
 */
import type { Node } from "web-tree-sitter";
import {
  type Declaration,
  deeper,
  FILE_SCOPE,
  inside,
  isWalkable,
  lineEnd,
  type Scope,
  type SymbolCollector,
  type SymbolKind,
  trimSpan,
  type WholeSpan,
} from "../../symbol.ts";
import { readDeclarator } from "./declarators.ts";
import { functionKind, keywordsOf, type Place, valueKind } from "./kinds.ts";

type Collect = (node: Node, place: Place) => void;

function declare(place: Place, declaration: Omit<Declaration, "exported">, exported = true): Scope {
  return place.collector.declare(place.scope, {
    ...declaration,
    exported: exported && place.exported,
  });
}

/** One name of a declaration or a definition. */
function collectDeclarator(node: Node, declaration: Node, place: Place): void {
  const declarator = readDeclarator(node);
  if (declarator === null) return;
  const keywords = keywordsOf(declaration);
  // `DEFINE(name) {…}` has no parameters.
  const isDefined = declaration.type === "function_definition" &&
    node.type === "parenthesized_declarator";
  const isFunction = declarator.form === "function" || isDefined;
  const whole = place.whole ?? declaration;
  // A constructor's initialisers belong to its body.
  const body = declaration.namedChildren.find((child) => child.type === "field_initializer_list") ??
    declaration.childForFieldName("body");
  const end = body?.startIndex ?? declaration.endIndex;
  const { text } = place.collector;
  // `MACRO(void) {…}`
  if (isDefined && text.startsWith("void)", declarator.name.startIndex)) return;
  const scope = declarator.scopes.reduce(inside, place.scope);
  declare({ ...place, scope }, {
    kind: isFunction ? functionKind(declarator, place) : valueKind(declarator, keywords, place),
    name: declarator.name,
    node: whole,
    signatureEnd: isFunction ? end : lineEnd(text, declaration.startIndex, end),
  }, place.className !== null || !keywords.has("static"));
}

const collectFunction: Collect = (node, place) => {
  const declarator = node.childForFieldName("declarator");
  if (declarator !== null) collectDeclarator(declarator, node, place);
};

/** Variables, fields and prototypes, and the type that is defined on the way: `struct A {…} a, *b;` */
const collectValues: Collect = (node, place) => {
  const declarators = node.childrenForFieldName("declarator").filter((child) => child.isNamed);
  const type = node.childForFieldName("type");
  if (type !== null) collectTypeOf(type, declarators[0], place);
  for (const declarator of declarators) collectDeclarator(declarator, node, place);
};

/**
 * The type in a declaration. One without a name has its members in the first thing that is declared
 * by it (`struct {…} a;`) or, where there is none, in the scope around it.
 */
function collectTypeOf(type: Node, first: Node | undefined, place: Place): void {
  const body = type.childForFieldName("body");
  if (!TYPE_KINDS.has(type.type) || body === null) return;
  if (type.childForFieldName("name") !== null) return collectType(type, place);
  const declarator = first === undefined ? null : readDeclarator(first);
  const name = declarator?.name;
  const scope = name === undefined
    ? deeper(place.scope)
    : inside(place.scope, place.collector.text.slice(name.startIndex, name.endIndex));
  collectMembers(type, body, { ...place, scope, className: place.className ?? "", whole: null });
}

const TYPE_KINDS: ReadonlyMap<string, SymbolKind> = new Map([
  ["class_specifier", "class"],
  ["enum_specifier", "enum"],
  ["struct_specifier", "struct"],
  ["union_specifier", "union"],
]);

/** The name nodes of `A`, of `a::b::A` and of the specialisation `A<int>`, outermost first. */
function typeNames(name: Node): Node[] {
  if (name.type === "template_type") return typeNames(name.childForFieldName("name") ?? name);
  if (name.type !== "qualified_identifier") return [name];
  const scope = name.childForFieldName("scope");
  const last = name.childForFieldName("name");
  return [...(scope === null ? [] : [scope]), ...(last === null ? [] : typeNames(last))];
}

/** A class, struct, union or enum where it is defined; a mere mention has no body. */
const collectType: Collect = (node, place) => {
  const kind = TYPE_KINDS.get(node.type);
  const body = node.childForFieldName("body");
  const fullName = node.childForFieldName("name");
  if (kind === undefined || body === null) return;
  if (fullName === null) return collectTypeOf(node, undefined, place);
  const names = typeNames(fullName);
  const name = names.pop() ?? fullName;
  const around = names.reduce((scope, { text }) => inside(scope, text), place.scope);
  const whole = place.whole ?? node;
  const signatureEnd = body.startIndex;
  const scope = declare({ ...place, scope: around }, { kind, name, node: whole, signatureEnd });
  collectMembers(node, body, { ...place, scope, className: name.text, whole: null });
};

function collectMembers(type: Node, body: Node, place: Place): void {
  if (!isWalkable(place.scope)) return;
  if (type.type === "enum_specifier") return collectEnumerators(body, place);
  let isPublic = type.type !== "class_specifier";
  for (const child of body.namedChildren) {
    if (child.type === "access_specifier") isPublic = child.text !== "private";
    else collectOne(child, { ...place, exported: place.exported && isPublic });
  }
}

function collectEnumerators(list: Node, place: Place): void {
  for (const node of list.namedChildren) {
    const name = node.type === "enumerator" ? node.childForFieldName("name") : null;
    if (name !== null) {
      declare(place, { kind: "enum_member", name, node, signatureEnd: node.endIndex });
    } else if (CONDITIONALS.has(node.type)) {
      collectEnumerators(node, { ...place, scope: deeper(place.scope) });
    }
  }
}

/** `typedef struct {…} name_t, *name_p;`: a type without a name of its own is known by the first. */
const collectTypedef: Collect = (node, place) => {
  const declarators = node.childrenForFieldName("declarator").filter((child) => child.isNamed);
  const type = node.childForFieldName("type");
  if (type !== null) collectTypeOf(type, declarators[0], place);
  const isNameless = type !== null && type.childForFieldName("body") !== null &&
    type.childForFieldName("name") === null;
  const namelessKind = isNameless ? TYPE_KINDS.get(type.type) : undefined;
  for (const [index, child] of declarators.entries()) {
    const declarator = readDeclarator(child);
    if (declarator === null) continue;
    declare(place, {
      kind: index === 0 && namelessKind !== undefined ? namelessKind : "type",
      name: declarator.name,
      node,
      signatureEnd: type?.childForFieldName("body")?.startIndex ?? node.endIndex,
    });
  }
};

/** `#include "a.h"` and `#include <a.h>`; one that a macro spells is not known here. */
const collectInclude: Collect = (node, { collector }) => {
  const path = node.childForFieldName("path");
  if (path?.type !== "string_literal" && path?.type !== "system_lib_string") return;
  const kind = path.type === "string_literal" ? "include" : "system_include";
  collector.addImport({ specifier: trimSpan(path, 1, 1), kind });
};

const collectMacro: Collect = (node, place) => {
  const name = node.childForFieldName("name");
  if (name === null) return;
  const { text } = place.collector;
  const signatureEnd = lineEnd(text, node.startIndex, node.endIndex);
  declare(place, { kind: "macro", name, node: trimmed(node, text), signatureEnd });
};

/** A directive reaches over its line feed, into the next line. */
function trimmed(node: Node, text: string): WholeSpan {
  const last = node.lastNamedChild;
  const isOver = text.charCodeAt(node.endIndex - 1) === 0x0a;
  if (!isOver || last === null) return node;
  const { startIndex, startPosition } = node;
  return { startIndex, startPosition, endIndex: last.endIndex, endPosition: last.endPosition };
}

/** A branch of the preprocessor. The macro that only keeps a header from coming twice is no news. */
const collectConditional: Collect = (node, place) => {
  if (!isWalkable(place.scope)) return;
  const guard = node.childForFieldName("name");
  const [, first] = node.namedChildren;
  const isGuard = guard !== null && first?.type === "preproc_def" &&
    first.childForFieldName("value") === null &&
    first.childForFieldName("name")?.text === guard.text;
  for (const child of node.namedChildren) {
    if (isGuard && child.id === first.id) continue;
    collectOne(child, { ...place, scope: deeper(place.scope) });
  }
};

const CONDITIONALS = new Set([
  "preproc_if",
  "preproc_ifdef",
  "preproc_elif",
  "preproc_elifdef",
  "preproc_else",
]);

const collectChildren: Collect = (node, place) => {
  if (!isWalkable(place.scope)) return;
  for (const child of node.namedChildren) {
    collectOne(child, { ...place, scope: deeper(place.scope) });
  }
};

/** `template <…>` around a declaration is part of it. */
const collectTemplate: Collect = (node, place) => {
  if (!isWalkable(place.scope)) return;
  const whole = place.whole ?? node;
  for (const child of node.namedChildren) {
    collectOne(child, { ...place, scope: deeper(place.scope), whole });
  }
};

/** A friend that is defined here belongs to the namespace around the class. */
const collectFriend: Collect = (node, place) => {
  const definition = node.namedChildren.find((child) => child.type === "function_definition");
  if (definition !== undefined) collectFunction(definition, { ...place, className: null });
};

const collectNamespace: Collect = (node, place) => {
  const body = node.childForFieldName("body");
  const name = node.childForFieldName("name");
  const names = name?.type === "nested_namespace_specifier" ? name.namedChildren : [name];
  const signatureEnd = body?.startIndex ?? node.endIndex;
  let inner = name === null ? { ...place, scope: deeper(place.scope), exported: false } : place;
  for (const part of names) {
    if (part === null) continue;
    const scope = declare(inner, { kind: "namespace", name: part, node, signatureEnd });
    inner = { ...inner, scope };
  }
  if (body !== null) collectChildren(body, inner);
};

/** `using A = B;`, `concept A = …;` */
function collectNamed(kind: SymbolKind): Collect {
  return (node, place) => {
    const name = node.childForFieldName("name");
    if (name === null) return;
    const whole = place.whole ?? node;
    const signatureEnd = lineEnd(place.collector.text, node.startIndex, node.endIndex);
    declare(place, { kind, name, node: whole, signatureEnd });
  };
}

const collectByType: ReadonlyMap<string, Collect> = new Map([
  ["function_definition", collectFunction],
  ["inline_method_definition", collectFunction],
  ["declaration", collectValues],
  ["field_declaration", collectValues],
  ["type_definition", collectTypedef],
  ["class_specifier", collectType],
  ["enum_specifier", collectType],
  ["struct_specifier", collectType],
  ["union_specifier", collectType],
  ["preproc_include", collectInclude],
  ["preproc_def", collectMacro],
  ["preproc_function_def", collectMacro],
  ["template_declaration", collectTemplate],
  ["friend_declaration", collectFriend],
  ["namespace_definition", collectNamespace],
  ["namespace_alias_definition", collectNamed("namespace")],
  ["alias_declaration", collectNamed("type")],
  ["concept_definition", collectNamed("interface")],
  ["linkage_specification", collectChildren],
  ["declaration_list", collectChildren],
  ["field_declaration_list", collectChildren],
  ["ERROR", collectChildren],
  ...Array.from(CONDITIONALS, (type): [string, Collect] => [type, collectConditional]),
]);

function collectOne(node: Node, place: Place): void {
  collectByType.get(node.type)?.(node, place);
}

/** Finds the declarations of a file of C or C++. */
export function collectDeclarations(root: Node, collector: SymbolCollector): void {
  const place = { collector, scope: FILE_SCOPE, className: null, exported: true, whole: null };
  for (const child of root.namedChildren) collectOne(child, place);
}
