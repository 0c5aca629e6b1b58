/**
 * Many expressions for one process of a real Nix, failing ones too: its `nix repl` goes on after an
 * error. It says how each fails and what it traces; values are printed otherwise there, so those are
 * asked for apart.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failure, type Mode, type Outcome } from "./outcome.ts";
import { environment, evaluateReal, type RealNix } from "./real-nix.ts";

const OK = "snowglobe: it is";
const END = "snowglobe: that was";

/** What forces all that a way of printing looks at. */
const FORCE = {
  value: "builtins.deepSeq",
  json: "builtins.seq (builtins.toJSON",
  xml: "builtins.seq (builtins.toXML",
} as const satisfies Record<Mode, string>;

/** In memory where there is such a folder: a derivation is a file and a row of a database. */
const PLACE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** How an expression fails, null when it does not, and what it traces meanwhile. */
export interface Said {
  failure: Outcome | null;
  traces: string;
}

function runRepl(nix: RealNix, input: string, cwd: string): Promise<string> {
  const store = mkdtempSync(join(PLACE, "snowglobe-oracle-"));
  const [program = "", ...args] = [
    ...nix.command,
    "nix",
    "repl",
    "--extra-experimental-features",
    "nix-command",
    // Derivations are written there, unlike by `nix-instantiate --eval`.
    "--store",
    store,
    ...["--option", "fsync-metadata", "false"],
    // Of paths that are not there it would ask the network.
    ...["--option", "substitute", "false"],
  ];
  const env = { ...environment(), TERM: "dumb" };
  const child = spawn(program, args, { cwd, env, stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("latin1").on("data", (text: string) => {
    said += text;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      rmSync(store, { recursive: true, force: true });
      // Errors name the places where files really are.
      resolve(said.replaceAll(store, ""));
    });
  });
}

/** The lines that say what `trace` was called with. */
export function tracesOf(stderr: string): string {
  const lines = stderr.matchAll(/^trace: (?!snowglobe: )(.*)$/gm);
  return [...lines].map(([, text]) => text).join("\n");
}

/** Columns of a first line as they are without what has been put before it. */
function inPlace(report: string, before: number): string {
  return report.replace(
    /(\xc2\xabstring\xc2\xbb:1:)(\d+)/g,
    (_, place: string, column: string) => place + (Number(column) - before),
  );
}

/** Of one session, so that what ends it costs little. */
const AT_MOST = 500;

/** What one session says of these by index, until it ends; not of what has taken in the next ones. */
async function session(
  nix: RealNix,
  expressions: ReadonlyMap<number, string>,
  cwd: string,
  mode: Mode,
): Promise<Map<number, Said>> {
  const close = mode === "value" ? "" : ")";
  const lines = [...expressions].map(
    ([i, text]) =>
      `${FORCE[mode]} (${text})${close} (builtins.trace "${OK}" null)\nbuiltins.trace "${END} ${i}" null\n`,
  );
  const said = await runRepl(nix, lines.join(""), cwd);
  const out = new Map<number, Said>();
  const asked = [...expressions.keys()];
  let at = 0;
  for (const { 0: end, 1: index, index: until } of said.matchAll(
    new RegExp(`^trace: ${END} (\\d+)\\n`, "gm"),
  )) {
    const part = inPlace(said.slice(at, until), FORCE[mode].length + 2);
    at = until + end.length;
    const missing = asked.indexOf(Number(index));
    asked.splice(0, missing + 1);
    // Where an end is missing, this part tells of several.
    if (missing > 0) continue;
    const good = part.includes(`trace: ${OK}\n`);
    out.set(Number(index), { failure: good ? null : failure(part), traces: tracesOf(part) });
  }
  return out;
}

/** What the session says of each of these, which hold no tabs. */
export async function askSession(
  nix: RealNix,
  expressions: readonly string[],
  cwd: string,
  mode: Mode = "value",
): Promise<Said[]> {
  const out = new Map<number, Said>();
  const left = new Map(expressions.entries());
  while (left.size > 0) {
    const some = new Map([...left].slice(0, AT_MOST));
    const said = await session(nix, some, cwd, mode);
    for (const [i, what] of said) {
      out.set(i, what);
      left.delete(i);
    }
    const [missing] = [...some].filter(([i]) => !said.has(i));
    if (missing === undefined) continue;
    // The process died of it, or it has no end and took the next ones into it.
    const [i, text] = missing;
    const [alone] = await evaluateReal(nix, mode, [text], cwd);
    out.set(i, { failure: alone?.ok ? null : (alone as Outcome), traces: "" });
    left.delete(i);
  }
  return expressions.map((_, i) => out.get(i) as Said);
}

/** What a real Nix makes of expressions, like `evaluateReal`. */
export async function evaluateInSession(
  nix: RealNix,
  mode: Mode,
  expressions: readonly string[],
  cwd: string,
): Promise<Outcome[]> {
  const said = await askSession(nix, expressions, cwd, mode);
  const good = expressions.filter((_, i) => said[i]?.failure === null);
  const values = await evaluateReal(nix, mode, good, cwd, 500);
  return said.map(({ failure: failed }) => failed ?? (values.shift() as Outcome));
}
