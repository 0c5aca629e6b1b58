/** The command line that says in a terminal what the view says of a file. */
import type { ChangedDerivation } from "../../server/src/lsp/protocol.ts";

/** What has changed, and what it is compared with. */
type Compared = Pick<ChangedDerivation, "attributePath" | "before" | "reference">;

export function whyChangedCommand(
  file: string,
  { attributePath, before, reference }: Compared,
): string {
  const attribute = attributePath.map(attributeName).join(".");
  const isFlake = /(?:^|\/)flake\.nix$/.test(file);
  const ofFlake = isFlake && attribute !== "" ? `#${attribute}` : "";
  const option = isFlake || attribute === "" ? [] : ["-A", quoted(attribute)];
  // What was built last is in no revision.
  const isRevision = /^\S+$/.test(reference);
  const old = isRevision ? `${reference}:${file}${ofFlake}` : before;
  const operands = [old, file + ofFlake].map(quoted);
  return ["snowglobe", "why-changed", ...option, ...operands].join(" ");
}

function attributeName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) ? name : `"${name}"`;
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./#~^-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
