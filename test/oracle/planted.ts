/** Whether the generators find bugs that are planted in a copy of the evaluator, one at a time. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PLANTED_BUGS, type PlantedBug } from "./planted-bugs.ts";

const root = join(import.meta.dirname, "../..");
const copy = join(root, "out/planted");

function makeCopy(): void {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const name of ["server/src", "test/oracle", "package.json", "tsconfig.json"])
    cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
}

function fuzzWith({ name, file, search, replacement }: PlantedBug, args: readonly string[]) {
  const path = join(copy, "server/src", file);
  const text = readFileSync(path, "utf8");
  const [before, after, ...more] = text.split(search);
  if (after === undefined || more.length > 0) throw new Error(`there is no place for '${name}'`);
  writeFileSync(path, before + replacement + after);
  try {
    return fuzz(args);
  } finally {
    writeFileSync(path, text);
  }
}

/** What the fuzzer of the copy prints of the first difference, null when it finds none. */
function fuzz(args: readonly string[]): { found: string | null; summary: string } {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(copy, "test/oracle/fuzz.ts"), ...args, "--most", "1", "--as-found"],
    { cwd: copy, encoding: "utf8", maxBuffer: 1 << 30 },
  );
  if (!/^seeds \d+ to/m.test(stdout)) throw new Error(`the fuzzer ended: ${stderr}`);
  const found = /^seed [\s\S]*?\n\n/m.exec(stdout)?.[0].trim();
  const summary = /^seeds \d+ to .*$/m.exec(stdout)?.[0] ?? "";
  return { found: found ?? null, summary };
}

/**
 * @param args options of the fuzzer: the first seed, and how many expressions to try at most
 * @param some only bugs in whose name this stands
 */
export function findPlantedBugs(args: readonly string[], some = ""): boolean {
  makeCopy();
  const { found: before } = fuzz(args);
  if (before !== null) throw new Error(`without a planted bug there is a difference:\n${before}`);
  const bugs = PLANTED_BUGS.filter(({ name }) => name.includes(some));
  let escaped = 0;
  for (const bug of bugs) {
    const { found, summary } = fuzzWith(bug, args);
    if (found === null) escaped++;
    console.log(`${found === null ? "ESCAPED" : "found"}: ${bug.name}\n  ${summary}`);
    if (found !== null) console.log(`  ${found.split("\n").join("\n  ").slice(0, 600)}`);
  }
  rmSync(copy, { recursive: true, force: true });
  console.log(`${bugs.length - escaped} of ${bugs.length} planted bugs were found`);
  return escaped <= bugs.length / 20;
}
