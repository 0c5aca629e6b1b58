import { describe, expect, test } from "vitest";
import { guillemets } from "../base/bytes.ts";
import { MemoryHost, memoryEvaluator } from "../testing/memory-host.ts";
import { Interruption, NixError } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { printPlain } from "./print-plain.ts";
import { forceDeep } from "./runtime.ts";

/** The value as `nix-instantiate --eval --strict` prints it, or `error: MESSAGE`. */
function evaluate(text: string, ev: Evaluator = memoryEvaluator()): string {
  try {
    const value = ev.evaluateText(text, guillemets("string"), "/");
    forceDeep(ev, value);
    return printPlain(value);
  } catch (error) {
    if (error instanceof NixError) return `error: ${error.message}`;
    throw error;
  }
}

test("an evaluation can be ended between the files of a tree that it hashes", () => {
  const host = new MemoryHost({ "/src/a": "1", "/src/b": "2", "/src/c": "3" });
  const ev = memoryEvaluator(host);
  const path = () => evaluate('"${/src}"', ev);
  let polls = 0;
  ev.poll = () => {
    if (++polls === 2) throw new Interruption("cancelled");
  };
  expect(path).toThrow(Interruption);
  ev.poll = null;
  expect(path()).toBe(evaluate('"${/src}"', memoryEvaluator(host)));
});

test("while a tree is hashed it is known which, and how far", () => {
  const host = new MemoryHost({ "/src/a": "1", "/src/b/c": "2", "/src/b/d": "3", "/other/e": "4" });
  const ev = memoryEvaluator(host);
  const seen: string[] = [];
  ev.poll = () => {
    if (ev.hashing !== null) seen.push(`${ev.hashing.path} ${ev.hashing.files}`);
  };
  const filter = 'path: type: type == "directory" || "${/other}" != ""';
  evaluate(`builtins.path { path = /src; filter = ${filter}; }`, ev);
  expect(seen).toEqual(["/src 0", "/other 0", "/src 1", "/src 1", "/src 2"]);
  expect(ev.hashing).toBeNull();
});

test("what is asked in the middle of an evaluation reads no more than the program may", () => {
  const ev = memoryEvaluator(new MemoryHost({ "/src/a": "1" }), { pureEval: true });
  const read = () => ev.files.readFile("/src/a");
  expect(ev.files.unrestricted(read)).toBe("1");
  expect(() => ev.files.unrestricted(() => ev.meanwhile(read))).toThrow(/forbidden/);
});

test("sets are compared in the order in which their names were read, to the first that differs", () => {
  const traces = (text: string) => {
    const host = new MemoryHost({});
    evaluate(`let T = builtins.trace; in ${text}`, memoryEvaluator(host));
    return host.messages;
  };
  expect(traces('{ q = T "q" 1; b = T "b" 2; } == { b = 2; q = 3; }')).toEqual(["trace: q"]);
  expect(traces('{ q = [ (T "q" 1) ]; b = T "b" 2; } == { b = 2; q = [ 1 ]; }')).toEqual([
    "trace: q",
    "trace: b",
  ]);
  expect(traces('{ q = T "q" 1; b = T "b" 2; } == { q = 1; c = 2; }')).toEqual(["trace: q"]);
  expect(traces('{ q = T "q" 1; b = 2; } == { b = 3; q = 1; }')).toEqual(["trace: q"]);
  expect(traces('{ b = 2; q = T "q" 1; } == { q = 1; b = 3; }')).toEqual([]);
  expect(traces('{ b = 2; q = T "q" 1; } == { q = 1; b = 2; }')).toEqual(["trace: q"]);
});

