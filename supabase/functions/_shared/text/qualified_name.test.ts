import { expect, test } from "vitest";
import { qualifiedName } from "./qualified_name.ts";

test.each([
  ["Builder.build", "Builder", "build"],
  ["Builder::build", "Builder", "build"],
  ["Builder#build", "Builder", "build"],
  ["std::io::Read", "std.io", "Read"],
  ["client->flags", "client", "flags"],
  ["osutil.Outer.empty?", "osutil.Outer", "empty?"],
  ["src/dict.find", "src.dict", "find"],
  ["App\\Models\\User::save", "App.Models.User", "save"],
  ["crate::err::mk", "err", "mk"],
  ["super::super::mk", "", "mk"],
  ["Server.Run()", "Server", "Run"],
  ["Run()", "", "Run"],
  ["(*Server).Run", "Server", "Run"],
])("%s is in %j called %s", (name, owner, last) => {
  expect(qualifiedName(name)).toEqual({ owner, last });
});

test.each(["build", ".build", "build.", "1.2", "a b.c", "::build", "", "build?", "()", "crate::"])(
  "%j is one name alone",
  (name) => {
    expect(qualifiedName(name)).toBeNull();
  },
);
