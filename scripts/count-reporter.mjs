// A vitest reporter that writes counts to the file SNOWGLOBE_RESULTS: passed, failed, skipped, and
// the names of tests that passed only when run once more.
import { writeFileSync } from "node:fs";

class CountReporter {
  /** @param {ReadonlyArray<import("vitest/node").TestModule>} modules */
  onTestRunEnd(modules) {
    const counts = { passed: 0, failed: 0, skipped: 0, flaky: /** @type {string[]} */ ([]) };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        // What a stopped run leaves pending has not passed.
        counts[state === "pending" ? "failed" : state]++;
        if (test.diagnostic()?.flaky) counts.flaky.push(test.fullName);
      }
    }
    const file = process.env["SNOWGLOBE_RESULTS"];
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}

// biome-ignore lint/style/noDefaultExport: vitest takes a reporter's default export.
export default CountReporter;
