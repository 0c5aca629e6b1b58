import { defineConfig } from "vitest/config";

// Unit tests live beside the code; whole-product suites live under test/ and are run by `npm test`.
export default defineConfig({
  test: {
    include: ["server/src/**/*.test.ts", "client/src/**/*.test.ts", "test/*.test.ts"],
    setupFiles: "test/fixed-seed.ts",
    testTimeout: 20_000,
    // Nothing here changes what other files see, and most of the time would go into loading modules.
    isolate: false,
    pool: "threads",
  },
});
