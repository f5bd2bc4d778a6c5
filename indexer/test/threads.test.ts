import { afterAll, beforeAll, expect, test } from "vitest";
import type { Progress } from "../src/job.ts";
import { dumpIndex } from "./support/dump.ts";
import { commitFiles, file, type HostedFile } from "./support/hosted_commits.ts";
import { createIndexing, type Indexing } from "./support/indexing.ts";

let indexing: Indexing;
beforeAll(async () => {
  indexing = await createIndexing();
});
afterAll(async () => {
  await indexing[Symbol.asyncDispose]();
});

const faultyThread = new URL("./support/faulty_thread.ts", import.meta.url).href;

test("a thread extracts what the main thread extracts", async () => {
  const endings = ["ts", "py", "go", "txt"];
  const files = Array.from({ length: 220 }, (_, index): [string, HostedFile] => [
    `file_${index}.${endings[index % endings.length]}`,
    file(`function f${index}() { return step_${index % 7}(); }\n${"# text\n".repeat(index % 5)}`),
  ]);
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map(files));
  const threaded = await indexing.register(hosted);
  await indexing.work();
  const { id } = await indexing.lastJob(threaded);
  expect(await indexing.facts(id, "completed")).toMatchObject({ files: 220, segments: 1 });

  // The same content, pushed in pieces that are too small for threads.
  const other = await indexing.createHosted();
  await commitFiles(other.directory, new Map(files.slice(0, 110)));
  const inline = await indexing.register(other);
  await indexing.work();
  await commitFiles(other.directory, new Map(files));
  await indexing.push(inline);
  await indexing.work();
  const [fromThread, fromMain] = await Promise.all([threaded, inline].map(async (each) => {
    const [tree] = await dumpIndex(indexing.database.admin, each);
    return tree?.files;
  }));
  expect(fromThread).toHaveLength(220);
  expect(fromThread).toEqual(fromMain);
});

test("a parser that a file broke serves no other job: that one has a thread, however small it is", async () => {
  const hosted = await indexing.createHosted();
  await commitFiles(hosted.directory, new Map([["a.ts", file("export const a = 1;\n")]]));
  const repository = await indexing.register(hosted);
  const broken = {
    isSound: false,
    parse: () => Promise.resolve({ skip: "parse_failed" as const }),
    close: () => undefined,
  };
  await indexing.work({ localParser: { load: () => Promise.resolve(broken) } });
  const [tree] = await dumpIndex(indexing.database.admin, repository);
  expect(tree?.files).toMatchObject([{ path: "a.ts", symbols: [{ name: "a" }] }]);
});

test("a large job has a segment for each thread, and tells how far it is", async () => {
  const line = `${"filler words ".repeat(20)}\n`;
  const hosted = await indexing.createHosted();
  await commitFiles(
    hosted.directory,
    new Map(
      Array.from({ length: 30 }, (_, index) => [
        `text_${index}.txt`,
        file(`only_${index}\n${line.repeat(700)}`),
      ]),
    ),
  );
  const repository = await indexing.register(hosted);
  const seen: Progress[] = [];
  await indexing.work({ threads: 2, onProgress: (progress) => seen.push(progress) });
  const { id } = await indexing.lastJob(repository);
  expect(await indexing.facts(id, "completed")).toMatchObject({ files: 30, segments: 2 });
  const last = seen.filter(({ filesTotal }) => filesTotal > 0).at(-1);
  expect(last).toMatchObject({ filesDone: 30, filesTotal: 30 });
  expect(last?.bytesDone).toBe(last?.bytesTotal);
  // Of the job, whose segments are still to be published.
  expect(last?.percent).toBe(90);
  const [row] = await indexing.database.admin`
    select count(distinct b.blob_oid)::int as blobs, count(distinct s.id)::int as segments
    from quarry.segments s join quarry.blobs b on b.segment_id = s.id
    where s.repository_id = ${repository.id}`;
  expect(row).toEqual({ blobs: 30, segments: 2 });
});

test.each([
  ["hang", "parse_timeout", "at once"],
  ["die", "parse_failed", "at once"],
  ["fill", "parse_failed", "at once"],
  ["die", "parse_failed", "after its text"],
])(
  "a file that makes the parser %s costs its symbols (%s, %s) and nothing else",
  async (fault, reason, when) => {
    const hosted = await indexing.createHosted();
    await commitFiles(
      hosted.directory,
      new Map([
        ["a.ts", file("export const a = 1;\n")],
        ["faulty.ts", file(`export const b = 1; // please ${fault}\n`)],
        ["z.ts", file("export const z = 1;\n")],
      ]),
    );
    const repository = await indexing.register(hosted);
    // A second attempt does not trust its files: it has a thread, however small it is.
    await indexing.database.admin`
    update quarry.indexing_jobs set attempt = 1 where repository_id = ${repository.id}`;
    // In a process of its own, as on a machine: ending threads by force can cost Node the process
    // (https://github.com/nodejs/node/issues/56312), which here would be the one that runs the tests.
    const { ended } = await indexing.start({
      preload: faultyThread,
      environment: { TASK_MILLISECONDS_MAX: fault === "hang" ? "1000" : "10000" },
      ...(when === "after its text" ? { textFirstBytesMin: 0 } : {}),
    });
    expect(await ended).toMatchObject({ code: 0, signal: null });
    const [tree] = await dumpIndex(indexing.database.admin, repository);
    expect(tree?.files).toMatchObject([
      { path: "a.ts", symbols: [{ name: "a" }] },
      {
        path: "faulty.ts",
        skip_reason: null,
        symbols: null,
        blob: { symbols_skip_reason: reason },
        chunks: [[1, `export const b = 1; // please ${fault}`]],
      },
      { path: "z.ts", symbols: [{ name: "z" }] },
    ]);
    expect(await indexing.lastJob(repository)).toMatchObject({ state: "completed", attempt: 2 });
  },
);
