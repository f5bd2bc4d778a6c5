// What Linux tells of running processes in /proc: who, processor time, memory. On other systems it
// finds nothing, and what is built on it has no numbers.

import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A line of /proc/PID/stat, as far as it is used. */
export interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  /** Its own processor time, user and system. */
  readonly ownMilliseconds: number;
  /** That of its children that have ended and were waited for, and of theirs. */
  readonly endedChildrenMilliseconds: number;
}

/** Reads the line; the name in parentheses may itself hold spaces and parentheses. */
export function parseStat(line: string): ProcessStat {
  const afterName = line.slice(line.lastIndexOf(")") + 2).split(" ");
  // proc(5) counts from 1 and the third field is the first after the name.
  const field = (number: number) => Number(afterName[number - 3]);
  const ticks = (user: number, system: number) =>
    ((field(user) + field(system)) * 1000) / TICKS_PER_SECOND;
  return {
    pid: Number.parseInt(line, 10),
    parentPid: field(4),
    ownMilliseconds: ticks(14, 15),
    endedChildrenMilliseconds: ticks(16, 17),
  };
}

/** The line of a process, or null when it is gone or this is no Linux. */
export function readStat(pid: number): string | null {
  return read(pid, "stat");
}

/**
 * Processor time that was used, or taken by the host, since the system started: of the first line
 * of /proc/stat everything but idle, waiting for disks, and guests (which user time counts already).
 */
export function busyMilliseconds(stat: string): number | null {
  const [, ...fields] = /^cpu .*$/m.exec(stat)?.[0].split(/ +/).map(Number) ?? [];
  if (fields.length < 8) return null;
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, softInterrupt = 0, stolen = 0] = fields;
  return ((user + nice + system + interrupt + softInterrupt + stolen) * 1000) / TICKS_PER_SECOND;
}

/** Every process that can be read now. */
export function readProcesses(): ProcessStat[] {
  return pids().flatMap((pid) => {
    const line = readStat(pid);
    return line === null ? [] : [parseStat(line)];
  });
}

/** A process and all that descend from it, of a list. */
export function familyOf(pid: number, processes: readonly ProcessStat[]): ProcessStat[] {
  const self = processes.filter((each) => each.pid === pid);
  const children = processes.filter((each) => each.parentPid === pid);
  return [...self, ...children.flatMap((child) => familyOf(child.pid, processes))];
}

/** Processor time of a process and everything that it ever started and waited for, or still runs. */
export function familyMilliseconds(pid: number, processes = readProcesses()): number | null {
  const family = familyOf(pid, processes);
  if (family.length === 0) return null;
  return family.reduce(
    (sum, each) => sum + each.ownMilliseconds + each.endedChildrenMilliseconds,
    0,
  );
}

/** The most memory a process has ever held at once, in bytes; null when it is gone. */
export function peakResidentBytes(pid: number): number | null {
  return statusBytes(read(pid, "status") ?? "", "VmHWM");
}

/** The memory a process holds now, in bytes; null when it is gone. */
export function residentBytes(pid: number): number | null {
  return statusBytes(read(pid, "status") ?? "", "VmRSS");
}

/** A line like `VmHWM:   123456 kB` of /proc/PID/status. */
export function statusBytes(status: string, name: string): number | null {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** Processes whose command line contains a text. */
export function findProcesses(text: string): number[] {
  return pids().filter((pid) => read(pid, "cmdline")?.replaceAll("\0", " ").includes(text));
}

function pids(): number[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number);
  } catch {
    return [];
  }
}

function read(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return null;
  }
}
