/** Warnings of settings and of experimental features that Nix does not have. */
import { bytesFromText } from "../base/bytes.ts";
import type { EvalSettings } from "../eval/settings.ts";
import { unknownSettings } from "../host/nix-settings.ts";
import { messageText } from "./message-text.ts";
import type { Output } from "./output.ts";

/** Those of Nix 2.26 and of the newest. */
const FEATURES: ReadonlySet<string> = new Set([
  ...["auto-allocate-uids", "blake3-hashes", "ca-derivations", "cgroups"],
  ...["configurable-impure-env", "daemon-trust-override", "dynamic-derivations"],
  ...["external-builders", "fetch-closure", "fetch-tree", "flakes", "git-hashing"],
  ...["impure-derivations", "local-overlay-store", "mounted-ssh-store", "nix-command"],
  ...["no-url-literals", "parse-toml-timestamps", "pipe-operators", "read-only-local-store"],
  ...["recursive-nix", "verified-fetches"],
]);

export function warnOfUnknownSettings(
  { features }: EvalSettings,
  given: ReadonlyMap<string, string>,
  output: Output,
): void {
  const warn = (text: string) => output.stderr(messageText("warning", bytesFromText(text)));
  for (const name of features) {
    if (name !== "" && !FEATURES.has(name)) warn(`unknown experimental feature '${name}'`);
  }
  // What Snowglobe has beside Nix's.
  const others = [...given].filter(([name]) => name !== "nix-version");
  for (const name of unknownSettings(process.env, others)) warn(`unknown setting '${name}'`);
}
