// The wish to stop, as signals bring it: once, or again by somebody who does not want to wait. Does
// not know what is to be stopped.

export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** npm and the launcher pass on what the whole group may have received as well: one wish, not two. */
const ECHO_MILLISECONDS_MAX = 500;

/** Calls `react` at every wish to stop, with how many there have been, this one included. */
export function onStopSignal(react: (signal: StopSignal, times: number) => void): void {
  let times = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      const isEcho = performance.now() - lastAt < ECHO_MILLISECONDS_MAX;
      if (isEcho) return;
      times += 1;
      lastAt = performance.now();
      react(signal, times);
    });
  }
}
