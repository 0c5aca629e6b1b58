/** Generators for one subject each: many values through few operations. */
import { Generator } from "./expression.ts";
import { formals } from "./formals.ts";
import { indented } from "./indented.ts";
import { float } from "./numbers.ts";
import { printing } from "./printing.ts";
import type { Random } from "./random.ts";
import { scoping } from "./scoping.ts";
import { toml } from "./toml.ts";
import { updates } from "./updates.ts";

function list(items: readonly string[]): string {
  return `[ ${items.join(" ")} ]`;
}

/** A string literal with any bytes of a small alphabet. */
function text(r: Random, alphabet: string, most: number): string {
  const raw = r.some(most, () => r.pick([...alphabet])).join("");
  return `"${raw.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\$\{/g, "\\${")}"`;
}

function floats(r: Random): string {
  const number = () =>
    r.chance(0.1)
      ? `(builtins.fromTOML "n = ${r.pick(["nan", "-nan", "inf", "-inf"])}").n`
      : float(r);
  const [a, b] = [number(), number()];
  const x = r.pick([
    a,
    `(-${a})`,
    `(${a} * ${b})`,
    `(${a} / ${r.pick(["3", b])})`,
    `(${a} - ${b})`,
  ]);
  return `let x = ${x}; in ${list(["x", "(toString x)", "(builtins.toJSON x)", `(x < ${b})`, `(x == ${a})`, "(x * 1.0e308)"])}`;
}

function integers(r: Random): string {
  const int = () => {
    const n =
      r.pick([
        () => BigInt(r.below(200)) - 100n,
        () => BigInt(r.next()) * BigInt(r.next()),
        () => 2n ** 63n - 1n - BigInt(r.below(3)),
        () => 2n ** 53n + BigInt(r.below(5)) - 2n,
        () => BigInt(r.next()),
      ])() * (r.chance(0.4) ? -1n : 1n);
    const fits = n > 2n ** 63n - 1n ? n >> 2n : n;
    return fits < 0n ? `(${fits})` : String(fits);
  };
  const small = () => String(1 + r.below(1000));
  const [a, b] = [int(), int()];
  const sum = r.chance(0.3) ? `(${a} ${r.pick(["+", "-", "*"])} ${b})` : a;
  return list([
    sum,
    `(${a} / ${small()})`,
    `(${a} < ${b})`,
    `(${a} == ${b})`,
    `(${a} * 1.0)`,
    `(${a} + 0.5)`,
    `(builtins.bitAnd ${a} ${b})`,
    `(builtins.bitOr ${a} ${b})`,
    `(builtins.bitXor ${a} ${b})`,
    `(toString ${a})`,
    `(builtins.toJSON ${a})`,
    `(${a} < ${b}.5 || true)`.replace(/\)\.5/, ") + 0.5"),
  ]);
}

const VERSION = "012389.-abprez";

function versions(r: Random): string {
  const version = () => {
    if (r.chance(0.3)) return text(r, VERSION, 8);
    const part = () =>
      r.pick(["1", "2", "10", "0", "pre", "rc", "a", "99999999999", "2147483648", ""]);
    return `"${Array.from({ length: 1 + r.below(4) }, part).join(r.pick([".", "-", "", "."]))}"`;
  };
  const [a, b] = [version(), version()];
  return list([
    `(builtins.compareVersions ${a} ${b})`,
    `(builtins.compareVersions ${b} ${a})`,
    `(builtins.splitVersion ${a})`,
    `(builtins.parseDrvName ${text(r, VERSION, 10)})`,
    `(builtins.parseDrvName "${r.pick(["foo", "a-b", "x1"])}-${a.slice(1)})`,
  ]);
}

function strings(r: Random): string {
  const s = () => text(r, "ab/.c\n $", 8);
  const short = () => text(r, "abc", 2);
  const pairs = r.below(4);
  const many = () => list(Array.from({ length: pairs }, short));
  return list([
    `(builtins.replaceStrings ${many()} ${many()} ${text(r, "abc", 10)})`,
    `(builtins.substring ${r.below(10)} ${r.chance(0.2) ? "(-1)" : r.below(10)} ${s()})`,
    `(baseNameOf ${s()})`,
    `(builtins.concatStringsSep ${short()} ${list(r.some(3, s))})`,
    `(builtins.stringLength ${s()})`,
    `(builtins.toJSON ${s()})`,
    `(builtins.toXML ${s()})`,
    `(builtins.hashString "${r.pick(["md5", "sha1", "sha256", "sha512"])}" ${s()})`,
    `(${s()} < ${s()})`,
  ]);
}

