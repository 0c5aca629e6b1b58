import { defineConfig } from "vitest/config";

// Unit tests live beside the code; whole-product suites live under test/ and are run by `npm test`.
export default defineConfig({
  test: {
    include: ["server/src/**/*.test.ts", "client/src/**/*.test.ts", "test/*.test.ts"],
    testTimeout: 20_000,
  },
});