describe("values", () => {
  test.each([
    ["1 + 2 * 3 - 4 / 2", "5"],
    ["1.5 + 1", "2.5"],
    ["9223372036854775807", "9223372036854775807"],
    ["9007199254740993 + 1", "9007199254740994"],
    ["-7 / 2", "-3"],
    ["0 * (-1)", "0"],
    ['"a" + "b"', '"ab"'],
    ["/a + /b", "/a/b"],
    ["./x/../y", "/y"],
    ["[ 1 2 ] ++ [ 3 ] ++ [ ]", "[ 1 2 3 ]"],
    ["{ a = 1; } // { b = 2; a = 3; }", "{ a = 3; b = 2; }"],
    ["{ a.b = 1; a.c = 2; }", "{ a = { b = 1; c = 2; }; }"],
    ["rec { a = b; b = 1; }", "{ a = 1; b = 1; }"],
    ["let a = 1; in with { a = 2; b = 3; }; a + b", "4"],
    ["with { a = 1; }; with { a = 2; }; a", "2"],
    ["({ a, b ? a + 1, ... }@x: [ a b (x ? c) ]) { a = 1; c = 0; }", "[ 1 2 true ]"],
    ["(x: y: x - y) 5 3", "2"],
    ["{ a.b = 1; }.a.c or 7", "7"],
    ["{ a = 1; } ? a.b", "false"],
    ['let k = "x"; in { ' + "${k} = 1; ${null} = 2; }", "{ x = 1; }"],
    ["let { body = a; a = 3; }", "3"],
    ["if 1 < 2 && !(2 < 1) then 1 else 2", "1"],
    ['false -> abort "never"', "true"],
    ["builtins.foldl' (a: b: a + b) 0 [ 1 2 3 ]", "6"],
    ["rec { __overrides = { a = 2; }; a = 1; b = a; }.b", "2"],
    ["let __sub = a: b: 42; in 1 - 2", "42"],
    ["{ __functor = self: x: self.n + x; n = 1; } 2", "3"],
    ['toString [ 1 [ ] "a" [ [ ] ] null true false 1.5 ]', '"1 a   1  1.500000"'],
    ['builtins.tryEval (throw "x")', "{ success = false; value = false; }"],
    ["let x = [ (x: x) ]; in x == x", "true"],
    ["let f = x: x; in f == f", "false"],
    ["let f = x: x; in [ f ] == [ f ]", "true"],
    [
      "let inf = 1.0e308 * 10.0; nan = inf - inf; a = { x = nan; }; b = { x = nan; }; in [ (a == b) (builtins.seq a.x (a == b)) ]",
      "[ true true ]",
    ],
    [
      'let low = builtins.listToAttrs (map (i: { name = toString i; value = i; }) (builtins.genList (i: i) 60)); x = low // { y = builtins.length (builtins.attrNames x); }; in [ x.y x."0" ]',
      "[ 61 0 ]",
    ],
    ["[ builtins.map ] == [ builtins.map ]", "false"],
    // A default that names a variable is that variable's cell.
    ["let f = x: x; in ({ g ? f }: [ f ] == [ g ]) { }", "true"],
    ["({ f, g ? f, h ? g }: [ f f ] == [ g h ]) { f = x: x; }", "true"],
    ["({ g ? h, h ? f, f ? (x: x) }: [ ([ f ] == [ g ]) ([ g ] == [ h ]) ]) { }", "[ false true ]"],
    ["({ a, b ? a }: [ a b ]) { a = 1; b = null; }", "[ 1 null ]"],
    [
      "let f = { a, b ? a }: [ a b ]; in map f [ { a = null; } { a = 2; } { b = null; a = 3; } ]",
      "[ [ null null ] [ 2 2 ] [ 3 null ] ]",
    ],
    ["({ f, g ? f.a }: [ f.a ] == [ g ]) { f.a = x: x; }", "false"],
    [
      "let a = [ 1 ]; b = [ a ]; in [ (a == b) b a ]",
      `[ false [ [ 1 ] ] ${guillemets("repeated")} ]`,
    ],
    ['builtins.fromTOML "a = nan\\nb = +nan\\nc = -nan"', "{ a = nan; b = nan; c = -nan; }"],
    [
      'let n = (builtins.fromTOML "a = nan").a; m = 1.0e308 * 10 * 0; in [ (-n) (-m) (n + m) (m + n) (1 + n) (1.5 / n) (m - n) (n * m) ]',
      "[ nan -nan nan -nan nan nan -nan nan ]",
    ],
    [
      'let n = (builtins.fromTOML "a = nan").a; in [ (toString n) (builtins.toJSON n) (n == n) (n < 1) ]',
      '[ "nan" "null" false false ]',
    ],
    [
      'builtins.toXML (builtins.fromTOML "a = [ nan ]").a',
      String.raw`"<?xml version='1.0' encoding='utf-8'?>\n<expr>\n  <list>\n    <float value=\"nan\" />\n  </list>\n</expr>\n"`,
    ],
    ["builtins.sort (a: b: a < b) [ 3 1 2 ]", "[ 1 2 3 ]"],
    ['builtins.replaceStrings [ "" ] [ "-" ] "ab"', '"-a-b-"'],
    ["builtins.functionArgs ({ a, b ? 1 }: 1)", "{ a = false; b = true; }"],
    ['builtins.substring 1 (-1) "abc"', '"bc"'],
    ["builtins.genList (x: x * x) 4", "[ 0 1 4 9 ]"],
    ["builtins.elemAt [ 1 2 ] 1", "2"],
    ["1 |> (x: x + 1)", "2"],
  ])("%s", (text, expected) => expect(evaluate(text)).toBe(expected));
});

