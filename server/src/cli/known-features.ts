/** Nix's experimental features, and the warning of names that are none. */
import { bytesFromText } from "../base/bytes.ts";
import type { EvalSettings } from "../eval/settings.ts";
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

export function warnOfUnknownFeatures({ features }: EvalSettings, output: Output): void {
  for (const name of features) {
    if (name === "" || FEATURES.has(name)) continue;
    output.stderr(messageText("warning", bytesFromText(`unknown experimental feature '${name}'`)));
  }
}
