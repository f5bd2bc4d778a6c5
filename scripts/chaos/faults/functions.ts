// Faults of the edge functions: their whole runtime dies in the middle of whatever it did.

import type { Fault } from "./fault.ts";

export const functionsFaults: readonly Fault[] = [
  { name: "kill_functions", inject: ({ stack }) => stack.restartFunctions() },
];
