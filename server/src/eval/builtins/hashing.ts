/** Hashes. */
import {
  type HashAlgorithm,
  hashAlgorithmOf,
  parseHash,
  parseHashAlgorithm,
  parseHashFormat,
  printHash,
} from "../../store/hash.ts";
import { placeholder } from "../../store/store-path.ts";
import { stringText } from "../context.ts";
import { NixError } from "../errors.ts";
import { storeErrors } from "../files.ts";
import { coerceToPath, expectAttrs, expectPlainString, expectString } from "../runtime.ts";
import type { Definition } from "./define.ts";
import { argument } from "./lists.ts";
import { need } from "./sets.ts";

function algorithm(name: string): HashAlgorithm {
  const algo = storeErrors(() => hashAlgorithmOf(name));
  if (algo === undefined)
    throw new NixError(
      "eval",
      `unknown hash algorithm '${name}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'`,
    );
  return algo;
}

export const HASHING: Definition[] = [
  [
    "hashString",
    2,
    (ev, a, s) => {
      const algo = algorithm(expectPlainString(ev, a, 0, argument("first", "hashString")));
      const text = stringText(expectString(ev, s, 0, argument("second", "hashString")));
      return ev.store.context.hasher.hex(algo, text);
    },
  ],
  [
    "hashFile",
    2,
    (ev, a, p) => {
      const algo = algorithm(expectPlainString(ev, a, 0, argument("first", "hashFile")));
      const path = ev.realisePath(coerceToPath(ev, p, 0, "while realising the context of a path"));
      return ev.store.context.hasher.hex(algo, ev.files.readData(ev.files.resolveLinks(path)));
    },
  ],
  [
    "convertHash",
    1,
    (ev, v) => {
      const set = expectAttrs(ev, v, 0, argument("first", "convertHash"));
      const text = expectPlainString(
        ev,
        need(set, "hash", "while locating the attribute 'hash'"),
        0,
        "while evaluating the attribute 'hash'",
      );
      const algoSlot = set.get("hashAlgo");
      const algoName =
        algoSlot === undefined
          ? undefined
          : expectPlainString(ev, algoSlot, 0, "while evaluating the attribute 'hashAlgo'");
      const algo =
        algoName === undefined ? undefined : storeErrors(() => parseHashAlgorithm(algoName));
      const format = expectPlainString(
        ev,
        need(set, "toHashFormat", "while locating the attribute 'toHashFormat'"),
        0,
        "while evaluating the attribute 'toHashFormat'",
      );
      return storeErrors(() => {
        const wanted = parseHashFormat(format, (message) => ev.host.message("warning", message));
        const hash = parseHash(text, algo);
        return printHash(hash, wanted, wanted === "sri");
      });
    },
  ],
  [
    "placeholder",
    1,
    (ev, v) =>
      placeholder(ev.store.context, expectPlainString(ev, v, 0, argument("first", "placeholder"))),
  ],
];
