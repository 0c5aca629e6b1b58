/**
 * Why one derivation is not another: what it says itself that differs, and which of its inputs differ,
 * down to those that differ by themselves. A path that differs only because an input differs is not
 * counted as a difference.
 */
import type { ByteString } from "../base/bytes.ts";
import { type Derivation, outputPathOf } from "./derivation.ts";
import type { Store } from "./store.ts";
import { type StoreContext, storePathName } from "./store-path.ts";

export interface Difference {
  readonly kind: "variable" | "arguments" | "builder" | "system" | "output" | "source" | "input";
  /** Of the variable, output, source or input. */
  readonly name: ByteString;
  /** Null: it was not there. */
  readonly before: ByteString | null;
  /** Null: it is gone. */
  readonly after: ByteString | null;
}

export interface ChangedDerivation {
  readonly name: ByteString;
  readonly before: ByteString;
  readonly after: ByteString;
  /** What it says itself; empty when it differs only because its inputs do. */
  readonly differences: readonly Difference[];
  /** In the order of its inputs; the same derivation below two others is the same object. */
  readonly inputs: readonly ChangedDerivation[];
}

/** Where derivations are read. */
export type Derivations = Pick<Store, "context" | "readDerivation">;

/** Derivations that make it up: itself and all that are needed to build it. */
export function derivationClosure(store: Derivations, drvPath: ByteString): Set<ByteString> {
  return new Set(neededDerivations(store, [drvPath]));
}

/** Some derivations and all that are needed to build them, those that are needed most directly first. */
export function* neededDerivations(
  store: Derivations,
  drvPaths: Iterable<ByteString>,
): Generator<ByteString> {
  const found = new Set(drvPaths);
  for (const each of found) {
    yield each;
    for (const input of store.readDerivation(each).inputDrvs.keys()) found.add(input);
  }
}

/** Throws `StoreError` when a derivation is not in the store. */
export function derivationDifference(
  store: Derivations,
  before: ByteString,
  after: ByteString,
): ChangedDerivation {
  const known = new Map<string, ChangedDerivation>();
  const compare = (old: ByteString, now: ByteString): ChangedDerivation => {
    const key = `${old} ${now}`;
    let changed = known.get(key);
    if (changed === undefined) {
      changed = compareDerivations(store, old, now, compare);
      known.set(key, changed);
    }
    return changed;
  };
  return compare(before, after);
}

function compareDerivations(
  store: Derivations,
  before: ByteString,
  after: ByteString,
  compare: (before: ByteString, after: ByteString) => ChangedDerivation,
): ChangedDerivation {
  const old = store.readDerivation(before);
  const now = store.readDerivation(after);
  const inputs = pairs(store, old, now);
  const renamed = new Map<ByteString, ByteString>();
  renameOutputs(old, now, renamed);
  for (const [from, to] of inputs.same) {
    renamed.set(from, to);
    renameOutputs(store.readDerivation(from), store.readDerivation(to), renamed);
  }
  const sources = pairSources(store.context, old.inputSrcs, now.inputSrcs);
  for (const [from, to] of sources.same) renamed.set(from, to);
  const differences = [
    ...ownDifferences(old, now, (text) => renamePaths(store.context, text, renamed)),
    ...sources.same.map(([from, to]): Difference => {
      return { kind: "source", name: storePathName(store.context, to), before: from, after: to };
    }),
    ...oneSided(store.context, "source", sources),
    ...oneSided(store.context, "input", inputs),
  ];
  const changed = inputs.same.map(([from, to]) => compare(from, to));
  return { name: now.name, before, after, differences, inputs: changed };
}

interface Pairs {
  readonly same: readonly (readonly [before: ByteString, after: ByteString])[];
  readonly gone: readonly ByteString[];
  readonly added: readonly ByteString[];
}

