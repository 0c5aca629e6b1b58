/** Files, paths and what is made of them. */
import type { ByteString } from "../../base/bytes.ts";
import { type Hash, hashesEqual, parseHashAllowEmpty } from "../../store/hash.ts";
import { isInStore, isStorePath, splitInStore } from "../../store/store-path.ts";
import { showName } from "../../syntax/identifiers.ts";
import { Attrs } from "../attrs.ts";
import { parseElement, stringContext, stringText, withContext } from "../context.ts";
import { NixError, traced } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import { storeErrors } from "../files.ts";
import { canonicalPath, parentPath } from "../lib/canonical-path.ts";
import {
  call2,
  coerceToPath,
  coerceToString,
  expectAttrs,
  expectBool,
  expectFunction,
  expectList,
  expectPlainString,
  expectString,
  force,
  PLAIN,
} from "../runtime.ts";
import { findFile, type SearchPathEntry } from "../search-path.ts";
import { NixPath, type Slot, type Value } from "../values.ts";
import { behaves } from "../versions.ts";
import type { Definition } from "./define.ts";
import { importDerivation } from "./import-derivation.ts";
import { argument } from "./lists.ts";
import { need } from "./sets.ts";

/** A path argument whose context must be available now. */
function pathArgument(ev: Evaluator, slot: Slot, why: string, pos = 0): ByteString {
  return ev.realisePath(coerceToPath(ev, slot, pos, why));
}

function importValue(ev: Evaluator, v: Slot): Value {
  // Of this call: coercing the argument may call others.
  const site = ev.callSite;
  const path = pathArgument(ev, v, "while realising the context of a path");
  if (path.endsWith(".drv") && isStorePath(ev.store.context, path) && ev.store.isValidPath(path)) {
    return importDerivation(ev, path);
  }
  return ev.importFile(path, site);
}

function scopedImport(ev: Evaluator, scope: Slot, v: Slot): Value {
  const path = pathArgument(ev, v, "while realising the context of a path");
  const names = expectAttrs(ev, scope, 0, argument("first", "scopedImport")).flat();
  const resolved = ev.resolveImport(path);
  const { expr, file } = ev.parseFile(resolved, names.shape.names);
  return ev.evaluate(expr, file, [null, ...names.values]);
}

function pathExists(ev: Evaluator, v: Slot): Value {
  const value = force(v);
  // "/a/" and "/a/." ask for a directory; a path value has lost its slash.
  let directory = false;
  if (!(value instanceof NixPath)) {
    const text = stringText(
      coerceToString(ev, value, 0, "while realising the context of a path", PLAIN),
    );
    directory = text.endsWith("/") || text.endsWith("/.");
  }
  const path = pathArgument(ev, value, "while realising the context of a path");
  try {
    if (directory) {
      return ev.files.stat(ev.files.resolveLinks(path))?.type === "directory";
    }
    // Whoever runs Nix has a store, even where there is none yet.
    return ev.files.exists(path) || path === ev.store.context.storeDir;
  } catch (error) {
    // What the policy refuses does not exist, as far as the program can tell.
    if (error instanceof NixError && error.kind === "restricted") return false;
    throw error;
  }
}

function readFile(ev: Evaluator, v: Slot): Value {
  const path = pathArgument(ev, v, "while realising the context of a path");
  const text = ev.files.readData(ev.files.resolveLinks(path));
  if (text.includes("\0")) {
    throw new NixError(
      "eval",
      `the contents of the file '${path}' cannot be represented as a Nix string`,
      0,
    );
  }
  return withContext(text, ev.referencesIn(path, text));
}

