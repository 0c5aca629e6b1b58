/** `snowglobe flake metadata`: what a flake is, where it is, and its lock. */
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import { NixError } from "../eval/errors.ts";
import { reportError } from "../eval/report.ts";
import { flakeRefToUrl } from "../flake/flake-ref.ts";
import { lockJson, refJson } from "../flake/lock-file.ts";
import { type LockedFlake, lockFlake } from "../flake/lock-flake.ts";
import { CliError } from "./cli-error.ts";
import { parseFlakeOperand } from "./flake-operand.ts";
import { nixEvaluator } from "./nix-evaluator.ts";
import { parseNixOptions } from "./nix-options.ts";
import type { Output } from "./output.ts";

/** Exit status. */
export function flakeCommand(argv: readonly string[], output: Output): number {
  const [name = "--help", ...rest] = argv;
  if (name === "--help") {
    output.stdout(HELP);
    return 0;
  }
  if (name !== "metadata" && name !== "info")
    throw new CliError(`'flake ${name}' is not supported yet`);
  const options = parseNixOptions(rest);
  const ev = nixEvaluator(options, process.env, output);
  try {
    const { ref } = parseFlakeOperand(ev, options.operands[0] ?? ".");
    const metadata = metadataOf(lockFlake(ev, ref));
    output.stdout(
      options.json ? `${bytesFromText(JSON.stringify(metadata))}\n` : printed(metadata),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof NixError)) throw error;
    output.stderr(reportError(ev, error, { showTrace: options.showTrace }));
    return 1;
  }
}

/** With the names of `nix flake metadata --json`, sorted; all but `fingerprint`. */
function metadataOf({ ref, tree, file, lock }: LockedFlake): Record<string, unknown> {
  const revCount = tree.revCount?.() ?? null;
  const locked = new Map(tree.locked).set("__final", true);
  if (revCount !== null) locked.set("revCount", revCount);
  const original = refJson(ref);
  const url = bytesToText(flakeRefToUrl(ref));
  const all: [string, unknown][] = [
    ["description", file.description],
    ["dirtyRevision", tree.dirtyRev],
    ["lastModified", tree.lastModified],
    ["locked", refJson(locked)],
    ["locks", lockJson(lock)],
    ["original", original],
    ["originalUrl", url],
    ["path", tree.storePath],
    ["resolved", original],
    ["resolvedUrl", url],
    ["revCount", revCount],
    ["revision", tree.rev],
    ["url", bytesToText(flakeRefToUrl(withoutHash(tree.locked)))],
  ];
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

/** The URL of a commit needs no hash. */
function withoutHash(locked: LockedFlake["ref"]): LockedFlake["ref"] {
  if (locked.get("type") !== "git") return locked;
  return new Map([...locked].filter(([name]) => name !== "narHash"));
}

const LABELS: readonly (readonly [label: string, key: string])[] = [
  ["Resolved URL", "resolvedUrl"],
  ["Locked URL", "url"],
  ["Description", "description"],
  ["Path", "path"],
  ["Revision", "revision"],
  ["Revision", "dirtyRevision"],
  ["Revisions", "revCount"],
];

function printed(metadata: Record<string, unknown>): string {
  const lines = LABELS.filter(([, key]) => metadata[key] !== undefined).map(
    ([label, key]) => `${`${label}:`.padEnd(14)}${metadata[key]}\n`,
  );
  return bytesFromText(lines.join(""));
}

const HELP = `usage: snowglobe flake metadata [--json] [FLAKE]

Prints what a flake is and its lock. FLAKE is a path or a reference ('.' without one).
`;
