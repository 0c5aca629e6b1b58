import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { flakeCommand } from "./flake.ts";

const scratch = mkdtempSync(join(tmpdir(), "snowglobe-metadata-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const CHANGED = 1_700_000_000;
/** The flake's time is local, those of its inputs are not. */
const HERE = new Date(CHANGED * 1000).toLocaleString("sv-SE");

function write(name: string, text: string): string {
  const directory = join(scratch, name);
  mkdirSync(directory, { recursive: true });
  const file = join(directory, "flake.nix");
  writeFileSync(file, text);
  for (const each of [file, dirname(file)]) utimesSync(each, CHANGED, CHANGED);
  return `path:${directory}`;
}

async function metadata(flake: string): Promise<string> {
  let printed = "";
  const say = (text: string) => {
    printed += Buffer.from(text, "latin1").toString();
  };
  await flakeCommand(["metadata", flake], { stdout: say, stderr: () => {} });
  return printed
    .replace(/\?\S*/g, "")
    .replace(/\/nix\/store\/\S*/, "STORE")
    .replaceAll(scratch, "");
}

test("what is printed of a flake and its inputs", async () => {
  const b = write("b", "{ outputs = _: { }; }");
  const a = write("a", `{ inputs.b.url = "${b}"; inputs.c.url = "${b}"; outputs = _: { }; }`);
  const flake = write(
    "f",
    `{ description = "Ä"; inputs.b.url = "${b}"; outputs = _: { };
       inputs.a = { url = "${a}"; inputs.b.follows = "b"; }; }`,
  );
  expect(await metadata(flake)).toBe(`Resolved URL:  path:/f
Locked URL:    path:/f
Description:   Ä
Path:          STORE
Last modified: ${HERE}
Inputs:
├───a: path:/a (2023-11-14 22:13:20)
│   ├───b follows input 'b'
│   └───c: path:/b (2023-11-14 22:13:20)
└───b: path:/b (2023-11-14 22:13:20)
`);
  expect(await metadata(b)).toBe(`Resolved URL:  path:/b
Locked URL:    path:/b
Path:          STORE
Last modified: ${HERE}
`);
});
