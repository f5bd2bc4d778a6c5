// The findings of the growth benchmark as a table and as curves. Pure.

import { formatBytes, formatCount, formatDuration } from "../../demo/figures.ts";
import type { Goal } from "../goals.ts";
import { statisticsOf } from "../statistics.ts";
import { ratio, shown, type Table } from "../table.ts";
import type { Chart } from "./line_chart.ts";

/** A repository of one size: a cold full index of it, and then pushes of one line. */
export interface GrowthStep {
  readonly files: number;
  readonly bytes: number;
  readonly indexMilliseconds: number;
  readonly indexerMilliseconds: number | null;
  readonly postgresMilliseconds: number | null;
  readonly peakBytes: number | null;
  readonly bytesOnDisk: number;
  /** From claim to published, by a machine that is there. */
  readonly pushMilliseconds: readonly number[];
}

/** Twice what a push to a repository of 13,000 files may take. */
const PUSH_MILLISECONDS_GOAL = 600;
/** A file of the largest repository may cost so many times what one of 10,000 costs: growth in step. */
const FILE_RATIO_GOAL = 1.2;
const MEDIUM_FILES = 10_000;

/** Of the largest repository. */
export function growthGoals(steps: readonly GrowthStep[]): Goal[] {
  const largest = steps.at(-1);
  const medium = steps.find(({ files }) => files >= MEDIUM_FILES);
  if (largest === undefined) return [];
  const costOf = ({ indexMilliseconds, files }: GrowthStep) => indexMilliseconds / files;
  const size = formatCount(largest.files);
  return [
    {
      name: `push of one line to ${size} files, claim to published`,
      measured: pushMedian(largest),
      limit: PUSH_MILLISECONDS_GOAL,
      format: formatDuration,
    },
    {
      name: `full index, time a file: ${size} / ${formatCount(MEDIUM_FILES)} files`,
      measured: medium === undefined || medium === largest
        ? null
        : costOf(largest) / costOf(medium),
      limit: FILE_RATIO_GOAL,
      format: (value) => `${value.toFixed(2)}×`,
    },
  ];
}

function pushMedian(step: GrowthStep): number | null {
  return statisticsOf(step.pushMilliseconds).median;
}

export function growthTable(steps: readonly GrowthStep[]): Table {
  return {
    title: "Growth: a cold full index, and pushes of one line to it",
    columns: [
      ...["files", "source", "full index", "ms a file", "indexer's processor", "PostgreSQL's"],
      ...["peak memory", "stored", "stored / source", "push, claim to published"],
    ],
    rows: steps.map((step) => [
      formatCount(step.files),
      formatBytes(step.bytes),
      formatDuration(step.indexMilliseconds),
      (step.indexMilliseconds / step.files).toFixed(2),
      shown(step.indexerMilliseconds, formatDuration),
      shown(step.postgresMilliseconds, formatDuration),
      shown(step.peakBytes, formatBytes),
      formatBytes(step.bytesOnDisk),
      ratio(step.bytesOnDisk, step.bytes),
      shown(pushMedian(step), formatDuration),
    ]),
  };
}

/** How a measure grows with the files: 1 is in step, 0 not at all; null with less than two sizes. */
export function growthExponent(points: readonly { readonly x: number; readonly y: number }[]) {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || first.x === last.x) return null;
  return Math.log(last.y / first.y) / Math.log(last.x / first.x);
}

export function growthCharts(steps: readonly GrowthStep[]): Chart[] {
  const curve = (name: string, value: (step: GrowthStep) => number | null) => ({
    name,
    points: steps.flatMap((step) => {
      const y = value(step);
      return y === null || y <= 0 ? [] : [{ x: step.files, y }];
    }),
  });
  const axes = { xLabel: "files", formatX: formatCount };
  return [
    {
      ...axes,
      title: "Full index",
      curves: [curve("time", (step) => step.indexMilliseconds)],
      format: formatDuration,
    },
    {
      ...axes,
      title: "Push of one line: claim to published",
      curves: [curve("time", pushMedian)],
      format: formatDuration,
    },
    {
      ...axes,
      title: "Bytes",
      curves: [
        curve("stored", (step) => step.bytesOnDisk),
        curve("source", (step) => step.bytes),
      ],
      format: formatBytes,
    },
  ];
}
