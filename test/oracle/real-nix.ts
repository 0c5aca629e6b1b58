/** A real Nix to compare with: Debian's, and the one that SNOWGLOBE_NIX_ORACLE names. */
import { spawn, spawnSync } from "node:child_process";
import { failure, type Mode, type Outcome } from "./outcome.ts";

export interface RealNix {
  /** "2.8", "2.26": what the table of known differences goes by. */
  version: string;
  /** Command prefix: `nix-instantiate` and its options follow. */
  command: readonly string[];
}

/** No store, no search path, no settings of this machine. */
export function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, NIX_REMOTE: "dummy://", NIX_PATH: "", NO_COLOR: "1", LC_ALL: "C.UTF-8" };
}

/** Expressions of one process, so that its start counts little. */
const BATCH = 50;

function realNix(command: readonly string[]): RealNix {
  const [program = "", ...args] = [...command, "nix-instantiate", "--version"];
  const { stdout, error } = spawnSync(program, args, { env: environment(), encoding: "utf8" });
  const version = /\(Nix\) (\d+\.\d+)/.exec(stdout ?? "")?.[1];
  if (version === undefined)
    throw new Error(`'${command.join(" ")} nix-instantiate' is no Nix: ${error ?? stdout}`);
  return { version, command };
}

/** All that there are; the first is the system's. */
export function realNixes(): RealNix[] {
  const second = process.env["SNOWGLOBE_NIX_ORACLE"];
  const prefixes = [[], ...(second ? [second.split(/\s+/).filter((word) => word !== "")] : [])];
  return prefixes.map(realNix);
}

interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs its `nix-instantiate`. */
export function runNix(
  nix: RealNix,
  args: readonly string[],
  cwd: string,
  more: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  return run([...nix.command, "nix-instantiate", ...args], cwd, more);
}

/** Runs a command of its `nix` with a store of its own. The network is left alone; locks are written only when told to. */
export function runNixCommand(
  nix: RealNix,
  args: readonly string[],
  store: string,
): Promise<Finished> {
  const features = ["--extra-experimental-features", "nix-command flakes"];
  const command = [...nix.command, "nix", ...features, "--store", store, "--offline"];
  const asked = /^flake (lock|update)$/.test(args.slice(0, 2).join(" "));
  const last = asked ? [] : ["--no-write-lock-file"];
  return run([...command, ...args, ...last], "/", { NIX_REMOTE: undefined });
}

function run(
  command: readonly string[],
  cwd: string,
  more: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const [program = "", ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd,
      env: { ...environment(), ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("latin1").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** Options of a mode, for a real Nix and for us. */
export function modeOptions(mode: Mode): string[] {
  const options = ["--eval", "--strict"];
  if (mode === "json") options.push("--json");
  if (mode === "xml") options.push("--xml", "--no-location");
  return options;
}

/** Evaluated between the expressions: paths may have line ends, and Nix 2.8 ends no JSON text with one. */
const SEPARATOR = '"snowglobe: the next"';

/** The texts of several results that were printed one after the other. */
function results(stdout: string, mode: Mode): string[] {
  const end = mode === "xml" ? "</expr>\n" : SEPARATOR;
  return stdout.split(end).slice(0, -1);
}

/** An expression as an operand: one that begins with a dash would be an option. */
export const operand = (expression: string) =>
  /^\s*-/.test(expression) ? ` ${expression}` : expression;

/**
 * Evaluates expressions, many in one process. It ends at the first that fails; the next process goes
 * on behind it.
 */
export async function evaluateReal(
  nix: RealNix,
  mode: Mode,
  expressions: readonly string[],
  cwd: string,
  size = BATCH,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < expressions.length) {
    const batch = expressions.slice(outcomes.length, outcomes.length + size);
    const operands = batch.map(operand);
    const args = [
      ...modeOptions(mode),
      "-E",
      ...(mode === "xml" ? operands : operands.flatMap((text) => [text, SEPARATOR])),
    ];
    const { status, stdout, stderr } = await runNix(nix, args, cwd);
    const texts = results(stdout, mode).slice(0, batch.length);
    for (const text of texts) outcomes.push({ ok: true, text: text.trim() });
    if (status === 0 && texts.length === batch.length) continue;
    if (texts.length === batch.length) throw new Error(`failed after all results: ${stderr}`);
    outcomes.push(failure(stderr));
  }
  return outcomes;
}

/** Runs tasks a few at a time, results in order. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const out: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) out[i] = await task(items[i] as T);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return out;
}
