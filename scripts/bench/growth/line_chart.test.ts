import fc from "fast-check";
import { expect, test } from "vitest";
import { type Chart, drawCharts, logarithmicScale } from "./line_chart.ts";

const chart: Chart = {
  title: "Time & size <1>",
  xLabel: "files",
  curves: [
    { name: "full", points: [{ x: 1000, y: 1 }, { x: 10_000, y: 10 }, { x: 100_000, y: 100 }] },
    { name: "push", points: [{ x: 1000, y: 1 }, { x: 100_000, y: 1 }] },
  ],
  format: (value) => `${value} s`,
  formatX: String,
};

function polylines(svg: string): { x: number; y: number }[][] {
  return [...svg.matchAll(/<polyline [^>]*points="([^"]*)"/g)].map(([, points = ""]) =>
    points.split(" ").map((point) => {
      const [x = NaN, y = NaN] = point.split(",").map(Number);
      return { x, y };
    })
  );
}

test("growth in step is a straight line, and what does not grow is level", () => {
  const [full = [], push = []] = polylines(drawCharts([chart]));
  const slopes = full.slice(1).map((point, index) => {
    const before = full[index] ?? point;
    return (point.y - before.y) / (point.x - before.x);
  });
  expect(slopes).toHaveLength(2);
  expect(slopes[0]).toBeLessThan(0);
  expect(Math.abs((slopes[0] ?? 0) - (slopes[1] ?? 1))).toBeLessThan(0.01);
  expect(push[0]?.y).toBe(push[1]?.y);
});

test("charts stand side by side, text is escaped, and every point has a mark", () => {
  const svg = drawCharts([chart, { ...chart, curves: [] }]);
  expect(svg).toContain('viewBox="0 0 840 320"');
  expect(svg).toContain('<g transform="translate(420 0)">');
  expect(svg).toContain("Time &amp; size &lt;1&gt;");
  expect(svg.match(/<circle /g)).toHaveLength(5);
  expect(svg.match(/<g /g)?.length).toBe(svg.match(/<\/g>/g)?.length);
  expect(svg).toContain(">100000</text>");
});

test("a scale holds all its values between its ends, in their order", () => {
  const positive = fc.double({ min: 1e-6, max: 1e12, noNaN: true });
  fc.assert(fc.property(fc.array(positive, { minLength: 1 }), (values) => {
    const scale = logarithmicScale(values, 0, 100);
    const places = values.toSorted((a, b) => a - b).map(scale.at);
    expect(Math.min(...places)).toBeGreaterThanOrEqual(-1e-6);
    expect(Math.max(...places)).toBeLessThanOrEqual(100 + 1e-6);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(scale.at(scale.ticks[0] ?? 0)).toBeCloseTo(0);
    expect(scale.at(scale.ticks.at(-1) ?? 0)).toBeCloseTo(100);
  }));
});
