import { expect, test } from "vitest";
import { BuildLogReader, shortPlan } from "./build-log.ts";

const HASH = "0123456789abcdfghijklmnpqrsvwxyz";

function read(...chunks: string[]) {
  const said: string[] = [];
  const reader = new BuildLogReader({
    progress: (text) => said.push(`[${text}]`),
    line: (text) => said.push(text),
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return { said, errors: reader.errors };
}

const nix = (message: object) => `@nix ${JSON.stringify(message)}\n`;

test("builds and downloads", () => {
  const start = (id: number, type: number, name: string) =>
    nix({ action: "start", id, type, fields: [`/nix/store/${HASH}-${name}`] });
  const progress = (done: number) =>
    nix({ action: "result", id: 99, type: 105, fields: [done, 2, 1, 0] });
  const { said, errors } = read(
    progress(0),
    start(1, 100, "zlib"),
    start(2, 105, "hello.drv"),
    nix({ action: "result", id: 1, type: 105, fields: [10, 20, 0, 0] }),
    nix({ action: "result", id: 2, type: 104, fields: ["buildPhase"] }),
    nix({ action: "result", id: 2, type: 101, fields: ["\x1b[31mcc\x1b[0m -o hello"] }),
    start(3, 105, "jq.drv"),
    nix({ action: "stop", id: 1 }) + nix({ action: "stop", id: 2 }),
    progress(1),
  );
  expect(said).toEqual([
    "[0 of 2 built]",
    `fetching /nix/store/${HASH}-zlib`,
    "[0 of 2 built, fetching zlib]",
    `building /nix/store/${HASH}-hello.drv`,
    "[0 of 2 built, building hello, fetching zlib]",
    "[0 of 2 built, building hello (buildPhase), fetching zlib]",
    "hello> cc -o hello",
    `building /nix/store/${HASH}-jq.drv`,
    "[0 of 2 built, building hello (buildPhase) and 1 more, fetching zlib]",
    "[0 of 2 built, building hello (buildPhase) and 1 more]",
    "[0 of 2 built, building jq]",
    "[1 of 2 built, building jq]",
  ]);
  expect(errors).toEqual([]);
});

test("errors, other lines, and lines in pieces", () => {
  const line = nix({ action: "msg", level: 0, msg: "error: builder failed\nlast lines" });
  expect(
    read("error: \x1b[1mno\x1b[0m\n@nix {bad\n", line.slice(0, 20), line.slice(20), "end"),
  ).toEqual({
    said: ["error: no", "@nix {bad", "error: builder failed\nlast lines", "end"],
    errors: ["builder failed\nlast lines"],
  });
});

test("a plan in short", () => {
  const paths = (...names: string[]) =>
    names.map((name) => `  /nix/store/${HASH}-${name}\n`).join("");
  const plan = `these 3 derivations will be built:\n${paths("a.drv", "b-1.drv", "c.drv")}this path will be fetched (1 MiB):\n${paths("d")}`;
  expect(shortPlan(plan, 2)).toBe(
    "these 3 derivations will be built:\n  a\n  b-1\n  and 1 more\nthis path will be fetched (1 MiB):\n  d",
  );
});
