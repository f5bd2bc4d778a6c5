// Curves on logarithmic axes as an SVG picture: straight lines are powers, and a slope of one is a
// growth in step. Pure; knows numbers and labels, not what they mean.

/** A curve: its name and its points, all above zero. */
export interface Curve {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** One pair of axes. */
export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly curves: readonly Curve[];
  /** How a value of the vertical axis is written. */
  readonly format: (value: number) => string;
  /** How a value of the horizontal axis is written. */
  readonly formatX: (value: number) => string;
}

const WIDTH = 420;
const HEIGHT = 320;
const MARGIN = { left: 70, right: 20, top: 40, bottom: 50 };
/** Told apart by people who see red and green alike, too. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/** Charts side by side, with a background of their own so that they read on any page. */
export function drawCharts(charts: readonly Chart[]): string {
  const width = WIDTH * charts.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}"` +
    ` font-family="sans-serif" font-size="12" role="img">`,
    `<rect width="${width}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...charts.map((chart, index) =>
      `<g transform="translate(${index * WIDTH} 0)">\n${drawChart(chart).join("\n")}\n</g>`
    ),
    "</svg>",
    "",
  ].join("\n");
}

/** From a value to a place between two others, by its logarithm. */
interface Scale {
  readonly ticks: readonly number[];
  readonly at: (value: number) => number;
}

/** A scale from the power of ten below the least value to the one above the greatest. */
export function logarithmicScale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  const at = (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  return { ticks, at };
}

function drawChart({ title, xLabel, curves, format, formatX }: Chart): string[] {
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) return [text(WIDTH / 2, 20, title, "middle")];
  const x = logarithmicScale(points.map((point) => point.x), MARGIN.left, WIDTH - MARGIN.right);
  const y = logarithmicScale(points.map((point) => point.y), HEIGHT - MARGIN.bottom, MARGIN.top);
  const bottom = HEIGHT - MARGIN.bottom;
  return [
    text(WIDTH / 2, 20, title, "middle"),
    ...x.ticks.flatMap((tick) => [
      line(x.at(tick), MARGIN.top, x.at(tick), bottom),
      text(x.at(tick), bottom + 16, formatX(tick), "middle"),
    ]),
    ...y.ticks.flatMap((tick) => [
      line(MARGIN.left, y.at(tick), WIDTH - MARGIN.right, y.at(tick)),
      text(MARGIN.left - 6, y.at(tick) + 4, format(tick), "end"),
    ]),
    text(WIDTH / 2, HEIGHT - 10, xLabel, "middle"),
    ...curves.flatMap((curve, index) => drawCurve(curve, x, y, index)),
  ];
}

function drawCurve(curve: Curve, x: Scale, y: Scale, index: number): string[] {
  const colour = COLOURS[index % COLOURS.length];
  const places = curve.points.map((point) => [x.at(point.x), y.at(point.y)].map(short).join(","));
  return [
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${places.join(" ")}"/>`,
    ...places.map((place) => {
      const [cx, cy] = place.split(",");
      return `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`;
    }),
    `<text x="${MARGIN.left + 10}" y="${MARGIN.top + 16 + index * 16}" fill="${colour}">` +
    `${escape(curve.name)}</text>`,
  ];
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  const places = [x1, y1, x2, y2].map(short);
  const [a, b, c, d] = places;
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="#dddddd"/>`;
}

function text(x: number, y: number, content: string, anchor: "middle" | "end"): string {
  return `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}" fill="#333333">` +
    `${escape(content)}</text>`;
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
