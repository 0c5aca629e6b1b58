/** What a lock says otherwise than the one before, as Nix prints it. */
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import type { FlakeInput } from "./flake-file.ts";
import { flakeRefToUrl } from "./flake-ref.ts";
import { isNode, type Lock, type LockNode } from "./lock-file.ts";
import type { LockedFlake } from "./lock-flake.ts";
import { lockedUrl } from "./locked-url.ts";

const BULLET = bytesFromText("\u2022");
const ARROW = bytesFromText("\u2192");

/** Lines that each end with a line feed; "" when nothing has changed. */
export function lockChanges(before: Lock | null, after: Lock): ByteString {
  const old = before === null ? new Map<string, ByteString>() : allInputs(before);
  const now = allInputs(after);
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths
    .map((path) => {
      const name = path.replaceAll("\0", "/");
      const [was, is] = [old.get(path), now.get(path)];
      if (was === undefined) return `${BULLET} Added input '${name}':\n    ${is}\n`;
      if (is === undefined) return `${BULLET} Removed input '${name}'\n`;
      if (was === is) return "";
      return `${BULLET} Updated input '${name}':\n    ${was}\n  ${ARROW} ${is}\n`;
    })
    .join("");
}

/** Inputs of the flake itself that a lock does not have, or has otherwise. */
export function unlockedInputs({ lock, old, file }: LockedFlake): FlakeInput[] {
  const known = old === null ? new Map<string, ByteString>() : allInputs(old);
  const now = allInputs(lock);
  return [...file.inputs].flatMap(([name, input]) =>
    now.get(name) === known.get(name) ? [] : [input],
  );
}

/** By their paths, joined by what sorts an input's own inputs right behind it. */
function allInputs(lock: Lock): Map<string, ByteString> {
  const found = new Map<string, ByteString>();
  const visit = (node: LockNode, path: string) => {
    for (const [name, input] of node.inputs) {
      const at = `${path}${name}`;
      found.set(at, isNode(input) ? described(input) : `follows '${input.join("/")}'`);
      if (isNode(input)) visit(input, `${at}\0`);
    }
  };
  visit(lock, "");
  return found;
}

function described({ locked }: LockNode): ByteString {
  const ref = locked ?? new Map();
  const url = `'${flakeRefToUrl(lockedUrl(ref))}'`;
  const modified = ref.get("lastModified");
  if (typeof modified !== "number") return url;
  return `${url} (${new Date(modified * 1000).toISOString().slice(0, 10)})`;
}
