import type { TestProject } from "vitest/node";
import { packageExtension } from "../../scripts/package.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the packaged extension. */
    vsix: string;
  }
}

/** Packs the extension once for all end-to-end tests: they run what users install. */
export async function setup(project: TestProject): Promise<void> {
  project.provide("vsix", await packageExtension());
}
