import { expect, test } from "vitest";
import { requestService } from "./http_client.ts";

test("what a service says has no text that PostgreSQL would refuse to store", async () => {
  const said = String.raw`{"message": "a\u0000b\ud800", "list": ["\u0000"], "emoji": "😀"}`;
  const response = await requestService(() => Promise.resolve(new Response(said)), {
    method: "GET",
    url: "http://service.test",
    headers: {},
    signal: new AbortController().signal,
  });
  expect(response?.body).toEqual({ message: "a\ufffdb\ufffd", list: ["\ufffd"], emoji: "😀" });
});