function regex(r: Random): string {
  // Of two letters only, so that what is matched and repeated is often there.
  const few = r.chance(0.6);
  const atoms = few
    ? ["a", "b", ".", "[ab]", ""]
    : ["a", "b", ".", "[ab]", "[^a]", "c", "\\\\.", "[[:alpha:]]", "^", "$", ""];
  const times = () => r.pick(["*", "+", "?", "{2}", "{1,2}", "{0,}", "{0,2}"]);
  const pattern = (depth: number): string => {
    if (depth <= 0) return r.pick(atoms);
    return r.pick([
      () => pattern(depth - 1) + pattern(depth - 1),
      () => `${pattern(depth - 1)}|${pattern(depth - 1)}`,
      () => `(${pattern(depth - 1)})`,
      () => `(${pattern(depth - 1)})${times()}`,
      () => `(${pattern(0)}${times()})${times()}`,
      () => `${pattern(0)}${r.pick(["*", "+", "?"])}`,
      () => pattern(0),
    ])();
  };
  const p = `"${pattern(3)}"`;
  const s = () => text(r, few ? "ab" : "abc.\n", 6);
  if (r.chance(0.3)) return `builtins.${r.pick(["match", "split"])} ${p} ${s()}`;
  const strings = list(Array.from({ length: 5 }, s));
  return `map (s: [ (builtins.match ${p} s) (builtins.split ${p} s) ]) ${strings}`;
}

/** Equality and printing go by which cells are shared. */
function sharing(r: Random): string {
  const shared = ["f", "n", "l", "s", "d", "e"];
  const value = (depth: number): string => {
    if (depth <= 0 || r.chance(0.4))
      return r.pick([...shared, "1", "1.0", '"x"', "null", "[ ]", "{ }", "(x: x)", "builtins.map"]);
    if (r.chance(0.5)) return list(r.some(3, () => value(depth - 1)));
    return `{ ${["p", "q", "type"]
      .filter(() => r.chance(0.5))
      .map((name) => `${name} = ${value(depth - 1)};`)
      .join(" ")} }`;
  };
  const [a, b] = [value(3), value(3)];
  const body = r.pick([
    `[ (${a} == ${b}) (v == w) (v == v) ([ v ] == [ v ]) ([ v ] == [ w ]) ({ inherit v; } == { inherit v; }) ]`,
    `[ v w v ]`,
    `{ x = v; y = [ v w ]; z = w; }`,
    `(v == w) || (w == v)`,
    `[ (builtins.elem v [ w v ]) (builtins.elem w [ v ]) ]`,
    `builtins.toJSON (builtins.tryEval [ (builtins.typeOf v) ])`,
  ]);
  return `let f = x: x; n = 1.0e308 * 10 - 1.0e308 * 10; l = [ f 1 ]; s = { g = f; h = 2; }; d = { type = "derivation"; outPath = "${r.pick(["a", "b"])}"; k = f; }; e = [ l l s ]; v = ${a}; w = ${b}; in ${body}`;
}

function ordering(r: Random): string {
  const value = (depth: number): string =>
    depth <= 0 || r.chance(0.5)
      ? r.pick(["1", "2", "1.0", "1.5"])
      : list(r.some(3, () => value(depth - 1)));
  const same = r.chance(0.5)
    ? () => list(r.some(4, () => r.pick(["1", "2", "1.5", "2.0"])))
    : () => list(r.some(3, () => list(r.some(2, () => r.pick(['"a"', '"b"', '""'])))));
  if (r.chance(0.2)) return `${value(2)} < ${value(2)}`;
  const [a, b] = [same(), same()];
  return list([
    `(${a} < ${b})`,
    `(${a} <= ${b})`,
    `(${a} > ${b})`,
    `(${a} == ${b})`,
    `(builtins.sort builtins.lessThan ${list([a, b, same(), same()])})`,
    `(builtins.sort (p: q: builtins.length p < builtins.length q) ${list([a, b, ...Array.from({ length: r.below(20) }, same)])})`,
  ]);
}

function paths(r: Random): string {
  const segment = () => r.pick(["a", "b", "..", ".", "a.b", "x-y", "+", "..."]);
  const relative = () => Array.from({ length: 1 + r.below(4) }, segment).join("/");
  const literal = () =>
    r.pick([`./${relative()}`, `/${relative()}`, `../${relative()}`, `a/${relative()}`]);
  const s = () => `"${r.pick(["", "/"])}${relative()}${r.pick(["", "/", "//", "/."])}"`;
  const [p, q] = [literal(), literal()];
  return list([
    `(${p})`,
    `(${p} + ${s()})`,
    `(toString (${p} + ${q}))`,
    `(dirOf (${p}))`,
    `(baseNameOf (${p}))`,
    `(${p} == ${q})`,
    `(${p} < ${q})`,
    `(baseNameOf ${s()})`,
    `(builtins.toPath "/${relative()}")`,
    `(/. + ${s()})`,
    `(${p} + "\${${s()}}")`,
    `(builtins.pathExists ${q})`,
    `(builtins.typeOf (${p} + ${s()}))`,
  ]);
}

