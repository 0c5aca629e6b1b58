import { describe, expect, test } from "vitest";
import { bytesFromText } from "../base/bytes.ts";
import type { Expr } from "./ast.ts";
import { writtenChildren } from "./children.ts";
import { type ParseOptions, parseNix } from "./parser.ts";
import { lineAndColumn } from "./problem.ts";

function ok(source: string, options?: ParseOptions): Expr {
  const { expr, problem } = parseNix(bytesFromText(source), options);
  if (problem !== null) throw new Error(`${problem.start}: ${problem.message}`);
  return expr;
}

/** `line:column message` of the problem. */
function bad(source: string, options?: ParseOptions): string {
  const bytes = bytesFromText(source);
  const { problem } = parseNix(bytes, options);
  if (problem === null) throw new Error("accepted");
  expect(problem.end).toBeGreaterThanOrEqual(problem.start);
  return `${lineAndColumn(bytes, problem.start)} ${problem.message}`;
}

/** A small unambiguous rendering of the tree, for comparisons. */
function show(expr: Expr): string {
  const path = (names: { name: string | null; expr: Expr | null }[]) =>
    names.map((n) => (n.name === null ? `\${${show(n.expr as Expr)}}` : n.name)).join(".");
  switch (expr.kind) {
    case "Int":
    case "Float":
      return `${expr.value}`;
    case "String":
      return JSON.stringify(expr.value);
    case "Path":
      return `path:${expr.value}`;
    case "SearchPath":
      return `<${expr.value}>`;
    case "Interpolation":
    case "PathInterpolation":
      return `${expr.kind[0]}[${expr.parts.map(show).join(" ")}]`;
    case "Var":
      return expr.name;
    case "Select":
      return `${show(expr.subject)}.${path(expr.path)}${expr.fallback ? ` or ${show(expr.fallback)}` : ""}`;
    case "HasAttr":
      return `(${show(expr.subject)} ? ${path(expr.path)})`;
    case "Call":
      return `(${[expr.fn, ...expr.args].map(show).join(" ")})`;
    case "Lambda": {
      const formals = expr.formals
        ? `{${[...expr.formals.items.map((f) => (f.fallback ? `${f.name}?${show(f.fallback)}` : f.name)), ...(expr.formals.ellipsis ? ["..."] : [])].join(",")}}`
        : "";
      return `(${[formals, expr.param ?? ""].filter(Boolean).join("@")}: ${show(expr.body)})`;
    }
    case "AttrSet":
      return `${expr.recursive ? "rec " : ""}{ ${[
        ...expr.attrs.map(
          (a) =>
            `${a.name}${a.how === "plain" ? `=${show(a.value)}` : a.how === "from" ? `<${a.from}` : ""};`,
        ),
        ...expr.dynamic.map((d) => `\${${show(d.nameExpr)}}=${show(d.value)};`),
        ...expr.inheritFrom.map((e, i) => `<${i}=${show(e)};`),
      ].join(" ")} }`;
    case "Let":
      return `(let ${show(expr.attrs)} in ${show(expr.body)})`;
    case "With":
      return `(with ${show(expr.scope)}; ${show(expr.body)})`;
    case "If":
      return `(if ${show(expr.condition)} then ${show(expr.then)} else ${show(expr.otherwise)})`;
    case "Assert":
      return `(assert ${show(expr.condition)}; ${show(expr.body)})`;
    case "List":
      return `[${expr.items.map(show).join(" ")}]`;
    case "Unary":
      return `(${expr.op}${show(expr.operand)})`;
    case "Binary":
      return `(${show(expr.left)} ${expr.op} ${show(expr.right)})`;
    case "CurPos":
      return "__curPos";
    case "Hole":
      return "HOLE";
  }
}

const tree = (source: string, options?: ParseOptions) => show(ok(source, options));

describe("tokens", () => {
  test.each([
    ["x:x", '"x:x"'],
    ["x: x", "(x: x)"],
    ["a_b:c", "(a_b: c)"],
    ["a-b'c", "a-b'c"],
    ["a/2", "path:a/2"],
    ["1/2", "path:1/2"],
    ["-1/2", "path:-1/2"],
    ["1 /2", "(1 path:/2)"],
    ["1 / 2", "(1 / 2)"],
    ["a//b", "(a // b)"],
    ["a'b/c", "(a'b path:/c)"],
    ["a.b/c", "path:a.b/c"],
    ["a.b.c", "a.b.c"],
    ["a.1", "(a 0.1)"],
    ["a.b.c:d", '"a.b.c:d"'],
    ["1.2.3", "(1.2 0.3)"],
    ["1e10", "(1 e10)"],
    ["5.", "5"],
    ["00.5", "(0 0.5)"],
    ["1.5e-3", "0.0015"],
    ["9223372036854775807", "9223372036854775807"],
    ["007", "7"],
    ["<a/b>", "<a/b>"],
    ["a <b> c", "(a <b> c)"],
    ["a<b", "(a < b)"],
    ["a /* x */ b # y", "(a b)"],
    ["~/a/b", "path:~/a/b"],
    ["http://x.y/z?q=1", '"http://x.y/z?q=1"'],
    ["a - b", "(a - b)"],
    ["a -b", "(a - b)"],
    ["a-b", "a-b"],
    ["a+b", "(a + b)"],
    ["a->b", "(a- > b)"],
    ["a -> b", "(a -> b)"],
    ["1\r\n+\r2", "(1 + 2)"],
    ["__curPos", "__curPos"],
  ])("%s", (source, expected) => expect(tree(source)).toBe(expected));
});

