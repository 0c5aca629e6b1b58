/** The derivations of a value, as `nix-instantiate` and `nix-build` look for them. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { type AutoArgs, autoCall } from "./auto-call.ts";
import { isDerivation } from "./compare.ts";
import { stringText } from "./context.ts";
import { NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { coerceToString, expectBool, expectString, force, PLAIN } from "./runtime.ts";
import type { Slot, Value } from "./values.ts";

export interface FoundDerivation {
  /** Where it was found: `a.b`, "" for the value itself. */
  attrPath: ByteString;
  drvPath: ByteString;
  outputName: ByteString;
  value: Attrs;
}

const ATTRIBUTE = /^[A-Za-z_][A-Za-z0-9_+-]*$/;

function describe(ev: Evaluator, set: Attrs, attrPath: ByteString): FoundDerivation {
  const drv = set.get("drvPath");
  if (drv === undefined)
    throw new NixError("eval", "derivation does not contain a 'drvPath' attribute");
  const drvPath = stringText(
    coerceToString(
      ev,
      drv,
      set.position("drvPath"),
      "while evaluating the 'drvPath' attribute of a derivation",
      PLAIN,
    ),
  );
  const output = set.get("outputName");
  const outputName =
    output === undefined
      ? ""
      : stringText(
          expectString(
            ev,
            output,
            set.position("outputName"),
            "while evaluating the output name of a derivation",
          ),
        );
  if (outputName === "")
    throw new NixError("eval", `derivation '${drvPath}' lacks an 'outputName' attribute`);
  return { attrPath, drvPath, outputName, value: set };
}

/** The value itself if it is a derivation, else those in its attributes or elements (one level, deeper
 *  below sets with `recurseForDerivations = true`). */
export function findDerivations(ev: Evaluator, root: Value, args: AutoArgs): FoundDerivation[] {
  const found: FoundDerivation[] = [];
  const seen = new Set<Value>();
  const visit = (given: Value, path: ByteString): void => {
    const value = autoCall(ev, given, args);
    if (isDerivation(value)) {
      if (!seen.has(value)) {
        seen.add(value);
        found.push(describe(ev, value, path));
      }
    } else if (value instanceof Attrs) {
      for (const name of value.sortedNames()) {
        if (!ATTRIBUTE.test(name)) continue;
        const below = path === "" ? name : `${path}.${name}`;
        const member = force(value.get(name) as Slot, value.position(name));
        if (isDerivation(member)) {
          if (seen.has(member)) continue;
          seen.add(member);
          found.push(describe(ev, member, below));
        } else if (member instanceof Attrs) {
          const recurse = member.get("recurseForDerivations");
          if (
            recurse !== undefined &&
            expectBool(
              ev,
              recurse,
              member.position("recurseForDerivations"),
              "while evaluating the attribute `recurseForDerivations`",
            )
          ) {
            visit(member, below);
          }
        }
      }
    } else if (Array.isArray(value)) {
      value.forEach((slot, i) => {
        const member = force(slot);
        const below = path === "" ? String(i) : `${path}.${i}`;
        if (!isDerivation(member)) visit(member, below);
        else if (!seen.has(member)) {
          seen.add(member);
          found.push(describe(ev, member, below));
        }
      });
    } else {
      throw new NixError(
        "type",
        "expression does not evaluate to a derivation (or a set or list of those)",
      );
    }
  };
  visit(root, "");
  return found;
}
