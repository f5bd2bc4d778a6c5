/**
 * How the calls of a walk are shown: by how far away they are, by file and by the side that is asked for, of
 * which each is named once; and where what is called lies, where it is first named.
 */
import { type Call, type CallsAnswer } from "../../_shared/contracts/graph.ts";
import { type BudgetedText } from "../token_budget.ts";

type End = Call["from"];

function keyOf({ path, name, line }: End): string {
  return `${path}\n${line}\n${name ?? ""}`;
}

function doubtOf({ candidates, certainty }: Call): string {
  const doubts = [
    ...certainty === "possible" ? ["possible"] : [],
    ...candidates === 1 ? [] : [`1 of ${candidates}`],
  ];
  return doubts.length === 0 ? "" : `  (${doubts.join(", ")})`;
}

/** What the doubts behind calls mean. */
function addDoubts(text: BudgetedText, calls: readonly Call[]): void {
  const meanings = [
    ...calls.some(({ certainty }) => certainty === "possible")
      ? ["possible: by its name alone"]
      : [],
    ...calls.some(({ candidates }) => candidates > 1) ? ["1 of N: N may be meant"] : [],
  ];
  if (meanings.length > 0) text.add(`(${meanings.join("; ")})`);
}

/** The calls of a block in lists, each of one line: by the other side and what is in doubt. */
function linesOf(calls: readonly Call[], side: "from" | "to"): readonly Call[][] {
  return [...Map.groupBy(calls, (call) => `${keyOf(call[side])}\n${doubtOf(call)}`).values()];
}

/** Adds the calls as far as there is room. Answers those that are shown. */
export function addCalls(
  text: BudgetedText,
  { calls, definitions: [meant], followed }: CallsAnswer,
  direction: "callers" | "callees",
): Call[] {
  const placed = new Set<string>();
  const isAsked = ({ path, line }: End) =>
    followed === 1 && path === meant?.path && line === meant.line;
  const called = ({ to, path }: Call) => {
    const isPlaced = isAsked(to) || placed.has(keyOf(to));
    placed.add(keyOf(to));
    const place = to.path === path ? `line ${to.line}` : `${to.path}:${to.line}`;
    return `${to.name ?? to.path}${isPlaced ? "" : ` at ${place}`}`;
  };
  const calling = ({ from }: Call) => {
    placed.add(keyOf(from));
    return from.name ?? "top level";
  };
  const [heading, other, own, side] = direction === "callers"
    // The one that is asked for stands above, and need not be said again.
    ? [
      (call: Call) => isAsked(call.to) ? "" : `  calls ${called(call)}`,
      calling,
      "to",
      "from",
    ] as const
    : [(call: Call) => `  ${calling(call)} calls`, called, "from", "to"] as const;
  addDoubts(text, calls);
  const shown: Call[] = [];
  for (const [depth, step] of Map.groupBy(calls, (call) => call.depth)) {
    if (depth > 1 && !text.add(`${depth} steps away:`)) return shown;
    for (const block of Map.groupBy(step, (call) => `${call.path}\n${keyOf(call[own])}`).values()) {
      const lists = linesOf(block, side);
      const first = block.slice(0, 1).map((call) => `${call.path}${heading(call)}`).join("");
      const lines = lists.map((same) => {
        const places = [...new Set(same.map(({ line }) => line))].join(",");
        return same.slice(0, 1).map((call) => `${places}: ${other(call)}${doubtOf(call)}`).join("");
      });
      shown.push(...lists.slice(0, text.addBlock(first, lines) ?? 0).flat());
      if (text.isCut) return shown;
    }
  }
  return shown;
}
