import { expect, test } from "vitest";
import { repositoryFilter } from "./repository_filter.ts";

const hosts = ["github.com"];

test.each([
  ["Owner/Name", "owner/name"],
  ["owner/name.git", "owner/name"],
  ["https://github.com/Owner/Name", "owner/name"],
  ["https://github.com/owner/name.git", "owner/name"],
  ["0B79DBED-1111-4111-8111-111111111111", "0b79dbed-1111-4111-8111-111111111111"],
])("%s filters by %s", (input, filter) => {
  expect(repositoryFilter(input, hosts)).toBe(filter);
});

test("what can name no repository of a tenant is answered like one that nobody has", () => {
  for (const input of ["", "name", "https://elsewhere.test/owner/name", "owner/name/more"]) {
    expect(() => repositoryFilter(input, hosts), input).toThrow(
      expect.objectContaining({ code: "not_found" }),
    );
  }
  expect(repositoryFilter(undefined, hosts)).toBeNull();
});
