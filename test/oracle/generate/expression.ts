/**
 * Random Nix expressions: a walk over a typed grammar that knows what is in scope, so that nearly all
 * evaluate. Now and then something of the wrong type is put in, to meet the errors too.
 */
import type { Random } from "./random.ts";

export type Type =
  | { kind: "int" | "float" | "string" | "bool" | "null" | "path" }
  | { kind: "list"; of: Type }
  | { kind: "set"; fields: readonly (readonly [name: string, type: Type])[] }
  | { kind: "function"; from: Type; to: Type };

const INT: Type = { kind: "int" };
const FLOAT: Type = { kind: "float" };
const STRING: Type = { kind: "string" };
const BOOL: Type = { kind: "bool" };
const NULL: Type = { kind: "null" };
const PATH: Type = { kind: "path" };
const listOf = (of: Type): Type => ({ kind: "list", of });

type Scope = readonly (readonly [name: string, type: Type])[];

const NAMES = ["a", "b", "c", "d", "x", "y", "z", "foo", "bar", "a'", "x-y", "_"];
const KEYS = [...NAMES, "or", '"a b"', '"if"', '""', '"1"', '"é"', '"a${"b"}"', '${"k"}'];
const STRINGS = [
  '""',
  '"a"',
  '"foo"',
  '"b a"',
  '"1.2"',
  '"é€"',
  '"\\n\\t\\r"',
  '"\\\\\\""',
  '"$"',
  '"$$"',
  '"\\${"',
  '"a/b/c"',
  '"/x/y"',
  '"1.2.3pre4"',
  "''x''",
  "''\n    two\n      lines\n  ''",
  "'' ''${ ''' ''\\n''",
  '"<&>"',
  "http://x.y/z",
];
const INTS = ["0", "1", "2", "3", "7", "10", "100", "255", "65536", "9007199254740993"];
const EDGE_INTS = ["9223372036854775807", "4611686018427387904", "(-9223372036854775807)"];
const FLOATS = ["0.0", "1.0", "0.5", ".5", "1.5", "2.", "0.1", "1.0e10", "1.0e-7", "123456.789"];

function sameType(a: Type, b: Type): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "list" && b.kind === "list") return sameType(a.of, b.of);
  if (a.kind === "function" && b.kind === "function")
    return sameType(a.from, b.from) && sameType(a.to, b.to);
  if (a.kind === "set" && b.kind === "set")
    return a.fields.every(([name, type]) =>
      b.fields.some(([other, its]) => name === other && sameType(type, its)),
    );
  return true;
}

export interface GeneratorOptions {
  /** How deep expressions nest. */
  depth: number;
  /** How often something of a wrong type is used. */
  wrong: number;
  /** At the end of each name. */
  suffix?: string;
  /** Whether values may be paths: some formats copy what they name into the store, were it everything. */
  paths?: boolean;
}

export class Generator {
  readonly #random: Random;
  #wrong: number;
  readonly #depth: number;
  readonly #names: readonly string[];
  readonly #keys: readonly string[];
  readonly #simple: readonly Type[];

  constructor(random: Random, { depth, wrong, suffix = "", paths = true }: GeneratorOptions) {
    this.#simple = [INT, INT, STRING, STRING, BOOL, FLOAT, NULL, ...(paths ? [PATH] : [])];
    this.#names = NAMES.map((name) => name + suffix);
    this.#keys = suffix === "" ? KEYS : this.#names;
    this.#random = random;
    this.#depth = depth;
    this.#wrong = wrong;
  }

  /** An expression of some type. */
  expression(): string {
    return this.#make(this.#type(2), this.#depth, []);
  }