function readDir(ev: Evaluator, v: Slot): Value {
  const path = pathArgument(ev, v, "while realising the context of a path");
  return Attrs.from(
    [...ev.files.readDirectory(ev.files.resolveLinks(path))].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function readFileType(ev: Evaluator, v: Slot): Value {
  const path = pathArgument(ev, v, "while realising the context of a path");
  const stat = ev.files.stat(ev.files.resolveLinks(path, false));
  if (stat === null) throw new NixError("io", `path '${path}' does not exist`);
  return stat.type;
}

function searchEntries(ev: Evaluator, list: Slot): SearchPathEntry[] {
  return expectList(ev, list, 0, argument("first", "findFile")).map((slot) => {
    const set = expectAttrs(
      ev,
      slot,
      0,
      "while evaluating an element of the list passed to builtins.findFile",
    );
    const prefixSlot = set.get("prefix");
    const prefix =
      prefixSlot === undefined
        ? ""
        : expectPlainString(
            ev,
            prefixSlot,
            0,
            "while evaluating the `prefix` attribute of an element of the list passed to builtins.findFile",
          );
    const path = coerceToString(
      ev,
      need(set, "path", "in an element of the __nixPath"),
      0,
      "while evaluating the `path` attribute of an element of the list passed to builtins.findFile",
      PLAIN,
    );
    ev.realisePath({ path: stringText(path), context: stringContext(path) });
    return { prefix, path: stringText(path) };
  });
}

function toFile(ev: Evaluator, n: Slot, c: Slot): Value {
  const name = expectPlainString(ev, n, 0, argument("first", "toFile"));
  const contents = expectString(ev, c, 0, argument("second", "toFile"));
  const references: ByteString[] = [];
  for (const element of stringContext(contents) ?? []) {
    const parsed = parseElement(element);
    if (parsed.kind !== "opaque") {
      throw new NixError(
        "eval",
        `files created by builtins.toFile may not reference derivations, but ${name} references ${element.replace(/\/.*\//, "")}`,
        0,
      );
    }
    references.push(parsed.path);
  }
  const path = storeErrors(() => ev.store.addText(name, stringText(contents), references));
  return withContext(path, new Set([path]));
}

interface PathRequest {
  path: ByteString;
  name: ByteString;
  filter: Value | null;
  recursive: boolean;
  expected: Hash | null;
}

/** Copies a file or tree to the store, filtered by a Nix function. */
function addPath(ev: Evaluator, request: PathRequest): Value {
  const { path, name, filter, recursive, expected } = request;
  try {
    const origin = ev.files.resolveLinks(path);
    const store = ev.store;
    // What is in the store already keeps the references it has there.
    let references: readonly ByteString[] = [];
    if (isInStore(store.context, origin)) {
      const { storePath } = splitInStore(store.context, origin);
      if (store.isValidPath(storePath)) references = store.references(storePath);
    }
    if (filter !== null && expected === null) references = [];
    let included: Set<ByteString> | undefined;
    const keep =
      filter === null
        ? undefined
        : (child: ByteString, stat: { type: string }): boolean => {
            const yes = expectBool(
              ev,
              call2(ev, filter, ev.realPath(child), stat.type, 0),
              0,
              "while evaluating the return value of the path filter function",
            );
            if (yes) included?.add(child.slice(origin.length + 1));
            return yes;
          };
    if (filter !== null) included = new Set();
    const hash: Hash = recursive
      ? ev.hashTree(origin, keep)
      : {
          algo: "sha256",
          bytes: store.context.hasher("sha256", ev.files.readData(origin)),
        };
    if (expected !== null && !hashesEqual(expected, hash)) {
      throw new NixError(
        "eval",
        `store path mismatch in (possibly filtered) path added from '${path}'`,
        0,
      );
    }
    const storePath = storeErrors(() =>
      store.addSource(name, {
        method: recursive ? "nar" : "flat",
        hash,
        origin,
        ...(included === undefined ? {} : { included }),
        ...(references.length === 0 ? {} : { references }),
      }),
    );
    return withContext(storePath, new Set([storePath]));
  } catch (error) {
    throw traced(error, 0, `while adding path '${path}'`);
  }
}

/** What a path is called in the store; the root has no name of its own. */
const sourceName = (ev: Evaluator, path: ByteString) => ev.baseName(path) || "source";

function filterSource(ev: Evaluator, f: Slot, p: Slot): Value {
  const given = coerceToPath(
    ev,
    p,
    0,
    "while evaluating the second argument (the path to filter) passed to 'builtins.filterSource'",
  );
  const filter = expectFunction(ev, f, 0, argument("first", "filterSource"));
  const path = ev.realisePath(given);
  return addPath(ev, {
    path,
    name: sourceName(ev, path),
    filter,
    recursive: true,
    expected: null,
  });
}

function pathBuiltin(ev: Evaluator, v: Slot): Value {
  const set = expectAttrs(ev, v, 0, "while evaluating the argument passed to 'builtins.path'");
  const request: Partial<PathRequest> = {};
  for (const name of ev.symbols.names(set)) {
    const slot = set.get(name) as Slot;
    const at = set.position(name);
    switch (name) {
      case "path":
        request.path = pathArgument(
          ev,
          slot,
          "while evaluating the 'path' attribute passed to 'builtins.path'",
          at,
        );
        break;
      case "name":
        request.name = expectPlainString(
          ev,
          slot,
          at,
          "while evaluating the `name` attribute passed to builtins.path",
        );
        break;
      case "filter":
        request.filter = expectFunction(
          ev,
          slot,
          at,
          "while evaluating the `filter` parameter passed to builtins.path",
        );
        break;
      case "recursive":
        request.recursive = expectBool(
          ev,
          slot,
          at,
          "while evaluating the `recursive` attribute passed to builtins.path",
        );
        break;
      case "sha256": {
        const text = expectPlainString(
          ev,
          slot,
          at,
          "while evaluating the `sha256` attribute passed to builtins.path",
        );
        request.expected = storeErrors(() =>
          parseHashAllowEmpty(text, "sha256", (message) => ev.host.message("warning", message)),
        );
        break;
      }
      default:
        throw new NixError(
          "eval",
          `unsupported argument '${showName(name)}' to 'builtins.path'`,
          at,
        );
    }
  }
  const path = request.path;
  if (path === undefined) {
    throw new NixError(
      "eval",
      "missing required 'path' attribute in the first argument to 'builtins.path'",
      0,
    );
  }
  return addPath(ev, {
    path,
    name: request.name || sourceName(ev, path),
    filter: request.filter ?? null,
    recursive: request.recursive ?? true,
    expected: request.expected ?? null,
  });
}

function storePathBuiltin(ev: Evaluator, v: Slot): Value {
  if (ev.settings.pureEval) {
    throw new NixError(
      "restricted",
      "'builtins.storePath' is not allowed in pure evaluation mode",
      0,
    );
  }
  const why = "while evaluating the first argument passed to 'builtins.storePath'";
  const given = coerceToPath(ev, v, 0, why);
  const context = ev.store.context;
  const resolved = isInStore(context, given.path) ? given.path : ev.files.resolveLinks(given.path);
  if (!isInStore(context, resolved)) {
    throw new NixError("eval", `path '${resolved}' is not in the Nix store`);
  }
  const { storePath } = storeErrors(() => splitInStore(context, resolved));
  if (!ev.store.isValidPath(storePath)) {
    throw new NixError("eval", `path '${storePath}' is not valid`);
  }
  return withContext(resolved, new Set([...(given.context ?? []), storePath]));
}

function baseNameOf(ev: Evaluator, v: Slot): Value {
  const s = coerceToString(
    ev,
    v,
    0,
    "while evaluating the first argument passed to builtins.baseNameOf",
    PLAIN,
  );
  const text = stringText(s);
  const trimmed = text.endsWith("/") && text.length > 1 ? text.slice(0, -1) : text;
  return withContext(trimmed.slice(trimmed.lastIndexOf("/") + 1), stringContext(s));
}

function dirOf(ev: Evaluator, v: Slot): Value {
  const value = force(v);
  if (value instanceof NixPath) {
    const parent = parentPath(value.place);
    ev.notePath(parent);
    return ev.pathValue(parent);
  }
  const s = coerceToString(
    ev,
    value,
    0,
    "while evaluating the first argument passed to 'builtins.dirOf'",
    PLAIN,
  );
  const text = stringText(s);
  const oneSlash = behaves(ev.settings.nixVersion, "dirOfDropsOneSlash");
  return withContext(dirText(text, oneSlash), stringContext(s));
}

/** Nix 2.26 drops all the slashes before the last component; of slashes alone it drops none. */
function dirText(text: ByteString, oneSlash: boolean): ByteString {
  const slash = text.lastIndexOf("/");
  if (slash < 0) return ".";
  if (oneSlash) return text.slice(0, slash) || "/";
  if (/^\/+$/.test(text)) return text;
  return text.slice(0, slash).replace(/\/+$/, "") || "/";
}

export const PATHS: Definition[] = [
  ["import", 1, importValue],
  ["scopedImport", 2, scopedImport],
  ["pathExists", 1, pathExists],
  ["readFile", 1, readFile],
  ["readDir", 1, readDir],
  ["readFileType", 1, readFileType],
  [
    "findFile",
    2,
    (ev, list, name) => {
      const entries = searchEntries(ev, list);
      const wanted = expectPlainString(ev, name, 0, argument("second", "findFile"));
      const found = findFile(ev, entries, wanted);
      ev.notePath(found);
      return new NixPath(found);
    },
  ],
  ["toFile", 2, toFile],
  ["filterSource", 2, filterSource],
  ["path", 1, pathBuiltin],
  ["storePath", 1, storePathBuiltin],
  ["baseNameOf", 1, baseNameOf],
  ["dirOf", 1, dirOf],
  [
    "toPath",
    1,
    (ev, v) => {
      const { path, context } = coerceToPath(
        ev,
        v,
        0,
        "while evaluating the first argument passed to builtins.toPath",
      );
      return withContext(ev.realPath(canonicalPath(path)), context);
    },
  ],
  [
    "getEnv",
    1,
    (ev, v) => {
      const name = expectPlainString(ev, v, 0, argument("first", "getEnv"));
      return ev.settings.pureEval || ev.settings.restrictEval ? "" : ev.host.environment(name);
    },
  ],
];
