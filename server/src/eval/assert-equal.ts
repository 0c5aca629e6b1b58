/**
 * What differs between two values that are not equal: the message of `assert a == b`. It walks as
 * `equals` of compare.ts does and must agree with it.
 */
import type { ByteString } from "../base/bytes.ts";
import { showName } from "../syntax/identifiers.ts";
import { Attrs } from "./attrs.ts";
import { equals, isDerivation } from "./compare.ts";
import { NixError, traced } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { force } from "./runtime.ts";
import { showType, typeOf } from "./show-value.ts";
import { isFunction, NixPath, type Slot, type Value } from "./values.ts";

/** Throws an "assert" error that says what differs; returns when nothing does. */
export function assertEqual(ev: Evaluator, a: Value, b: Value, pos: number): void {
  const kind = typeOf(a);
  const other = typeOf(b);
  const numbers = isNumeric(kind) && isNumeric(other);
  if (numbers ? !equals(ev, a, b, pos) : kind !== other) {
    const said = numbers ? "with" : "of";
    throw differ(
      `${showType(a)} ${said} value '${ev.show(a)}' is not equal to ${showType(b)} ${said} value '${ev.show(b)}'`,
    );
  }
  if (numbers) return;
  if (a instanceof Attrs && b instanceof Attrs) compareSets(ev, a, b, pos);
  else if (Array.isArray(a) && Array.isArray(b)) compareLists(ev, a, b, pos);
  else if (isFunction(a)) {
    throw differ(
      "distinct functions and immediate comparisons of identical functions compare as unequal",
    );
  } else if (!equals(ev, a, b, pos)) {
    const name = typeof a === "boolean" ? "boolean" : a instanceof NixPath ? "path" : "string";
    throw differ(`${name} '${ev.show(a)}' is not equal to ${name} '${ev.show(b)}'`);
  }
}

function isNumeric(type: string): boolean {
  return type === "int" || type === "float";
}

function differ(message: ByteString): NixError {
  return new NixError("assert", message);
}

function compareSlots(
  ev: Evaluator,
  a: Slot,
  b: Slot,
  pos: number,
  where: (error: unknown) => unknown,
): void {
  ev.enter(pos);
  try {
    // The same cell is equal to itself, whatever it holds.
    if (a === b && typeof a === "object") force(a);
    else assertEqual(ev, force(a), force(b), pos);
  } catch (error) {
    throw where(error);
  }
  ev.depth--;
}

function compareLists(ev: Evaluator, a: Slot[], b: Slot[], pos: number): void {
  if (a.length !== b.length) {
    throw differ(
      `list of size '${a.length}' is not equal to list of size '${b.length}', left hand side is '${ev.show(a)}', right hand side is '${ev.show(b)}'`,
    );
  }
  a.forEach((item, i) => {
    compareSlots(ev, item, b[i] as Slot, pos, (error) =>
      traced(error, pos, `while comparing list element ${i}`),
    );
  });
}

function compareSets(ev: Evaluator, a: Attrs, b: Attrs, pos: number): void {
  const [left, right] = [a.get("outPath"), b.get("outPath")];
  if (left !== undefined && right !== undefined && isDerivation(a) && isDerivation(b)) {
    compareSlots(ev, left, right, pos, (error) =>
      traced(error, pos, "while comparing a derivation by its 'outPath' attribute"),
    );
    return;
  }
  if (a.size !== b.size) {
    throw differ(
      `attribute names of attribute set '${ev.show(a)}' differs from attribute set '${ev.show(b)}'`,
    );
  }
  const [names, others] = [ev.symbols.names(a), ev.symbols.names(b)];
  for (const [i, name] of names.entries()) {
    const other = others[i] as ByteString;
    if (name !== other) {
      throw differ(
        b.has(name)
          ? `attribute name '${showName(other)}' is missing in '${ev.show(a)}', but is contained in '${ev.show(b)}'`
          : `attribute name '${showName(name)}' is contained in '${ev.show(a)}', but not in '${ev.show(b)}'`,
      );
    }
    compareSlots(ev, a.get(name) as Slot, b.get(name) as Slot, pos, (error) => {
      traced(error, b.position(name), "where right hand side is");
      traced(error, a.position(name), "where left hand side is");
      return traced(error, pos, `while comparing attribute '${showName(name)}'`);
    });
  }
}
