/** What `snowglobe eval` prints: measured, `nix eval` 2.26. */
import { expect, test } from "vitest";
import { bytesToText } from "../base/bytes.ts";
import { evalCommand } from "./eval.ts";

function printed(expression: string, ...attributes: string[]) {
  let text = "";
  const status = evalCommand(["--expr", expression, ...attributes], {
    stdout: (part) => {
      text += part;
    },
    stderr: (part) => {
      text += part;
    },
  });
  return { status, text: bytesToText(text).trim() };
}

test("attributes stand in the order of their names, `type` too", () => {
  expect(printed('{ type = "app"; program = 1; _type = 2; Z = 3; }').text).toBe(
    '{ Z = 3; _type = 2; program = 1; type = "app"; }',
  );
});

test("what fails inside a value is printed as its error, and the rest all the same", () => {
  expect(
    printed('{ a = throw "no"; b = [ (assert false; 1) 2 ]; c = let f = f; in f; d.e = { }.z; }'),
  ).toEqual({
    status: 0,
    text:
      "{ a = «error: no»; b = [ «error: assertion 'false' failed» 2 ]; " +
      "c = «error: infinite recursion encountered»; d = { e = «error: attribute 'z' missing»; }; }",
  });
  expect(printed('{ a = { type = throw "t"; b = 1; }; }').text).toBe("{ a = «error: t»; }");
});

test("an error of the value itself is the command's", () => {
  const { status, text } = printed('throw "no"');
  expect(status).toBe(1);
  expect(text).toMatch(/error: no$/);
});

test("a derivation is printed once, then as repeated", () => {
  const derivation = 'derivation { name = "x"; system = "y"; builder = "z"; }';
  expect(printed(`let d = ${derivation}; in [ d d.out { inherit d; } ]`).text).toBe(
    "[ «derivation /nix/store/n01dy158nk2mfsjgkgdpm9ma51dy2ry5-x.drv» «repeated» { d = «repeated»; } ]",
  );
  expect(
    printed('{ a.type = "derivation"; b = { type = "derivation"; drvPath = throw "b"; }; }').text,
  ).toBe("{ a = «derivation»; b = «error: b»; }");
});

test("an empty set is the one empty set, unless it was made with room for attributes", () => {
  for (const empty of [
    "{ }",
    "removeAttrs { } [ ]",
    'removeAttrs { } [ "a" ]',
    "builtins.mapAttrs (_: v: v) { }",
    'builtins.mapAttrs (_: v: v) (removeAttrs { a = 1; } [ "a" ])',
    "builtins.intersectAttrs { a = 1; } { }",
    "builtins.intersectAttrs { } { a = 1; }",
    "builtins.zipAttrsWith (_: v: v) [ ]",
    "builtins.zipAttrsWith (_: v: v) [ { } ]",
    "builtins.listToAttrs [ ]",
    "builtins.groupBy (v: v) [ ]",
    "builtins.functionArgs (v: v)",
    'builtins.fromJSON "{}"',
  ])
    expect(printed(`[ { } (${empty}) ]`).text, empty).toBe("[ { } «repeated» ]");
  for (const own of [
    'removeAttrs { a = 1; } [ "a" ]',
    "builtins.intersectAttrs { a = 1; } { b = 1; }",
    "builtins.intersectAttrs { a = 1; } { b = 1; c = 1; }",
    "builtins.intersectAttrs { a = 1; c = 1; } { b = 1; }",
    "{ ${null} = 1; }",
  ])
    expect(printed(`[ { } (${own}) (${own}) ]`).text, own).toBe("[ { } { } { } ]");
});

test("functions are called for what is looked up in them, not when they are the value", () => {
  const text = "{ x ? 1 }: { y = x; z = { w ? 2 }: w; }";
  expect(printed(text).text).toBe("«lambda @ «string»:1:1»");
  expect(printed(text, "y").text).toBe("1");
  expect(printed(text, "z").text).toBe("«lambda z @ «string»:1:25»");
  expect(printed("{ needed }: needed")).toEqual({ status: 0, text: "«lambda @ «string»:1:1»" });
});
