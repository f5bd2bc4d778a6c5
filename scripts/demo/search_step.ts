// The searches: a literal as it is written, one in any case, and definitions by a part of their name;
// each with its count and its time.

import { PAGE_ITEMS_MAX, type QuarryClient } from "../client/quarry_client.ts";
import { formatCount, formatDuration, plural } from "./figures.ts";
import { chooseNeedles, type Needles, ownNeedles, samplePaths } from "./needles.ts";
import { matchLines, pickSpread, symbolLines } from "./result_lines.ts";
import type { Screen } from "./screen.ts";
import { type Span, span } from "./spans.ts";
import { printable } from "./text_width.ts";
import type { Tour } from "./tour.ts";

const SHOWN_MAX = 4;
const SAMPLE_BYTES_MAX = 100_000;
const INDENT = "  ";

/** Runs the searches that the repository gives something to search for, and answers which. */
export async function searchStep(tour: Tour, isOwn: boolean): Promise<Needles> {
  const { screen } = tour;
  screen.step("Search it");
  const needles = isOwn ? ownNeedles : await readNeedles(tour);
  const { literal, anyCase, symbolWord } = needles;
  if (literal !== null) await searchText(tour, literal, "");
  if (anyCase !== null) {
    screen.blank();
    await searchText(tour, anyCase, "in any case");
  }
  if (symbolWord !== null) {
    screen.blank();
    await searchSymbols(tour, symbolWord);
  }
  if (literal === null && anyCase === null && symbolWord === null) {
    screen.row(["There is no text to search for."]);
  }
  return needles;
}

/** The repository's own words, from a sample of its files. */
async function readNeedles({ repository }: Tour): Promise<Needles> {
  const files = await repository.files();
  const wanted = new Set(samplePaths(files.map((file) => file.path)));
  const sample = files.filter((file) => wanted.has(file.path));
  const contents = await repository.readBlobs(sample.map(({ oid }) => oid), SAMPLE_BYTES_MAX);
  return chooseNeedles(sample.flatMap(({ path, oid }) => {
    const content = contents.get(oid);
    return content === undefined || content.includes(0)
      ? []
      : [{ path, text: content.toString("utf8") }];
  }));
}

/** One text search and its best lines. */
export async function searchText(
  { screen, api, fullName }: Pick<Tour, "screen" | "api" | "fullName">,
  needle: string,
  how: string,
): Promise<Awaited<ReturnType<QuarryClient["search"]>>["body"]["matches"]> {
  const { body, milliseconds } = await api.search(needle, fullName, PAGE_ITEMS_MAX);
  const { matches, next_cursor } = body;
  showHeading(screen, [`"${printable(needle)}"  `, span("faint", how)], {
    count: matches.length,
    noun: "line",
    files: new Set(matches.map(({ path }) => path)).size,
    isMore: next_cursor !== null,
    milliseconds,
  });
  const shown = pickSpread(matches, SHOWN_MAX);
  for (const line of matchLines(shown, screen.rowColumns - INDENT.length)) {
    screen.row([INDENT, ...line]);
  }
  return matches;
}

async function searchSymbols({ screen, api, fullName }: Tour, word: string): Promise<void> {
  const { body, milliseconds } = await api.definitions(word, fullName, PAGE_ITEMS_MAX);
  const { definitions, complete } = body;
  showHeading(screen, [`"${printable(word)}"  `, span("faint", "in the names of definitions")], {
    count: definitions.length,
    noun: "symbol",
    files: new Set(definitions.map(({ path }) => path)).size,
    isMore: !complete,
    milliseconds,
  });
  const shown = pickSpread(definitions, SHOWN_MAX);
  for (const line of symbolLines(shown, word, screen.rowColumns - INDENT.length)) {
    screen.row([INDENT, ...line]);
  }
}

interface Found {
  readonly count: number;
  readonly noun: string;
  readonly files: number;
  readonly isMore: boolean;
  readonly milliseconds: number;
}

function showHeading(screen: Screen, left: readonly Span[], found: Found): void {
  const { count, noun, files, isMore, milliseconds } = found;
  const figures = count === 0
    ? `no ${noun}`
    : isMore
    ? `more than ${formatCount(count)} ${noun}s`
    : `${plural(count, noun)} in ${plural(files, "file")}`;
  screen.row(left, [span("faint", `${figures}  `), formatDuration(milliseconds)]);
}
