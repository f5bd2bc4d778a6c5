// Tests lie beside what they test, in three places; one PostgreSQL serves the whole run.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["supabase/**/*.test.ts", "indexer/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/.local/**"],
    globalSetup: ["scripts/local/test_setup.ts"],
    // Bounds against hanging, not measurements: a loaded two-core machine must stay far below them.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for comes on its own time, as the end of a backend does.
    expect: { poll: { timeout: 10_000 } },
    // A shared machine can be too slow for the real processes of one test. In CI such a test is tried once
    // more, and the summary's last line names those that passed only then. Nobody's own run hides them.
    retry: process.env["CI"] === undefined ? 0 : 1,
    maxWorkers: 2,
  },
});
