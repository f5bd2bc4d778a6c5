// Writes the demo's lines: headings, rows with figures on the right, and one line that is redrawn in
// place while something is going on. Without a terminal, or where colours are not wanted, the output
// is plain lines. Knows nothing of what the lines say.

import { fitSpans, paint, type Span, span, spansWidth } from "./spans.ts";

const COLUMNS_DEFAULT = 80;
/** Below this nothing can be aligned; a narrower terminal wraps. */
const COLUMNS_MIN = 40;
/** Lines longer than this are hard to read, and figures too far from what they belong to. */
const COLUMNS_MAX = 110;
const INDENT = "   ";
const GAP_COLUMNS = 2;

/** Where lines go: process.stdout, or a list in a test. */
export interface Sink {
  write(text: string): void;
  /** Columns of the terminal now; undefined when there is none. */
  columns(): number | undefined;
}

/** How lines may look. */
export interface Look {
  readonly colours: boolean;
  /** One line is written over and over in place. */
  readonly redraws: boolean;
  /** Rows are written whole, however long: what reads them is a program. */
  readonly wholeRows?: boolean;
}

/** What the environment and the stream allow. */
export function lookOf(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Look {
  // https://no-color.org: present and not empty, whatever its value. Redrawing is escape codes as well.
  const noColour = (environment["NO_COLOR"] ?? "") !== "";
  const redraws = isTerminal && !noColour && environment["TERM"] !== "dumb";
  // https://force-color.org: for a pager, or the log of a CI. It says no as well, as Node reads it.
  const forced = environment["FORCE_COLOR"] ?? "";
  const colours = forced === "" ? redraws : forced !== "0" && forced !== "false";
  return { colours, redraws };
}

/** The one writer of the demo's output. */
export class Screen {
  readonly #sink: Sink;
  readonly #look: Look;
  #liveShown = false;
  #liveKey: string | null = null;
  #steps = 0;

  constructor(sink: Sink, look: Look) {
    this.#sink = sink;
    this.#look = look;
  }

  /** Whether a live line is redrawn; else it is one of many and should say something lasting. */
  get redraws(): boolean {
    return this.#look.redraws;
  }

  /** Columns of a whole line. */
  get columns(): number {
    const columns = this.#sink.columns() ?? COLUMNS_DEFAULT;
    return Math.max(COLUMNS_MIN, Math.min(COLUMNS_MAX, columns));
  }

  /** Columns of a row, its indentation taken off. */
  get rowColumns(): number {
    return this.columns - INDENT.length;
  }

  /** Columns that a row's text should keep to. */
  get textColumns(): number {
    return this.#isWhole ? Infinity : this.rowColumns;
  }

  get #isWhole(): boolean {
    return this.#look.wholeRows === true;
  }

  /** The first line of all. */
  title(text: string, rest: string): void {
    this.#line([span("title", text), span("faint", `  ${rest}`)], []);
  }

  /** Begins the next step. */
  step(title: string): void {
    this.#steps += 1;
    this.blank();
    this.#line([span("faint", `${this.#steps}  `), span("title", title)], []);
  }

  /** A line of a step; what is on the right is flush with the edge and never cut. */
  row(left: readonly Span[], right: readonly Span[] = []): void {
    this.#line([INDENT, ...left], right);
  }

  /** A line that is written whole, however long: commands to copy. */
  verbatim(text: string): void {
    this.#clearLive();
    this.#sink.write(`${INDENT}${text}\n`);
  }

  blank(): void {
    this.#clearLive();
    this.#sink.write("\n");
  }

  /**
   * What is going on. On a terminal it replaces the last such line; elsewhere a line is written only
   * when the key changes, so that a log shows each phase once, and never when the key is null.
   */
  live(key: string | null, spans: readonly Span[]): void {
    const line = [INDENT, ...spans];
    if (this.#look.redraws) {
      this.#liveShown = true;
      // One column stays free: writing into the last one makes some terminals wrap.
      this.#sink.write(`\r\u001b[2K${paint(fitSpans(line, this.columns - 1), this.#look.colours)}`);
    } else if (key !== null && key !== this.#liveKey) {
      this.#sink.write(`${paint(fitSpans(line, this.columns), this.#look.colours).trimEnd()}\n`);
    }
    this.#liveKey = key ?? this.#liveKey;
  }

  /** Takes the redrawn line away; the next live line is written whatever its key. */
  endLive(): void {
    this.#clearLive();
    this.#liveKey = null;
  }

  #line(left: readonly Span[], right: readonly Span[]): void {
    this.#clearLive();
    const rightColumns = spansWidth(right);
    const room = rightColumns === 0 ? this.columns : this.columns - rightColumns - GAP_COLUMNS;
    const fitted = this.#isWhole ? left : fitSpans(left, Math.max(0, room));
    const free = this.columns - spansWidth(fitted) - rightColumns;
    const space = " ".repeat(Math.max(GAP_COLUMNS, free));
    const spans = rightColumns === 0 ? fitted : [...fitted, space, ...right];
    this.#sink.write(`${paint(spans, this.#look.colours).trimEnd()}\n`);
  }

  #clearLive(): void {
    if (this.#liveShown) this.#sink.write("\r\u001b[2K");
    this.#liveShown = false;
  }
}

/** A label in front of a row, all of one width. */
export function label(text: string): Span {
  return span("faint", text.padEnd(LABEL_COLUMNS));
}

/** Columns that label() fills. */
export const LABEL_COLUMNS = 12;
