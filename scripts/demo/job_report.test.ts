import { expect, test } from "vitest";
import { deliveryOf, figuresOf, stagesOf, timeOf } from "./job_report.ts";

const at = (milliseconds: number) => new Date(milliseconds).toISOString();
const events = [
  { at: at(1000), event: "queued", message: "webhook 1-2", context: {} },
  { at: at(1250), event: "claimed", message: "", context: { attempt: 1 } },
  {
    at: at(2000),
    event: "completed",
    message: "indexed",
    context: {
      files: 182,
      changed: 2,
      blobs_fetched: 2,
      fetch_milliseconds: 200,
      diff_milliseconds: 10,
      parse_milliseconds: 300,
      write_milliseconds: 100,
      write_tree_milliseconds: 5,
      publish_milliseconds: 15,
    },
  },
];

test("stages follow each other from the moment of the queue, writing beside parsing", () => {
  expect(stagesOf(events)).toEqual([
    { name: "waiting", startMilliseconds: 1000, milliseconds: 250 },
    { name: "fetching", startMilliseconds: 1250, milliseconds: 200 },
    { name: "diffing", startMilliseconds: 1450, milliseconds: 10 },
    { name: "parsing", startMilliseconds: 1460, milliseconds: 300 },
    { name: "writing", startMilliseconds: 1660, milliseconds: 100 },
    { name: "publishing", startMilliseconds: 1760, milliseconds: 20 },
  ]);
});

test("a job that was never claimed has no stages", () => {
  expect(stagesOf(events.slice(0, 1))).toEqual([]);
});

test("figures that a report leaves out are null", () => {
  expect(figuresOf(events)).toMatchObject({ files: 182, blobsFetched: 2, symbols: null });
  expect(figuresOf([])).toMatchObject({ files: null, reason: null });
});

test("the last event of a name counts, and who asked is known by the delivery", () => {
  expect(timeOf([...events, { ...events[0]!, at: at(9000) }], "queued")).toBe(9000);
  expect(timeOf(events, "failed")).toBeNull();
  expect(deliveryOf("webhook 1-2")).toBe("1-2");
  expect(deliveryOf("key local")).toBeNull();
});
