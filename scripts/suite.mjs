// What `npm run check` and `npm test` are made of: suites that run and are counted.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, systemPackages } from "./bootstrap.mjs";

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 *
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} [needs] an environment variable without which it cannot run
 * @property {Record<string, string>} [programs] program name to Debian package
 * @property {() => Counts | Promise<Counts>} run
 */

/** Where suites leave results and pictures. */
export const out = join(root, "out");

const inCi = process.env["CI"] === "true";

/** Runs suites one after the other and ends the process. @param {readonly Suite[]} suites */
export async function runSuites(suites) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const notes = [];
  for (const { name, needs, programs = {}, run } of suites) {
    if (needs !== undefined && !process.env[needs]) {
      notes.push(`not run: ${name}: needs ${needs}`);
      continue;
    }
    heading(name);
    const start = Date.now();
    const counts = systemPackages(programs)
      ? await attempt(run)
      : { passed: 0, failed: 0, skipped: 1 };
    const line = `${name}: ${counted(counts)} (${((Date.now() - start) / 1000).toFixed(1)} s)`;
    console.log(line);
    notes.push(line);
    // A run that leaves something out must not look like one that tried everything.
    if (inCi && counts.skipped > 0) notes.push(`${name}: in CI what is skipped has failed`);
    total.passed += counts.passed;
    total.failed += counts.failed + (inCi ? counts.skipped : 0);
    total.skipped += inCi ? 0 : counts.skipped;
  }
  heading("result");
  console.log(notes.join("\n"));
  console.log(counted(total));
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/**
 * A command that passes or fails as a whole.
 *
 * @param {string} name @param {string} program name of a package's program, or a path
 * @param {readonly string[]} args @param {Pick<Suite, "programs">} [how] @returns {Suite}
 */
export function commandSuite(name, program, args, how = {}) {
  return {
    name,
    ...how,
    run: () => {
      const passed = run(program, args);
      return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
    },
  };
}

/**
 * Tests of one vitest configuration.
 *
 * @param {string} name @param {readonly string[]} args
 * @param {Pick<Suite, "needs" | "programs">} [how] @returns {Suite}
 */
export function vitestSuite(name, args, how = {}) {
  return {
    name,
    ...how,
    run: () => {
      const results = join(out, "results", `${name}.json`);
      mkdirSync(join(out, "results"), { recursive: true });
      rmSync(results, { force: true });
      const reporters = [
        "--reporter=dot",
        `--reporter=${join(root, "scripts/count-reporter.mjs")}`,
      ];
      const passed = run("vitest", ["run", ...args, ...reporters], { SNOWGLOBE_RESULTS: results });
      /** @type {Counts & { flaky: string[] }} */
      const counts = existsSync(results)
        ? JSON.parse(readFileSync(results, "utf8"))
        : { passed: 0, failed: 0, skipped: 0, flaky: [] };
      for (const test of counts.flaky)
        console.log(`flaky: ${name}: ${test} passed at the second try`);
      // Errors outside of any test, and a runner that died.
      return passed || counts.failed > 0 ? counts : { ...counts, failed: 1 };
    },
  };
}

/** A suite that breaks has failed, and the others still run. @param {Suite["run"]} run */
async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    console.log(error);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/**
 * @param {string} program @param {readonly string[]} args
 * @param {Record<string, string>} [environment]
 */
function run(program, args, environment = {}) {
  const local = join(root, "node_modules/.bin", program);
  const { status, error } = spawnSync(existsSync(local) ? local : program, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...environment },
    shell: process.platform === "win32",
  });
  if (error) console.log(String(error));
  return status === 0;
}

/** @param {Counts} counts */
function counted({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** @param {string} text */
function heading(text) {
  console.log(`\n== ${text}`);
}
