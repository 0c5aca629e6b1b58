/**
 * `builtins.fetchClosure`: a path of a binary cache with all that it refers to. Its arguments are checked as
 * Nix checks them, and whether its path follows from its contents, as is said of it.
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
  // What an evaluation puts into the store is named by its contents.
  const find = () =>
    ev.store.object(path) === undefined ? (ev.closures?.find(path) ?? null) : true;
  let isByContents = path === "" ? null : find();
  if (isByContents === null) {
    const { closures } = ev;
    if (closures === null) {
      throw fail(
        `cannot fetch '${fromPath}' from '${fromStore}': builtins.fetchClosure gets only what is in the store already`,
      );
    }
    if (toPath === null) closures.copy(fromPath, fromStore);
    else checkRewritten(fromPath, toPath, closures.rewrite(fromPath, fromStore));
    isByContents = find();
  }
  if (toPath !== null) {
    if (isByContents !== true) throw fail(WRONG_TO_PATH(toPath));
  } else if (inputAddressed) {
    if (isByContents === true) throw fail(NOT_INPUT_ADDRESSED(fromPath));
  } else if (isByContents !== true) throw fail(INPUT_ADDRESSED(fromPath));
  return withContext(path, new Set([path]));
}

function checkRewritten(fromPath: ByteString, toPath: ByteString, rewritten: ByteString): void {
  if (toPath === rewritten) return;
  const yielded = `rewriting '${fromPath}' to content-addressed form yielded '${rewritten}'`;
  throw fail(
    toPath === ""
      ? `${yielded}\nUse this value for the 'toPath' attribute passed to 'fetchClosure'`
      : `${yielded}, while '${toPath}' was expected`,
  );
}

const WRONG_TO_PATH = (path: ByteString) =>
  `The 'toPath' value '${path}' is input-addressed, so it can't possibly be the result of rewriting to a content-addressed path.\n\nSet 'toPath' to an empty string to make Nix report the correct content-addressed path.`;
const NOT_INPUT_ADDRESSED = (path: ByteString) =>
  `The store object referred to by 'fromPath' at '${path}' is not input-addressed, but 'inputAddressed' is set to 'true'.\n\nRemove the 'inputAddressed' attribute (it defaults to 'false') to expect 'fromPath' to be content-addressed`;
const INPUT_ADDRESSED = (path: ByteString) =>
  `The 'fromPath' value '${path}' is input-addressed, but 'inputAddressed' is set to 'false' (default).\n\nIf you do intend to fetch an input-addressed store path, add\n\n    inputAddressed = true;\n\nto the 'fetchClosure' arguments.\n\nNote that to ensure authenticity input-addressed store paths, users must configure a trusted binary cache public key on their systems. This is not needed for content-addressed paths.`;

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
