// Loaded into a machine before its program: its clock is wrong by CLOCK_SHIFT_MILLISECONDS, in every
// thread. Time that is measured (performance.now, timers) passes as ever.

const shift = Number(process.env["CLOCK_SHIFT_MILLISECONDS"] ?? 0);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) super(ShiftedDate.now());
    else super(...(parts as [number]));
  }

  static override now(): number {
    return RealDate.now() + shift;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
