import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const loader = new URL("../bin/load-compiled.js", import.meta.url).href;
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "snowglobe-compiled-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a program prints that is loaded in a process of its own. */
function run(program: string, longRun = 0): string {
  const file = join(folder, "program.cjs");
  writeFileSync(file, program);
  const load = `import { loadCompiled } from ${JSON.stringify(loader)};
    loadCompiled(${JSON.stringify(file)}, ${longRun});`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", load], {
    encoding: "utf8",
    env: { ...process.env, XDG_CACHE_HOME: folder },
  });
}

const kept = () =>
  readdirSync(join(folder, "snowglobe/compiled")).map((name) =>
    join(folder, "snowglobe/compiled", name),
  );

test("what was compiled is kept, used, and made again when it is damaged", () => {
  const program = `console.log(require("node:path").basename(__filename));`;
  expect(run(program, 1e9)).toBe("program.cjs\n");
  expect(run(program)).toBe("program.cjs\n");
  const [file = "", ...others] = kept();
  expect(others).toEqual([]);
  const written = statSync(file).ino;
  expect(run(program)).toBe("program.cjs\n");
  expect(statSync(file).ino).toBe(written);
  const damaged = readFileSync(file);
  damaged[100] = (damaged[100] ?? 0) ^ 1;
  writeFileSync(file, damaged);
  expect(run(program)).toBe("program.cjs\n");
  expect(readFileSync(file).equals(damaged)).toBe(false);
});

test("another program of the same length is another, and few are kept", () => {
  for (let n = 0; n < 6; n++) expect(run(`console.log(${n});`)).toBe(`${n}\n`);
  expect(kept()).toHaveLength(4);
});