describe("errors", () => {
  test.each([
    ['1 + "a"', "error: cannot add a string to an integer"],
    ["1 2", "error: attempt to call something which is not a function but an integer: 1"],
    ["{ a = 1; }.b", "error: attribute 'b' missing"],
    ["x", "error: undefined variable 'x'"],
    ["with { }; x", "error: undefined variable 'x'"],
    ["let x = x; in x", "error: infinite recursion encountered"],
    ["({ a }: a) { }", "error: function 'anonymous lambda' called without required argument 'a'"],
    [
      "let f = { a }: a; in f { a = 1; b = 2; }",
      "error: function 'f' called with unexpected argument 'b'",
    ],
    ["assert 1 > 2; 3", "error: assertion '(__lessThan 2 1)' failed"],
    [
      "assert 1 == 2; 3",
      "error: an integer with value '1' is not equal to an integer with value '2'",
    ],
    [
      "assert { a = [ true ]; } == { a = [ false ]; }; 3",
      "error: boolean 'true' is not equal to boolean 'false'",
    ],
    ['throw "no"', "error: no"],
    ["9223372036854775807 + 1", "error: integer overflow in adding 9223372036854775807 + 1"],
    ["1 / 0", "error: division by zero"],
    ['{ } + ""', "error: cannot coerce a set to a string: { }"],
    ["if 1 then 2 else 3", "error: expected a Boolean but found an integer: 1"],
    ["[ ] // { }", "error: expected a set but found a list: [ ]"],
    ["builtins.head [ ]", "error: 'builtins.head' called on an empty list"],
    ["let f = n: 1 + f n; in f 1", "error: stack overflow; max-call-depth exceeded"],
  ])("%s", (text, expected) => {
    const ev = memoryEvaluator(new MemoryHost(), { maxCallDepth: 300 });
    expect(evaluate(text, ev)).toBe(expected);
  });

  test("the trace leads from the error to what needed it, with a suggestion", () => {
    const ev = memoryEvaluator();
    const error = (() => {
      try {
        ev.evaluateText("let pkgs = { hello = 1; }; in { a = pkgs.helo; }.a", "f", "/");
      } catch (e) {
        return e as NixError;
      }
      throw new Error("it must fail");
    })();
    expect(error.pos).toBe(0);
    expect(ev.showPosition(error.place)).toBe("f:1:42");
    expect(error.suggestions).toEqual(["hello"]);
    expect(error.frames.map((f) => `${f.text} ${ev.showPosition(f.pos)}`)).toEqual([
      "while evaluating the attribute 'helo' f:1:37",
      "from the definition of 'a' f:1:33",
      "while evaluating the attribute 'a' f:1:31",
    ]);
  });

  test("a failed thunk fails again, and is no black hole", () => {
    expect(
      evaluate(
        'let x = throw "e"; in [ (builtins.tryEval x).success (builtins.tryEval x).success ]',
      ),
    ).toBe("[ false false ]");
  });
});

