// Prints one line of counts from the JSON that Vitest writes: `N passed, N failed`. It judges
// nothing: the exit code of the tests does.

import { readFileSync } from "node:fs";
import { summaryLine } from "./check/summary.ts";

const [file] = process.argv.slice(2);
const text = file === undefined ? "" : readFileSync(file, "utf8");
console.log(summaryLine(text));
