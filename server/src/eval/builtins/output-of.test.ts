/** Measured with Nix 2.26 in a store that can be written. */
import { expect, test } from "vitest";
import { memoryEvaluator } from "../../testing/memory-host.ts";
import { NixError } from "../errors.ts";
import { printPlain } from "../print-plain.ts";
import { forceDeep } from "../runtime.ts";

const features = new Set(["dynamic-derivations", "ca-derivations"]);

/** With a plain derivation, a content-addressed one and one that builds a derivation in scope. */
function evaluate(text: string): string {
  const ev = memoryEvaluator(undefined, { features });
  const scope = `let
    plain = derivation { name = "a"; system = "x"; builder = "b"; };
    drv = builtins.unsafeDiscardOutputDependency;
    addressed = derivation { name = "a"; system = "x"; builder = "b"; __contentAddressed = true;
      outputHashMode = "recursive"; outputHashAlgo = "sha256"; };
    dynamic = derivation { name = "b.drv"; system = "x"; builder = "b"; __contentAddressed = true;
      outputHashMode = "text"; outputHashAlgo = "sha256"; };
  in`;
  try {
    const value = ev.evaluateText(`${scope} ${text}`, "test", "/");
    forceDeep(ev, value);
    return printPlain(value);
  } catch (error) {
    if (error instanceof NixError) return `error: ${error.message}`;
    throw error;
  }
}

const PLAIN = "/nix/store/nnqh7675wghd0xmrywqm2yh9psrkk13q-a.drv";

test.each([
  [
    'builtins.outputOf (drv plain.drvPath) "out"',
    '"/nix/store/mx735vk17fbgvrjr0zk0wqfylg1i1996-a"',
  ],
  [
    'builtins.getContext (builtins.outputOf (drv plain.drvPath) "out")',
    `{ "${PLAIN}" = { outputs = [ "out" ]; }; }`,
  ],
  [
    'builtins.outputOf (drv addressed.drvPath) "out"',
    '"/1jgc3frv1z1i3k3928h80vhi9m7kcx618ipwmsjkz8z4gvlfpwm9"',
  ],
  [
    'builtins.outputOf dynamic.outPath "out"',
    '"/14iz2qff6y6nr1d417w4v8k2bb03imns3kdv7dhjkzj3cp3fdnjs"',
  ],
  [
    'builtins.outputOf (builtins.outputOf dynamic.outPath "out") "dev"',
    '"/1nzj43g4a8z8smjhj4nj32mgdp10wq0h69gvrc3kd5zn2afmdlk2"',
  ],
  [
    'builtins.outputOf plain.outPath "out"',
    '"/03fv3j7c9hz2l1f75yigy11zjap9ckmm2yrf50vn9lrzkbw5ybw8"',
  ],
  [
    '(derivation { name = "u"; system = "x"; builder = "b"; y = builtins.outputOf (drv plain.drvPath) "out"; }).drvPath',
    '"/nix/store/83mi3xdy958xkkbf5lj42vlk4mkci60v-u.drv"',
  ],
  [
    '(derivation { name = "c"; system = "x"; builder = "b"; dep = builtins.outputOf dynamic.outPath "out"; }).drvPath',
    '"/nix/store/adllha7p6b1ia81k3lf3w6hxway4zmm3-c.drv"',
  ],
  [
    '(derivation { name = "c2"; system = "x"; builder = "b"; dep = builtins.outputOf (builtins.outputOf dynamic.outPath "out") "dev"; dep2 = builtins.outputOf dynamic.outPath "out"; dep3 = "${dynamic}"; }).drvPath',
    '"/nix/store/qm1ilm5891j5ql74dwbh3zrbiin78j8c-c2.drv"',
  ],
  [
    '(derivation { name = "c3"; system = "x"; builder = "b"; dep = builtins.outputOf (builtins.outputOf dynamic.outPath "out") "dev"; }).outPath',
    '"/1xaihdbm7ma8qj8qq406rdjpa0p4969v4y6azx5ww03pq4li2wbv"',
  ],
  [
    '(derivation { name = "e"; system = "x"; builder = "b"; c = derivation { name = "c"; system = "x"; builder = "b"; dep = builtins.outputOf dynamic.outPath "out"; }; }).drvPath',
    '"/nix/store/5si4n4kdw71nvkqk0kxmbp7lls5c7xh9-e.drv"',
  ],
  [
    '(derivation { name = "f"; system = "x"; builder = "b"; __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; dep = builtins.outputOf dynamic.outPath "out"; }).drvPath',
    '"/nix/store/99df17r2yhk3n7sidjmacsfhzlr3prfd-f.drv"',
  ],
  [
    '(derivation { name = "fix"; system = "x"; builder = "b"; outputHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; dep = builtins.outputOf dynamic.outPath "out"; p = derivation { name = "p"; system = "x"; builder = "b"; }; }).drvPath',
    '"/nix/store/216basikcn4ab91rpdfrfkzjf55f3lh7-fix.drv"',
  ],
])("%s", (text, expected) => {
  expect(evaluate(text)).toBe(expected);
});

test.each([
  [
    'builtins.outputOf "x" "out"',
    "string 'x' has 0 entries in its context. It should only have exactly one entry",
  ],
  [
    'builtins.outputOf plain.drvPath "out"',
    `string '${PLAIN}' has a context which refers to a complete source and binary closure. This is not supported at this time`,
  ],
  [
    'builtins.outputOf (drv plain.drvPath + "x") "out"',
    `path string '${PLAIN}x' has context with the different path '${PLAIN}'`,
  ],
  [
    'builtins.outputOf (dynamic.outPath + "x") "out"',
    "string '/1d73nkdd36p3w5ghicxd8bjswjwb5bmz4ia1g5a8m84a5ajydcmgx' has context with the output 'out' from derivation '/nix/store/q7p6hx18pxnmgkddr23nakknws8pb0vc-b.drv.drv', but the string is not the right placeholder for this derivation output. It should be '/1d73nkdd36p3w5ghicxd8bjswjwb5bmz4ia1g5a8m84a5ajydcmg'",
  ],
  [
    'builtins.outputOf (drv plain.drvPath) "dev"',
    `derivation '${PLAIN}' does not have output 'dev'`,
  ],
  [
    'builtins.outputOf (builtins.toFile "x" "y") "out"',
    "error parsing derivation '/nix/store/lfngsssysp6h1v4ccqg23c52s9sjl779-x': error: store path 'lfngsssysp6h1v4ccqg23c52s9sjl779-x' is not a valid derivation path",
  ],
  [
    'builtins.outputOf (builtins.toFile "x.drv" "y") "out"',
    "error parsing derivation '/nix/store/wfdgrpw9bsynwks9jqi6bmd8dclls5bg-x.drv': error: expected string 'D'",
  ],
  ["builtins.outputOf (drv plain.drvPath) 1", "expected a string but found an integer: 1"],
  [
    'builtins.getContext (builtins.outputOf dynamic.outPath "out")',
    "cannot operate on output 'out' of the unbuilt derivation '/nix/store/q7p6hx18pxnmgkddr23nakknws8pb0vc-b.drv.drv'",
  ],
])("%s is refused", (text, message) => {
  expect(evaluate(text)).toBe(`error: ${message}`);
});

test("without its feature it is not there", () => {
  const ev = memoryEvaluator();
  expect(ev.evaluateText("builtins ? outputOf || builtins ? __outputOf", "test", "/")).toBe(false);
});
