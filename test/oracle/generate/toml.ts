/** Texts in TOML, a few of them wrong. */
import { float } from "./numbers.ts";
import type { Random } from "./random.ts";

const KEYS = ["a", "b", "c", "a-b", "_", "1", '"q k"', "'l'", '""', "é"];

function key(r: Random): string {
  const part = () => r.pick(r.chance(0.9) ? KEYS.slice(0, 6) : KEYS);
  return Array.from({ length: r.chance(0.7) ? 1 : 1 + r.below(3) }, part).join(
    r.pick([".", " . "]),
  );
}

function number(r: Random): string {
  return r.pick([
    () => String(r.below(1000)),
    () => `${r.pick(["-", "+"])}${r.below(1000)}`,
    () => r.pick(["1_000", "0xdead_BEEF", "0o755", "0b1_01", "-0", "+0", "9223372036854775807"]),
    () => r.pick(["-9223372036854775807", "0x0", "1__0", "_1", "01", "0x", "1_"]),
    () => float(r).replace(/\.(?!\d)/, ".0"),
    () =>
      r.pick([
        "1e3",
        "-2E-2",
        "6.6_5",
        "1_0.2_5",
        "1_000.5e1_0",
        "1e+1",
        "inf",
        "-inf",
        "nan",
        "+nan",
        "-nan",
        "1.",
        ".5",
        "1.e2",
      ]),
  ])();
}

function text(r: Random): string {
  const basic = r
    .some(4, () =>
      r.pick(["a", " ", "\\n", "\\t", "\\u00e9", "\\U0001F600", '\\"', "\\\\", "é", "#"]),
    )
    .join("");
  return r.pick([
    () => `"${basic}"`,
    () => `'${r.some(3, () => r.pick(["a", "\\", '"', " ", "é"])).join("")}'`,
    () => `"""${r.pick(["", "\n"])}${basic}${r.pick(["", "\n x", "\\\n   y", '""z'])}"""`,
    () => `'''${r.pick(["", "\n"])}a${r.pick(["'", "\n", "\\", ""])}'''`,
    () => r.pick(['"\\q"', '"\\u12"', '"a\nb"', "'a\nb'", '"\\ud800"']),
  ])();
}

function value(r: Random, depth: number): string {
  if (depth <= 0 || r.chance(0.6))
    return r.pick([
      () => number(r),
      () => number(r),
      () => text(r),
      () => text(r),
      () => r.pick(["true", "false", "True"]),
      () => r.pick(["1979-05-27T07:32:00Z", "1979-05-27", "07:32:00"]),
    ])();
  const items = r.some(3, () => value(r, depth - 1));
  if (r.chance(0.6))
    return `[${r.pick(["", " ", "\n", " # c\n"])}${items.join(r.pick([",", ", ", ",\n"]))}${r.chance(0.3) ? "," : ""}]`;
  return `{ ${items.map((item) => `${key(r)} = ${item}`).join(", ")} }`;
}

export function toml(r: Random): string {
  const line = () =>
    r.pick([
      () => `${key(r)}${r.pick([" = ", "=", "\t=  "])}${value(r, 2)}`,
      () => `${key(r)} = ${value(r, 1)} ${r.pick(["", "# comment"])}`,
      () => `[${key(r)}]`,
      () => `[[${key(r)}]]`,
      () => r.pick(["", "# c", "  "]),
    ])();
  let source = Array.from({ length: 1 + r.below(6) }, line).join(r.pick(["\n", "\n", "\r\n"]));
  if (r.chance(0.05)) {
    const at = r.below(source.length + 1);
    source =
      source.slice(0, at) + r.pick(["=", "]", '"', "x", ","]) + source.slice(at + r.below(2));
  }
  const literal = source
    .replace(/[\\"]/g, "\\$&")
    .replace(/\$\{/g, "\\${")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t");
  return `builtins.fromTOML "${literal}"`;
}
