/**
 * Creates the machine of a launch: region by region, always under the one name that its row gave it,
 * settling unclear answers by looking for the launch and by asking for the same name again.
 */
import { CREATE_TRIES_MAX, LAUNCH_PAUSE_SECONDS_MAX } from "../_shared/contracts/limits.ts";
import { type PlannedLaunch } from "../_shared/runtime/database_answers.ts";
import { type LaunchRecord } from "../_shared/runtime/database_functions.ts";
import { type FlyError } from "../_shared/runtime/fly_machines.ts";
import { failed, launched, type LaunchOptions, notTried, UNCLEAR } from "./launch_record.ts";

/** The platform takes one create a second, and says no time when there were more. */
const RETRY_SECONDS = 1;

/** In the order of the list, those where a machine did not come up lately last. */
function regionsToTry(
  regions: readonly string[],
  avoided: readonly string[],
): readonly (string | null)[] {
  if (regions.length === 0) return [null];
  const isGood = (region: string) => !avoided.includes(region);
  return [...regions.filter(isGood), ...regions.filter((region) => !isGood(region))];
}

/** One launch's creates, and whether any of them may have happened. */
class Creation {
  readonly #planned: PlannedLaunch;
  readonly #options: LaunchOptions;
  #isUnclear = false;

  constructor(planned: PlannedLaunch, options: LaunchOptions) {
    this.#planned = planned;
    this.#options = options;
  }

  async run(): Promise<LaunchRecord> {
    const { regions, deadline } = this.#options;
    let error: FlyError | null = null;
    for (const region of regionsToTry(regions, this.#planned.avoided_regions)) {
      const answer = await this.#createIn(region);
      if ("record" in answer) return answer.record;
      error = answer.error;
      if (deadline.aborted) break;
    }
    if (this.#isUnclear) return UNCLEAR;
    if (error === null) return notTried("out of time");
    return await this.#refused(error, 0);
  }

  /** What is final, or the error that another region may not have. */
  async #createIn(
    region: string | null,
  ): Promise<{ readonly record: LaunchRecord } | { readonly error: FlyError }> {
    const { fly, image, deadline, sleep } = this.#options;
    const { launch_id: launchId, name } = this.#planned;
    for (let tries = 1;; tries += 1) {
      let waitSeconds = RETRY_SECONDS;
      const isLast = tries === CREATE_TRIES_MAX || deadline.aborted;
      const created = await fly.create({ launchId, name, region, image }, deadline);
      if ("value" in created) {
        return { record: launched(created.value.machineId, created.value.region) };
      }
      const { error } = created;
      switch (error.code) {
        case "no_capacity":
          return { error };
        case "rate_limited": {
          // Here again, when it is soon: the regions before this one have no capacity.
          waitSeconds = error.retryAfterSeconds ?? RETRY_SECONDS;
          if (!isLast && waitSeconds <= LAUNCH_PAUSE_SECONDS_MAX) break;
          return { record: await this.#refused(error, waitSeconds) };
        }
        case "rejected":
        case "not_found":
        case "wrong_state":
          return { record: await this.#refused(error, 0) };
        case "name_taken":
        case "unclear": {
          const record = await this.#look(error);
          if (record !== null) return { record };
        }
      }
      if (isLast) return { error };
      await sleep(waitSeconds * 1000);
      if (await this.#isOver()) return { record: UNCLEAR };
    }
  }

  /**
   * What a refusal leaves. An earlier create may have happened, even where this process asked once: the
   * runtime's fetch sends a request again, and tells nobody, when its connection ends without an answer.
   */
  async #refused(error: FlyError, pauseSeconds: number): Promise<LaunchRecord> {
    if (this.#isUnclear) return { ...UNCLEAR, pauseSeconds };
    const found = await this.#find();
    if ("record" in found) return { ...found.record, pauseSeconds: pauseSeconds || null };
    // Who may not ask may not create either.
    const isCertain = found.isCertain || error.code === "rejected";
    return isCertain ? failed(error, { pauseSeconds }) : { ...UNCLEAR, pauseSeconds };
  }

  /** What came of an answer that does not say so; null: the same name may be asked for again. */
  async #look(error: FlyError): Promise<LaunchRecord | null> {
    const found = await this.#find();
    if ("record" in found) return found.record;
    const isRefusal = error.code === "name_taken" && !this.#isUnclear && found.isCertain;
    if (isRefusal) return failed(error, { pauseSeconds: 0 });
    this.#isUnclear = true;
    return null;
  }

  /** The launch's machine, or whether there certainly is none now. */
  async #find(): Promise<{ readonly record: LaunchRecord } | { readonly isCertain: boolean }> {
    const { fly, deadline } = this.#options;
    const listed = await fly.listByLaunch(this.#planned.launch_id, deadline);
    const [machine] = "value" in listed ? listed.value : [];
    return machine === undefined
      ? { isCertain: "value" in listed }
      : { record: launched(machine.machineId, machine.region) };
  }

  /** Its machine has come up, or nobody waits for it any more. */
  async #isOver(): Promise<boolean> {
    const { database } = this.#options;
    return this.#isUnclear && !await database.isLaunching(this.#planned.launch_id);
  }
}

/** Creates it; answers what to record. */
export function createMachine(
  planned: PlannedLaunch,
  options: LaunchOptions,
): Promise<LaunchRecord> {
  return new Creation(planned, options).run();
}
