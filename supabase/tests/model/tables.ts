// The states and events of jobs and of machines as data: what each event does in each state. The
// types demand every cell. states.test.ts walks them on the real functions, ARCHITECTURE.md shows
// them. Knows no database.

export const jobStates = [
  "queued",
  "backoff",
  "rate limit",
  "running",
  "cancelling",
  "overtaken",
  "completed",
  "failed",
  "cancelled",
] as const;
/**
 * `backoff` and `rate limit` are queued with a wait_reason, `cancelling` is running with a cancel
 * requested, `overtaken` is running while a newer request for the same ref waits.
 */
export type JobState = typeof jobStates[number];

export const jobEvents = [
  "enqueue",
  "claim",
  "time comes",
  "heartbeat",
  "heartbeat past the limit",
  "publish text",
  "publish text again",
  "publish",
  "publish again",
  "complete",
  "fail, retry",
  "fail, rate limit",
  "fail, give up",
  "fail, cancelled",
  "fail, last attempt",
  "release",
  "postpone",
  "lease over",
  "lease over, last attempt",
  "cancel",
  "redrive",
  "name given away",
] as const;
export type JobEvent = typeof jobEvents[number];

/** What the caller hears; `nothing` when there is no answer, or nothing to do. */
export type JobAnswer =
  | "nothing"
  | "coalesced"
  | "new job"
  | "claimed"
  | "ready"
  | "continue"
  | "text published"
  | "published"
  | "done"
  | "queued"
  | "superseded"
  | "cancelled"
  | "failed"
  | "requested"
  | "conflict"
  | "lease lost";

export interface Cell<Answer, State> {
  readonly answer: Answer;
  readonly to: State;
}

type Column<Event extends string, Answer, State> = Readonly<Record<Event, Cell<Answer, State>>>;
type JobCell = Cell<JobAnswer, JobState>;

function job(answer: JobAnswer, to: JobState): JobCell {
  return { answer, to };
}

/** Invariant 2: whatever a worker without the current lease sends changes nothing. */
function withoutLease(to: JobState) {
  const lost = job("lease lost", to);
  const nothing = job("nothing", to);
  return {
    "heartbeat": lost,
    "heartbeat past the limit": lost,
    "publish text": lost,
    "publish text again": lost,
    "publish": lost,
    "publish again": lost,
    "complete": lost,
    "fail, retry": lost,
    "fail, rate limit": lost,
    "fail, give up": lost,
    "fail, cancelled": lost,
    "fail, last attempt": lost,
    "release": lost,
    "postpone": lost,
    "lease over": nothing,
    "lease over, last attempt": nothing,
  } as const;
}

/** An ended job stays what it is; new work for its ref is a new job. */
function ended(to: JobState) {
  return {
    ...withoutLease(to),
    "enqueue": job("new job", to),
    "claim": job("nothing", to),
    "time comes": job("nothing", to),
    "cancel": job("conflict", to),
    "redrive": job("conflict", to),
    "name given away": job("nothing", to),
  } as const;
}

