// What a job spent its time on, as a chart: one line a stage, each bar where the stage lies in time.
// Pure; where the stages come from is not its business.

import { formatDuration } from "./figures.ts";
import { type Span, span } from "./spans.ts";
import { padEnd, textWidth } from "./text_width.ts";

/** A stage: when it began, counted from any common zero, and how long it took. */
export interface Stage {
  readonly name: string;
  readonly startMilliseconds: number;
  readonly milliseconds: number;
}

const DURATION_COLUMNS = "2 min 59 s".length;
const NAME_COLUMNS_MAX = 24;
const BAR_COLUMNS_MAX = 60;
/** Between name and bar, and between bar and duration. */
const GAP_COLUMNS = 2;

/** A line of the chart: name and bar, and the duration for the right edge. */
export interface StageLine {
  readonly left: Span[];
  readonly right: Span[];
}

/** One line a stage. Bars share one scale, from first start to last end. */
export function stageChart(stages: readonly Stage[], columns: number): StageLine[] {
  if (stages.length === 0) return [];
  const zero = Math.min(...stages.map(({ startMilliseconds }) => startMilliseconds));
  const end = Math.max(...stages.map((stage) => stage.startMilliseconds + stage.milliseconds));
  const nameColumns = Math.min(
    NAME_COLUMNS_MAX,
    Math.max(...stages.map(({ name }) => textWidth(name))),
  );
  const room = columns - nameColumns - DURATION_COLUMNS - 2 * GAP_COLUMNS;
  const barColumns = Math.max(8, Math.min(BAR_COLUMNS_MAX, room));
  const scale = barColumns / Math.max(1, end - zero);
  return stages.map((stage) => {
    const from = Math.min(barColumns - 1, Math.floor((stage.startMilliseconds - zero) * scale));
    const to = Math.round((stage.startMilliseconds + stage.milliseconds - zero) * scale);
    // However short, a stage is visible.
    const length = Math.min(barColumns - from, Math.max(1, to - from));
    const left = [
      span("faint", padEnd(stage.name, nameColumns)),
      " ".repeat(from + GAP_COLUMNS),
      span("bar", stage.milliseconds * scale < 0.5 ? "▏" : "█".repeat(length)),
    ];
    return { left, right: [formatDuration(stage.milliseconds)] };
  });
}