/** Inputs that are not in both, paired by name, and what is left by name without its version. */
function pairs(store: Derivations, old: Derivation, now: Derivation): Pairs {
  const gone = [...old.inputDrvs.keys()].filter((path) => !now.inputDrvs.has(path));
  const added = [...now.inputDrvs.keys()].filter((path) => !old.inputDrvs.has(path));
  const nameOf = (path: ByteString) => store.readDerivation(path).name;
  const exact = pairBy(gone, added, nameOf);
  const rest = pairBy(exact.gone, exact.added, (path) => nameOf(path).replace(/-[0-9].*$/, ""));
  return { ...rest, same: [...exact.same, ...rest.same] };
}

function pairSources(
  context: StoreContext,
  old: readonly ByteString[],
  now: readonly ByteString[],
): Pairs {
  const [before, after] = [new Set(old), new Set(now)];
  return pairBy(
    old.filter((path) => !after.has(path)),
    now.filter((path) => !before.has(path)),
    (path) => storePathName(context, path),
  );
}

function pairBy(
  gone: readonly ByteString[],
  added: readonly ByteString[],
  nameOf: (path: ByteString) => ByteString,
): Pairs {
  const left = new Map<ByteString, ByteString[]>();
  for (const path of gone) {
    const name = nameOf(path);
    left.set(name, [...(left.get(name) ?? []), path]);
  }
  const same: [ByteString, ByteString][] = [];
  const unpaired = added.filter((path) => {
    const partner = left.get(nameOf(path))?.shift();
    if (partner !== undefined) same.push([partner, path]);
    return partner === undefined;
  });
  return { same, gone: [...left.values()].flat(), added: unpaired };
}

function oneSided(context: StoreContext, kind: "source" | "input", { gone, added }: Pairs) {
  const nameOf = (path: ByteString) => storePathName(context, path).replace(/\.drv$/, "");
  return [
    ...gone.map((path): Difference => ({ kind, name: nameOf(path), before: path, after: null })),
    ...added.map((path): Difference => ({ kind, name: nameOf(path), before: null, after: path })),
  ];
}

function renameOutputs(
  old: Derivation,
  now: Derivation,
  renamed: Map<ByteString, ByteString>,
): void {
  for (const [name, output] of old.outputs) {
    const other = now.outputs.get(name);
    const [from, to] = [outputPathOf(output), other && outputPathOf(other)];
    if (from !== undefined && to !== undefined) renamed.set(from, to);
  }
}

function renamePaths(
  context: StoreContext,
  text: ByteString,
  renamed: ReadonlyMap<ByteString, ByteString>,
): ByteString {
  if (!text.includes(context.storeDir)) return text;
  return text.replaceAll(
    /\/[^\s"':=,;]*\/[0-9a-z]{32}-[0-9a-zA-Z+._?=-]+/g,
    (path) => renamed.get(path) ?? path,
  );
}

function ownDifferences(
  old: Derivation,
  now: Derivation,
  rename: (text: ByteString) => ByteString,
): Difference[] {
  const found: Difference[] = [];
  const compare = (
    kind: Difference["kind"],
    name: ByteString,
    before: ByteString,
    after: ByteString,
  ) => {
    if (rename(before) !== after) found.push({ kind, name, before, after });
  };
  compare("system", "system", old.system, now.system);
  compare("builder", "builder", old.builder, now.builder);
  compare("arguments", "args", old.args.join(" "), now.args.join(" "));
  for (const name of new Set([...old.env.keys(), ...now.env.keys()])) {
    const [before, after] = [old.env.get(name) ?? null, now.env.get(name) ?? null];
    // Nix puts these into the environment itself.
    if (name === "builder" || name === "system") continue;
    if (before === null || after === null) found.push({ kind: "variable", name, before, after });
    else compare("variable", name, before, after);
  }
  for (const name of new Set([...old.outputs.keys(), ...now.outputs.keys()])) {
    const [before, after] = [old.outputs.get(name), now.outputs.get(name)];
    const text = (output: typeof before) =>
      output === undefined ? null : output.kind === "fixed" ? "fixed by its hash" : output.kind;
    const isSame = text(before) === text(after);
    if (!isSame) found.push({ kind: "output", name, before: text(before), after: text(after) });
  }
  return found;
}
