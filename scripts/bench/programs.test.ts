import { expect, test } from "vitest";
import { findGoProgram, findProgram, goVersion, programDirectories } from "./programs.ts";

test("programs are looked for on the PATH, then where Go puts them", () => {
  const environment = { PATH: "/usr/bin:/bin", GOBIN: "/go/own", GOPATH: "/go/path" };
  expect(programDirectories(environment, "/my")).toEqual([
    "/usr/bin",
    "/bin",
    "/go/own",
    "/go/path/bin",
    "/my/go/bin",
  ]);
  expect(programDirectories({ PATH: "/bin" }, "/my")).toEqual(["/bin", "/my/go/bin"]);
});

test("a program that is there says its version, one that is not is null", async () => {
  const git = await findProgram("git");
  expect(git?.version).toMatch(/^git version \d/);
  expect(await findProgram("no-such-program-anywhere")).toBe(null);
  expect(await findGoProgram("no-such-program-anywhere")).toBe(null);
});

test("a Go program's version is that of its main module", () => {
  const note = "\0\0path\texample.org/cmd/tool\nmod\texample.org\tv0.1.2-3abc\t\ndep\tother\tv9\n";
  expect(goVersion(Buffer.from(note))).toBe("v0.1.2-3abc");
  expect(goVersion(Buffer.from("nothing of Go"))).toBe(null);
});
