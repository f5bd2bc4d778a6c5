/**
 * Named points at which a test can make the process die, or hold it while the world changes. Without
 * a name from main.ts they do nothing.
 */

/** Those that only a job passes which publishes its text first. */
export const TEXT_FAILPOINTS = ["before_text", "after_text", "during_symbols"] as const;

/** In the order in which a job passes them. */
export const FAILPOINTS = [
  "after_claim",
  "after_fetch",
  "after_diff",
  "during_parse",
  "during_copy",
  ...TEXT_FAILPOINTS,
  "after_copy",
  "before_publish",
  "after_publish",
  "before_complete",
  "after_complete",
] as const;

export type FailpointName = (typeof FAILPOINTS)[number];

/** Called with the name of the point that is passed, and awaited. */
export type Failpoint = (name: FailpointName) => void | Promise<void>;

/** A failpoint that dies at one name; without a name, one that never does. */
export function createFailpoint(name: FailpointName | null, die: () => void): Failpoint {
  return (passed) => {
    if (passed === name) die();
  };
}
