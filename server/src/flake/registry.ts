/**
 * Registries: what a name such as `nixpkgs` stands for. The user's own comes first, then the machine's,
 * then the one that is the same for everybody, which is downloaded.
 */
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { fetched } from "../eval/fetched.ts";
import { type FlakeRef, flakeRefToUrl, type InputAttribute } from "./flake-ref.ts";

/** Nix's default of the setting `flake-registry`. */
const GLOBAL_REGISTRY = "https://channels.nixos.org/flake-registry.json";
/** More steps than this are a cycle. */
const MAX_STEPS = 100;

interface Entry {
  readonly from: FlakeRef;
  readonly to: FlakeRef;
  /** Only what is written means this, not also another branch of it. */
  readonly exact: boolean;
}

/** Where an indirect reference leads. Throws `NixError`, and `Interruption` while the registry is downloaded. */
export function lookUpInRegistries(ev: Evaluator, ref: FlakeRef): FlakeRef {
  let found = ref;
  for (let steps = 0; found.get("type") === "indirect"; steps++) {
    if (steps > MAX_STEPS) {
      throw new NixError("eval", `cycle detected in flake registry for '${flakeRefToUrl(ref)}'`);
    }
    const next = step(ev, found);
    if (next === null) {
      throw new NixError(
        "eval",
        `cannot find flake '${flakeRefToUrl(found)}' in the flake registries`,
      );
    }
    found = next;
  }
  const dir = ref.get("dir");
  return dir === undefined ? found : new Map(found).set("dir", dir);
}

function step(ev: Evaluator, ref: FlakeRef): FlakeRef | null {
  for (const registry of registries(ev)) {
    for (const { from, to, exact } of registry) {
      if (exact ? equal(from, ref) : equal(from, without(ref, from)))
        return exact ? to : overridden(to, from, ref);
    }
  }
  return null;
}

/** One after another: a later one is not asked for when an earlier one has the answer. */
function* registries(ev: Evaluator): Generator<readonly Entry[]> {
  const { homeDirectory } = ev.settings;
  const configuration = ev.host.environment("XDG_CONFIG_HOME") || `${homeDirectory}/.config`;
  for (const file of [`${configuration}/nix/registry.json`, "/etc/nix/registry.json"]) {
    const text = ev.files.unrestricted(() =>
      ev.files.stat(file) === null ? null : ev.files.readFile(ev.files.resolveLinks(file)),
    );
    if (text !== null) yield parseRegistry(text, file);
  }
  const { path } = fetched(ev, { kind: "file", url: GLOBAL_REGISTRY, expected: null });
  yield parseRegistry(
    ev.files.unrestricted(() => ev.files.readFile(path)),
    GLOBAL_REGISTRY,
  );
}

/** Throws `NixError`. @param name the file's, in messages */
function parseRegistry(text: ByteString, name: ByteString): Entry[] {
  const bad = (what: string) =>
    new NixError("eval", bytesFromText(`cannot read the flake registry '${name}': ${what}`));
  let json: { version?: unknown; flakes?: unknown };
  try {
    json = JSON.parse(bytesToText(text)) as typeof json;
  } catch (error) {
    throw bad((error as Error).message);
  }
  if (json?.version !== 2) throw bad(`its version ${JSON.stringify(json?.version)} is not 2`);
  if (!Array.isArray(json.flakes)) throw bad("it has no list 'flakes'");
  return json.flakes.map((entry: { from?: unknown; to?: unknown; exact?: unknown }) => {
    const [from, to] = [attributes(entry?.from), attributes(entry?.to)];
    if (from === null || to === null) throw bad("an entry has no 'from' or no 'to'");
    return { from, to, exact: entry.exact === true };
  });
}

function attributes(json: unknown): FlakeRef | null {
  if (typeof json !== "object" || json === null) return null;
  const ref = new Map<ByteString, InputAttribute>();
  for (const [name, value] of Object.entries(json)) {
    if (typeof value === "string") ref.set(bytesFromText(name), bytesFromText(value));
    else if (typeof value === "number" || typeof value === "boolean")
      ref.set(bytesFromText(name), value);
  }
  return ref.has("type") ? ref : null;
}

function equal(a: FlakeRef, b: FlakeRef): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}

/** Without the directory, and without the branch and the commit where an entry does not name any. */
function without(ref: FlakeRef, entry: FlakeRef): FlakeRef {
  const all = new Map(ref);
  all.delete("dir");
  for (const name of ["ref", "rev"]) if (!entry.has(name)) all.delete(name);
  return all;
}

/** A branch or a commit that was asked for counts more than that of the registry. */
function overridden(to: FlakeRef, from: FlakeRef, asked: FlakeRef): FlakeRef {
  const all = new Map(to);
  const [ref, rev] = ["ref", "rev"].map((name) => (from.has(name) ? undefined : asked.get(name)));
  if (ref !== undefined) {
    all.set("ref", ref);
    all.delete("rev");
  }
  if (rev !== undefined) {
    all.set("rev", rev);
    if (all.get("type") !== "git") all.delete("ref");
  }
  return all;
}