/** Strings that refer to store paths, put together in every way. */
function contexts(r: Random): string {
  const base = () =>
    r.pick([
      '"${d}"',
      '"${d.dev}"',
      "d.outPath",
      "d.drvPath",
      '"${e}/bin"',
      "t",
      '"${./files/hello.txt}"',
      '"x"',
      "(builtins.unsafeDiscardStringContext d.drvPath)",
      "(builtins.unsafeDiscardOutputDependency d.drvPath)",
    ]);
  const string = (depth: number): string => {
    if (depth <= 0) return base();
    const s = () => string(depth - 1);
    return r.pick([
      s,
      () => `(${s()} + ${s()})`,
      () => `"\${${s()}} \${${s()}}"`,
      () => `(builtins.substring ${r.below(3)} ${r.below(60)} ${s()})`,
      () => `(builtins.concatStringsSep ${s()} ${list(r.some(3, s))})`,
      () => `(builtins.replaceStrings [ "/" "a" ] [ ${s()} "b" ] ${s()})`,
      () => `(toString [ ${s()} 1 ${s()} ])`,
      () => `(baseNameOf ${s()})`,
      () => `(dirOf ${s()})`,
      () => `(builtins.toJSON { a = ${s()}; b = [ ${s()} ]; })`,
      () => `(builtins.toXML ${s()})`,
      () => `(builtins.head (builtins.split "-" ${s()}))`,
      () => `(builtins.toString { outPath = ${s()}; })`,
      () => `(builtins.head (builtins.attrValues { a = ${s()}; }))`,
    ])();
  };
  return `let d = derivation { name = "d"; builder = "b"; system = "c"; outputs = [ "out" "dev" ]; }; e = derivation { name = "e"; builder = d; system = "c"; }; t = builtins.toFile "t" "\${./files/value.nix}"; s = ${string(3)}; in [ s (builtins.getContext s) (builtins.hasContext s) (builtins.hashString "sha256" s) ]`;
}

const HASHES: readonly (readonly [algorithm: string, ...texts: string[]])[] = [
  [
    "md5",
    "d41d8cd98f00b204e9800998ecf8427e",
    "1B2M2Y8AsgTpgAmY7PhCfg==",
    "md5:d41d8cd98f00b204e9800998ecf8427e",
  ],
  [
    "sha1",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
  ],
  [
    "sha256",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  ],
  [
    "sha512",
    "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    `sha512:${"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"}`,
  ],
];

