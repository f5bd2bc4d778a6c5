// All measurements of lost workers at once: each of them mostly waits.

import type { PostgresServer } from "../../local/postgres.ts";
import { measureContenderTakeover } from "./contender_recovery.ts";
import { measureRelaunch, measureTakeover, type RecoveryContext } from "./quarry_recovery.ts";

export interface RecoveryResult {
  readonly contender: string;
  readonly event: string;
  readonly setting: string;
  /** Null: not measured, `documented` says what the library's documentation does. */
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
    milliseconds: Promise<number>,
  ): Promise<RecoveryResult> => ({
    contender,
    event,
    setting,
    milliseconds: await milliseconds,
    documented: null,
  });
  const takeover = (signal: "SIGKILL" | "SIGTERM") => measureTakeover(server, signal, context);
  const results = await Promise.all([
    measured("Quarry", KILLED, "default, an idle worker is there", takeover("SIGKILL")),
    measured("Quarry", KILLED, "default, nobody is there", measureRelaunch(context)),
    measured(
      "pg-boss",
      KILLED,
      "heartbeatSeconds 10, monitorIntervalSeconds 1",
      measureContenderTakeover(server, "pg-boss", "SIGKILL"),
    ),
    measured("Quarry", STOPPED, "default", takeover("SIGTERM")),
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
