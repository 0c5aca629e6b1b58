/** Which lists and sets count as printed already: measured, Nix 2.26. */
import { expect, test } from "vitest";
import { bytesToText, guillemets } from "../base/bytes.ts";
import { memoryEvaluator } from "../testing/memory-host.ts";
import { printPlain } from "./print-plain.ts";
import { forceDeep } from "./runtime.ts";

function printed(expression: string): string {
  const ev = memoryEvaluator();
  const value = ev.evaluateText(expression, guillemets("string"), "/");
  forceDeep(ev, value);
  return bytesToText(printPlain(value));
}

test("a list of three is the same list wherever it goes, one of two only in its own cell", () => {
  for (const again of [
    "(g 1)",
    "((y: y) x)",
    "(builtins.head [ x ])",
    "(if true then x else 1)",
    "(x ++ [ ])",
    "(builtins.concatLists [ x ])",
    "(builtins.concatLists [ [ ] x [ ] ])",
    "(builtins.filter (_: true) x)",
  ]) {
    const both = (list: string) => printed(`let x = ${list}; g = _: x; in [ x ${again} ]`);
    expect(both("[ 1 2 3 ]"), again).toBe("[ [ 1 2 3 ] «repeated» ]");
    expect(both("[ 1 2 ]"), again).toBe("[ [ 1 2 ] [ 1 2 ] ]");
  }
  expect(printed("let x = [ 1 2 ]; in [ x x ]")).toBe("[ [ 1 2 ] «repeated» ]");
  expect(printed("let x = [ ]; in [ x x ]")).toBe("[ [ ] [ ] ]");
});

test("what makes a list makes another one each time", () => {
  for (const other of ["[ 1 2 3 ]", "(map (v: v) x)", "(builtins.sort builtins.lessThan x)"])
    expect(printed(`let x = [ 1 2 3 ]; in [ x ${other} ]`)).toBe("[ [ 1 2 3 ] [ 1 2 3 ] ]");
  expect(printed("let f = _: [ 1 2 3 ]; in [ (f 1) (f 2) ]")).toBe("[ [ 1 2 3 ] [ 1 2 3 ] ]");
});

test("a list that holds itself", () => {
  expect(printed("let c = [ 1 2 ((v: v) c) ]; in c")).toBe("[ 1 2 «repeated» ]");
  expect(printed("let c = [ 1 c ]; in c")).toBe("[ 1 [ 1 «repeated» ] ]");
});
