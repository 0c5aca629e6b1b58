/**
 * Random Nix source: expressions of the whole grammar, token soup, and mutations of both.
 *
 * Every choice is one call of `pick`, so that fast-check (`fc.gen()`) can shrink a text. The texts are byte strings and need not evaluate.
 */

/** A number from 0 to `count - 1`. */
export type Pick = (count: number) => number;

const ATOMS = [
  ...["a", "b", "x", "y", "or", "a-b", "a'", "_", "__curPos", "1", "0", "2.5", ".5", "1.", "1e3"],
  ...["007", "/a", "./a", "a/b", "../x/y", "~/a", "<a>", "<a/b>", "http://x", "x:y", '"s"', '""'],
  ...[`"a\${b}c"`, "''t''", "''\n  a\n  ''", `''\${a}''`, `"\${"a"}"`],
];
const ODD_ATOMS = [
  ...[`\${"a"}`, `\${a}`, "./a/", "/", "~/", "$", "'", "\\", "`", "^", "\0", "\xe9"],
  ...["9223372036854775807", "9223372036854775808", "1.0e400"],
];
const WORDS = ["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or", "..."];
const INFIX = ["==", "!=", "<=", ">=", "<", ">", "&&", "||", "->", "//", "++", "+", "-", "*", "/"];
const PIPES = ["|>", "<|"];
const MARKS = [
  ...["!", "?", ":", "@", ".", "=", ";", ",", "(", ")", "{", "}", "[", "]", `\${`, '"', "''"],
  ...["/*", "*/", "#", "/**", "\n", "\r\n", "\r", "\t"],
];
const NAMES = ["a", "b", "c", "x", "or1", "y'"];
const TOKEN =
  /[A-Za-z_][A-Za-z0-9_'-]*|[0-9.]+|\s+|==|!=|<=|>=|&&|\|\||->|\/\/|\+\+|\$\{|''|\.\.\.|./gs;

class Source {
  readonly pick: Pick;
  constructor(pick: Pick) {
    this.pick = pick;
  }

  of<T>(items: readonly T[]): T {
    return items[this.pick(items.length)]!;
  }

  /** True once in `n`; the smallest choice is false, so that shrinking ends loops. */
  once(n: number): boolean {
    return this.pick(n) === n - 1;
  }

  many(most: number, make: () => string, separator: string): string {
    return Array.from({ length: this.pick(most + 1) }, make).join(separator);
  }

  token(): string {
    switch (this.pick(5)) {
      case 0:
        return this.of(ATOMS);
      case 1:
        return this.of(ODD_ATOMS);
      case 2:
        return this.of(WORDS);
      case 3:
        return this.of([...INFIX, ...PIPES]);
      default:
        return this.of(MARKS);
    }
  }

  attr(depth: number): string {
    switch (this.pick(12)) {
      case 0:
        return "or";
      case 1:
        return `"${this.of(["a", "b c", ""])}"`;
      case 2:
        return `$\{"${this.of(["a", "b"])}"}`;
      case 3:
        return `$\{${this.expression(depth - 1)}}`;
      default:
        return this.of(NAMES);
    }
  }

  path(depth: number): string {
    let text = this.attr(depth);
    while (this.once(3)) text += `.${this.attr(depth)}`;
    return text;
  }

  bindings(depth: number): string {
    const binding = () => {
      switch (this.pick(6)) {
        case 0:
          return `inherit ${this.many(2, () => this.of(NAMES), " ")};`;
        case 1: {
          const from = this.expression(depth - 1);
          return `inherit (${from}) ${this.many(2, () => this.of(NAMES), " ")};`;
        }
        default:
          return `${this.path(depth)} = ${this.expression(depth - 1)};`;
      }
    };
    return this.many(3, binding, " ");
  }

  formals(depth: number): string {
    const formal = () => this.of(NAMES) + (this.once(3) ? ` ? ${this.expression(depth - 1)}` : "");
    const items = this.many(3, formal, ", ");
    if (this.once(3)) return `{ ${items}${items === "" ? "" : ", "}... }`;
    return `{ ${items}${items !== "" && this.once(5) ? "," : ""} }`;
  }

  text(depth: number): string {
    const pieces = [
      "abc",
      "\n",
      "  ",
      "\n   ",
      "$",
      "$$",
      "\\n",
      "'",
      "''$",
      "'''",
      "''\\n",
      `$$\{`,
    ];
    const more = ["\r\n", "\t", `\\\${`, "#", "/*"];
    const piece = () =>
      this.once(4) ? `$\{${this.expression(depth - 1)}}` : this.of([...pieces, ...more]);
    return this.many(4, piece, "");
  }

  simple(depth: number): string {
    if (depth <= 0) return this.of(ATOMS);
    switch (this.pick(10)) {
      case 0:
        return `(${this.expression(depth - 1)})`;
      case 1:
        return `${this.of(["", "", "rec ", "let "])}{ ${this.bindings(depth)} }`;
      case 2:
        return `[ ${this.many(3, () => this.selection(depth - 1), " ")} ]`;
      case 3:
        return `"${this.text(depth)}"`;
      case 4:
        return `''${this.text(depth)}''`;
      case 5:
        return `${this.of(["./a/", "/", "a/", "~/"])}$\{${this.expression(depth - 1)}}${this.of(["", "/b", "b", "//c"])}`;
      case 6:
        return this.of(ATOMS);
      default:
        return this.of(NAMES);
    }
  }

  selection(depth: number): string {
    switch (this.pick(10)) {
      case 0:
        return `${this.simple(depth)}.${this.path(depth)}`;
      case 1:
        return `${this.simple(depth)}.${this.path(depth)} or ${this.selection(depth - 1)}`;
      case 2:
        return `${this.simple(depth)} or`;
      default:
        return this.simple(depth);
    }
  }

  operation(depth: number): string {
    if (depth <= 0 || this.once(3)) {
      let text = this.selection(depth);
      while (this.once(3)) text += ` ${this.selection(depth)}`;
      return text;
    }
    switch (this.pick(6)) {
      case 0:
        return this.of(["-", "!", "- ", "! "]) + this.operation(depth - 1);
      case 1:
        return `${this.operation(depth - 1)} ? ${this.path(depth)}`;
      default: {
        const operator = this.once(12) ? this.of(PIPES) : this.of(INFIX);
        const space = this.once(4) ? "" : " ";
        return this.operation(depth - 1) + space + operator + space + this.operation(depth - 1);
      }
    }
  }

  expression(depth: number): string {
    if (depth <= 0 || this.once(2)) return this.operation(depth);
    const inner = () => this.expression(depth - 1);
    switch (this.pick(8)) {
      case 0:
        return `${this.of(NAMES)}: ${inner()}`;
      case 1:
        return `${this.formals(depth)}: ${inner()}`;
      case 2:
        return `${this.of(NAMES)}@${this.formals(depth)}: ${inner()}`;
      case 3:
        return `${this.formals(depth)} @ ${this.of(NAMES)}: ${inner()}`;
      case 4:
        return `with ${inner()}; ${inner()}`;
      case 5:
        return `assert ${inner()}; ${inner()}`;
      case 6:
        return `let ${this.bindings(depth)} in ${inner()}`;
      default:
        return `if ${inner()} then ${inner()} else ${inner()}`;
    }
  }
}

/** An expression of the grammar; Nix may still refuse it (names bound twice, comparisons in a row). */
export function randomExpression(pick: Pick, depth: number): string {
  return new Source(pick).expression(depth);
}

/** Up to `most` tokens of any kind, half-open strings and bytes that are no token included. */
export function tokenSoup(pick: Pick, most: number): string {
  const source = new Source(pick);
  return source.many(most, () => source.token(), source.of(["", " "]));
}

/** `text` with up to three tokens removed, added, replaced or swapped, or its end cut off. */
export function mutateTokens(pick: Pick, text: string): string {
  const source = new Source(pick);
  const tokens: string[] = text.match(TOKEN) ?? [];
  for (let left = 1 + pick(3); left > 0; left--) {
    if (tokens.length === 0) tokens.push(source.token());
    const at = pick(tokens.length);
    switch (pick(6)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(at, 0, source.token());
        break;
      case 2:
        tokens[at] = source.token();
        break;
      case 3: {
        const other = pick(tokens.length);
        const token = tokens[at]!;
        tokens[at] = tokens[other]!;
        tokens[other] = token;
        break;
      }
      case 4:
        tokens.length = at;
        break;
      default:
        tokens.splice(at, 0, source.of([" /* c */ ", " /** d */ ", "# c\n", "\n", "\r\n"]));
    }
  }
  return tokens.join("");
}
