// Goals beside what was measured. A goal that could not be measured is neither met nor missed.

import { MISSING, shown, type Table } from "./table.ts";

/** Something that must stay below a limit. */
export interface Goal {
  readonly name: string;
  readonly measured: number | null;
  /** Itself no longer good. */
  readonly limit: number;
  readonly format: (value: number) => string;
}

export function isMet({ measured, limit }: Goal): boolean | null {
  return measured === null ? null : measured < limit;
}

export function goalsTable(goals: readonly Goal[]): Table {
  const said = new Map([[null, MISSING], [true, "yes"], [false, "no"]]);
  return {
    title: "Against the goals",
    columns: ["", "measured", "goal: below", "met"],
    rows: goals.map((goal) => [
      goal.name,
      shown(goal.measured, goal.format),
      goal.format(goal.limit),
      said.get(isMet(goal)) ?? MISSING,
    ]),
  };
}
