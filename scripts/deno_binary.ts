// Finds the Deno that npm installed for this platform. The package's own launcher is a script that
// an install without scripts leaves slow or absent, so the binary is addressed directly.

import { existsSync } from "node:fs";
import path from "node:path";

/** The absolute path of the Deno binary, or an error that says what to install. */
export function denoBinary(root: string): string {
  const suffix = process.platform === "linux" ? "-glibc" : "";
  const name = `@deno/${process.platform}-${process.arch}${suffix}`;
  const binary = path.join(root, "node_modules", name, "deno");
  if (!existsSync(binary)) throw new Error(`Deno is missing: "npm ci" installs it as ${name}`);
  return binary;
}
