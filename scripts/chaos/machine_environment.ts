// What each machine that boots is told: the same for all but the failpoint, which is handed out boot
// by boot. The stack reads this object anew at every boot.

/** The environment of machines, and the failpoints of those that boot next. */
export class MachineEnvironment {
  /** For the boots to come, one each; "" is none. */
  readonly #planned: string[] = [];
  #every: { readonly nth: number; readonly failpoint: string } | null = null;
  #boots = 0;
  readonly variables: Readonly<Record<string, string>>;

  constructor(fixed: Readonly<Record<string, string>>) {
    const take = () => this.#take();
    this.variables = {
      ...fixed,
      get FAILPOINT() {
        return take();
      },
    };
  }

  /** The next machine that boots dies at this failpoint. */
  planFailpoint(failpoint: string): void {
    this.#planned.push(failpoint);
  }

  /** From now on every nth machine that boots dies at this failpoint; null: no more. */
  killEvery(nth: { readonly nth: number; readonly failpoint: string } | null): void {
    this.#every = nth;
  }

  clear(): void {
    this.#planned.length = 0;
    this.#every = null;
  }

  #take(): string {
    this.#boots += 1;
    const every = this.#every;
    if (every !== null && this.#boots % every.nth === 0) return every.failpoint;
    return this.#planned.shift() ?? "";
  }
}
