// What the demo may be told on its command line. Knows words, not what a path leads to.

/** The command line, understood or not. */
export type DemoCommand =
  | { readonly kind: "run"; readonly path: string | null; readonly keep: boolean }
  | { readonly kind: "help" }
  | { readonly kind: "mistake"; readonly message: string };

/** What --help prints. */
export const usage = `Usage: npm run demo [-- [--keep] [PATH]]

Starts Quarry on this machine, pushes a git repository to it, indexes it, searches it, pushes a
change, and stops everything. Nothing outside is contacted and the repository is only read.

  PATH     a git repository: checkout, bare or shallow clone; or a folder of files without one,
           such as an unpacked archive (default: Quarry's own folder)
  --keep   leave everything running and show how to go on with curl; Ctrl-C stops it
  --help   this text
`;

/** Reads the arguments after the script's name. */
export function parseArguments(args: readonly string[]): DemoCommand {
  const paths: string[] = [];
  let keep = false;
  let optionsEnded = false;
  for (const arg of args) {
    if (optionsEnded || !arg.startsWith("-")) paths.push(arg);
    else if (arg === "--") optionsEnded = true;
    else if (arg === "--keep") keep = true;
    else if (arg === "--help" || arg === "-h") return { kind: "help" };
    else return { kind: "mistake", message: `unknown option ${arg}` };
  }
  const [path = null, ...more] = paths;
  if (more.length > 0) {
    return { kind: "mistake", message: `one PATH at most, and these are ${paths.length}` };
  }
  if (path === "") return { kind: "mistake", message: "PATH is empty" };
  return { kind: "run", path, keep };
}
