/** What a program wants downloaded, as far as the host has it. */
import type { ByteString } from "../base/bytes.ts";
import { Interruption, NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import type { Fetched, FetchRequest } from "./host.ts";

/** Throws `NixError`, and `Interruption` while it is being downloaded. */
export function fetched(ev: Evaluator, request: FetchRequest): Fetched {
  if (ev.settings.restrictEval) {
    throw new NixError(
      "restricted",
      `access to URI '${request.url}' is forbidden in restricted mode`,
    );
  }
  const answer = ev.host.fetch(request);
  if (answer.ok === true) return answer.value;
  if (answer.ok === "pending") throw new Interruption("pending", answer.key);
  const { code, message } = answer.error;
  if (code === "not-fetched") throw new NixError("not-fetched", message).needs(request);
  throw new NixError(code === "refused" ? "restricted" : "io", message);
}

/** Whether a path is in the store, this one or the machine's. */
export function isInStore(ev: Evaluator, storePath: ByteString): boolean {
  if (ev.store.object(storePath) !== undefined) return true;
  ev.files.allow(storePath);
  // The machine's store may be out of reach: then it has nothing.
  const stat = ev.host.stat(storePath);
  return stat.ok === true && stat.value !== null;
}

/** The last part of a URL's path, as Nix takes it for a name. */
export function urlBaseName(url: ByteString): ByteString {
  return url.slice(url.lastIndexOf("/") + 1);
}

/** `channel:name` is short for a channel's archive. */
export function resolveChannel(url: ByteString): ByteString {
  const name = /^channel:(.*)$/s.exec(url)?.[1];
  return name === undefined ? url : `https://channels.nixos.org/${name}/nixexprs.tar.xz`;
}
