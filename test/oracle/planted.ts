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

/** What the fuzzer of the copy prints of the first difference, null when it finds none. */
function fuzzWith({ name, file, search, replacement }: PlantedBug, args: readonly string[]) {
  const path = join(copy, "server/src", file);
  const text = readFileSync(path, "utf8");
  if (text.split(search).length !== 2) throw new Error(`there is no place for '${name}'`);
  writeFileSync(
    path,
    text.replace(search, () => replacement),
  );
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(copy, "test/oracle/fuzz.ts"), ...args, "--most", "1", "--as-found"],
    { cwd: copy, encoding: "utf8", maxBuffer: 1 << 30 },
  );
  writeFileSync(path, text);
  if (!/^seeds \d+ to/m.test(stdout)) throw new Error(`the fuzzer ended on '${name}': ${stderr}`);
  const found = /^seed [\s\S]*?\n\n/m.exec(stdout)?.[0].trim();
  const summary = /^seeds \d+ to .*$/m.exec(stdout)?.[0] ?? "";
  return { found: found ?? null, summary };
}

/** @param args options of the fuzzer: the first seed, and how many expressions to try at most */
export function findPlantedBugs(args: readonly string[]): boolean {
  makeCopy();
  let escaped = 0;
  for (const bug of PLANTED_BUGS) {
    const { found, summary } = fuzzWith(bug, args);
    if (found === null) escaped++;
    console.log(`${found === null ? "ESCAPED" : "found"}: ${bug.name}\n  ${summary}`);
    if (found !== null) console.log(`  ${found.split("\n").join("\n  ").slice(0, 600)}`);
  }
  rmSync(copy, { recursive: true, force: true });
  console.log(`${PLANTED_BUGS.length - escaped} of ${PLANTED_BUGS.length} planted bugs were found`);
  return escaped <= PLANTED_BUGS.length / 20;
}
