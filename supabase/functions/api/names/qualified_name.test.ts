import { expect, test } from "vitest";
import { isOwnedBy, qualifiedName } from "./qualified_name.ts";

test.each([
  ["Builder.build", "Builder", "build"],
  ["Builder::build", "Builder", "build"],
  ["Builder#build", "Builder", "build"],
  ["std::io::Read", "std.io", "Read"],
  ["client->flags", "client", "flags"],
  ["osutil.Outer.empty?", "osutil.Outer", "empty?"],
  ["src/dict.find", "src.dict", "find"],
])("%s is in %s called %s", (name, owner, last) => {
  expect(qualifiedName(name)).toEqual({ owner, last });
});

test.each(["build", ".build", "build.", "1.2", "a b.c", "::build", "", "build?"])(
  "%j is one name alone",
  (name) => {
    expect(qualifiedName(name)).toBeNull();
  },
);

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
])("what is in %s within %j belongs to %s: %s", (path, container, owner, isOwned) => {
  expect(isOwnedBy({ path, container }, owner)).toBe(isOwned);
});
