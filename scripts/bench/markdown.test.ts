import { expect, test } from "vitest";
import { formatMarkdown, placeSection, wrap } from "./markdown.ts";

const conditions = {
  at: "2026-01-01T00:00:00.000Z",
  commit: "0123",
  machine: "2 × processor, 4 GiB",
  system: "a system",
  versions: { Node: "24" },
  othersShare: 0,
};

test("a result is a section: the command, tables under titles, notes, conditions", () => {
  const table = { title: "Starts", columns: ["stage", "ms"], rows: [["boot", "12"]] };
  const markdown = formatMarkdown({
    command: "npm run x",
    conditions,
    tables: [table],
    notes: ["A."],
  });
  expect(markdown.split("\n\n").map((block) => block.split("\n")[0])).toEqual([
    "`npm run x`",
    "Starts",
    "| stage |  ms |",
    "A.",
    "```text",
  ]);
  expect(markdown.endsWith("```\n")).toBe(true);
});

test("paragraphs are wrapped between words, which stay as they are", () => {
  const paragraph = `${"word ".repeat(40)}${"x".repeat(120)} end`;
  const lines = wrap(paragraph).split("\n");
  expect(lines.join(" ")).toBe(paragraph);
  expect(lines.filter((line) => line.length > 100)).toEqual(["x".repeat(120)]);
});

test("a section takes the place of the one before it, and of nobody else's", () => {
  const document = [
    "# Numbers",
    "<!-- benchmark one -->",
    "old",
    "<!-- end -->",
    "between",
    "<!-- benchmark two -->",
    "<!-- end -->",
    "last",
  ].join("\n");
  const once = placeSection(document, "one", "new\n") ?? "";
  expect(once.split("\n").filter((line) => line !== "")).toEqual([
    "# Numbers",
    "<!-- benchmark one -->",
    "new",
    "<!-- end -->",
    "between",
    "<!-- benchmark two -->",
    "<!-- end -->",
    "last",
  ]);
  expect(placeSection(once, "one", "new\n")).toBe(once);
  expect(placeSection(document, "three", "new")).toBe(null);
});
