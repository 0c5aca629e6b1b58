/** Values of all kinds in one another, printed in every way. */
import { float } from "./numbers.ts";
import type { Random } from "./random.ts";

const NAMES = [
  "a",
  "b",
  "x",
  '"a b"',
  '"<&>"',
  '"é"',
  '""',
  '"if"',
  '"or"',
  "_",
  "a'",
  '"1"',
  '"$\\${"',
];

function value(r: Random, depth: number): string {
  if (depth <= 0 || r.chance(0.35))
    return r.pick([
      () => r.pick(["null", "true", "false", "0", "(-3)", "9223372036854775807"]),
      () => r.pick(["1.0", "0.1", "(-0.0)", "1.0e10", "123456789.123", "1.0e-5", "(1.0e308 * 10)"]),
      () => `(${float(r)} * 1)`,
      () =>
        `"${r.some(4, () => r.pick(["a", "<", "&", "\\n", "\\t", '\\"', "\\\\", "é", "\\r", "'", ">", "\\${", "$", " "])).join("")}"`,
      () => r.pick(["./files/hello.txt", "/nope", '(/. + "a b")']),
      () => r.pick(["(x: x)", "({ b, a ? 1, ... }: a)", "({ }@q: q)", "({ a, b }@q: q)"]),
      () => r.pick(["builtins.map", "(builtins.add 1)", "(builtins.substring 0 1)", "toString"]),
      () => '{ __toString = self: "s"; a = 1; }',
      () => '{ outPath = "/o"; type = "derivation"; drvPath = "/d"; a = 1; }',
      () => '{ type = "derivation"; drvPath = ""; outPath = "/o"; b = 2; }',
      () => r.pick(["t", '"${t}"', '{ type = "derivation"; name = "n"; }']),
    ])();
  if (r.chance(0.5)) return `[ ${r.some(3, () => value(r, depth - 1)).join(" ")} ]`;
  const names = new Set(r.some(4, () => r.pick(NAMES)));
  return `{ ${[...names].map((name) => `${name} = ${value(r, depth - 1)};`).join(" ")} }`;
}

export function printing(r: Random): string {
  const v = value(r, 4);
  const how = r.pick([
    "v",
    "builtins.toXML v",
    "builtins.toJSON v",
    "builtins.fromJSON (builtins.toJSON v)",
    "[ v v ]",
    "toString v",
    "[ (builtins.toXML v) (builtins.getContext (builtins.toXML v)) ]",
    "v == v",
  ]);
  return `let t = builtins.toFile "t" "x"; v = ${v}; in ${how}`;
}
