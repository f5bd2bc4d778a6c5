// All measurements of lost workers at once: each of them mostly waits.

import type { PostgresServer } from "../../local/database/postgres.ts";
import { CLAIM_SECONDS_MAX, measureContenderTakeover } from "./contender_recovery.ts";
import {
  createTakeoverDatabase,
  measureRelaunch,
  measureTakeover,
  type RecoveryContext,
} from "./quarry_recovery.ts";

export interface RecoveryResult {
  readonly contender: string;
  readonly event: string;
  readonly setting: string;
  /** Null: `documented` says what the library's documentation does, or how long was waited. */
  readonly milliseconds: number | null;
  readonly documented: string | null;
}

const KILLED = "kill -9";
const STOPPED = "SIGTERM";

/** What waits for longer than a benchmark: from the contenders' documentation. */
const documentedResults: readonly RecoveryResult[] = [
  {
    contender: "graphile-worker",
    event: KILLED,
    setting: "no other setting",
    milliseconds: null,
    documented: "4 h (lock), looked for every 8 to 10 min",
  },
  {
    contender: "pg-boss",
    event: KILLED,
    setting: "default",
    milliseconds: null,
    documented: "15 min (expireInSeconds), looked for every 60 s",
  },
];

export async function measureRecovery(
  server: PostgresServer,
  context: RecoveryContext,
): Promise<RecoveryResult[]> {
  const measured = async (
    contender: string,
    event: string,
    setting: string,
    measurement: Promise<number | null>,
  ): Promise<RecoveryResult> => {
    const milliseconds = await measurement;
    const documented = milliseconds === null ? `not within ${CLAIM_SECONDS_MAX} s` : null;
    return { contender, event, setting, milliseconds, documented };
  };
  await using killed = await createTakeoverDatabase(server, "quarry_killed", context);
  await using stopped = await createTakeoverDatabase(server, "quarry_stopped", context);
  const results = await Promise.all([
    measured(
      "Quarry",
      KILLED,
      "default, an idle worker is there",
      measureTakeover(killed, "SIGKILL", context),
    ),
    measured("Quarry", KILLED, "default, nobody is there", measureRelaunch(context)),
    measured(
      "pg-boss",
      KILLED,
      "heartbeatSeconds 10, monitorIntervalSeconds 1",
      measureContenderTakeover(server, "pg-boss", "SIGKILL"),
    ),
    measured("Quarry", STOPPED, "default", measureTakeover(stopped, "SIGTERM", context)),
    measured(
      "graphile-worker",
      STOPPED,
      "default",
      measureContenderTakeover(server, "graphile-worker", "SIGTERM"),
    ),
    measured(
      "pg-boss",
      STOPPED,
      "default",
      measureContenderTakeover(server, "pg-boss", "SIGTERM"),
    ),
  ]);
  const inOrder = [...results, ...documentedResults];
  return [KILLED, STOPPED].flatMap((event) => inOrder.filter((each) => each.event === event));
}