describe("derivations", () => {
  const d = 'derivation { name = "a"; builder = "b"; system = "c"; }';
  const withAttrs = (attrs: string) =>
    `derivation { name = "a"; builder = "b"; system = "c"; ${attrs} }`;
  test.each([
    [`(${d}).drvPath`, "arhvjaf6zmlyn8vh8fgn55rpwnxq0n7l-a.drv"],
    [`(${d}).outPath`, "s6glliw064sgl7vix22p91cxsx7ml1rf-a"],
    [
      `(${withAttrs('outputs = [ "out" "dev" ];')}).dev.outPath`,
      "cgj4j3kg3pgzh99kp728zw39qhvgrjrh-a-dev",
    ],
    [
      `(${withAttrs("__structuredAttrs = true; x = [ 1 2.5 null ]; y.z = true;")}).drvPath`,
      "h9wz5b47lvkhqbs5hxzlh9qvs465zpdp-a.drv",
    ],
    [
      `(${withAttrs('x = null; y = true; z = [ 1 [ 2 3 ] ]; args = [ "a" 1 ];')}).drvPath`,
      "fr1wkqb4siscyil7r37xyr286wv2kqql-a.drv",
    ],
    [
      `(${withAttrs("__ignoreNulls = true; x = null;")}).drvPath`,
      "arhvjaf6zmlyn8vh8fgn55rpwnxq0n7l-a.drv",
    ],
    ['builtins.toFile "a" "hello"', "vmg5na96ajnh1v932j9jdzfc3022vbh9-a"],
    ['builtins.toFile "a" "' + '${builtins.toFile "b" "x"}"', "ac5g5spbcaj28sb7a0d6477myz81ayz8-a"],
    [
      `let z = derivation { name = "z"; builder = "b"; system = "c"; }; in (derivation { name = "a"; builder = "` +
        '${z}/bin/x"; system = "c"; f = builtins.toFile "s" "t"; }).drvPath',
      "6r7nrrngvdnkvm9djiq6fh5mkvif0827-a.drv",
    ],
    [
      '(import <nix/fetchurl.nix> { url = "http://x/y.tar"; sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; }).drvPath',
      "xsbn9aq0rgcv0yy5ndn4vmfhg8y9xaki-y.tar.drv",
    ],
  ])("%s", (text, expected) => expect(evaluate(text)).toBe(`"/nix/store/${expected}"`));

  test("a path is copied to the store when a string needs it", () => {
    const ev = memoryEvaluator(new MemoryHost({ "/s.nix": "x\n" }));
    expect(evaluate('"' + '${./s.nix}"', ev)).toBe(
      '"/nix/store/dh1nslas740qljpdlcciv6m0lkm7n8ca-s.nix"',
    );
    expect(evaluate("builtins.path { path = ./s.nix; recursive = false; }", ev)).toBe(
      '"/nix/store/hnviipzfj10jpnqy9q3sifdyb3hp665q-s.nix"',
    );
  });
});

describe("files", () => {
  test("imports follow directories and links, and are evaluated once", () => {
    const host = new MemoryHost({
      "/a/default.nix": 'builtins.trace "once" (import ../b.nix + 1)',
      "/b.nix": { link: "/c/real.nix" },
      "/c/real.nix": "import ./near.nix",
      "/c/near.nix": "41",
    });
    const ev = memoryEvaluator(host);
    expect(evaluate("[ (import ./a) (import /a/default.nix) ]", ev)).toBe("[ 42 42 ]");
    expect(host.messages).toEqual(["trace: once"]);
  });

  test("what a search path leads to has no links on the way", () => {
    const host = new MemoryHost({
      "/lib/b.nix": "1",
      "/lib/l.nix": { link: "b.nix" },
      "/p": { link: "lib" },
    });
    const find = (name: string) =>
      evaluate(
        `builtins.findFile [ { prefix = "p"; path = /p; } ] "${name}"`,
        memoryEvaluator(host),
      );
    expect(find("p")).toBe("/lib");
    expect(find("p/l.nix")).toBe("/lib/b.nix");
  });

  test("scopedImport gives names to one file only", () => {
    const ev = memoryEvaluator(new MemoryHost({ "/a.nix": "x + import ./b.nix", "/b.nix": "1" }));
    expect(evaluate("builtins.scopedImport { x = 41; } ./a.nix", ev)).toBe("42");
    expect(evaluate("import ./a.nix", ev)).toBe("error: undefined variable 'x'");
  });

  test("a missing file, a missing name", () => {
    expect(evaluate("import ./nope.nix")).toBe("error: path '/nope.nix' does not exist");
    expect(evaluate("(builtins.tryEval <nope>).success")).toBe("false");
  });
});

