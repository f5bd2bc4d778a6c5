import { expect, test } from "vitest";
import { isVendoredPath } from "./vendored_paths.ts";

/** As many as a pattern that goes back, or starts again at every unit, does not come to the end of. */
const UNITS = 1_000_000;

function filled(part: string): string {
  return part.repeat(UNITS / part.length);
}

test.each([
  ["folders of styles", `${filled("select2/")}a.ts`],
  ["folders of packages", filled("packages/1")],
  ["folders of build tools", filled("gradle/wrapper")],
  ["extensions of a plugin", `jquery${filled("-ajax")}.x.js`],
  ["plugins of plugins", `jquery${filled(".validate-ajax")}.x.js`],
  ["a major version", `d3.v${filled("1")}.x.js`],
  ["a version without an end", `mootools${filled("1")}.x.y.js`],
  ["a version of many parts", `mootools-1${filled(".11")}.x.js`],
  ["many versions", `mootools${filled("-1111111")}.x.y.js`],
])("a path that is not vendored is soon known not to be, with %s", (_, path) => {
  expect(isVendoredPath(path, path.slice(path.lastIndexOf("/") + 1))).toBe(false);
});

test.each([
  ["select2/src/js/select2.css", true],
  ["select2/select2.ts", false],
  ["lib/Font-Awesome/scss/_core.scss", false],
  ["lib/font-awesome/scss/_core.scss", true],
  ["jquery.validate.unobtrusive-ajax.js", true],
  ["jquery-1.12.4.min.js", true],
  ["jquery.validate-other.js", false],
  ["d3.v7.min.js", true],
  ["d3.v.js", false],
  ["mootools-core-1.4.5-full.js", true],
  ["mootools-1.11.js", false],
  ["mootools-1.123.js", true],
  ["mootools.js", false],
])("of %s it is %s that it is somebody else's", (path, isVendored) => {
  expect(isVendoredPath(path, path.slice(path.lastIndexOf("/") + 1))).toBe(isVendored);
});
