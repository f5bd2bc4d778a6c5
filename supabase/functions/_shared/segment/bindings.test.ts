import { expect, test } from "vitest";
import { bindingOf } from "./bindings.ts";

/** What a file of Go that imports this takes a name for. */
function moduleOf(specifier: string, local: string): string | undefined {
  const imported = { specifier, line: 1, kind: "module", names: [], typeOnly: false };
  return bindingOf({ language: "Go", outline: { imports: [imported] } }, local)?.imported.specifier;
}

test("a module of Go is called by the end of its path, with the version or without", () => {
  expect(moduleOf("net/http", "http")).toBe("net/http");
  for (
    const [specifier, names] of [
      ["github.com/acme/ring/v2", ["ring", "v2"]],
      ["gopkg.in/yaml.v3", ["yaml", "v3"]],
      ["k8s.io/api/core/v1", ["core", "v1"]],
    ] as const
  ) {
    for (const name of names) expect(moduleOf(specifier, name)).toBe(specifier);
    expect(moduleOf(specifier, "acme")).toBeUndefined();
  }
  expect(moduleOf("acme/v2ray", "acme")).toBeUndefined();
});