test.each([
  ['{ __toString = self: { outPath = "deep"; }; }', '"deep"'],
  ['{ outPath = [ 1 { __toString = _: { __toString = _: "a"; }; } ]; }', '[1,"a"]'],
  ["{ outPath.foo = true; }", '{"foo":true}'],
  ["{ __toString = _: /p; }", '"/p"'],
])("toJSON %s", (text, json) => {
  expect(evaluate(`builtins.toJSON ${text}`)).toBe(JSON.stringify(json));
});

test.each([
  ["{ __toString = _: 42; }", "should return a string, but got an integer: 42"],
  ["{ __toString = _: { a = 1; }; }", "must return a string, but got a set: { a = 1; }"],
])("toJSON %s", (text, message) => {
  expect(evaluate(`builtins.toJSON ${text}`)).toBe(`error: \`__toString\` ${message}`);
});

describe("what may be read", () => {
  const host = () => new MemoryHost({ "/etc/a.nix": "1", "/w/b.nix": "2" });
  test.each([
    ["import /etc/a.nix", "error: access to absolute path '/etc' is forbidden in restricted mode"],
    [
      "builtins.readDir /etc",
      "error: access to absolute path '/etc' is forbidden in restricted mode",
    ],
    ["builtins.pathExists /etc", "false"],
    ["import <w/b.nix>", "2"],
    ['builtins.readFile (builtins.toFile "a" "b")', '"b"'],
    ['builtins.getEnv "HOME"', '""'],
  ])("restricted: %s", (text, expected) => {
    const searchPath = [{ prefix: "w", path: "/w" }];
    expect(evaluate(text, memoryEvaluator(host(), { restrictEval: true, searchPath }))).toBe(
      expected,
    );
  });
  test.each([
    [
      "import /w/b.nix",
      "error: access to absolute path '/w' is forbidden in pure evaluation mode (use '--impure' to override)",
    ],
    ["builtins ? currentSystem || builtins ? currentTime", "false"],
    ['map builtins.pathExists [ "/" "/nix" "/nix/store" ]', "[ false false false ]"],
    [
      'builtins.readDir "/"',
      "error: access to absolute path '/' is forbidden in pure evaluation mode (use '--impure' to override)",
    ],
    ["builtins.nixPath", "[ ]"],
    ['import <nix/fetchurl.nix> { url = "http://x/y"; sha256 = ""; } ? drvPath', "true"],
  ])("pure: %s", (text, expected) => {
    expect(evaluate(text, memoryEvaluator(host(), { pureEval: true }))).toBe(expected);
  });
});

test("calls are counted as Nix counts them, operators that are builtins with them", () => {
  const ev = () => memoryEvaluator(undefined, { maxCallDepth: 10 });
  const down = (n: number) => `let f = n: if n == 0 then 0 else 1 + f (n - 1); in f ${n}`;
  const nested = (n: number) => `${"1-(".repeat(n)}1${")".repeat(n)}`;
  const overflow = "error: stack overflow; max-call-depth exceeded";
  expect([down(9), down(10)].map((text) => evaluate(text, ev()))).toEqual(["9", overflow]);
  expect([nested(11), nested(12)].map((text) => evaluate(text, ev()))).toEqual(["0", overflow]);
});

test("only the names that a program wrote have a place", () => {
  const ev = memoryEvaluator(new MemoryHost({ "/a.nix": "{ a = 1; b = 2; }" }));
  const place = (set: string) =>
    evaluate(`(builtins.unsafeGetAttrPos "a" (${set})).column or null`, ev);
  expect(place("import /a.nix")).toBe("3");
  expect(place('removeAttrs (import /a.nix) [ "b" ]')).toBe("3");
  expect(place("import /a.nix // { b = 3; }")).toBe("3");
  expect(place("builtins.mapAttrs (_: v: v) (import /a.nix)")).toBe("null");
});
