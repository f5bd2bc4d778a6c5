// The one CommonJS file: any Node >= 18 can start it. It finds a Node that runs TypeScript
// (the system's own from version 24 on, else the one npm installed for this platform), puts it and
// node_modules/.bin first on PATH, and hands over: node scripts/run.cjs <file.ts | tool> [args].
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const NODE_MAJOR_MIN = 24;
const root = path.resolve(__dirname, "..");

function findNode() {
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) return process.execPath;
  // The package for Apple silicon is named differently from its siblings.
  const prefix = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const name = `${prefix}-${process.platform}-${process.arch}`;
  const binary = path.join(root, "node_modules", name, "bin", "node");
  if (fs.existsSync(binary)) return binary;
  console.error(
    `quarry: Node ${NODE_MAJOR_MIN} or later is needed and this is ${process.version}. ` +
      `Run "npm ci" (without --omit=optional): it brings ${name}.`,
  );
  process.exit(1);
}

const node = findNode();
const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error("usage: node scripts/run.cjs <file.ts | tool in node_modules/.bin> [args]");
  process.exit(2);
}
const bin = path.join(root, "node_modules", ".bin");
const script = command.endsWith(".ts") ? command : path.join(bin, command);
const env = {
  ...process.env,
  PATH: [path.dirname(node), bin, process.env.PATH].join(path.delimiter),
};
const child = spawn(node, [script, ...args], { stdio: "inherit", env });

// A terminal sends Ctrl-C to the whole foreground group; any other signal is passed on, since it may
// have been sent to this process alone. Either way this process waits, so that the prompt comes back
// only when everything has stopped.
process.on("SIGINT", () => {
  if (!process.stdin.isTTY) child.kill("SIGINT");
});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`quarry: cannot start ${script}: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  process.exit(signal === null ? code : 128 + os.constants.signals[signal]);
});
