/**
 * Verifying text with a regular expression takes as long as somebody makes it take; a limit that is
 * asked between its steps ends it. Pure: the clock is given.
 */

/** Called between steps of verifying; throws OutOfTime when there is no time left. */
export type TimeLimit = () => void;

/** The time for verifying is over. */
export class OutOfTime extends Error {}

/** One line is too long for a regular expression of this size: its step alone would take too long. */
export class LineTooLong extends Error {}

/** A limit that is over when the clock passes `end`; both in milliseconds. */
export function timeLimit(now: () => number, end: number): TimeLimit {
  return () => {
    if (now() >= end) throw new OutOfTime("no time left");
  };
}
