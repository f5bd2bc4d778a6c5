/**
 * Swift: its words, its literals, and how its references are told.
 */
import {
  type CustomRule,
  type Interpolation,
  LINE_COMMENT,
  longString,
  NESTED_COMMENT,
  plainString,
  words,
} from "../../tokens/lexis.ts";
import type { ReferenceRules } from "../../reference_rules.ts";

const PARENTHESES: Interpolation = { open: "\\(", openUnit: 0x28, closeUnit: 0x29 };

/** Lines that speak to the compiler; what their conditions name is defined nowhere. */
const DIRECTIVE = /#(?:if|elseif|else|endif|error|warning|sourceLocation)\b[^\n]*/y;

const directive: CustomRule = {
  type: "custom",
  open: "#",
  isComment: true,
  read(index, { text, firstOnLine }) {
    DIRECTIVE.lastIndex = index;
    return firstOnLine && DIRECTIVE.test(text) ? DIRECTIVE.lastIndex : -1;
  },
};

/** What the compiler itself makes something of: property wrappers and macros have capitals. */
const ATTRIBUTE = /@(?:(?:MainActor|Sendable)\b|[a-z_]\w*)(?:\([^()\n]*\))?/y;

const attribute: CustomRule = {
  type: "custom",
  open: "@",
  isComment: true,
  read(index, { text }) {
    ATTRIBUTE.lastIndex = index;
    return ATTRIBUTE.test(text) ? ATTRIBUTE.lastIndex : -1;
  },
};

const RAW_STRING = /(#{1,16})("""|")/y;

/** `#"a "b" \#(c)"#` */
const rawString: CustomRule = {
  type: "custom",
  open: "#",
  read(index, { text }) {
    RAW_STRING.lastIndex = index;
    const [open, hashes = "", quote = ""] = RAW_STRING.exec(text) ?? [];
    if (open === undefined) return -1;
    const interpolation = { ...PARENTHESES, open: `\\${hashes}(` };
    const lines = quote.length > 1;
    return { type: "string", open, close: quote + hashes, escapes: false, lines, interpolation };
  },
};

/** `Item.self`, `Item.Type`: the type as a value, and what that is of. */
const ITSELF = /\.(?:self|Type|Protocol)\b/y;

const itself: CustomRule = {
  type: "custom",
  open: ".",
  read(index, { text }) {
    ITSELF.lastIndex = index;
    return ITSELF.test(text) ? ITSELF.lastIndex : -1;
  },
};

const MACRO = /#\w+/y;

/** `#selector`, `#available`, `#Preview`: what the compiler makes something of. */
const macro: CustomRule = {
  type: "custom",
  open: "#",
  read(index, { text }) {
    MACRO.lastIndex = index;
    return MACRO.test(text) ? MACRO.lastIndex : -1;
  },
};

/** The references of Swift. */
export const swiftReferences: ReferenceRules = {
  lexis: {
    keywords: words(
      "_ Any Self actor any as associatedtype async await borrowing break case catch class consuming continue " +
        "convenience default defer deinit didSet distributed do dynamic else enum extension fallthrough false " +
        "fileprivate final for func get guard if import in indirect infix init inout internal is isolated " +
        "lazy let macro mutating nil nonisolated nonmutating open operator override package postfix " +
        "precedencegroup prefix private protocol public repeat required rethrows return self set some " +
        "static struct subscript super switch throw throws true try typealias unowned var weak where " +
        "while willSet yield",
    ),
    beforeValue: words(
      "return in is as if else while guard switch case throw try await where repeat",
    ),
    rules: [
      LINE_COMMENT,
      NESTED_COMMENT,
      directive,
      rawString,
      macro,
      itself,
      attribute,
      longString('"""', PARENTHESES),
      plainString('"', PARENTHESES),
    ],
  },
  imports: ["import"],
  heads: ["class", "struct", "enum", "protocol", "actor", "extension"],
  membersOfHeads: ["func", "var", "let", "subscript", "init", "override"],
  inherits: { words: [], signs: ":", ends: ["where"] },
  typeWords: ["is", "as", "some", "any", "extension", "precedencegroup"],
  capitalTypes: true,
  everyCapital: true,
  selfWords: ["Self"],
  typeParameters: { behindNames: true },
  lambdas: { words: ["init", "subscript"], behind: "in" },
  variables: [
    "let",
    "var",
    "for",
    "func",
    "class",
    "struct",
    "enum",
    "typealias",
    "associatedtype",
  ],
  blockArguments: true,
  bareConditions: ["if", "guard", "while", "for", "switch", "where", "catch"],
  accessors: ["get", "set", "willSet", "didSet"],
  order: "name",
  assigns: false,
  casesTakeApart: true,
  labels: true,
  localCalls: true,
  namedArguments: false,
  bareCalls: false,
  keywordMembers: true,
  elision: null,
};
