import { Readable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BadPacket, encodeCommand, type Packet, readPackets } from "./pkt_line.ts";

async function packetsOf(chunks: readonly Uint8Array[]): Promise<Packet[]> {
  const packets: Packet[] = [];
  for await (const packet of readPackets(Readable.from(chunks))) packets.push(packet);
  return packets;
}

function texts(packets: readonly Packet[]): string[] {
  return packets.map((packet) => Buffer.isBuffer(packet) ? packet.toString("utf8") : packet);
}

test("a command is a line, a delimiter, a line for each argument and a flush", async () => {
  const command = encodeCommand("ls-refs", ["ref-prefix refs/heads/ä"]);
  expect(command).toBe("0014command=ls-refs\n0001001dref-prefix refs/heads/ä\n0000");
  expect(texts(await packetsOf([Buffer.from(command)]))).toEqual([
    "command=ls-refs\n",
    "delimiter",
    "ref-prefix refs/heads/ä\n",
    "flush",
  ]);
});

test("lines are the same however the stream is cut", async () => {
  const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 8 });
  const args = fc.array(fc.string({ maxLength: 30 }).filter((text) => !text.includes("\n")));
  await fc.assert(fc.asyncProperty(args, cuts, async (lines, places) => {
    const bytes = Buffer.from(encodeCommand("fetch", lines));
    const ends = [...places, bytes.length].toSorted((a, b) => a - b);
    const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
    expect(texts(await packetsOf(chunks))).toEqual([
      "command=fetch\n",
      "delimiter",
      ...lines.map((each) => `${each}\n`),
      "flush",
    ]);
  }));
});

test.each(["<html>", "0003", "00", "0009done", "ffff"])(
  "%s is no stream of lines",
  async (text) => {
    await expect(packetsOf([Buffer.from(text)])).rejects.toThrow(BadPacket);
  },
);
