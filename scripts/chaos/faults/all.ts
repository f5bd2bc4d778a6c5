// Every fault there is, by name.

import { databaseFaults } from "./database.ts";
import type { Fault } from "./fault.ts";
import { flyFaults } from "./fly.ts";
import { functionsFaults } from "./functions.ts";
import { operatorFaults } from "./operator.ts";
import { wakeFaults } from "./wakes.ts";
import { webhookFaults } from "./webhooks.ts";
import { workerFaults } from "./workers.ts";

export const allFaults: readonly Fault[] = [
  ...workerFaults,
  ...functionsFaults,
  ...databaseFaults,
  ...wakeFaults,
  ...flyFaults,
  ...webhookFaults,
  ...operatorFaults,
];
