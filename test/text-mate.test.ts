// The TextMate grammar, which VS Code paints with before the language server is up.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { loadWASM, OnigScanner, OnigString } from "vscode-oniguruma";
import { INITIAL, parseRawGrammar, Registry } from "vscode-textmate";

const onigurumaWasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
await loadWASM(readFileSync(onigurumaWasm).buffer);

const path = new URL("../syntaxes/nix.tmLanguage.json", import.meta.url);
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new OnigScanner(patterns),
    createOnigString: (text) => new OnigString(text),
  }),
  loadGrammar: async (scope) => {
    if (scope === "source.nix") return parseRawGrammar(readFileSync(path, "utf8"), "nix.json");
    if (scope !== "source.shell") return null;
    // A shell of three words, to see where the other language begins and ends.
    const patterns = [{ match: "echo", name: "support.shell" }];
    return parseRawGrammar(JSON.stringify({ scopeName: scope, patterns }), "shell.json");
  },
});
const grammar = await registry.loadGrammar("source.nix");
if (grammar === null) throw new Error("no grammar");

/** Every token that is not only space, with its innermost scope (without `.nix`), one line each. */
function paint(text: string): string {
  let state = INITIAL;
  const painted: string[] = [];
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar!.tokenizeLine(line, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes } of tokens) {
      const token = line.slice(startIndex, endIndex);
      const scope = scopes.at(-1)?.replace(/\.nix$/, "") ?? "";
      if (token.trim() !== "") painted.push(`${token.trim()}  ${scope}`);
    }
  }
  return `\n${painted.join("\n")}\n`;
}

/** The scope of the one token `token` of the text. */
function scopeOf(text: string, token: string): string | undefined {
  const line = paint(text)
    .split("\n")
    .find((painted) => painted.startsWith(`${token}  `));
  return line?.slice(token.length + 2);
}

describe("strings", () => {
  test("interpolations nest, and braces in them are balanced", () => {
    expect(paint('"a${f { b = "c${d}"; }}e"')).toMatchInlineSnapshot(`
      "
      "  punctuation.definition.string.begin
      a  string.quoted.double
      \${  punctuation.section.embedded.begin
      f  variable.other
      {  punctuation.section.braces.begin
      b  entity.other.attribute-name
      =  keyword.operator.assignment
      "  punctuation.definition.string.begin
      c  string.quoted.double
      \${  punctuation.section.embedded.begin
      d  variable.other
      }  punctuation.section.embedded.end
      "  punctuation.definition.string.end
      ;  punctuation.terminator
      }  punctuation.section.braces.end
      }  punctuation.section.embedded.end
      e  string.quoted.double
      "  punctuation.definition.string.end
      "
    `);
  });

  test("escapes and dollars", () => {
    expect(paint('"\\n \\${a} $${b} $$${c} $"')).toMatchInlineSnapshot(`
      "
      "  punctuation.definition.string.begin
      \\n  constant.character.escape
      \\\${  constant.character.escape
      a}  string.quoted.double
      $$  string.quoted.double
      {b}  string.quoted.double
      $$  string.quoted.double
      \${  punctuation.section.embedded.begin
      c  variable.other
      }  punctuation.section.embedded.end
      $  string.quoted.double
      "  punctuation.definition.string.end
      "
    `);
  });

  test("indented strings end at quotes that are no escape", () => {
    expect(paint("''\n  a ''${b} ''' ''\\n $${c} ''$ '${d}'\n'' + e")).toMatchInlineSnapshot(`
      "
      ''  punctuation.definition.string.begin
      a  string.quoted.other.indented
      ''\${  constant.character.escape
      b}  string.quoted.other.indented
      '''  constant.character.escape
      ''\\n  constant.character.escape
      $$  string.quoted.other.indented
      {c}  string.quoted.other.indented
      ''$  constant.character.escape
      '  string.quoted.other.indented
      \${  punctuation.section.embedded.begin
      d  variable.other
      }  punctuation.section.embedded.end
      '  string.quoted.other.indented
      ''  punctuation.definition.string.end
      +  keyword.operator.arithmetic
      e  variable.other
      "
    `);
  });

  test("a comment names another language", () => {
    expect(paint("a = /* bash */ ''\n  echo ${b} ''${c}\n''; d = 1;")).toMatchInlineSnapshot(`
      "
      a  entity.other.attribute-name
      =  keyword.operator.assignment
      /* bash */  comment.block
      ''  punctuation.definition.string.begin
      echo  support.shell
      \${  punctuation.section.embedded.begin
      b  variable.other
      }  punctuation.section.embedded.end
      ''\${  constant.character.escape
      c}  meta.embedded.block.bash
      ''  punctuation.definition.string.end
      ;  punctuation.terminator
      d  entity.other.attribute-name
      =  keyword.operator.assignment
      1  constant.numeric.integer
      ;  punctuation.terminator
      "
    `);
  });
});

