/**
 * `builtins.fetchClosure`: a path of a binary cache with all that it refers to. Its arguments are checked as
 * Nix checks them; only what is in the store already is got, because the contents of a path decide whether
 * it may be had at all.
 */
import type { ByteString } from "../../base/bytes.ts";
import type { StoreContext } from "../../store/store-path.ts";
import { parseStorePath } from "../../store/store-path.ts";
import { showName } from "../../syntax/identifiers.ts";
import { stringText, withContext } from "../context.ts";
import { NixError } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import {
  coerceToString,
  expectAttrs,
  expectBool,
  expectPlainString,
  force,
  PLAIN,
} from "../runtime.ts";
import type { Slot, Value } from "../values.ts";
import type { Definition } from "./define.ts";

/** With the feature `fetch-closure`. */
export const FETCH_CLOSURE: Definition = ["fetchClosure", 1, fetchClosure];

interface Request {
  fromPath: ByteString | null;
  fromStore: ByteString | null;
  /** Null: it is not given; "": it is to be told. */
  toPath: ByteString | null;
  inputAddressed: boolean;
}

const fail = (message: ByteString) => new NixError("eval", message);

function fetchClosure(ev: Evaluator, v: Slot): Value {
  const { fromPath, fromStore, toPath, inputAddressed } = request(ev, v);
  if (fromPath === null) throw fail("attribute 'fromPath' is missing in call to 'fetchClosure'");
  if (inputAddressed && toPath !== null) {
    throw fail(
      "attribute 'inputAddressed' is set to true, but 'toPath' is also set. Please remove one of them",
    );
  }
  if (fromStore === null) throw fail("attribute 'fromStore' is missing in call to 'fetchClosure'");
  if (!/^https?:\/\//.test(fromStore))
    throw fail("'fetchClosure' only supports http:// and https:// stores");
  if (/^[^#]*\?./.test(fromStore))
    throw fail(`'fetchClosure' does not support URL query parameters (in '${fromStore}')`);
  const path = toPath ?? fromPath;
  const object = path === "" ? undefined : ev.store.object(path);
  // What an evaluation puts into the store is named by its contents.
  if (object === undefined) {
    throw fail(
      `cannot fetch '${fromPath}' from '${fromStore}': builtins.fetchClosure gets only what is in the store already`,
    );
  }
  if (inputAddressed) {
    throw fail(
      `The store object referred to by 'fromPath' at '${fromPath}' is not input-addressed, but 'inputAddressed' is set to 'true'.\n\nRemove the 'inputAddressed' attribute (it defaults to 'false') to expect 'fromPath' to be content-addressed`,
    );
  }
  return withContext(path, new Set([path]));
}

function request(ev: Evaluator, v: Slot): Request {
  const set = expectAttrs(
    ev,
    v,
    0,
    "while evaluating the argument passed to builtins.fetchClosure",
  );
  const given: Request = { fromPath: null, fromStore: null, toPath: null, inputAddressed: false };
  for (const name of ev.symbols.names(set)) {
    const slot = set.get(name) as Slot;
    const pos = set.position(name);
    const why = `while evaluating the attribute '${name}' passed to builtins.fetchClosure`;
    switch (name) {
      case "fromPath":
        given.fromPath = storePath(ev, slot, pos, why);
        break;
      case "toPath":
        given.toPath = force(slot, pos) === "" ? "" : storePath(ev, slot, pos, why);
        break;
      case "fromStore":
        given.fromStore = expectPlainString(ev, slot, pos, why);
        break;
      case "inputAddressed":
        given.inputAddressed = expectBool(ev, slot, pos, why);
        break;
      default:
        throw fail(`attribute '${showName(name)}' isn't supported in call to 'fetchClosure'`);
    }
  }
  return given;
}

/** The path of an object in the store, not of a file in it. */
function storePath(ev: Evaluator, slot: Slot, pos: number, why: string): ByteString {
  const path = stringText(coerceToString(ev, slot, pos, why, PLAIN));
  if (!isStorePath(ev.store.context, path))
    throw fail(`path '${path}' is not in the Nix store`).frame(pos, why);
  return path;
}

function isStorePath(context: StoreContext, path: ByteString): boolean {
  try {
    return parseStorePath(context, path) === path;
  } catch {
    return false;
  }
}