/** Derivations that need each other in every way. */
export function derivations(r: Random, deep = false): string {
  const count = 1 + r.below(r.chance(0.1) ? 30 : 8);
  const bindings: string[] = [];
  for (let i = 0; i < count; i++) {
    const earlier = () => `d${r.below(i)}`;
    const value = (): string =>
      r.pick([
        () =>
          r.pick([
            "1",
            "true",
            "false",
            "null",
            "1.5",
            '"text"',
            '"q\\"\\\\\\n\\t"',
            '""',
            '"é"',
            "[ ]",
          ]),
        () => `[ 1 [ "a" null ] ${r.pick(['"b"', "[ ]", "2.5"])} ]`,
        () => r.pick(["./files/hello.txt", "./files/tree", '"${./files/value.nix}"']),
        () =>
          `(builtins.path { path = ./files/tree; name = "t${r.below(2)}"; filter = p: t: ${r.pick(['t != "directory"', 't != "symlink"', 'baseNameOf p != "run.sh"', "true"])}; })`,
        () =>
          `(builtins.filterSource (p: t: t ${r.pick(["==", "!="])} "regular") ./files/tree/sub)`,
        () => '(builtins.toFile "ref" "${./files/hello.txt}")',
        () => `(builtins.toFile "f${r.below(3)}" "contents ${r.below(3)}")`,
        () => 'builtins.placeholder "out"',
        () => (i === 0 ? '"leaf"' : earlier()),
        () => (i === 0 ? '"leaf"' : `"\${${earlier()}}/bin"`),
        () => (i === 0 ? '"leaf"' : `[ ${earlier()} ${earlier()} ]`),
        () =>
          i === 0 ? '"leaf"' : `(builtins.unsafeDiscardOutputDependency ${earlier()}.drvPath)`,
        () => (i === 0 || !deep ? '"shallow"' : `${earlier()}.drvPath`),
        () => '(builtins.toFile "ref" "a ${builtins.toFile "in" "x"}")',
        () => (i === 0 ? '"leaf"' : `"\${${earlier()}.outPath} \${toString ${earlier()}.all}"`),
      ])();
    const attrs = [
      `name = "n${i}${r.pick(["", "-1.2", "_x", "+y", ".z", "?q=1"])}"`,
      `system = "${r.pick(["x86_64-linux", "c"])}"`,
      `builder = ${r.pick(['"/bin/sh"', '"b"', "./files/tree/run.sh", i === 0 ? '"b"' : `"\${${earlier()}}/sh"`])}`,
      ...r.some(4, (n) => `v${n} = ${value()}`),
    ];
    if (r.chance(0.3))
      attrs.push(
        `args = [ ${r
          .some(3, value)
          .map((v) => `(${v})`)
          .join(" ")} ]`,
      );
    if (r.chance(0.2))
      attrs.push("__structuredAttrs = true", "nested = { a = [ 1 2.5 null ]; b.c = true; }");
    if (r.chance(0.2)) attrs.push(`__ignoreNulls = ${r.pick(["true", "false"])}`, "nil = null");
    if (r.chance(0.25)) {
      const [algorithm, ...texts] = r.pick(HASHES);
      const hash = r.pick(texts);
      attrs.push(`outputHash = "${hash}"`);
      if (!/^\w+[-:]/.test(hash) || r.chance(0.3)) attrs.push(`outputHashAlgo = "${algorithm}"`);
      if (r.chance(0.6)) attrs.push(`outputHashMode = "${r.pick(["flat", "recursive"])}"`);
    } else if (r.chance(0.4)) {
      attrs.push(
        `outputs = [ ${r.pick(['"out" "dev"', '"lib" "out" "man"', '"dev"', '"out"', '"a" "b" "out"'])} ]`,
      );
    }
    bindings.push(`d${i} = derivation { ${attrs.join("; ")}; };`);
  }
  const all = Array.from({ length: count }, (_, i) => `d${i}`);
  return deep
    ? `let ${bindings.join(" ")} in [ ${all.join(" ")} ]`
    : `let ${bindings.join(" ")} in map (d: [ d.drvPath d.outPath (map toString d.all) (builtins.getContext "\${d}") ]) [ ${all.join(" ")} ]`;
}

function json(r: Random): string {
  const value = (depth: number): string => {
    if (depth <= 0 || r.chance(0.4))
      return r.pick([
        () => "null",
        () => "true",
        () => String(r.below(1000)),
        () => `-${r.below(1000)}`,
        () => float(r),
        () => `${r.below(100)}e${r.below(20)}`,
        () =>
          `"${r.some(4, () => r.pick(["a", "\\n", "\\u00e9", "\\ud83d\\ude00", "é", " ", "\\/", "\\\\", "\\b", "\\f", "\\u0001", "\\u007f", "<", "\\t"])).join("")}"`,
      ])();
    const space = r.pick(["", " ", "\n"]);
    if (r.chance(0.5))
      return `[${space}${r.some(3, () => value(depth - 1)).join(`,${space}`)}${space}]`;
    return `{${space}${r.some(3, () => `"${r.pick(["a", "b", "c d", ""])}":${space}${value(depth - 1)}`).join(",")}}`;
  };
  let source = value(3);
  // Sometimes not JSON.
  if (r.chance(0.1)) {
    const at = r.below(source.length + 1);
    source =
      source.slice(0, at) + r.pick(["", ",", "x", "0", '"', "}"]) + source.slice(at + r.below(2));
  }
  const literal = `"${source.replace(/[\\"]/g, "\\$&").replace(/\$\{/g, "\\${")}"`;
  return `let v = builtins.fromJSON ${literal}; in [ v (builtins.toJSON v) (builtins.toXML v) ]`;
}

/** Which parts are evaluated, and in which order: what fails first is told by its message. */
function order(r: Random): string {
  const generator = new Generator(r, { depth: 3, wrong: 0.15 });
  const body = generator.expression();
  return `let t = builtins.tryEval (${body}); in if t.success then t.value else "caught"`;
}

export const focused: Readonly<Record<string, (random: Random) => string>> = {
  floats,
  integers,
  versions,
  strings,
  regex,
  sharing,
  ordering,
  paths,
  contexts,
  derivations,
  json,
  toml,
  indented,
  scoping,
  updates,
  printing,
  order,
  formals,
};