describe("literals", () => {
  test("paths", () => {
    expect(paint("[ ./a ../b/c.d /e f/g ~/h <i> <j/k> ./l/${m}/n.o p ]")).toMatchInlineSnapshot(`
      "
      [  punctuation.section.brackets.begin
      ./a  string.unquoted.path
      ../b/c.d  string.unquoted.path
      /e  string.unquoted.path
      f/g  string.unquoted.path
      ~/h  string.unquoted.path
      <i>  string.unquoted.search-path
      <j/k>  string.unquoted.search-path
      ./l/  string.unquoted.path
      \${  punctuation.section.embedded.begin
      m  variable.other
      }  punctuation.section.embedded.end
      /n.o  string.unquoted.path
      p  variable.other
      ]  punctuation.section.brackets.end
      "
    `);
  });

  test.each([
    ["a//b", "//", "keyword.operator.update"],
    ["a / b", "/", "keyword.operator.arithmetic"],
    ["1 /2", "/2", "string.unquoted.path"],
    ["x:x", "x:x", "string.unquoted.uri"],
    ["x: x", "x", "variable.parameter"],
    ["http://a.b/c?d=e#f", "http://a.b/c?d=e", "string.unquoted.uri"],
    ["1.5e-3", "1.5e-3", "constant.numeric.float"],
    [".5", ".5", "constant.numeric.float"],
    ["12", "12", "constant.numeric.integer"],
    ["a-1", "a-1", "variable.other"],
    ["a1", "a1", "variable.other"],
    ["true", "true", "constant.language"],
    ["a <b", "<", "keyword.operator.comparison"],
  ])("%s", (text, token, scope) => {
    expect(scopeOf(text, token)).toBe(scope);
  });
});

describe("names", () => {
  test("attributes, functions, parameters, builtins", () => {
    expect(
      paint('a.b."c".d = e.f; g = x: { h ? 1, ... }@i: builtins.map toString x.or or y;'),
    ).toMatchInlineSnapshot(`
      "
      a  entity.other.attribute-name
      .  punctuation.accessor
      b  entity.other.attribute-name
      .  punctuation.accessor
      "  punctuation.definition.string.begin
      c  string.quoted.double
      "  punctuation.definition.string.end
      .  punctuation.accessor
      d  entity.other.attribute-name
      =  keyword.operator.assignment
      e  variable.other
      .  punctuation.accessor
      f  variable.other.property
      ;  punctuation.terminator
      g  entity.name.function
      =  keyword.operator.assignment
      x  variable.parameter
      :  punctuation.separator.function
      {  punctuation.section.braces.begin
      h  variable.parameter
      ?  keyword.operator.default
      1  constant.numeric.integer
      ,  punctuation.separator.parameter
      ...  keyword.operator.ellipsis
      }  punctuation.section.braces.end
      @  punctuation.separator.at
      i  variable.parameter
      :  punctuation.separator
      builtins  support.variable.builtins
      .  punctuation.accessor
      map  support.function.builtin
      toString  support.function.builtin
      x  variable.other
      .  punctuation.accessor
      or  variable.other.property
      or  keyword.operator.or
      y  variable.other
      ;  punctuation.terminator
      "
    `);
  });

  test.each([
    ["let-a", "let-a", "variable.other"],
    ["in'", "in'", "variable.other"],
    ["a.or", "or", "variable.other.property"],
    ["a.b or c", "or", "keyword.operator.or"],
    ["a == b", "a", "variable.other"],
    ["{ a }: b", "a", "variable.parameter"],
    ["{ a, b }: c", "b", "variable.parameter"],
    ["{\n  a,\n  b ? c,\n}: d", "a", "variable.parameter"],
    ["{ a\n, b\n}: c", "b", "variable.parameter"],
    ["{ a, ... }@b: c", "b", "variable.parameter"],
    ["a@{ ... }: b", "a", "variable.parameter"],
    ["{ inherit a; }", "a", "variable.other.inherited"],
    ["{ inherit (a) b; }", "b", "variable.other.inherited"],
    ["{ inherit (a) b; }", "a", "variable.other"],
    ["{ a = b: b; }", "a", "entity.name.function"],
    ["{ a = { b, c }: b; }", "a", "entity.name.function"],
    ["{ a = { b = 1; }; }", "a", "entity.other.attribute-name"],
    ["a ? b", "?", "keyword.operator.has-attribute"],
    ["import ./a", "import", "support.function.builtin"],
  ])("%j: %s", (text, token, scope) => {
    expect(scopeOf(text, token)).toBe(scope);
  });
});

test("keywords, operators, comments", () => {
  expect(
    paint(
      '/** doc */ let in # no "string"\nwith a; assert !b; if c then d ++ e else f -> g /* h */ |> i',
    ),
  ).toMatchInlineSnapshot(`
    "
    /**  punctuation.definition.comment
    doc  comment.block.documentation
    */  punctuation.definition.comment
    let  keyword.other
    in  keyword.other
    #  punctuation.definition.comment
    no "string"  comment.line.number-sign
    with  keyword.other
    a  variable.other
    ;  punctuation.terminator
    assert  keyword.control.assert
    !  keyword.operator.logical
    b  variable.other
    ;  punctuation.terminator
    if  keyword.control.conditional
    c  variable.other
    then  keyword.control.conditional
    d  variable.other
    ++  keyword.operator.concatenation
    e  variable.other
    else  keyword.control.conditional
    f  variable.other
    ->  keyword.operator.logical
    g  variable.other
    /*  punctuation.definition.comment
    h  comment.block
    */  punctuation.definition.comment
    |>  keyword.operator.pipe
    i  variable.other
    "
  `);
});

test("every scope that embeds a language names that language to VS Code", () => {
  const text = readFileSync(path, "utf8");
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const [{ embeddedLanguages }] = manifest.contributes.grammars;
  const embedded = [...text.matchAll(/"(?:contentName|name)": "(meta\.embedded[^"]*)"/g)];
  expect(Object.keys(embeddedLanguages).sort()).toEqual(embedded.map(([, name]) => name).sort());
});
