// `npm run format [-- PATH...]`: writes the layout that `npm run check` asks for, over the whole
// checkout or the given files. It changes nothing but layout.

import { spawnSync } from "node:child_process";
import path from "node:path";
import { readRepository } from "./check/repository.ts";
import { formattedPaths } from "./check/tools.ts";
import { denoBinary } from "./deno_binary.ts";

const root = path.resolve(import.meta.dirname, "..");
const wanted = process.argv.slice(2).map((file) => path.relative(root, path.resolve(file)));
const paths = formattedPaths(await readRepository(root)).filter((file) =>
  wanted.length === 0 || wanted.some((each) => file === each || file.startsWith(`${each}/`))
);
const args = ["fmt", "--config", "supabase/functions/deno.json", ...paths];
const { status } = spawnSync(denoBinary(root), args, { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
