// The checks that other programs do: format, lint and the types of both runtimes. Each is a command
// and a reader that turns its output into lines of `file:line message`.

import { spawn } from "node:child_process";
import path from "node:path";
import { isFixture, type SourceFile } from "./source_file.ts";

const formattedFile = /\.(?:ts|cjs|json|md|ya?ml)$/;

/** One command of the gate. */
export interface Tool {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Findings in the order of the output; none means that the raw output is shown. */
  readonly read: (output: string, root: string) => string[];
}

/** What came of one check, whoever did it. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly findings: readonly string[];
  readonly milliseconds: number;
}

/** The files whose layout Deno's formatter decides. The lock is npm's. */
export function formattedPaths(files: readonly SourceFile[]): string[] {
  return files.map((file) => file.path).filter((file) =>
    formattedFile.test(file) && !isFixture(file) && file !== "package-lock.json"
  );
}

/** The commands for this checkout; the slowest first, so that a free core takes them first. */
export function toolsFor(root: string, deno: string, files: readonly SourceFile[]): Tool[] {
  const bin = (name: string) => path.join(root, "node_modules", ".bin", name);
  const config = ["--config", "supabase/functions/deno.json"];
  const entries = files.map((file) => file.path).filter((file) =>
    /^supabase\/functions\/(?:[a-z][a-z-]*\/index|_shared\/runtime\/environment)\.ts$/.test(file)
  );
  const tools: Tool[] = [
    {
      name: "lint",
      command: bin("oxlint"),
      args: ["--type-aware", "--format", "unix", "."],
      read: readLint,
    },
    {
      name: "types for Node",
      command: bin("tsc"),
      args: ["-p", "tsconfig.json", "--pretty", "false"],
      read: readTsc,
    },
    {
      name: "format",
      command: deno,
      args: ["fmt", "--check", ...config, ...formattedPaths(files)],
      read: readFormat,
    },
  ];
  if (entries.length === 0) return tools;
  // The functions' own config would make its folder the root, in whose packages Deno looks for the types
  // of Node's modules. This one lies at the root, and has the compiler options alone.
  const options = ["--config", "deno.check.json", "--import-map", "supabase/functions/deno.json"];
  const args = ["check", "--node-modules-dir=manual", ...options, ...entries];
  return [{ name: "types for Deno", command: deno, args, read: readDeno }, ...tools];
}

/** Runs one command without a terminal and without colours. */
export async function runTool(tool: Tool, root: string, deno: string): Promise<Outcome> {
  const started = performance.now();
  const env = {
    ...process.env,
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    DENO_DIR: path.join(root, ".local", "deno"),
    PATH: [path.dirname(deno), process.env["PATH"]].join(path.delimiter),
  };
  const child = spawn(tool.command, tool.args, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      chunks.push(Buffer.from(`cannot start ${tool.command}: ${error.message}\n`));
      resolve(1);
    });
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
  });
  const milliseconds = performance.now() - started;
  if (code === 0) return { name: tool.name, passed: true, findings: [], milliseconds };
  const output = Buffer.concat(chunks).toString("utf8");
  const read = tool.read(output, root);
  const findings = read.length > 0 ? read : output.trimEnd().split("\n");
  return { name: tool.name, passed: false, findings, milliseconds };
}

/** `file:line:column: message [rule]`, followed by a count. */
export function readLint(output: string): string[] {
  return output.split("\n").flatMap((line) => {
    const [, file, message] = /^(\S+:\d+):\d+: (.*)$/.exec(line) ?? [];
    return file === undefined ? [] : [`${file} ${message}`];
  });
}

/** `file(line,column): error TS1234: message` */
export function readTsc(output: string): string[] {
  return output.split("\n").flatMap((line) => {
    const [, file, at, message] = /^(\S+)\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
    return file === undefined ? [] : [`${file}:${at} ${message}`];
  });
}

/** `from /path/file.ts:` and then a diff whose first line has the number. */
export function readFormat(output: string, root: string): string[] {
  return [...output.matchAll(/^from (.+):\n\s*(\d+) \|/gm)].map(([, file, line]) =>
    `${path.relative(root, file ?? "")}:${line} is not formatted (npm run format)`
  );
}

/** `TS1234 [ERROR]: message`, some lines of source, `at file:///path/file.ts:line:column` */
export function readDeno(output: string, root: string): string[] {
  const findings: string[] = [];
  let message = "";
  for (const line of output.split("\n")) {
    message = /^(?:TS\d+ \[ERROR\]|error): (.*)$/.exec(line)?.[1] ?? message;
    const [, file, at] = /^\s+at file:\/\/(\S+?):(\d+):\d+$/.exec(line) ?? [];
    if (file === undefined || message === "") continue;
    findings.push(`${path.relative(root, file)}:${at} ${message}`);
    message = "";
  }
  return findings;
}
