/** `snowglobe flake metadata`: what a flake is, and its lock. */
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import { flakeRefToUrl } from "../flake/flake-ref.ts";
import { isNode, type LockNode, lockJson, refJson } from "../flake/lock-file.ts";
import type { LockedFlake } from "../flake/lock-flake.ts";
import { lockedUrl } from "../flake/locked-url.ts";
import type { FlakeCommand } from "./flake-command.ts";

export const flakeMetadata: FlakeCommand = (_, flake, options, output) => {
  const metadata = metadataOf(flake);
  const text = options.json ? `${JSON.stringify(metadata)}\n` : printed(metadata, flake.lock);
  output.stdout(bytesFromText(text));
  return 0;
};

/** With the names of `nix flake metadata --json`, sorted; all but `fingerprint`. */
function metadataOf({ ref, tree, file, lock }: LockedFlake): Record<string, unknown> {
  const revCount = tree.revCount?.() ?? null;
  const locked = new Map(tree.locked).set("__final", true);
  if (revCount !== null) locked.set("revCount", revCount);
  const original = refJson(ref);
  const url = bytesToText(flakeRefToUrl(ref));
  const all: [string, unknown][] = [
    ["description", file.description === null ? null : bytesToText(file.description)],
    ["dirtyRevision", tree.dirtyRev],
    ["lastModified", tree.lastModified?.() ?? null],
    ["locked", refJson(locked)],
    ["locks", lockJson(lock)],
    ["original", original],
    ["originalUrl", url],
    ["path", tree.storePath],
    ["resolved", original],
    ["resolvedUrl", url],
    ["revCount", revCount],
    ["revision", tree.rev],
    ["url", bytesToText(flakeRefToUrl(lockedUrl(tree.locked)))],
  ];
  return Object.fromEntries(all.filter(([, value]) => value !== null));
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

function printed(metadata: Record<string, unknown>, lock: LockNode): string {
  const lines = LABELS.filter(([, key]) => metadata[key] !== undefined).map(
    ([label, key]) => `${`${label}:`.padEnd(15)}${metadata[key]}\n`,
  );
  const modified = metadata["lastModified"];
  if (typeof modified === "number") lines.push(`Last modified: ${localTime(modified)}\n`);
  if (lock.inputs.size > 0) lines.push("Inputs:\n", inputTree(lock, ""));
  return lines.join("");
}

/** @param lead what stands before each line */
function inputTree(node: LockNode, lead: string): string {
  const names = [...node.inputs.keys()].sort();
  const lines = names.map((name, i) => {
    const isLast = i === names.length - 1;
    const input = node.inputs.get(name) as LockNode | readonly string[];
    const start = `${lead}${isLast ? "└───" : "├───"}${bytesToText(name)}`;
    if (!isNode(input)) return `${start} follows input '${bytesToText(input.join("/"))}'\n`;
    const below = inputTree(input, `${lead}${isLast ? "    " : "│   "}`);
    return `${start}: ${lockedAt(input)}\n${below}`;
  });
  return lines.join("");
}

function lockedAt({ locked }: LockNode): string {
  const ref = locked ?? new Map();
  const url = bytesToText(flakeRefToUrl(lockedUrl(ref)));
  const modified = ref.get("lastModified");
  return typeof modified === "number" ? `${url} (${utcTime(modified)})` : url;
}

const utcTime = (seconds: number) =>
  new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");

/** As the clock on the wall showed it. */
function localTime(seconds: number): string {
  const offset = new Date(seconds * 1000).getTimezoneOffset();
  return utcTime(seconds - offset * 60);
}
