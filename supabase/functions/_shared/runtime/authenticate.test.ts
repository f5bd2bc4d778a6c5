import { expect, test } from "vitest";
import { authenticate, unauthorized } from "./authenticate.ts";
import { problemResponse } from "./problem.ts";

const nobody = { authenticate: () => Promise.resolve({ outcome: "unknown" } as const) };

async function refusal(authorization: string | null): Promise<string> {
  const headers: Record<string, string> = authorization === null ? {} : { authorization };
  const request = new Request("http://functions.test/api", { headers });
  const error: unknown = await authenticate(request, nobody, new Headers()).catch((each: unknown) =>
    each
  );
  expect(error).toMatchObject({ code: "unauthorized" });
  return error instanceof Error ? error.message : "";
}

test("a refusal says whether there is no header, no key in it, or no such key", async () => {
  expect(await refusal(null)).toBe("There is no API key in the request.");
  for (const header of ["Bearer hello", "Basic cXJ5", "qry_0123456789abcdef", "Bearer qry_x"]) {
    expect(await refusal(header), header).toBe(
      "What the header Authorization holds is not an API key.",
    );
  }
  expect(await refusal("Bearer qry_0123456789abcdef")).toBe("This API key is not valid.");
});

test("a refusal that is not about API keys has a next step of its own", async () => {
  const nextStep = async (error: ReturnType<typeof unauthorized>) =>
    (await problemResponse(error, "id").json() as { next_step: string }).next_step;
  expect(await nextStep(unauthorized("No."))).toContain("with a key that was not revoked");
  expect(await nextStep(unauthorized("No.", "Do it."))).toBe("Do it.");
});
