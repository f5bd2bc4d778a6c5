// What files of Swift, which name no file and no definition in an import, have to do with one another: over HTTP,
// from a real push.

import { afterAll, beforeAll, expect, test } from "vitest";
import { IndexedRepository } from "./support/indexed_repository.ts";

const files: Readonly<Record<string, string>> = {
  "Package.swift": "// swift-tools-version:5.9\nimport PackageDescription\n",
  "Sources/Rocket/Engine.swift": "import Foundation\n\n/// Burns.\npublic struct Engine {\n" +
    "    let tank: Tank\n    func ignite() -> Bool { tank.open() }\n}\n",
  "Sources/Rocket/Fuel/Tank.swift": "final class Tank {\n    func open() -> Bool { true }\n}\n",
  "Sources/Rocket/Fuel/Tank+Sensors.swift": "extension Tank {\n    var level: Int { 1 }\n}\n",
  "Sources/Ground/Tower.swift":
    "struct Tower {\n    func open() {}\n    func clear() { open() }\n}\n",
  "Tests/RocketTests/EngineTests.swift": "import XCTest\n@testable import Rocket\n\n" +
    "final class EngineTests: XCTestCase {\n    func testIgnite() {\n" +
    "        let engine = Engine(tank: Tank())\n        XCTAssertTrue(engine.ignite())\n    }\n}\n",
};

let indexed: IndexedRepository;
beforeAll(async () => {
  indexed = await IndexedRepository.create("acme/swift", files);
});
afterAll(() => indexed[Symbol.asyncDispose]());

function pathsIn(rows: unknown): string[] {
  return (rows as { readonly path: string }[]).map(({ path }) => path);
}

test("a change of a file reaches those of its target and of its tests, the tests first", async () => {
  const body = await indexed.get("impact", { path: "Sources/Rocket/Fuel/Tank.swift" });
  expect(pathsIn(body["files"])).toEqual([
    "Tests/RocketTests/EngineTests.swift",
    "Sources/Rocket/Engine.swift",
    "Sources/Rocket/Fuel/Tank+Sensors.swift",
  ]);
});

test("a call is of what its own target defines", async () => {
  const { calls } = await indexed.get("callees", { name: "ignite" });
  expect(calls).toMatchObject([{
    to: { name: "Tank.open", path: "Sources/Rocket/Fuel/Tank.swift" },
    certainty: "likely",
  }]);
});

test("tests call what the target defines that they are named after", async () => {
  const { calls } = await indexed.get("callers", { name: "ignite" });
  expect(calls).toMatchObject([{
    from: { path: "Tests/RocketTests/EngineTests.swift" },
    certainty: "likely",
  }]);
});

test("what an extension adds is a member of the type", async () => {
  const { definitions } = await indexed.get("definitions", { name: "level" });
  expect(definitions).toMatchObject([{ container: "Tank", kind: "property", exported: true }]);
});
