/**
 * The log: one JSON object a line, with the ids that its place in the program gives it. Does not
 * know where lines go, nor what time it is.
 */

export type LogLevel = "info" | "warning" | "error";

export interface Log {
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with more fields in every line. */
  with(fields: LogFields): Log;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export interface LogTarget {
  write(line: string): void;
  now(): Date;
}

/** A log that writes to the target; the fields are in each of its lines. */
export function createLog(target: LogTarget, fields: LogFields = {}): Log {
  const at = (level: LogLevel) => (message: string, more: LogFields = {}) => {
    const line = { at: target.now().toISOString(), level, message, ...fields, ...more };
    target.write(`${JSON.stringify(line)}\n`);
  };
  return {
    info: at("info"),
    warning: at("warning"),
    error: at("error"),
    with: (more) => createLog(target, { ...fields, ...more }),
  };
}

/** What a log line may say of anything that was thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