  /** A type of values that can be compared and printed, or a function now and then. */
  #type(depth: number): Type {
    const r = this.#random;
    if (depth <= 0 || r.chance(0.5)) return r.pick(this.#simple);
    if (r.chance(0.45)) return listOf(this.#type(depth - 1));
    if (r.chance(0.1))
      return { kind: "function", from: this.#type(depth - 1), to: this.#type(depth - 1) };
    return this.#setType(depth - 1);
  }

  #setType(depth: number): Type {
    const names = new Set(this.#random.some(3, () => this.#random.pick(this.#names)));
    return { kind: "set", fields: [...names].map((name) => [name, this.#type(depth)] as const) };
  }

  #make(type: Type, depth: number, scope: Scope): string {
    const r = this.#random;
    if (r.chance(this.#wrong)) return this.#failing(depth, scope);
    const known = scope.filter(([, its]) => sameType(type, its));
    if (known.length > 0 && r.chance(depth <= 0 ? 0.8 : 0.35)) return r.pick(known)[0];
    if (depth <= 0) return this.#leaf(type);
    if (r.chance(0.25)) return this.#around(type, depth, scope);
    switch (type.kind) {
      case "int":
        return this.#int(depth, scope);
      case "float":
        return this.#float(depth, scope);
      case "string":
        return this.#string(depth, scope);
      case "bool":
        return this.#bool(depth, scope);
      case "null":
        return "null";
      case "path":
        return this.#path(depth, scope);
      case "list":
        return this.#list(type.of, depth, scope);
      case "set":
        return this.#set(type, depth, scope);
      case "function":
        return this.#function(type, depth, scope);
    }
  }

  #failing(depth: number, scope: Scope): string {
    // Of two errors the one that is met first depends on how names are ordered inside of Nix.
    this.#wrong = 0;
    return this.#random.pick([
      () => this.#make(this.#type(1), depth - 1, scope),
      () => `(throw ${this.#make(STRING, depth - 2, scope)})`,
      () => `(assert false; 1)`,
      () => `(abort "stop")`,
      () => `{ }.missing`,
      () => `(1 / 0)`,
      () => `[ ]`,
      () => `null`,
      () => this.#random.pick(EDGE_INTS),
    ])();
  }

  #leaf(type: Type): string {
    const r = this.#random;
    switch (type.kind) {
      case "int":
        return r.pick(INTS);
      case "float":
        return r.pick(FLOATS);
      case "string":
        return r.pick(STRINGS);
      case "bool":
        return r.pick(["true", "false"]);
      case "null":
        return "null";
      case "path":
        return r.pick(["./a", "/a/b", "/.", "./x/../y", "/a/./b", './a${"b"}']);
      case "list":
        return r.chance(0.5) ? "[ ]" : `[ ${this.#leaf(type.of)} ]`;
      case "set":
        return `{ ${type.fields.map(([name, its]) => `${name} = ${this.#leaf(its)};`).join(" ")} }`;
      case "function":
        return `(_x: ${this.#leaf(type.to)})`;
    }
  }

  /** Forms that any type can have. */
  #around(type: Type, depth: number, scope: Scope): string {
    const r = this.#random;
    const deeper = depth - 1;
    const value = (its: Type, inner: Scope = scope) => this.#make(its, deeper, inner);
    const name = r.pick(this.#names);
    const other = this.#type(1);
    const inner: Scope = [...scope.filter(([its]) => its !== name), [name, other]];
    /** Two arguments, the second of which is the first where it is not given. */
    const siblings = () => {
      const second = r.pick(this.#names.filter((its) => its !== name));
      const given = r.pick([null, NULL, NULL, this.#type(1)]);
      const both: Scope = [...without(inner, second), [second, given ?? other]];
      const argument = given === null ? "" : ` ${second} = ${value(given)};`;
      return `(({ ${name}, ${second} ? ${name} }: ${value(type, both)}) { ${name} = ${value(other)};${argument} })`;
    };
    return r.pick([
      siblings,
      () => `(if ${value(BOOL)} then ${value(type)} else ${value(type)})`,
      () => `(let ${name} = ${value(other)}; in ${value(type, inner)})`,
      () => `(let { ${name} = ${value(other)}; body = ${value(type, without(inner, "body"))}; })`,
      () => `(with { ${name} = ${value(other)}; }; ${value(type, withScope(scope, name, other))})`,
      () => `((${name}: ${value(type, inner)}) ${value(other)})`,
      () => `(({ ${name} }: ${value(type, inner)}) { ${name} = ${value(other)}; })`,
      () => `(({ ${name} ? ${value(other)}, ... }: ${value(type, inner)}) { })`,
      () =>
        `(({ ${name} ? ${value(other)}, ... }@args: ${value(type, inner)}) { ${name} = ${value(other)}; q = 1; })`,
      () => `{ ${name} = ${value(type)}; }.${name}`,
      () => `({ ${name} = ${value(type)}; }.${name} or ${value(type)})`,
      () => `({ }.${name} or ${value(type)})`,
      () => `(rec { ${name} = ${value(other)}; result = ${value(type, inner)}; }).result`,
      () => `(assert true || ${value(BOOL)}; ${value(type)})`,
      () => `(builtins.seq ${value(other)} ${value(type)})`,
      () => `(builtins.deepSeq ${value(other)} ${value(type)})`,
      () => `(builtins.head [ ${value(type)} ${value(other)} ])`,
      () => `(builtins.elemAt [ ${value(other)} ${value(type)} ] 1)`,
      () => `(builtins.getAttr "${name}" { ${name} = ${value(type)}; })`,
      () => `(builtins.tryEval ${value(type)}).value`,
      () => `(let inherit ({ ${name} = ${value(other)}; }) ${name}; in ${value(type, inner)})`,
      () => `(builtins.foldl' (_acc: _el: _el) ${value(other)} [ ${value(type)} ])`,
      () => `({ __functor = _self: ${name}: ${value(type, inner)}; } ${value(other)})`,
      () => `/* c */ ${value(type)}`,
    ])();
  }

  #int(depth: number, scope: Scope): string {
    const r = this.#random;
    const of = (type: Type) => this.#make(type, depth - 1, scope);
    return r.pick([
      () => r.pick(INTS),
      () => `(${of(INT)} ${r.pick(["+", "-", "*"])} ${of(INT)})`,
      () => `(${of(INT)} / ${r.pick(["1", "2", "3", "(-2)"])})`,
      () => `(-${of(INT)})`,
      () => `(builtins.length ${of(listOf(this.#type(1)))})`,
      () => `(builtins.stringLength ${of(STRING)})`,
      () => `(builtins.${r.pick(["add", "sub", "mul"])} ${of(INT)} ${of(INT)})`,
      () => `(builtins.${r.pick(["bitAnd", "bitOr", "bitXor"])} ${of(INT)} ${of(INT)})`,
      () => `(builtins.${r.pick(["floor", "ceil"])} ${r.pick(FLOATS)})`,
      () => `(builtins.compareVersions ${of(STRING)} ${of(STRING)})`,
      () => `(builtins.foldl' (p: q: p + q) ${of(INT)} ${of(listOf(INT))})`,
      () => `(builtins.length (builtins.attrNames ${of(this.#setType(1))}))`,
      () => `(builtins.stringLength (builtins.toJSON ${of(listOf(r.pick([INT, STRING, BOOL])))}))`,
      () => `(builtins.length (builtins.filter (v: ${of(BOOL)}) ${of(listOf(INT))}))`,
    ])();
  }

  #float(depth: number, scope: Scope): string {
    const r = this.#random;
    const of = (type: Type) => this.#make(type, depth - 1, scope);
    return r.pick([
      () => r.pick(FLOATS),
      () => `(${of(FLOAT)} ${r.pick(["+", "-", "*"])} ${of(r.pick([FLOAT, INT]))})`,
      () => `(${of(INT)} ${r.pick(["+", "-", "*"])} ${of(FLOAT)})`,
      () => `(${of(FLOAT)} / ${r.pick(["2", "3.0", "0.1", "(-7)"])})`,
      () => `(-${of(FLOAT)})`,
      () => `(builtins.${r.pick(["add", "sub", "mul"])} ${of(FLOAT)} ${of(INT)})`,
    ])();
  }

  #string(depth: number, scope: Scope): string {
    const r = this.#random;
    const of = (type: Type) => this.#make(type, depth - 1, scope);
    const data = () => of(r.pick([INT, STRING, BOOL, NULL, FLOAT, listOf(INT), listOf(STRING)]));
    const printable = () =>
      r.chance(0.5) ? data() : of({ kind: "set", fields: [["x", r.pick([INT, STRING, BOOL])]] });
    return r.pick([
      () => r.pick(STRINGS),
      () => `(${of(STRING)} + ${of(STRING)})`,
      () => `"${r.pick(["", "a", " "])}\${${of(STRING)}}${r.pick(["", "b", "$"])}"`,
      () => `''\n  ${r.pick(["a", " b"])}\${${of(STRING)}}\n    c\n''`,
      () => `(toString ${data()})`,
      () =>
        `(builtins.substring ${r.below(12)} ${r.chance(0.2) ? "(-1)" : r.below(12)} ${of(STRING)})`,
      () => `(builtins.concatStringsSep ${of(STRING)} ${of(listOf(STRING))})`,
      () =>
        `(builtins.replaceStrings [ ${r.pick(STRINGS)} ${r.pick(STRINGS)} ] [ ${of(STRING)} ${of(STRING)} ] ${of(STRING)})`,
      () => `(builtins.toJSON ${printable()})`,
      () => `(builtins.toXML ${printable()})`,
      () => `(builtins.typeOf ${of(this.#type(2))})`,
      () => `(builtins.hashString "${r.pick(["md5", "sha1", "sha256", "sha512"])}" ${of(STRING)})`,
      () => `(baseNameOf ${of(STRING)})`,
      () => `(dirOf ${of(STRING)})`,
      () => `(toString ${of(PATH)})`,
      () => `(baseNameOf ${of(PATH)})`,
      () => `(toString { __toString = self: ${of(STRING)}; })`,
      () => `"\${{ outPath = ${of(STRING)}; }}"`,
      () => `(builtins.concatStringsSep "," (builtins.attrNames ${of(this.#setType(1))}))`,
      () => `(builtins.unsafeDiscardStringContext ${of(STRING)})`,
      () => `(builtins.parseDrvName ${of(STRING)}).${r.pick(["name", "version"])}`,
      () => `(builtins.toFile "f" ${of(STRING)})`,
      () => `(builtins.placeholder ${r.pick(['"out"', '"dev"'])})`,
    ])();
  }

  #bool(depth: number, scope: Scope): string {
    const r = this.#random;
    const of = (type: Type) => this.#make(type, depth - 1, scope);
    const same = this.#type(2);
    const ordered = r.pick([INT, FLOAT, STRING, listOf(INT), listOf(STRING), PATH]);
    return r.pick([
      () => `(${of(same)} ${r.pick(["==", "!="])} ${of(same)})`,
      () => `(${of(same)} == ${of(this.#type(1))})`,
      () => `(${of(ordered)} ${r.pick(["<", "<=", ">", ">="])} ${of(ordered)})`,
      () => `(${of(INT)} < ${of(FLOAT)})`,
      () => `(${of(BOOL)} ${r.pick(["&&", "||", "->"])} ${of(BOOL)})`,
      () => `(!${of(BOOL)})`,
      () =>
        `(builtins.${r.pick(["isAttrs", "isBool", "isFloat", "isFunction", "isInt", "isList", "isNull", "isPath", "isString"])} ${of(this.#type(1))})`,
      () => `(${of(this.#setType(1))} ? ${r.pick([...this.#names, "x.y", '"a b"', "b.c.d"])})`,
      () => `(builtins.hasAttr "${r.pick(this.#names)}" ${of(this.#setType(1))})`,
      () => `(builtins.elem ${of(INT)} ${of(listOf(INT))})`,
      () => `(builtins.${r.pick(["all", "any"])} (v: ${of(BOOL)}) ${of(listOf(INT))})`,
      () => `(builtins.lessThan ${of(ordered)} ${of(ordered)})`,
      () => `(builtins.tryEval ${of(this.#type(1))}).success`,
      () => `(builtins.hasContext ${of(STRING)})`,
    ])();
  }

  #path(depth: number, scope: Scope): string {
    const r = this.#random;
    const of = (type: Type) => this.#make(type, depth - 1, scope);
    return r.pick([
      () => this.#leaf(PATH),
      () => `(${of(PATH)} + ${r.pick(['"/x"', '"y"', '"/../z"', '""', '"/."', "/q", "./r"])})`,
      () => `(dirOf ${of(PATH)})`,
      () => `./p\${${r.pick(STRINGS)}}/q`,
    ])();
  }

  #list(of: Type, depth: number, scope: Scope): string {
    const r = this.#random;
    const make = (type: Type, inner: Scope = scope) => this.#make(type, depth - 1, inner);
    const whole = listOf(of);
    const from = this.#type(1);
    const general = [
      () => `[ ${r.some(4, () => make(of)).join(" ")} ]`,
      () => `(${make(whole)} ++ ${make(whole)})`,
      () => `(map (v: ${make(of, [...scope, ["v", from]])}) ${make(listOf(from))})`,
      () => `(builtins.filter (v: ${make(BOOL, [...scope, ["v", of]])}) ${make(whole)})`,
      () => `(builtins.genList (i: ${make(of, [...scope, ["i", INT]])}) ${r.below(5)})`,
      () => `(builtins.concatLists [ ${make(whole)} ${make(whole)} ])`,
      () =>
        `(builtins.concatMap (v: ${make(whole, [...scope, ["v", from]])}) ${make(listOf(from))})`,
      () => `(builtins.tail [ ${make(this.#type(1))} ${make(of)} ])`,
      () => `(builtins.attrValues { b = ${make(of)}; a = ${make(of)}; })`,
      () => `(builtins.catAttrs "a" [ { a = ${make(of)}; } { b = 1; } { a = ${make(of)}; } ])`,
      () =>
        `(builtins.partition (v: ${make(BOOL, [...scope, ["v", of]])}) ${make(whole)}).${r.pick(["right", "wrong"])}`,
      () => `(let l = ${make(whole)}; in l ++ l)`,
      () =>
        `(map (e: e.v) (builtins.genericClosure { startSet = [ { key = 0; v = ${make(of)}; } { key = 5; v = ${make(of)}; } ]; operator = e: if e.key > 6 then [ ] else [ { key = e.key + 1; v = ${make(of)}; } { key = e.key + 2; v = ${make(of)}; } ]; }))`,
      () =>
        `(map (e: e.v) (builtins.genericClosure { startSet = [ { key = 0; v = ${make(of)}; } ]; operator = e: if e.key > 2 then [ ] else [ { key = e.key + 1; v = ${make(of)}; } ]; }))`,
    ];
    const sortable = ["int", "float", "string"].includes(of.kind);
    if (sortable)
      general.push(() => `(builtins.sort (p: q: p ${r.pick(["<", ">"])} q) ${make(whole)})`);
    if (of.kind === "string") {
      general.push(
        () => `(builtins.attrNames ${make(this.#setType(1))})`,
        () => `(builtins.splitVersion ${make(STRING)})`,
        () =>
          `(builtins.filter builtins.isString (builtins.split ${r.pick(['"a"', '"(,)|b*"', '"[^a-z]"', '"/"'])} ${make(STRING)}))`,
      );
    }
    return r.pick(general)();
  }

