/** String contexts, taken apart and put together. */

import type { ByteString } from "../../base/bytes.ts";
import { isStorePath } from "../../store/store-path.ts";
import { showName } from "../../syntax/identifiers.ts";
import { Attrs } from "../attrs.ts";
import {
  type Context,
  parseElement,
  stringContext,
  stringText,
  unionContext,
  withContext,
} from "../context.ts";
import { NixError } from "../errors.ts";
import type { Evaluator } from "../evaluator.ts";
import {
  coerceToString,
  expectAttrs,
  expectBool,
  expectList,
  expectPlainString,
  expectString,
  INTERPOLATE,
} from "../runtime.ts";
import type { Slot, Value } from "../values.ts";
import type { Definition } from "./define.ts";

function map(
  ev: Evaluator,
  v: Slot,
  why: string,
  change: (element: ByteString) => ByteString,
): Value {
  const s = coerceToString(ev, v, 0, why, INTERPOLATE);
  const context = stringContext(s);
  if (context === null) return s;
  return withContext(stringText(s), new Set(Array.from(context, change)));
}

function getContext(ev: Evaluator, v: Slot): Value {
  const s = expectString(ev, v, 0, "while evaluating the argument passed to builtins.getContext");
  const infos = new Map<ByteString, { path: boolean; all: boolean; outputs: ByteString[] }>();
  for (const element of stringContext(s) ?? []) {
    const parsed = parseElement(element);
    const key = parsed.kind === "opaque" ? parsed.path : parsed.drvPath;
    const inner = parseElement(key);
    if (inner.kind === "built") {
      const message = `cannot operate on output '${inner.output}' of the unbuilt derivation '${inner.drvPath}'`;
      throw new NixError("eval", message);
    }
    let info = infos.get(key);
    if (info === undefined) {
      info = { path: false, all: false, outputs: [] };
      infos.set(key, info);
    }
    if (parsed.kind === "opaque") info.path = true;
    else if (parsed.kind === "deep") info.all = true;
    else info.outputs.push(parsed.output);
  }
  const entries = Array.from(infos, ([key, info]): [ByteString, Slot] => {
    const fields: [ByteString, Slot][] = [];
    if (info.path) fields.push(["path", true]);
    if (info.all) fields.push(["allOutputs", true]);
    if (info.outputs.length > 0) fields.push(["outputs", info.outputs.sort()]);
    return [key, Attrs.from(fields)];
  });
  return Attrs.from(entries);
}

function appendContext(ev: Evaluator, v: Slot, c: Slot): Value {
  const s = expectString(
    ev,
    v,
    0,
    "while evaluating the first argument passed to builtins.appendContext",
  );
  const given = expectAttrs(
    ev,
    c,
    0,
    "while evaluating the second argument passed to builtins.appendContext",
  );
  const added = new Set<ByteString>();
  for (const path of ev.symbols.names(given)) {
    const at = given.position(path);
    if (!isStorePath(ev.store.context, path)) {
      throw new NixError("eval", `context key '${showName(path)}' is not a store path`, at);
    }
    const info = expectAttrs(
      ev,
      given.get(path) as Slot,
      at,
      "while evaluating the value of a string context",
    );
    const flag = (name: string) => {
      const slot = info.get(name);
      return (
        slot !== undefined &&
        expectBool(
          ev,
          slot,
          info.position(name),
          `while evaluating the \`${name}\` attribute of a string context`,
        )
      );
    };
    const needDerivation = (what: string) => {
      if (!path.endsWith(".drv")) {
        throw new NixError(
          "eval",
          `tried to add ${what} context of ${showName(path)}, which is not a derivation, to a string`,
          at,
        );
      }
    };
    if (flag("path")) added.add(path);
    if (flag("allOutputs")) {
      needDerivation("all-outputs");
      added.add(`=${path}`);
    }
    const outputs = info.get("outputs");
    if (outputs !== undefined) {
      const list = expectList(
        ev,
        outputs,
        info.position("outputs"),
        "while evaluating the `outputs` attribute of a string context",
      );
      if (list.length > 0) needDerivation("derivation output");
      for (const output of list) {
        const name = expectPlainString(
          ev,
          output,
          info.position("outputs"),
          "while evaluating an output name within a string context",
        );
        added.add(`!${name}!${path}`);
      }
    }
  }
  const context: Context | null = added.size === 0 ? null : added;
  return withContext(stringText(s), unionContext(stringContext(s), context));
}

function addDrvOutputDependencies(ev: Evaluator, v: Slot): Value {
  const s = coerceToString(
    ev,
    v,
    0,
    "while evaluating the argument passed to builtins.addDrvOutputDependencies",
    INTERPOLATE,
  );
  const elements = [...(stringContext(s) ?? [])];
  if (elements.length !== 1) {
    throw new NixError(
      "eval",
      `context of string '${stringText(s)}' must have exactly one element, but has ${elements.length}`,
      0,
    );
  }
  const parsed = parseElement(elements[0] as string);
  if (parsed.kind === "built") {
    throw new NixError(
      "eval",
      `\`addDrvOutputDependencies\` can only act on derivations, not on a derivation output such as '${parsed.output}'`,
      0,
    );
  }
  const path = parsed.kind === "opaque" ? parsed.path : parsed.drvPath;
  if (!path.endsWith(".drv")) {
    throw new NixError("eval", `path '${path}' is not a derivation`);
  }
  return withContext(stringText(s), new Set([`=${path}`]));
}

export const CONTEXTS: Definition[] = [
  [
    "hasContext",
    1,
    (ev, v) =>
      stringContext(
        expectString(ev, v, 0, "while evaluating the argument passed to builtins.hasContext"),
      ) !== null,
  ],
  ["getContext", 1, getContext],
  ["appendContext", 2, appendContext],
  ["addDrvOutputDependencies", 1, addDrvOutputDependencies],
  [
    "unsafeDiscardStringContext",
    1,
    (ev, v) =>
      stringText(
        coerceToString(
          ev,
          v,
          0,
          "while evaluating the argument passed to builtins.unsafeDiscardStringContext",
          INTERPOLATE,
        ),
      ),
  ],
  [
    "unsafeDiscardOutputDependency",
    1,
    (ev, v) =>
      map(
        ev,
        v,
        "while evaluating the argument passed to builtins.unsafeDiscardOutputDependency",
        (element) => (element.startsWith("=") ? element.slice(1) : element),
      ),
  ],
];
