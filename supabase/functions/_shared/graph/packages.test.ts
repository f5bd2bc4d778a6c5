import { describe, expect, test } from "vitest";
import { packagesOf, packagesSeenBy } from "./packages.ts";

const swift = (path: string) => ({ path, language: "Swift", definitions: [] });

describe("files of one target of Swift see one another, in whatever folder of it they are", () => {
  test.each([
    ["Sources/Rocket/Engine.swift", "Sources/Rocket/Fuel/Tank.swift"],
    ["Packages/Core/Sources/Core/A.swift", "Packages/Core/Sources/Core/b/c/D.swift"],
    ["App/Views/Home.swift", "App/Model.swift"],
    ["Package.swift", "Plugin.swift"],
  ])("%s and %s", (one, other) => {
    expect(packagesSeenBy(swift(one))).toEqual(
      expect.arrayContaining([...packagesOf(swift(other))]),
    );
  });

  test.each([
    ["Sources/Rocket/Engine.swift", "Sources/Ground/Tower.swift"],
    ["Packages/A/Sources/Core/A.swift", "Packages/B/Sources/Core/B.swift"],
    ["App/Model.swift", "Widget/Model.swift"],
    ["Sources/Rocket/Engine.swift", "Tests/RocketTests/EngineTests.swift"],
  ])("%s sees nothing of %s", (one, other) => {
    expect(packagesSeenBy(swift(one))).not.toEqual(
      expect.arrayContaining([...packagesOf(swift(other))]),
    );
  });

  test.each([
    ["Tests/RocketTests/EngineTests.swift", "Sources/Rocket/Engine.swift"],
    ["AppUITests/HomeTests.swift", "App/Views/Home.swift"],
    ["Tests/PumpTests.swift", "Source/Features/Pump.swift"],
    ["Core/Tests/PumpTests.swift", "Core/Sources/Pump.swift"],
  ])("tests see what they are named after: %s sees %s", (tests, tested) => {
    expect(packagesSeenBy(swift(tests))).toEqual(
      expect.arrayContaining([...packagesOf(swift(tested))]),
    );
  });
});
