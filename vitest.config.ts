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
    maxWorkers: 2,
  },
});
