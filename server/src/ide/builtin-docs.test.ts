import { expect, test } from "vitest";
import { BUILTIN_NAMES } from "../scope/global-names.ts";
import { BUILTIN_DOCS, builtinDoc, globalDoc, renderBuiltinDoc } from "./builtin-docs.ts";

test("every builtin has a text, and no text is about something else", () => {
  expect(BUILTIN_DOCS.map((doc) => doc.name)).toEqual([...BUILTIN_NAMES]);
  for (const doc of BUILTIN_DOCS) expect(doc.text, doc.name).toMatch(/^[A-Z].*\.$/s);
});

test("arities are those of the functions", () => {
  const arity = (name: string) => builtinDoc(name)?.args.length;
  expect(["true", "head", "map", "substring"].map(arity)).toEqual([0, 1, 2, 3]);
});

test("a global name with __ has the text of its builtin", () => {
  expect(globalDoc("__add")?.name).toBe("add");
  expect(globalDoc("add")).toBeNull();
});

test("rendering", () => {
  const doc = builtinDoc("break");
  expect(doc && renderBuiltinDoc(doc)).toMatchInlineSnapshot(`
    "\`\`\`nix
    builtins.break value
    # a -> a
    \`\`\`

    Stops here when Nix runs with its debugger, then gives \`value\`. Without the debugger it only gives \`value\`.

    *Since Nix 2.9.*"
  `);
});
