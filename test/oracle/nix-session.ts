/**
 * Many expressions for one process of a real Nix, failing ones too: its `nix repl` goes on after an
 * error. It says how each fails; values are printed otherwise there, so those are asked for apart.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failure, type Outcome } from "./outcome.ts";
import { environment, evaluateReal, type RealNix } from "./real-nix.ts";

const OK = "snowglobe: it is";
const END = "snowglobe: the next";

function runRepl(nix: RealNix, input: string, cwd: string): Promise<string> {
  const store = mkdtempSync(join(tmpdir(), "snowglobe-oracle-"));
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

/** How each of these fails, null for those that do not. They are one line each, without tabs. */
async function failures(
  nix: RealNix,
  expressions: readonly string[],
  cwd: string,
): Promise<(Outcome | null)[]> {
  const out: (Outcome | null)[] = [];
  while (out.length < expressions.length) {
    const rest = expressions.slice(out.length);
    const lines = rest.map(
      (text) =>
        `builtins.deepSeq (${text}) (builtins.trace "${OK}" null)\nbuiltins.trace "${END}" null\n`,
    );
    const parts = (await runRepl(nix, lines.join(""), cwd)).split(`trace: ${END}\n`);
    const last = parts.pop() ?? "";
    for (const part of parts) out.push(part.includes(`trace: ${OK}\n`) ? null : failure(part));
    // The process died of one of them.
    if (parts.length < rest.length)
      out.push({ ok: false, class: "crash", message: last, report: last });
  }
  return out;
}

/** What a real Nix makes of expressions, like `evaluateReal`. */
export async function evaluateInSession(
  nix: RealNix,
  expressions: readonly string[],
  cwd: string,
): Promise<Outcome[]> {
  const failed = await failures(nix, expressions, cwd);
  const good = expressions.filter((_, i) => failed[i] === null);
  const values = await evaluateReal(nix, "value", good, cwd, 500);
  return failed.map((outcome) => outcome ?? (values.shift() as Outcome));
}