export const jobTable: Readonly<Record<JobState, Column<JobEvent, JobAnswer, JobState>>> = {
  "queued": {
    ...withoutLease("queued"),
    "enqueue": job("coalesced", "queued"),
    "claim": job("claimed", "running"),
    "time comes": job("nothing", "queued"),
    "cancel": job("cancelled", "cancelled"),
    "redrive": job("conflict", "queued"),
    "name given away": job("nothing", "failed"),
  },
  "backoff": {
    ...withoutLease("backoff"),
    "enqueue": job("coalesced", "queued"),
    "claim": job("nothing", "backoff"),
    "time comes": job("ready", "queued"),
    "cancel": job("cancelled", "cancelled"),
    "redrive": job("conflict", "backoff"),
    "name given away": job("nothing", "failed"),
  },
  "rate limit": {
    ...withoutLease("rate limit"),
    "enqueue": job("coalesced", "rate limit"),
    "claim": job("nothing", "rate limit"),
    "time comes": job("ready", "queued"),
    "cancel": job("cancelled", "cancelled"),
    "redrive": job("conflict", "rate limit"),
    "name given away": job("nothing", "failed"),
  },
  "running": {
    "enqueue": job("new job", "overtaken"),
    "claim": job("nothing", "running"),
    "time comes": job("nothing", "running"),
    "heartbeat": job("continue", "running"),
    "heartbeat past the limit": job("lease lost", "running"),
    "publish text": job("text published", "running"),
    "publish text again": job("lease lost", "running"),
    "publish": job("published", "running"),
    "publish again": job("lease lost", "running"),
    "complete": job("done", "completed"),
    "fail, retry": job("queued", "backoff"),
    "fail, rate limit": job("queued", "rate limit"),
    "fail, give up": job("failed", "failed"),
    "fail, cancelled": job("cancelled", "cancelled"),
    "fail, last attempt": job("failed", "failed"),
    "release": job("queued", "queued"),
    "postpone": job("queued", "backoff"),
    "lease over": job("nothing", "queued"),
    "lease over, last attempt": job("nothing", "failed"),
    "cancel": job("requested", "cancelling"),
    "redrive": job("conflict", "running"),
    "name given away": job("nothing", "failed"),
  },
  "cancelling": {
    "enqueue": job("new job", "cancelling"),
    "claim": job("nothing", "cancelling"),
    "time comes": job("nothing", "cancelling"),
    "heartbeat": job("cancelled", "cancelling"),
    "heartbeat past the limit": job("lease lost", "cancelling"),
    "publish text": job("cancelled", "cancelling"),
    "publish text again": job("cancelled", "cancelling"),
    "publish": job("cancelled", "cancelling"),
    "publish again": job("cancelled", "cancelling"),
    "complete": job("done", "completed"),
    "fail, retry": job("cancelled", "cancelled"),
    "fail, rate limit": job("cancelled", "cancelled"),
    "fail, give up": job("cancelled", "cancelled"),
    "fail, cancelled": job("cancelled", "cancelled"),
    "fail, last attempt": job("cancelled", "cancelled"),
    "release": job("cancelled", "cancelled"),
    "postpone": job("cancelled", "cancelled"),
    "lease over": job("nothing", "cancelled"),
    "lease over, last attempt": job("nothing", "cancelled"),
    "cancel": job("requested", "cancelling"),
    "redrive": job("conflict", "cancelling"),
    "name given away": job("nothing", "cancelled"),
  },
  "overtaken": {
    "enqueue": job("coalesced", "overtaken"),
    "claim": job("nothing", "overtaken"),
    "time comes": job("nothing", "overtaken"),
    "heartbeat": job("continue", "overtaken"),
    "heartbeat past the limit": job("lease lost", "overtaken"),
    "publish text": job("text published", "overtaken"),
    "publish text again": job("lease lost", "overtaken"),
    "publish": job("published", "overtaken"),
    "publish again": job("lease lost", "overtaken"),
    "complete": job("done", "completed"),
    "fail, retry": job("superseded", "completed"),
    "fail, rate limit": job("superseded", "completed"),
    "fail, give up": job("failed", "failed"),
    "fail, cancelled": job("cancelled", "cancelled"),
    "fail, last attempt": job("failed", "failed"),
    "release": job("superseded", "completed"),
    "postpone": job("superseded", "completed"),
    "lease over": job("nothing", "completed"),
    "lease over, last attempt": job("nothing", "failed"),
    "cancel": job("requested", "cancelling"),
    "redrive": job("conflict", "overtaken"),
    "name given away": job("nothing", "failed"),
  },
  "completed": ended("completed"),
  "failed": { ...ended("failed"), "redrive": job("new job", "failed") },
  "cancelled": { ...ended("cancelled"), "cancel": job("cancelled", "cancelled") },
};

export const machineStates = ["launching", "idle", "busy", "gone"] as const;
export type MachineState = typeof machineStates[number];

