// Entry of the guard: cleans up after a run whose own process died. Started by run.ts alone.

import { cleanUpAfter } from "./run.ts";

const file = process.argv[2];
if (file !== undefined) await cleanUpAfter(file);
