import { expect, test } from "vitest";
import { forAnyClient } from "./any_client.ts";

/** Answers what it was asked. */
const echo = forAnyClient((request) =>
  Promise.resolve(
    Response.json({ method: request.method, url: request.url }, {
      status: 404,
      headers: { "x-request-id": "7" },
    }),
  )
);
const URL = "http://functions.test/api/jobs?limit=1";

test("a preflight is answered without asking the handler, whatever headers it names", async () => {
  const response = await echo(
    new Request(URL, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.test",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization,mcp-method",
      },
    }),
  );
  expect([response.status, await response.text()]).toEqual([204, ""]);
  expect(Object.fromEntries(response.headers)).toEqual({
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "*",
    "access-control-allow-methods": "GET, HEAD, POST, PATCH, DELETE",
    "access-control-allow-headers": "authorization,mcp-method",
    "access-control-max-age": "86400",
  });
});

test("an answer may be read by any page, which sends no cookies with it", async () => {
  const response = await echo(new Request(URL));
  expect(await response.json()).toEqual({ method: "GET", url: URL });
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.has("access-control-allow-credentials")).toBe(false);
});

test("HEAD is answered as GET is, without the body", async () => {
  const response = await echo(new Request(URL, { method: "HEAD" }));
  expect([response.status, await response.text()]).toEqual([404, ""]);
  expect(response.headers.get("x-request-id")).toBe("7");
  expect(response.headers.get("content-type")).toBe("application/json");
  const whole = await echo(new Request(URL));
  expect(response.headers.get("content-length")).toBe(String((await whole.text()).length));
});

test("a method that a path does not take is told of HEAD wherever GET is one that it takes", async () => {
  const refusing = (allow: string) =>
    forAnyClient(() => Promise.resolve(new Response(null, { status: 405, headers: { allow } })));
  const allowed = async (allow: string) =>
    (await refusing(allow)(new Request(URL, { method: "PUT" }))).headers.get("allow");
  expect(await allowed("GET, DELETE")).toBe("GET, HEAD, DELETE");
  expect(await allowed("POST")).toBe("POST");
});
