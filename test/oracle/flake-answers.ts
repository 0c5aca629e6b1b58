/** What commands about flakes print, ours and of a real Nix, in a form in which they can be compared. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CliError } from "../../server/src/cli/cli-error.ts";
import { evalCommand } from "../../server/src/cli/eval.ts";
import { flakeCommand } from "../../server/src/cli/flake.ts";
import { failure } from "./outcome.ts";
import { type RealNix, runNixCommand } from "./real-nix.ts";

export interface Answer {
  readonly ok: boolean;
  readonly text: unknown;
}

/** Of what is printed: JSON as data, without what only one program can know. */
function answer(status: number | null, stdout: string, stderr: string): Answer {
  if (status !== 0) {
    const outcome = failure(stderr);
    return { ok: false, text: outcome.ok ? "" : outcome.message.split("\n", 1)[0] };
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const text = stdout.replace(/\x1b\[[0-9;]*m/g, "").trim();
  try {
    const data = JSON.parse(text) as unknown;
    if (typeof data !== "object" || data === null) return { ok: true, text: data };
    const { fingerprint: _, ...rest } = data as Record<string, unknown>;
    return { ok: true, text: rest };
  } catch {
    return { ok: true, text };
  }
}

/** Writes files whose times are known. In their texts BESIDE is the place of the directory. */
export function writeFiles(flake: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(flake, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.replaceAll("BESIDE", dirname(flake)));
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  }
}

export async function ourAnswer([name, ...args]: readonly string[]): Promise<Answer> {
  let stdout = "";
  let stderr = "";
  const output = {
    stdout: (text: string) => {
      stdout += text;
    },
    stderr: (text: string) => {
      stderr += text;
    },
  };
  let status: number;
  try {
    status = await (name === "eval" ? evalCommand(args, output) : flakeCommand(args, output));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    status = 1;
    stderr += `error: ${error.message}\n`;
  }
  return answer(status, Buffer.from(stdout, "latin1").toString(), stderr);
}

export async function realAnswer(
  nix: RealNix,
  args: readonly string[],
  store: string,
): Promise<Answer> {
  const { status, stdout, stderr } = await runNixCommand(nix, args, store);
  // In messages it says where files really are.
  const logical = stderr.replaceAll(join(store, "nix/store"), "/nix/store");
  return answer(status, Buffer.from(stdout, "latin1").toString(), logical);
}
