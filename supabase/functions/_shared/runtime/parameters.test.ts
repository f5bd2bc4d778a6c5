import { expect, test } from "vitest";
import { z } from "zod";
import { PAGE_ITEMS_DEFAULT } from "../contracts/limits.ts";
import { pageParameters, readJsonBody, readParameters, text } from "./parameters.ts";

const schema = z.strictObject({ ...pageParameters, name: text.optional() });
const read = (query: string) =>
  readParameters(new Request(`http://functions.test/x?${query}`), schema);

test("parameters are read by name, and one without a value counts as absent", () => {
  expect(read("limit=7&name=a%20b&cursor=")).toEqual({ limit: 7, name: "a b" });
  expect(read("")).toEqual({ limit: PAGE_ITEMS_DEFAULT });
});

test("text in UTF-8 is read, also the sign for what is none, and a lone per cent sign", () => {
  expect(read("name=caf%C3%A9%EF%BF%BD+100%")).toMatchObject({ name: "café\ufffd 100%" });
});

test.each([
  ["limit=0", "limit"],
  ["limit=201", "limit"],
  ["limit=-1", "limit"],
  ["limit=1e2", "limit"],
  ["limit=1&limit=2", "limit"],
  ["nmae=x", "nmae"],
  ["__proto__=x", "__proto__"],
  ["name=a%00b", "name"],
  ["name=caf%E9", "name"],
])("%s is refused by name", (query, name) => {
  expect(() => read(query)).toThrow(
    expect.objectContaining({
      code: "invalid_parameter",
      message: expect.stringContaining(name) as string,
    }),
  );
});

const bodySchema = z.strictObject({ full: z.boolean().optional() });
const readBodyOf = (body: string | null) =>
  readJsonBody(new Request("http://functions.test/x", { method: "POST", body }), bodySchema);

test("a body is read by its schema, and none at all is an empty object", async () => {
  expect(await readBodyOf('{"full":true}')).toEqual({ full: true });
  expect(await readBodyOf(null)).toEqual({});
});

test("a wrong body is refused by the name of its field, without its value", async () => {
  await expect(readBodyOf("{")).rejects.toMatchObject({ code: "invalid_json" });
  await expect(readBodyOf("[]")).rejects.toMatchObject({ code: "invalid_body" });
  await expect(readBodyOf('{"other":1}')).rejects.toMatchObject({ code: "invalid_body" });
  const refused = readBodyOf('{"full":"my password"}');
  await expect(refused).rejects.toMatchObject({ code: "invalid_body" });
  await expect(refused).rejects.toThrow(/^full: (?!.*my password)/);
});
