import { defineConfig } from "vitest/config";

const project = (
  name: string,
  more: { globalSetup?: string; retry?: number; testTimeout: number },
) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    hookTimeout: 180_000,
    // These start editors and other processes: one at a time.
    fileParallelism: false,
    ...more,
  },
});

// Tests of the whole product, over what `npm run build` made; `npm test` runs them with their set-up.
export default defineConfig({
  test: {
    projects: [
      project("corpus", { testTimeout: 60_000 }),
      project("oracle", { testTimeout: 120_000 }),
      project("build", { globalSetup: "test/build/set-up.ts", testTimeout: 120_000 }),
      project("lsp", { testTimeout: 60_000 }),
      // A step that passes at the second try is reported as flaky.
      project("e2e", { globalSetup: "test/e2e/set-up.ts", testTimeout: 120_000, retry: 1 }),
    ],
  },
});
