import { expect, test } from "vitest";
import { initialsOf } from "./humps.ts";

test.each([
  ["getUserName", "gun"],
  ["get_user_name", "gun"],
  ["GET_USER_NAME", "gun"],
  ["XMLHttpRequest", "xhr"],
  ["parseHTTPServer", "phs"],
  ["$el", "e"],
  ["utf8Decode", "ud"],
  ["two words", "tw"],
  ["ÄrgerÜber", "äü"],
  ["--", ""],
  ["", ""],
])("the initials of %s are %s", (name, initials) => expect(initialsOf(name)).toBe(initials));
