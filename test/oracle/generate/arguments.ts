/** Arguments of every type, and of every way to fail. Each is one term, as an argument has to be. */
import type { ErrorKind } from "../../../server/src/eval/errors.ts";

/** Arguments by what they are. */
export const ARGUMENTS = {
  null: ["null"],
  bool: ["true", "false"],
  int: ["0", "1", "2", "3", "42"],
  "negative int": ["(-1)", "(-7)", "(-9223372036854775807)"],
  "huge int": ["9223372036854775807", "4294967296", "9007199254740993"],
  float: [
    "1.5",
    "0.0",
    "(-0.5)",
    "1.0e300",
    "2.0",
    "(1.0e308 * 10)",
    '(builtins.fromTOML "a = nan").a',
  ],
  "empty string": ['""', "''''"],
  string: ['"a"', '"abc"', '"sha256"', '"x1.2-3"', '"/a/b"', '"1"', '"name"'],
  "odd string": [
    '"é€"',
    '"a b\\n"',
    '"${"$"}{"',
    '"("',
    '"[a"',
    '"/nix/store"',
    '".drv"',
    '"a/../b"',
    '"{}"',
    '"<>&\\""',
  ],
  "string with context": [
    "t",
    "d.outPath",
    "d.drvPath",
    '"${d}/x"',
    '"${t}"',
    "(builtins.unsafeDiscardOutputDependency d.drvPath)",
  ],
  path: ["./files", "./files/hello.txt", "/nope", "./files/tree", "./files/value.nix"],
  "empty list": ["[ ]"],
  list: [
    "[ 1 2 3 ]",
    '[ "a" "b" ]',
    '[ 1 "a" null ]',
    "[ [ ] [ 1 ] ]",
    "[ { a = 1; } ]",
    "[ (x: x) ]",
    '[ (throw "in a list") ]',
    "[ 1 [ 2 [ 3 ] ] ]",
    '[ "b" "a" "b" ]',
    "[ ./files null ]",
    "[ 2 1.5 ]",
  ],
  "empty set": ["{ }"],
  set: [
    "{ a = 1; }",
    '{ a = "x"; b = null; }',
    '{ name = "n"; value = 2; }',
    '{ a = throw "in a set"; }',
    "{ a.b.c = [ 1 ]; }",
    '{ key = 1; "a b" = { }; }',
    "{ x = x: x; a = ./files; }",
  ],
  function: [
    "(x: x)",
    "(x: y: x)",
    "(x: null)",
    "({ a, b ? 1 }: a)",
    "({ ... }@q: q)",
    "(x: y: z: y)",
  ],
  builtin: ["builtins.map", "builtins.isInt", "(builtins.add 1)", "builtins.length", "toString"],
  functor: [
    "{ __functor = self: x: x; }",
    "{ __functor = self: x: y: y; k = 1; }",
    "{ __functor = 1; }",
  ],
  "set with __toString": [
    '{ __toString = self: "str"; }',
    "{ __toString = self: 1; }",
    "{ __toString = 1; }",
    '{ __toString = self: self.s; s = "/a"; }',
  ],
  "set with outPath": [
    '{ outPath = "/out"; }',
    "{ outPath = ./files; }",
    "{ outPath = 1; }",
    '{ outPath.outPath = "/o"; }',
  ],
  derivation: [
    "d",
    "d.dev",
    '{ type = "derivation"; }',
    '{ type = "derivation"; name = "n"; outPath = "/q"; }',
  ],
  "thunk that throws": [
    '(throw "thrown")',
    "(assert false; 1)",
    '(abort "stop")',
    "(1 / 0)",
    "{ }.nothing",
  ],
} as const satisfies Record<string, readonly string[]>;

export type ArgumentType = keyof typeof ARGUMENTS;
export const TYPES = Object.keys(ARGUMENTS) as ArgumentType[];

/** The same by the type that the evaluator says they have; `thunk` is what is not needed, or fails. */
export const TYPES_OF_VALUES: Readonly<Record<string, readonly ArgumentType[]>> = {
  null: ["null"],
  bool: ["bool"],
  int: ["int", "negative int", "huge int"],
  float: ["float"],
  string: ["string", "empty string", "odd string", "string with context"],
  path: ["path"],
  list: ["list", "empty list"],
  set: ["set", "empty set", "functor", "set with __toString", "set with outPath", "derivation"],
  lambda: ["function", "builtin"],
  thunk: ["thunk that throws"],
};

/** Terms that fail when they are evaluated, by how. */
export const FAILING = {
  throw: ['(throw "thrown")', "(throw t)"],
  assert: ["(assert false; 1)", "(assert d == t; d)"],
  abort: ['(abort "stop")', "(abort d.name)"],
  type: [
    "(1 + { })",
    '("a" - 1)',
    "(1 2)",
    "(if 1 then 2 else 3)",
    "(toString (x: x))",
    "(1 < null)",
  ],
  "undefined-variable": ["(import ./files/undefined.nix)", "(with { }; nothing)"],
  "missing-attribute": ["{ }.nothing", "d.nothing.more", "(with d; builtins.nothing)"],
  "missing-argument": ["(({ a, b ? 1 }: a) { })", "(({ name, ... }@q: q) { value = 1; })"],
  "unexpected-argument": ["(({ }: 1) { a = 1; })", '(({ name }: 1) { name = 1; "a b" = 2; })'],
  "infinite-recursion": ["(let x = x; in x)", "(rec { a = b + 1; b = a; }).a"],
  syntax: ["(import ./files/wrong.nix)"],
  io: ["(builtins.readFile /nope)", "(import ./files/dangling)", "(builtins.readDir /nope)"],
  eval: ["(1 / 0)", "(builtins.head [ ])", '(builtins.match "(" "a")'],
} as const satisfies Partial<Record<ErrorKind, readonly string[]>>;

export type Failing = keyof typeof FAILING;
