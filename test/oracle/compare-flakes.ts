/** Generated flakes: the bytes of their locks, at first and after a change, and what they give, show and are. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Compared } from "./compare.ts";
import { type Answer, ourAnswer, realAnswer, writeFiles } from "./flake-answers.ts";
import type { FlakeStory } from "./generate/flakes.ts";
import type { Outcome } from "./outcome.ts";
import type { RealNix } from "./real-nix.ts";

/** Older ones know neither relative inputs nor changed trees as newer ones do. */
export const knowsFlakes = ({ version }: RealNix) => Number(version.split(".")[1]) >= 26;

const ASKED = [
  "eval --json path:FLAKE#x",
  "flake metadata --json path:FLAKE",
  "flake show --json path:FLAKE",
];

type Ask = (args: readonly string[]) => Promise<Answer>;

/** The lock that a command writes, or why it does not; the one before is as it was afterwards. */
async function locked(flake: string, args: readonly string[], ask: Ask): Promise<Answer> {
  const file = join(flake, "flake.lock");
  const before = existsSync(file) ? readFileSync(file) : null;
  const { ok, text } = await ask(args);
  const after = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (before === null) rmSync(file, { force: true });
  else writeFileSync(file, before);
  return ok ? { ok, text: after } : { ok, text };
}

/** What differs first, null when nothing does. */
async function difference(
  { files, changed, command }: FlakeStory,
  place: string,
  nix: RealNix,
): Promise<{ asked: string; ours: Answer; theirs: Answer } | null> {
  const flake = join(place, "flake");
  const real: Ask = (args) => realAnswer(nix, args, join(place, "store"));
  const ref = `path:${flake}`;
  const [name = "lock", ...names] = command;
  const steps = [
    { change: files, args: ["flake", "lock", ref] },
    {
      change: changed,
      args: ["flake", name, ...names, ...(name === "lock" ? [ref] : ["--flake", ref])],
    },
  ];
  for (const { change, args } of steps) {
    writeFiles(flake, change);
    const [ours, theirs] = [await locked(flake, args, ourAnswer), await locked(flake, args, real)];
    const asked = args.join(" ");
    if (!isDeepStrictEqual(ours, theirs)) return { asked, ours, theirs };
    if (!theirs.ok) return null;
    if (theirs.text !== "") writeFileSync(join(flake, "flake.lock"), theirs.text as string);
  }
  for (const line of ASKED) {
    const args = line.replaceAll("FLAKE", flake).split(" ");
    const [ours, theirs] = [await ourAnswer(args), await real(args)];
    if (!isDeepStrictEqual(ours, theirs)) return { asked: line, ours, theirs };
  }
  return null;
}

export async function compareFlakes(
  nixes: readonly RealNix[],
  stories: readonly string[],
): Promise<Compared> {
  const compared: Compared = { differences: [], failures: 0 };
  for (const nix of nixes.filter(knowsFlakes)) {
    for (const expression of stories) {
      const place = realpathSync(mkdtempSync(join(tmpdir(), "snowglobe-flakes-")));
      try {
        const found = await difference(JSON.parse(expression) as FlakeStory, place, nix);
        if (found === null) continue;
        const said = ({ ok, text }: Answer): Outcome => ({
          ok: true,
          text: `${found.asked}: ${ok ? "" : "error: "}${JSON.stringify(text)}`.replaceAll(
            place,
            "BESIDE",
          ),
        });
        compared.differences.push({
          expression,
          ours: said(found.ours),
          theirs: said(found.theirs),
          nix,
        });
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    }
  }
  return compared;
}
