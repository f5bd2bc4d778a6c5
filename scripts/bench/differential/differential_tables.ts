// The tables of the differential benchmark: counts and shares, no names of the code that was read.

import { type Table } from "../table.ts";
import {
  type FileComparison,
  OUR_CLASSES,
  type OurClass,
  THEIR_CLASSES,
  type TheirClass,
} from "./comparison.ts";
import type { TextComparison } from "./text_search.ts";

/** What was found in one repository. */
export interface RepositoryFindings {
  readonly name: string;
  readonly commitOid: string;
  readonly files: number;
  readonly byLanguage: ReadonlyMap<string, readonly FileComparison[]>;
  readonly text: readonly TextComparison[];
}

/** A language with fewer files in a repository says too little about it. */
const FILES_MIN = 20;

interface Row {
  readonly repository: string;
  readonly language: string;
  readonly comparisons: readonly FileComparison[];
}

function rowsOf(findings: readonly RepositoryFindings[]): Row[] {
  return findings.flatMap(({ name, byLanguage }) =>
    Array.from(
      byLanguage,
      ([language, comparisons]) => ({ repository: name, language, comparisons }),
    )
      .filter(({ comparisons }) => comparisons.length >= FILES_MIN)
      .toSorted((a, b) => b.comparisons.length - a.comparisons.length)
  );
}

function share(part: number, whole: number): string {
  return whole === 0 ? "" : `${((100 * part) / whole).toFixed(1)} %`;
}

function countClasses<Class extends string>(
  differences: readonly { readonly class: Class }[],
  classes: Readonly<Record<Class, string>>,
): number[] {
  const names = Object.keys(classes);
  return names.map((name) => differences.filter((each) => each.class === name).length);
}

function kindCounts(comparisons: readonly FileComparison[]) {
  const counts = new Map<string, { theirs: number; agreed: number }>();
  for (const { kinds } of comparisons) {
    for (const [kind, { theirs, agreed }] of kinds) {
      const count = counts.get(kind) ?? { theirs: 0, agreed: 0 };
      counts.set(kind, { theirs: count.theirs + theirs, agreed: count.agreed + agreed });
    }
  }
  return counts;
}

function definitionsTable(rows: readonly Row[]): Table {
  return {
    title: "Definitions: what ctags has, and how much of it we have on the same line",
    columns: [
      "repository, language",
      "files",
      "ctags",
      "agreed",
      "share",
      "explained",
      "ours alone",
    ],
    rows: rows.map(({ repository, language, comparisons }) => {
      const counts = Array.from(kindCounts(comparisons).values());
      const theirs = counts.reduce((sum, each) => sum + each.theirs, 0);
      const agreed = counts.reduce((sum, each) => sum + each.agreed, 0);
      const unexplained = comparisons.flatMap((each) => each.theirs)
        .filter((each) => each.class === "other").length;
      const ours = comparisons.reduce((sum, each) => sum + each.ours.length, 0);
      return [
        `${repository}, ${language}`,
        String(comparisons.length),
        String(theirs),
        String(agreed),
        share(agreed, theirs),
        share(theirs - unexplained, theirs),
        String(ours),
      ];
    }),
  };
}

function kindsTable({ repository, language, comparisons }: Row): Table {
  const kinds = Array.from(kindCounts(comparisons)).toSorted(([, a], [, b]) => b.theirs - a.theirs);
  return {
    title: `By the kinds of ctags: ${repository}, ${language}`,
    columns: ["kind", "ctags", "agreed", "share"],
    rows: kinds.map(([kind, { theirs, agreed }]) => [
      kind,
      String(theirs),
      String(agreed),
      share(agreed, theirs),
    ]),
  };
}

function theirClassesTable(rows: readonly Row[]): Table {
  const names = Object.keys(THEIR_CLASSES);
  return {
    title: "What ctags alone has, by class",
    columns: ["repository, language", ...names],
    rows: rows.map(({ repository, language, comparisons }) => {
      const differences = comparisons.flatMap((each) => each.theirs);
      const counts = countClasses<TheirClass>(differences, THEIR_CLASSES);
      return [`${repository}, ${language}`, ...counts.map(String)];
    }),
  };
}

function ourClassesTable(rows: readonly Row[]): Table {
  const names = Object.keys(OUR_CLASSES);
  return {
    title: "What we alone have, by class",
    columns: ["repository, language", ...names],
    rows: rows.map(({ repository, language, comparisons }) => {
      const differences = comparisons.flatMap((each) => each.ours);
      const counts = countClasses<OurClass>(differences, OUR_CLASSES);
      return [`${repository}, ${language}`, ...counts.map(String)];
    }),
  };
}

function textTable(findings: readonly RepositoryFindings[]): Table {
  return {
    title: "Lines of ten literals: git grep beside the dictionary of a segment",
    columns: ["repository", "files", "agreed", "git grep alone", "in files left out", "ours alone"],
    rows: findings.map(({ name, files, text }) => {
      const sum = (count: (each: TextComparison) => number) =>
        String(text.reduce((total, each) => total + count(each), 0));
      return [
        name,
        String(files),
        sum((each) => each.agreed),
        sum((each) => each.theirs.length),
        sum((each) => each.skipped),
        sum((each) => each.ours.length),
      ];
    }),
  };
}

/** All tables; those by kind for the language with the most files of each repository. */
export function differentialTables(findings: readonly RepositoryFindings[]): Table[] {
  const rows = rowsOf(findings);
  const first = rows.filter(({ repository }, index) => rows[index - 1]?.repository !== repository);
  return [
    definitionsTable(rows),
    theirClassesTable(rows),
    ourClassesTable(rows),
    ...first.map(kindsTable),
    textTable(findings),
  ];
}
