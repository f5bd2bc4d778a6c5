/**
 * An entry in a job's history. Knows its form, not which events there are: workers add their own.
 */
import { z } from "zod";
import { time } from "./ids.ts";

/** An entry in a job's history; context holds numbers and names that belong to the event. */
export const jobEvent = z.object({
  at: time,
  event: z.string(),
  message: z.string(),
  context: z.record(z.string(), z.unknown()),
});
export type JobEvent = z.infer<typeof jobEvent>;
