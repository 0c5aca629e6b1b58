/** The start-up file that gives a bash the environment of a build. */
import type { ByteString } from "../base/bytes.ts";
import { type BashValue, environmentOutputs, type ShellEnvironment } from "./shell-environment.ts";
import { shellQuote } from "./shell-quote.ts";

/** What belongs to the user, or to the sandbox that is gone. */
const NOT_TAKEN = new Set([
  "BASHOPTS",
  "HOME",
  "NIX_BUILD_TOP",
  "NIX_ENFORCE_PURITY",
  "NIX_LOG_FD",
  "NIX_REMOTE",
  "PPID",
  "SHELLOPTS",
  "SSL_CERT_FILE",
  "TEMP",
  "TEMPDIR",
  "TERM",
  "TMP",
  "TMPDIR",
  "TZ",
  "UID",
]);

/** The user's own values of these stay behind those of the environment. */
const APPENDED = ["PATH", "XDG_DATA_DIRS"];

export interface RcPlaces {
  /** What the outputs' paths become: nothing can be installed into the store. Absolute. */
  readonly outputsDirectory: ByteString;
  /** Where the caller writes `RcScript.files`. Absolute. */
  readonly filesDirectory: ByteString;
}

export interface RcScript {
  readonly text: ByteString;
  /** Files that it names, by name below `filesDirectory`. */
  readonly files: ReadonlyMap<ByteString, ByteString>;
}

/**
 * The text that `nix print-dev-env` of Nix 2.26 prints. Throws `ShellEnvironmentError` when the
 * environment does not name its outputs.
 */
export function rcScript(env: ShellEnvironment, places: RcPlaces): RcScript {
  let text = "unset shellHook\n";
  for (const name of APPENDED) text += `${name}=\${${name}:-}\nnix_saved_${name}="$${name}"\n`;
  for (const [name, value] of env.variables) {
    if (!NOT_TAKEN.has(name)) text += assignment(name, value);
  }
  for (const [name, body] of env.functions) text += `${name} ()\n{\n${body}}\n`;
  for (const name of APPENDED) {
    text += `${name}="$${name}\${nix_saved_${name}:+:$nix_saved_${name}}"\n`;
  }
  text += 'export NIX_BUILD_TOP="$(mktemp -d -t nix-shell.XXXXXX)"\n';
  for (const name of ["TMP", "TMPDIR", "TEMP", "TEMPDIR"]) {
    text += `export ${name}="$NIX_BUILD_TOP"\n`;
  }
  text += 'eval "${shellHook:-}"\n';

  const moved = new Map<ByteString, ByteString>();
  for (const [output, path] of environmentOutputs(env)) {
    moved.set(path, `${places.outputsDirectory}/${output}`);
  }
  const files = new Map<ByteString, ByteString>();
  if (env.structuredAttrs !== undefined) {
    for (const kind of ["sh", "json"] as const) {
      const name = `.attrs.${kind}`;
      files.set(name, replaceAll(env.structuredAttrs[kind], moved));
      const before = env.variables.get(`NIX_ATTRS_${kind.toUpperCase()}_FILE`)?.value;
      if (typeof before === "string") moved.set(before, `${places.filesDirectory}/${name}`);
    }
  }
  return { text: replaceAll(text, moved), files };
}

function assignment(name: ByteString, { type, value }: BashValue): ByteString {
  switch (type) {
    case "var":
      return `${name}=${shellQuote(value)}\n`;
    case "exported":
      return `${name}=${shellQuote(value)}\nexport ${name}\n`;
    case "array":
      return `declare -a ${name}=(${value.map((item) => `${shellQuote(item)} `).join("")})\n`;
    case "associative": {
      const items = Array.from(value, ([key, item]) => `[${shellQuote(key)}]=${shellQuote(item)} `);
      return `declare -A ${name}=(${items.join("")})\n`;
    }
  }
}

function replaceAll(text: ByteString, replacements: ReadonlyMap<ByteString, ByteString>) {
  let out = text;
  for (const [from, to] of replacements) out = out.replaceAll(from, () => to);
  return out;
}
