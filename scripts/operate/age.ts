// How long something is ago or takes, as an operator reads it: coarse, two units at most. Pure.

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
];

/** 0 s, 59 s, 3 min, 1 h 5 min, 2 d 3 h; below zero 0 s. */
export function formatSpan(secondsGiven: number): string {
  const seconds = Math.max(0, Math.floor(secondsGiven));
  const index = UNITS.findIndex(([, size]) => seconds >= size);
  const [name, size] = UNITS[index] ?? ["s", 1];
  const whole = `${Math.floor(seconds / size)} ${name}`;
  const [restName, restSize] = UNITS[index + 1] ?? ["", 0];
  // Seconds beside minutes, as minutes beside hours, tell nothing in a list once it is many.
  if (index < 0 || restSize <= 1) return whole;
  const rest = Math.floor((seconds % size) / restSize);
  return rest === 0 ? whole : `${whole} ${rest} ${restName}`;
}

/** From one time of the database's to another. */
export function spanBetween(from: string, to: string): string {
  return formatSpan((Date.parse(to) - Date.parse(from)) / 1000);
}

/** 2026-11-22 08:15:04.123, in UTC. */
export function formatTime(at: string): string {
  return at.replace("T", " ").replace("Z", "");
}
