// What one step of the model is, and how a trace shows it. Knows no rule of the protocol.

import { type Fault, type Machine, type Rules, type State } from "./state.ts";
import { replaceAt } from "./queue.ts";

/** Who moves, and what it does; the text says with what, in SQL's own function names. */
export type StepKind =
  | "push"
  | "cancel"
  | "deploy"
  | "wake"
  | "wake_dropped"
  | "plan_look"
  | "plan_commit"
  | "create"
  | "list"
  | "dispatch_dies"
  | "destroy"
  | "register"
  | "claim_look"
  | "claim_commit"
  | "claim_notified"
  | "fetch"
  | "publish"
  | "complete"
  | "complete_and_claim"
  | "heartbeat"
  | "fail"
  | "abandon"
  | "release"
  | "postpone"
  | "leave_lock"
  | "leave_look"
  | "leave_commit"
  | "stop"
  | "stop_look"
  | "stop_commit"
  | "crash"
  | "lease_expires"
  | "machine_is_late"
  | "job_is_due"
  | "pause_ends"
  | "sweep";

/**
 * When a schedule that wants all work to end takes a step: the lowest of the enabled ones goes
 * first. `never` is for faults, for people, and for a look that would find nothing.
 */
export const ranks = { work: 0, dispatch: 1, idle: 2, time: 3, sweep: 4, leave: 5, never: 9 };

export interface Step {
  readonly kind: StepKind;
  /** The machine's name, or "". */
  readonly machine: string;
  /** The ref, where the step is about one; -1 otherwise. */
  readonly ref: number;
  readonly text: string;
  readonly rank: number;
  readonly next: State;
}

/** Collects the enabled steps of one state. */
export class Steps {
  readonly list: Step[] = [];
  readonly rules: Rules;
  readonly state: State;

  constructor(rules: Rules, state: State) {
    this.rules = rules;
    this.state = state;
  }

  add(kind: StepKind, next: State, about: Partial<Omit<Step, "kind" | "next">> = {}): void {
    this.list.push({
      kind,
      machine: about.machine ?? "",
      ref: about.ref ?? -1,
      text: about.text ?? "",
      rank: about.rank ?? ranks.never,
      next,
    });
  }

  /** A step that spends one of the faults, if it may happen at all. */
  addFault(fault: Fault, kind: StepKind, next: State, about: Partial<Step> = {}): void {
    if (!this.may(fault)) return;
    const text = `${about.text ?? ""} [${fault}]`.trim();
    this.add(kind, { ...next, faultsLeft: next.faultsLeft - 1 }, {
      ...about,
      text,
      rank: ranks.never,
    });
  }

  may(fault: Fault): boolean {
    return this.state.faultsLeft > 0 && this.rules.faultKinds.includes(fault);
  }
}

export function updateMachine(state: State, index: number, change: Partial<Machine>): State {
  const machine = { ...state.machines[index]!, ...change };
  return { ...state, machines: replaceAt(state.machines, index, machine) };
}

/** One line of a trace. */
export function describeStep({ kind, machine, text }: Step): string {
  return [kind, machine, text].filter((part) => part !== "").join(" ");
}
