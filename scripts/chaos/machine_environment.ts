// What each machine that boots is told: the same for all but what is planned for one boot, which is
// handed out boot by boot. The stack reads this object anew at every boot.

/** What one machine is told besides, until it is gone. */
export interface BootPlan {
  /** Where it dies; "" is nowhere. */
  readonly failpoint?: string;
  /** How wrong its clock is. */
  readonly clockShiftMilliseconds?: number;
  /** Where it fetches, instead of the common work area. */
  readonly workDirectory?: string;
}

const CLOCK = new URL("./shifted_clock.ts", import.meta.url).href;

/** The environment of machines, and the plans for those that boot next. */
export class MachineEnvironment {
  /** For the boots to come, one each. */
  readonly #planned: BootPlan[] = [];
  #every: { readonly nth: number; readonly failpoint: string } | null = null;
  #boots = 0;
  readonly #told = new WeakSet<object>();
  readonly variables: Readonly<Record<string, string>>;

  /** `databaseUrl` is asked for at each boot: it is not known before the stack is up. */
  constructor(fixed: Readonly<Record<string, string>>, databaseUrl: () => string) {
    let plan: BootPlan = {};
    // Read first: the order of a boot's variables is the order in which they stand here.
    const take = () => (plan = this.#take());
    this.variables = {
      ...fixed,
      get FAILPOINT() {
        return take().failpoint ?? "";
      },
      get NODE_OPTIONS() {
        return plan.clockShiftMilliseconds === undefined ? "" : `--import=${CLOCK}`;
      },
      get CLOCK_SHIFT_MILLISECONDS() {
        return String(plan.clockShiftMilliseconds ?? 0);
      },
      get WORK_DIR() {
        return plan.workDirectory ?? fixed["WORK_DIR"] ?? "";
      },
      get DATABASE_URL() {
        return databaseUrl();
      },
    };
  }

  /** The next machine that boots is told this. Answers whether one has been. */
  planBoot(plan: BootPlan): () => boolean {
    const own = { ...plan };
    this.#planned.push(own);
    return () => this.#told.has(own);
  }

  /** From now on every nth machine that boots dies at this failpoint. Answers whether one was told so. */
  killEvery(every: { readonly nth: number; readonly failpoint: string }): () => boolean {
    const own = { ...every };
    this.#every = own;
    return () => this.#told.has(own);
  }

  /** No more. */
  killNone(): void {
    this.#every = null;
  }

  clear(): void {
    this.#planned.length = 0;
    this.#every = null;
  }

  #take(): BootPlan {
    this.#boots += 1;
    const every = this.#every;
    if (every !== null && this.#boots % every.nth === 0) {
      this.#told.add(every);
      return { failpoint: every.failpoint };
    }
    const plan = this.#planned.shift() ?? {};
    this.#told.add(plan);
    return plan;
  }
}