describe("problems", () => {
  test.each([
    ["", "1:1 syntax error, unexpected end of file"],
    ["1 )", "1:3 syntax error, unexpected ')', expecting end of file"],
    ["{ a = 1 }", "1:9 syntax error, unexpected '}', expecting ';'"],
    ["{ a = 1; 2 }", "1:10 syntax error, unexpected integer, expecting 'inherit'"],
    ["rec { 2 }", "1:7 syntax error, unexpected integer, expecting 'inherit' or '}'"],
    ["let 1", "1:5 syntax error, unexpected integer, expecting 'in' or 'inherit'"],
    ["{ a, 1 }: 1", "1:6 syntax error, unexpected integer, expecting identifier or '...' or '}'"],
    ["a. 1", "1:4 syntax error, unexpected integer, expecting identifier or 'or' or '${' or '\"'"],
    ["1 < 2 < 3", "1:7 syntax error, unexpected '<'"],
    ['"abc', "1:5 syntax error, unexpected end of file, expecting '\"'"],
    [
      "''abc",
      "1:6 syntax error, unexpected end of file, expecting indented string or '${' or end of an indented string",
    ],
    ["/a//b", "1:1 syntax error, unexpected end of path, expecting '${'"],
    ["/a//b ", "1:4 syntax error, unexpected end of path, expecting '${'"],
    ["/a/b/", "1:1 path has a trailing slash"],
    ["/a/b/ ", "1:6 path has a trailing slash"],
    ["\xe9", "1:1 syntax error, unexpected invalid token"],
    ["9223372036854775808", "1:1 invalid integer '9223372036854775808'"],
    ["1.0e400", "1:1 invalid float '1.0e400'"],
    ["1.0e-310", "1:1 invalid float '1.0e-310'"],
    ["{a,a}: 1 )", "1:4 duplicate formal function argument 'a'"],
    ["a@{a}: 1", "1:1 duplicate formal function argument 'a'"],
    ["let ${x} = 1; in 1", "1:1 dynamic attributes not allowed in let"],
    ["{ inherit ${x}; }", "1:11 dynamic attributes not allowed in inherit"],
  ])("%s", (source, expected) => expect(bad(source)).toBe(bytesFromText(expected)));

  test("duplicate attributes name the path and the first place", () => {
    expect(bad("{ a.b = 1;\n  a.b.c = 2; }", { fileName: "/x.nix" })).toBe(
      "2:3 attribute 'a.b' already defined at /x.nix:1:3",
    );
  });
});

