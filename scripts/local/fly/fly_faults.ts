// What goes wrong at the Fly stand-in, as a test wants it: with the next calls of an action, with the
// next machines that are to start, or at random from a seed. Knows no HTTP and does nothing itself.

/** What the API is asked for. */
export const FLY_ACTIONS = [
  "create",
  "list",
  "get",
  "start",
  "stop",
  "destroy",
  "wait",
  "events",
] as const;
export type FlyAction = (typeof FLY_ACTIONS)[number];

/** What goes wrong with a call. */
export type CallFault =
  | { readonly kind: "rate_limited"; readonly retryAfterSeconds?: number }
  | { readonly kind: "no_capacity" }
  /** Another client holds the machine's lease (409), or its state does not allow it (412). */
  | { readonly kind: "refused"; readonly status: 409 | 412 }
  /** An answer that says nothing, or none: what was asked for is done, is not, or is later. */
  | {
    readonly kind: "unclear";
    readonly status: 408 | 500 | 502 | 503 | 504 | "dropped";
    readonly isDone: boolean;
    readonly lateMilliseconds?: number;
  };

/** What goes wrong with a machine that was created or started well. */
export type MachineFault =
  | { readonly kind: "slow_start"; readonly milliseconds: number }
  /** It stays as it is: created, or starting. */
  | { readonly kind: "never_starts" };

/** How random faults come. */
export interface RandomFaults {
  readonly seed: number;
  /** Of the calls that dispatch makes, from 0 to 1. */
  readonly share: number;
}

const RANDOM_CALL_FAULTS: readonly CallFault[] = [
  { kind: "rate_limited" },
  { kind: "rate_limited", retryAfterSeconds: 1 },
  { kind: "no_capacity" },
  { kind: "refused", status: 409 },
  { kind: "refused", status: 412 },
  { kind: "unclear", status: 408, isDone: true },
  { kind: "unclear", status: 408, isDone: false },
  { kind: "unclear", status: 502, isDone: true },
  { kind: "unclear", status: 500, isDone: false },
  { kind: "unclear", status: "dropped", isDone: true },
  { kind: "unclear", status: 504, isDone: true, lateMilliseconds: 500 },
];

/** A number from 0 to 1 from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The faults that are due. Without any, all goes well. */
export class FlyFaults {
  /** Here no machine is created. */
  readonly regionsWithoutCapacity = new Set<string>();
  /** Between the end of a guest and the state `stopped`: a few seconds at Fly. */
  restMilliseconds = 0;
  readonly #calls = new Map<FlyAction, CallFault[]>();
  #machines: MachineFault[] = [];
  #random: { next: () => number; share: number } | null = null;
  readonly #met = new WeakSet<object>();
  /** How many calls have failed at random. */
  randomCount = 0;

  /** Whether a fault that was planned has met its call or its machine. */
  hasMet(fault: CallFault | MachineFault): boolean {
    return this.#met.has(fault);
  }

  /** With the next calls of this action, one fault each, in order. */
  onCall(action: FlyAction, ...faults: readonly CallFault[]): void {
    this.#calls.set(action, [...this.#calls.get(action) ?? [], ...faults]);
  }

  /** With the next machines that are to start, one fault each, in order. */
  onStart(...faults: readonly MachineFault[]): void {
    this.#machines.push(...faults);
  }

  /** From now on calls fail at random, the same way for the same seed and order of calls. */
  atRandom({ seed, share }: RandomFaults): void {
    this.#random = { next: randomFrom(seed), share };
  }

  /** From now on all goes well again. */
  clear(): void {
    this.regionsWithoutCapacity.clear();
    this.restMilliseconds = 0;
    this.#calls.clear();
    this.#machines = [];
    this.#random = null;
  }

  /** The fault of this call; null: it goes well. */
  takeForCall(action: FlyAction): CallFault | null {
    const planned = this.#calls.get(action)?.shift();
    if (planned !== undefined) {
      this.#met.add(planned);
      return planned;
    }
    const random = this.#random;
    if (random === null || random.next() >= random.share) return null;
    this.randomCount += 1;
    return RANDOM_CALL_FAULTS[Math.floor(random.next() * RANDOM_CALL_FAULTS.length)] ?? null;
  }

  /** The fault of this machine's start; null: it goes well. */
  takeForStart(): MachineFault | null {
    const fault = this.#machines.shift() ?? null;
    if (fault !== null) this.#met.add(fault);
    return fault;
  }
}
