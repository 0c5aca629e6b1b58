/** What the evaluation says meanwhile, as Nix prints it. */
import type { ByteString } from "../base/bytes.ts";
import type { MessageKind } from "../eval/host.ts";
import { underPrefix } from "../eval/report.ts";

/** Ends with a line feed. A warning of the program is indented, and one may begin on a line of its own. */
export function messageText(kind: MessageKind, text: ByteString): ByteString {
  if (kind !== "trace" && text.startsWith("\n")) return `${kind}:${text}\n`;
  const prefix = `${kind}: `;
  return `${kind === "evaluation warning" ? underPrefix(prefix, text) : prefix + text}\n`;
}