describe("operators", () => {
  test.each([
    ["a -> b -> c", "(a -> (b -> c))"],
    ["a || b && c || d", "((a || (b && c)) || d)"],
    ["a == b && c < d", "((a == b) && (c < d))"],
    ["a < b == c < d", "((a < b) == (c < d))"],
    ["a // b // c", "(a // (b // c))"],
    ["a ++ b ++ c", "(a ++ (b ++ c))"],
    ["a ++ b + c ++ d", "((a ++ b) + (c ++ d))"],
    ["a - b - c", "((a - b) - c)"],
    ["a * b / c + d", "(((a * b) / c) + d)"],
    ["a ++ b * c", "((a ++ b) * c)"],
    ["!a ? b", "(!(a ? b))"],
    ["!a == b", "((!a) == b)"],
    ["!a + b // c", "((!(a + b)) // c)"],
    ["-a ? b", "((-a) ? b)"],
    ["-a ++ b", "((-a) ++ b)"],
    ["- !a + b", "(-(!(a + b)))"],
    ["a * !b + c", "(a * (!(b + c)))"],
    ["a * - - b + c", "((a * (-(-b))) + c)"],
    ["-f x", "(-(f x))"],
    ["a ? b ? c", "((a ? b) ? c)"],
    ["a ++ b ? c.d ++ e", "(a ++ ((b ? c.d) ++ e))"],
    ["a |> f |> g", "((a |> f) |> g)"],
    ["f <| g <| a", "(f <| (g <| a))"],
    ["x: a |> f", "(x: (a |> f))"],
    ["a || b |> f", "((a || b) |> f)"],
    ["if a then b else c + d", "(if a then b else (c + d))"],
    ["a.b or c d", "(a.b or c d)"],
    ["a.b or c.d or e.f", "a.b or c.d or e.f"],
    ["f or", "(f or)"],
    ["f or x", "(f or x)"],
    ["a.b or c or d", "(a.b or (c or) d)"],
    ["(f x) y", "(f x y)"],
    ["(f x) or y", "((f x) or y)"],
    ["(x: x) y", "((x: x) y)"],
  ])("%s", (source, expected) => expect(tree(source)).toBe(expected));

  test.each(["1 == 2 == 3", "1 == 2 != 3", "1 <= 2 > 3", "1 + x: x", "a && if b then c else d"])(
    "%s is refused",
    (source) => expect(bad(source)).toMatch(/syntax error, unexpected/),
  );

  test("pipes are refused where they are not wanted, and do not mix", () => {
    expect(bad("1 |> 2", { pipeOperators: false })).toBe(
      "1:3 experimental Nix feature 'pipe-operators' is disabled; add '--extra-experimental-features pipe-operators' to enable it",
    );
    expect(bad("a |> b <| c")).toBe("1:8 syntax error, unexpected '<|', expecting end of file");
    expect(bad("a <| b |> c")).toBe("1:8 syntax error, unexpected '|>', expecting end of file");
  });
});

describe("expressions", () => {
  test.each([
    ["x@{ a, b ? 1, ... }: a", "({a,b?1,...}@x: a)"],
    ["{ a, }@x: a", "({a}@x: a)"],
    ["{ }: 1", "({}: 1)"],
    ["{ ... }: 1", "({...}: 1)"],
    ["{ }", "{  }"],
    ["{ a = 1; }", "{ a=1; }"],
    ["let { body = 1; }", "rec { body=1; }.body"],
    ["let in 1", "(let rec {  } in 1)"],
    ["let inherit (a) b; c = b; in c", "(let rec { b<0; c=b; <0=a; } in c)"],
    ["{ inherit; inherit (a); }", "{ <0=a; }"],
    ['{ inherit "a" ${"b"} or; }', "{ a; b; or; }"],
    ["{ or = 1; a.or.b = 2; }", "{ or=1; a={ or={ b=2; }; }; }"],
    ['{ "a${b}" = 1; ${c}.d = 2; }', '{ ${I["a" b]}=1; ${c}={ d=2; }; }'],
    ["with a; assert b; if c then d else e", "(with a; (assert b; (if c then d else e)))"],
    ["[ a.b (c d) x or ]", "[a.b (c d) (x or)]"],
    ["<nixpkgs> { }", "(<nixpkgs> {  })"],
    ["./a/${b}c/${d}", 'P[path:./a/ b "c/" d]'],
    ["a/${b}//c", 'P[path:a/ b "//c"]'],
    ["~/${a}", "P[path:~/ a]"],
    ["/${a}", "P[path:/ a]"],
    ['"a${"b"}\n$${c}$"', 'I["a" "b" "\\n$${c}$"]'],
    ['"\r\n\\\r\n"', '"\\n\\r\\n"'],
    ["let or = 1; in or", "?"],
  ])("%s", (source, expected) => {
    if (expected === "?") expect(bad(source)).toMatch(/unexpected 'or'$/);
    else expect(tree(source)).toBe(expected);
  });
});

test("names in the order in which Nix comes to know them", () => {
  const { names } = parseNix(
    '{ a ? b, c }@d: e: with f; let "g" = h.i.${j} or k; inherit (l) m; in rec { n."${o}p" = q ? r; }',
  ) as { names: ReadonlySet<string> };
  expect([...names].join("")).toBe("bacfghijklmnoqred");
});