export const machineEvents = [
  "launch recorded",
  "launch failed",
  "start deadline",
  "register",
  "claim, a job waits",
  "claim, none waits",
  "claim, outdated",
  "silence",
  "leave_or_take, a job waits",
  "leave_or_take, none waits",
  "leave_or_take, outdated",
  "leave",
] as const;
export type MachineEvent = typeof machineEvents[number];

export type MachineAnswer = "nothing" | "known" | "refused" | "claimed";

function machine(answer: MachineAnswer, to: MachineState): Cell<MachineAnswer, MachineState> {
  return { answer, to };
}

export const machineTable: Readonly<
  Record<MachineState, Column<MachineEvent, MachineAnswer, MachineState>>
> = {
  launching: {
    "launch recorded": machine("nothing", "launching"),
    "launch failed": machine("nothing", "gone"),
    "start deadline": machine("nothing", "gone"),
    "register": machine("known", "idle"),
    "claim, a job waits": machine("claimed", "busy"),
    "claim, none waits": machine("nothing", "idle"),
    "claim, outdated": machine("nothing", "launching"),
    "silence": machine("nothing", "launching"),
    "leave_or_take, a job waits": machine("claimed", "busy"),
    "leave_or_take, none waits": machine("nothing", "gone"),
    "leave_or_take, outdated": machine("nothing", "gone"),
    "leave": machine("nothing", "gone"),
  },
  idle: {
    "launch recorded": machine("nothing", "idle"),
    "launch failed": machine("nothing", "idle"),
    "start deadline": machine("nothing", "idle"),
    "register": machine("refused", "idle"),
    "claim, a job waits": machine("claimed", "busy"),
    "claim, none waits": machine("nothing", "idle"),
    "claim, outdated": machine("nothing", "idle"),
    "silence": machine("nothing", "gone"),
    "leave_or_take, a job waits": machine("claimed", "busy"),
    "leave_or_take, none waits": machine("nothing", "gone"),
    "leave_or_take, outdated": machine("nothing", "gone"),
    "leave": machine("nothing", "gone"),
  },
  busy: {
    "launch recorded": machine("nothing", "busy"),
    "launch failed": machine("nothing", "busy"),
    "start deadline": machine("nothing", "busy"),
    "register": machine("refused", "busy"),
    "claim, a job waits": machine("claimed", "busy"),
    "claim, none waits": machine("nothing", "idle"),
    "claim, outdated": machine("nothing", "busy"),
    "silence": machine("nothing", "gone"),
    "leave_or_take, a job waits": machine("claimed", "busy"),
    "leave_or_take, none waits": machine("nothing", "gone"),
    "leave_or_take, outdated": machine("nothing", "gone"),
    "leave": machine("nothing", "gone"),
  },
  gone: {
    "launch recorded": machine("nothing", "gone"),
    "launch failed": machine("nothing", "gone"),
    "start deadline": machine("nothing", "gone"),
    "register": machine("refused", "gone"),
    "claim, a job waits": machine("nothing", "gone"),
    "claim, none waits": machine("nothing", "gone"),
    "claim, outdated": machine("nothing", "gone"),
    "silence": machine("nothing", "gone"),
    "leave_or_take, a job waits": machine("nothing", "gone"),
    "leave_or_take, none waits": machine("nothing", "gone"),
    "leave_or_take, outdated": machine("nothing", "gone"),
    "leave": machine("nothing", "gone"),
  },
};

function cellText({ answer, to }: Cell<string, string>, from: string): string {
  const change = to === from ? "" : `**${to}**`;
  // An answer that is the new state's name says it already.
  if (answer === "nothing" || answer === to) return change === "" ? "–" : change;
  return change === "" ? answer : `${answer}: ${change}`;
}

/** A table in markdown, events down and states across, laid out as the formatter wants it. */
export function tableText<State extends string, Event extends string>(
  table: Readonly<Record<State, Column<Event, string, string>>>,
  states: readonly State[],
  events: readonly Event[],
): string {
  const rows = [
    ["event", ...states],
    ...events.map((event) => [
      event,
      ...states.map((state) => cellText(table[state][event], state)),
    ]),
  ];
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length), "---".length)
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join("\n");
}
