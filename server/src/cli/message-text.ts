/** What the evaluation says meanwhile, as Nix prints it. */
import type { ByteString } from "../base/bytes.ts";
import type { MessageKind } from "../eval/host.ts";
import { underPrefix } from "../eval/report.ts";

/** Ends with a line feed. A warning of the program is indented, unless it begins on a line of its own. */
export function messageText(kind: MessageKind, text: ByteString): ByteString {
  if (kind !== "evaluation warning") return `${kind}: ${text}\n`;
  return text.startsWith("\n") ? `${kind}:${text}\n` : `${underPrefix(`${kind}: `, text)}\n`;
}
