import { expect, test } from "vitest";
import { ownedBy } from "./owned_names.ts";

test.each([
  ["a/osutil.py", null, "osutil", true],
  ["a/osutil.py", null, "a.osutil", true],
  ["a/osutil.py", null, "util", false],
  ["a/osutil.py", "Outer.Inner", "Inner", true],
  ["a/osutil.py", "Outer.Inner", "osutil.Outer.Inner", true],
  ["a/osutil.py", "Outer.Inner", "Outer", false],
  ["store/store.go", null, "store", true],
  ["store/open.go", "Store", "store.Store", true],
  ["pkg/__init__.py", null, "pkg", true],
  ["main.go", null, "main", true],
  ["main.go", "Server", "Server", true],
  ["app/Models/User.php", null, "App.Models", true],
  ["src/err.rs", null, "", true],
  ["app/shop.rb", "Shop::Order", "shop.Order", false],
  ["app/shop.rb", "Shop::Order", "Shop.Order", true],
])("what is in %s within %j belongs to %j: %s", (path, container, owner, isOwned) => {
  const file = { path, language: "Python", definitions: [] };
  expect(ownedBy([{ container }], () => file, owner)).toHaveLength(isOwned ? 1 : 0);
});

test.each([["Kotlin", "package", 1], ["PHP", "namespace", 1], ["Rust", "module", 0]])(
  "of what a file of %s declares as its %s it has %i",
  (language, kind, count) => {
    const definitions = [{ name: "com.acme", kind, container: null, signature: "" }];
    const file = { path: "src/all", language, definitions };
    expect(ownedBy([{ container: null }], () => file, "com.acme")).toHaveLength(count);
  },
);

test("who has the case of the owner is meant before who has it in another", () => {
  const file = { path: "server.go", language: "Go", definitions: [] };
  const definitions = [{ container: null }, { container: "Server" }];
  expect(ownedBy(definitions, () => file, "Server")).toEqual([{ container: "Server" }]);
});
