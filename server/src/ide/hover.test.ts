import { expect, test } from "vitest";
import { analyze } from "../testing/analysis-fixture.ts";
import type { ValueView } from "./evaluation-view.ts";

function hoverAt(source: string, value: ValueView | null = null): string | null {
  const { host, id, offset, text } = analyze(source);
  const found = host.analysis().hover(id, offset, value);
  return found && `«${text(found)}»\n${found.markdown}`;
}

test("a builtin has its documentation", () => {
  expect(hoverAt("h: builtins.hea$0d h")).toMatchInlineSnapshot(`
    "«head»
    \`\`\`nix
    builtins.head list
    # [a] -> a
    \`\`\`

    The first element. An empty list is an error."
  `);
});

test("a binding shows itself and its doc comment", () => {
  expect(
    hoverAt(`
      let
        /**
          Adds one.

            inc 1
        */
        inc = x: x + 1;
      in
      inc$0 2`),
  ).toMatchInlineSnapshot(`
    "«inc»
    \`\`\`nix
    inc = x: x + 1;
    \`\`\`

    Adds one.

      inc 1

    *let binding*"
  `);
});

test("arguments", () => {
  expect(hoverAt("{ a ? [ 1 ] }: a$0")).toMatchInlineSnapshot(`
    "«a»
    \`\`\`nix
    a ? [ 1 ]
    \`\`\`

    *argument* with a default"
  `);
  expect(hoverAt("x: x$0")).toMatchInlineSnapshot(`
    "«x»
    \`\`\`nix
    x
    \`\`\`

    *parameter*"
  `);
});

test("a name from a with, an attribute, a path", () => {
  expect(hoverAt("p: with p.q; a$0")).toMatchInlineSnapshot(`
    "«a»
    \`\`\`nix
    a
    \`\`\`

    from

    \`\`\`nix
    with p.q;
    \`\`\`"
  `);
  expect(hoverAt("let s = { a = 1; }; in s.$0a")).toMatchInlineSnapshot(`
    "«a»
    \`\`\`nix
    a = 1;
    \`\`\`"
  `);
  expect(hoverAt("./default$0.nix")).toMatchInlineSnapshot(`
    "«./default.nix»
    \`/default.nix\` (file)"
  `);
});

test("an evaluated value comes first", () => {
  const value: ValueView = {
    start: 12,
    end: 13,
    text: '"a ``` b"',
    type: "string",
    derivation: null,
  };
  expect(hoverAt("let a = 1; in a$0", value)).toMatchInlineSnapshot(`
    "«a»
    \`\`\`\`nix
    "a \`\`\` b"
    \`\`\`\`

    *string*

    ---

    \`\`\`nix
    a = 1;
    \`\`\`

    *let binding*"
  `);
});

test("a derivation shows its paths", () => {
  const value: ValueView = {
    start: 0,
    end: 3,
    text: "«derivation …»",
    type: "derivation",
    derivation: {
      name: "hello-2.10",
      drvPath: "/nix/store/x-hello-2.10.drv",
      outputs: [
        { name: "out", path: "/nix/store/y-hello-2.10" },
        { name: "dev", path: null },
      ],
    },
  };
  expect(hoverAt("$0[ ]", value)).toMatchInlineSnapshot(`
    "«[ ]»
    **hello-2.10** *derivation*

    \`/nix/store/x-hello-2.10.drv\`

    - out: \`/nix/store/y-hello-2.10\`
    - dev: known after the build"
  `);
});

test("nothing where nothing is known", () => {
  expect(hoverAt("[ $0 ]")).toBeNull();
});

test("a package says what it is", () => {
  const value: ValueView = {
    start: 0,
    end: 3,
    text: "",
    type: "derivation",
    derivation: { name: "hello-2.10", drvPath: "/nix/store/x.drv", outputs: [] },
    wasForced: false,
    meta: {
      version: "2.10",
      description: "A *friendly* program",
      homepage: "https://example.org",
      licence: "GPLv3+",
      position: "/pkgs/hello.nix:12",
    },
  };
  expect(hoverAt("$0[ ]", value)).toMatchInlineSnapshot(`
    "«[ ]»
    **hello-2.10** *derivation*

    A \\*friendly\\* program

    version 2.10 · GPLv3+ · <https://example.org>

    defined in [\`/pkgs/hello.nix:12\`](file:///pkgs/hello.nix#L12)

    \`/nix/store/x.drv\`



    *nothing needed it: evaluated to be shown here*"
  `);
});

test("a function shows its arguments, its comment and its place, a string what it refers to", () => {
  const value: ValueView = {
    start: 0,
    end: 3,
    text: "«lambda»",
    type: "lambda",
    derivation: null,
    doc: "/* Makes a shell. */",
    formals: [
      { name: "name", fallback: null },
      { name: "packages", fallback: "[ ]" },
    ],
    definition: { file: "/lib.nix", line: 3, column: 1, text: "" },
    context: ["/nix/store/x"],
  };
  expect(hoverAt("$0[ ]", value)).toMatchInlineSnapshot(`
    "«[ ]»
    \`\`\`nix
    «lambda»
    \`\`\`

    *lambda*

    \`\`\`nix
    {
      name,
      packages ? [ ],
    }:
    \`\`\`

    Makes a shell.

    refers to
    - \`/nix/store/x\`

    defined in [\`/lib.nix:3\`](file:///lib.nix#L3)"
  `);
});