  #set(type: Type & { kind: "set" }, depth: number, scope: Scope): string {
    const r = this.#random;
    const make = (its: Type, inner: Scope = scope) => this.#make(its, depth - 1, inner);
    const binding = ([name, its]: readonly [string, Type], inner: Scope = scope) => {
      const same = inner.some(([known, what]) => known === name && sameType(its, what));
      if (same && r.chance(0.3)) return `inherit ${name};`;
      if (r.chance(0.1)) return `"${name}" = ${make(its, inner)};`;
      if (r.chance(0.1)) return `inherit ({ ${name} = ${make(its, inner)}; }) ${name};`;
      if (its.kind === "set" && its.fields.length > 0 && r.chance(0.4))
        return its.fields.map(([key, deep]) => `${name}.${key} = ${make(deep, inner)};`).join(" ");
      return `${name} = ${make(its, inner)};`;
    };
    const extra = () => {
      const free = this.#keys.filter((key) => !type.fields.some(([name]) => name === key));
      return r.chance(0.4) ? ` ${r.pick(free)} = ${make(this.#type(1))};` : "";
    };
    const literal = () => `{ ${type.fields.map((field) => binding(field)).join(" ")}${extra()} }`;
    const exact = this.#random.pick([
      literal,
      literal,
      () => `(${make(this.#setType(1))} // ${literal()})`,
      () => `(${literal()} // ${make({ kind: "set", fields: type.fields.slice(0, 1) })})`,
      () => {
        // Inside a rec names mean its own attributes, so no more than their types may be relied on.
        const names = type.fields.map(([name]) => name);
        const outer = scope.filter(([name]) => !names.includes(name));
        return `rec { ${type.fields.map(([name, its]) => `${name} = ${make(its, outer)};`).join(" ")} }`;
      },
      () => {
        // Of a name the first value counts, and of the others not even whether there is one.
        const again = type.fields
          .filter(() => r.chance(0.5))
          .map(([name]) => `{ name = "${name}"; }`);
        const pairs = type.fields.map(
          ([name, its]) => `{ name = "${name}"; value = ${make(its)}; }`,
        );
        return `(builtins.listToAttrs [ ${[...pairs, ...again].join(" ")} ])`;
      },
      () =>
        `(builtins.listToAttrs [ ${type.fields.map(([name, its]) => `{ name = "${name}"; value = ${make(its)}; }`).join(" ")} ])`,
      () => `(builtins.mapAttrs (n: v: v) ${literal()})`,
      () => `(builtins.removeAttrs (${literal()} // { zz = 1; }) [ "zz" "zy" ])`,
      () => `(builtins.intersectAttrs ${literal()} ${literal()})`,
    ]);
    const open = [
      () => `(builtins.groupBy (v: ${make(STRING)}) ${make(listOf(INT))})`,
      () => `(builtins.zipAttrsWith (n: vs: vs) ${make(listOf(this.#setType(1)))})`,
      () => `(builtins.functionArgs ({ a, b ? ${make(INT)}, ... }: 1))`,
      () => `(builtins.parseDrvName ${make(STRING)})`,
      () => `(builtins.tryEval ${make(this.#type(1))})`,
      () => `(builtins.getContext ${make(STRING)})`,
      () => `(builtins.partition (v: ${make(BOOL)}) ${make(listOf(INT))})`,
      () => `(builtins.mapAttrs (n: v: ${make(this.#type(1))}) ${make(this.#setType(1))})`,
      () => `(let s = ${literal()}; in { p = s; q = s; r = [ s s ]; })`,
    ];
    return type.fields.length === 0 && r.chance(0.5) ? r.pick(open)() : exact();
  }

  #function(type: Type & { kind: "function" }, depth: number, scope: Scope): string {
    const r = this.#random;
    const name = r.pick(this.#names);
    const body = () => this.#make(type.to, depth - 1, [...without(scope, name), [name, type.from]]);
    return r.pick([
      () => `(${name}: ${body()})`,
      () => `(${name}: ${body()})`,
      () => `{ __functor = _self: ${name}: ${body()}; }`,
    ])();
  }
}

function without(scope: Scope, name: string): Scope {
  return scope.filter(([its]) => its !== name);
}

/** `with` adds a name only where nothing nearer has it. */
function withScope(scope: Scope, name: string, type: Type): Scope {
  return scope.some(([its]) => its === name) ? scope : [...scope, [name, type]];
}

/** An expression of any kind, seldom a wrong one. */
export function general(r: Random): string {
  return new Generator(r, { depth: 2 + r.below(5), wrong: 0.004 }).expression();
}
