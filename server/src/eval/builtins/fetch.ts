/**
 * Fetching builtins. The store path of a source follows from its hash, so with a hash that the store
 * already has nothing is downloaded; everything else waits for a fetcher behind `EvalHost`.
 */
import type { ByteString } from "../../base/bytes.ts";
import { type Hash, parseHashAllowEmpty } from "../../store/hash.ts";
import { makeFixedOutputPath, storeNameProblem } from "../../store/store-path.ts";
import { showName } from "../../syntax/identifiers.ts";
import { Attrs } from "../attrs.ts";
import { stringText, withContext } from "../context.ts";
import { NixError } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import { fetched, isInStore, resolveChannel, urlBaseName } from "../fetched.ts";
import { storeErrors } from "../files.ts";
import { coerceToString, expectPlainString, force, PLAIN } from "../runtime.ts";
import type { Slot, Value } from "../values.ts";
import type { Definition } from "./define.ts";
import { argument } from "./lists.ts";

function notFetched(name: string, what: ByteString): NixError {
  return new NixError(
    "eval",
    `'builtins.${name}' cannot get '${what}': it is not in the store and downloading during evaluation is not supported yet`,
  );
}

/** An illegal name is an error before anything is downloaded. */
function checkName(
  name: string,
  url: ByteString,
  storeName: ByteString,
  argumentValue: Value,
): void {
  const problem = storeNameProblem(storeName);
  if (problem === undefined) return;
  let advice = `pass an attribute set with 'url' and 'name' attributes to '${name}', `;
  if (argumentValue instanceof Attrs) {
    advice = argumentValue.has("name")
      ? `change the value for the 'name' attribute passed to '${name}',`
      : `add a valid 'name' attribute to the argument for '${name}',`;
  }
  throw new NixError(
    "eval",
    `invalid store path name when fetching URL '${url}': ${problem}. Please ${advice} so that it can create a valid store path.`,
  );
}

/** `fetchurl` and `fetchTarball`: `url` or `{ url; sha256; name; }`. */
function fetchFile(name: "fetchurl" | "fetchTarball"): Definition {
  const unpack = name === "fetchTarball";
  return [
    name,
    1,
    (ev, v) => {
      const argumentValue = force(v);
      let url: ByteString | null = null;
      let hash: Hash | null = null;
      let fileName: ByteString | null = unpack ? "source" : null;
      if (argumentValue instanceof Attrs) {
        for (const key of ev.symbols.names(argumentValue)) {
          const slot = argumentValue.get(key) as Slot;
          const at = argumentValue.position(key);
          if (key === "url")
            url = expectPlainString(ev, slot, at, "while evaluating the url we should fetch");
          else if (key === "sha256") {
            const text = expectPlainString(
              ev,
              slot,
              at,
              "while evaluating the sha256 of the content we should fetch",
            );
            hash = storeErrors(() =>
              parseHashAllowEmpty(text, "sha256", (m) => ev.host.message("warning", m)),
            );
          } else if (key === "name")
            fileName = expectPlainString(
              ev,
              slot,
              at,
              "while evaluating the name of the content we should fetch",
            );
          else throw new NixError("eval", `unsupported argument '${key}' to '${name}'`, at);
        }
        if (url === null) throw new NixError("eval", "'url' argument required");
      } else {
        url = expectPlainString(ev, argumentValue, 0, "while evaluating the url we should fetch");
      }
      if (ev.settings.pureEval && hash === null) {
        throw new NixError(
          "restricted",
          `in pure evaluation mode, '${name}' requires a 'sha256' argument`,
          0,
        );
      }
      const storeName = fileName ?? urlBaseName(url);
      checkName(name, url, storeName, argumentValue);
      const method = unpack ? "nar" : "flat";
      if (hash !== null) {
        const expected = hash;
        const path = storeErrors(() =>
          makeFixedOutputPath(ev.store.context, storeName, method, expected),
        );
        if (isInStore(ev, path)) return withContext(path, new Set([path]));
      }
      const expected = hash?.bytes ?? null;
      const kind = unpack ? "tarball" : "file";
      const { path: origin, sha256 } = fetched(ev, { kind, url: resolveChannel(url), expected });
      const path = ev.store.addSource(storeName, {
        method,
        hash: { algo: "sha256", bytes: sha256 },
        origin,
      });
      return withContext(path, new Set([path]));
    },
  ];
}

function notYet(name: string): Definition {
  return [
    name,
    1,
    (ev, v) => {
      const value = force(v);
      const url =
        value instanceof Attrs && name === "fetchMercurial"
          ? mercurialUrl(ev, value)
          : value instanceof Attrs
            ? ev.show(value)
            : coerced(ev, value, argument("first", name));
      throw notFetched(name, url);
    },
  ];
}

function coerced(ev: Evaluator, slot: Slot, why: string, pos = 0): ByteString {
  return stringText(coerceToString(ev, slot, pos, why, PLAIN));
}

/** The `url` of an argument that is checked as Nix checks it. */
function mercurialUrl(ev: Evaluator, set: Attrs): ByteString {
  let url = "";
  for (const name of ev.symbols.names(set)) {
    const slot = set.get(name) as Slot;
    const at = set.position(name);
    const why = `while evaluating the \`${name}\` attribute passed to builtins.fetchMercurial`;
    if (name === "url") url = coerced(ev, slot, why, at);
    else if (name === "rev" || name === "name") expectPlainString(ev, slot, at, why);
    else
      throw new NixError(
        "eval",
        `unsupported argument '${showName(name)}' to 'fetchMercurial'`,
        at,
      );
  }
  if (url === "") throw new NixError("eval", "'url' argument required");
  return url;
}

export const FETCH: Definition[] = [
  fetchFile("fetchurl"),
  fetchFile("fetchTarball"),
  notYet("fetchGit"),
  notYet("fetchMercurial"),
];