describe("positions", () => {
  /** The text of every node of that kind, in source order of their starts. */
  const texts = (source: string, kind: Expr["kind"]) => {
    const found: Expr[] = [];
    const visit = (expr: Expr) => {
      if (expr.kind === kind) found.push(expr);
      writtenChildren(expr, visit);
    };
    visit(ok(source));
    return found.sort((a, b) => a.start - b.start).map((e) => source.slice(e.start, e.end));
  };

  test("nodes span their text without the parentheses around them", () => {
    expect(texts("( ( f ) (a b) )", "Call")).toEqual(["( f ) (a b)", "a b"]);
    expect(texts("(a.b).c or (d)", "Select")).toEqual(["(a.b).c or (d)", "a.b"]);
    expect(texts("(a + (b)) * c", "Binary")).toEqual(["(a + (b)) * c", "a + (b)"]);
    expect(texts("(x: (y: x) )", "Lambda")).toEqual(["x: (y: x)", "y: x"]);
    expect(texts("a -> (!b) ? c", "HasAttr")).toEqual(["(!b) ? c"]);
    expect(texts(" let a = 1; in (a) ", "Let")).toEqual(["let a = 1; in (a)"]);
    expect(texts("rec { a = { }; }", "AttrSet")).toEqual(["rec { a = { }; }", "{ }"]);
  });

  test("a call that goes on after parentheses keeps its start, as in Nix", () => {
    expect(texts("(f a) b", "Call")).toEqual(["f a) b"]);
  });

  test("operators, formals, parts", () => {
    expect(ok("(a)  // b")).toMatchObject({ start: 0, opStart: 5, left: { start: 1, end: 2 } });
    expect(ok("{ a ? 1, b }@c : a")).toMatchObject({
      param: "c",
      paramStart: 13,
      formals: {
        start: 0,
        end: 12,
        items: [
          { name: "a", start: 2, nameEnd: 3, end: 7 },
          { name: "b", start: 9, nameEnd: 10, end: 10 },
        ],
      },
    });
    expect(ok('"a${ b }c"')).toMatchObject({
      partStarts: [1, 2, 8],
      parts: [
        { start: 1, end: 2 },
        { start: 5, end: 6 },
        { start: 8, end: 9 },
      ],
    });
    expect(ok("./a/${b}/c")).toMatchObject({ partStarts: [0, 4, 8] });
    expect(ok('a."b".${c}')).toMatchObject({
      path: [
        { start: 2, end: 5, name: "b" },
        { start: 6, end: 10, name: null },
      ],
    });
    expect(ok("{ inherit (a) b; c.d = 1; }")).toMatchObject({
      bindings: [
        { kind: "Inherit", start: 2, end: 16, names: [{ start: 14, end: 15 }] },
        { kind: "Value", start: 17, end: 25 },
      ],
    });
  });
});

describe("bytes", () => {
  test("columns count bytes", () => {
    expect(bad('"é" )')).toBe("1:6 syntax error, unexpected ')', expecting end of file");
    expect(bad("# é\r\n  )")).toBe("2:3 syntax error, unexpected ')'");
  });

  test("a NUL byte ends the text, but not in a string", () => {
    expect(tree("1 \0 )")).toBe("1");
    expect(bad("(1 \0 )")).toBe("1:5 syntax error, unexpected end of file, expecting ')'");
    expect(bad('"a\0"')).toBe(
      bytesFromText(
        "1:2 input string 'a\u2400' cannot be represented as Nix string because it contains null bytes",
      ),
    );
    expect(bad("''a\0''")).toMatch(/null bytes$/);
    expect(tree('"\\\0"')).toBe(JSON.stringify("\0"));
  });

  test("home paths in pure evaluation", () => {
    expect(bad("[ ~/a ]", { refuseHomePaths: true })).toBe(
      "1:3 the path '~/a' can not be resolved in pure mode",
    );
  });
});

describe("deep and long", () => {
  const long = 20000;
  test.each([
    ["++", "a ++ ".repeat(long)],
    ["->", "a -> ".repeat(long)],
    ["+", "a + ".repeat(long)],
    ["!", "!".repeat(long)],
    ["calls", "f ".repeat(long)],
    ["lambdas", "x: ".repeat(long)],
    ["formals", "{ x }: ".repeat(long)],
    ["with", "with a; ".repeat(long)],
    ["let", "let a = 1; in ".repeat(long)],
    ["else if", "if a then b else ".repeat(long)],
    ["fallbacks", "a.b or ".repeat(long)],
    ["<|", "f <| ".repeat(long)],
    ["|>", "a |> ".repeat(long)],
    ["selections", `a.${"b.".repeat(long)}`],
  ])("a long chain of %s is parsed", (_, text) => {
    expect(parseNix(`${text}a`).problem).toBeNull();
  });

  test.each([
    ["(", "a", ")"],
    ["[", "a", "]"],
    ["{a=", "a", ";}"],
    ['"${', "a", '}"'],
    ["a.${", "a", "}"],
    ["{ x ? ", "a", "}: a"],
    ["let a = ", "a", "; in a"],
  ])("%s nested a hundred thousand times is a problem, not a crash", (open, middle, close) => {
    const text = (depth: number) => open.repeat(depth) + middle + close.repeat(depth);
    expect(parseNix(text(200)).problem).toBeNull();
    const { expr, problem } = parseNix(text(100000));
    // a platform with a large stack may well parse it
    if (expr === null) expect(problem.code).toBe("nesting-too-deep");
  });
});
