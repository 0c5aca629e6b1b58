/**
 * The exact parser: accepts what Nix accepts, stops where Nix stops, with Nix's words and positions.
 *
 * Hand-written from the language's rules: recursive descent for what is bracketed, loops for what is
 * chained (operators, applications, lambdas, `else if`, `or`), so that only real nesting costs stack.
 * The order of checks follows Nix's LALR parser: a token is read only when it is needed, and a check
 * of a finished construct comes before an error about the token after it.
 */
import type { ByteString } from "../base/bytes.ts";
import type {
  Assert,
  AttrName,
  AttrSet,
  Binding,
  Call,
  Expr,
  Formal,
  Formals,
  If,
  Lambda,
  Let,
  Select,
  StringLiteral,
  SyntaxProblem,
  Var,
  With,
} from "./ast.ts";
import { type AttrConflict, addBinding } from "./attrs.ts";
import { checkFormals } from "./formals.ts";
import { showName } from "./identifiers.ts";
import { Literals } from "./literals.ts";
import {
  makeAssert,
  makeAttrName,
  makeAttrSet,
  makeBinary,
  makeCall,
  makeCurPos,
  makeFloat,
  makeHasAttr,
  makeHole,
  makeIf,
  makeInt,
  makeLambda,
  makeLet,
  makeList,
  makeSearchPath,
  makeSelect,
  makeString,
  makeUnary,
  makeVar,
  makeWith,
} from "./nodes.ts";
import { lineAndColumn, SyntaxStop } from "./problem.ts";
import * as T from "./tokens.ts";

export interface ParseOptions {
  /** Accept `|>` and `<|` (experimental feature `pipe-operators`). Default true. */
  pipeOperators?: boolean;
  /** How messages name the source ("already defined at FILE:1:2"). Default «string», in UTF-8. */
  fileName?: ByteString;
  /** Set to refuse `~/…`, as Nix does in pure evaluation. Default false. */
  refuseHomePaths?: boolean;
  /**
   * Keep the pieces of a text apart that Nix's lexer sees (`''a''$b''` is three), for printing the
   * tree exactly as Nix does. They are then parts of an Interpolation, or of a PathInterpolation.
   */
  separatePieces?: boolean;
}

export type ParseResult =
  | {
      expr: Expr;
      problem: null;
      /** `f or` where an argument, a list element or a fallback stands: a later Nix will read it otherwise. */
      ambiguousOrs: readonly Call[];
      /** All names of it, in the order in which Nix comes to know them. */
      names: ReadonlySet<ByteString>;
    }
  | { expr: null; problem: SyntaxProblem };

/** Parses a whole file or expression. Never throws. */
export function parseNix(source: ByteString, options: ParseOptions = {}): ParseResult {
  const parser = new Parser(source, options);
  try {
    const expr = parser.wholeFile();
    return { expr, problem: null, ambiguousOrs: parser.ambiguousOrs, names: parser.names };
  } catch (stop) {
    if (stop instanceof SyntaxStop) return { expr: null, problem: stop.problem };
    // the JavaScript stack is full: brackets in brackets, some thousand deep
    if (stop instanceof RangeError) return { expr: null, problem: parser.tooDeep() };
    throw stop;
  }
}

/** A run of bindings in a set, with what may stand behind them. */
export interface BindingRun {
  /** Where a binding begins. */
  readonly start: number;
  /** Where the run has to end: the next binding begins there, or the set's last token. */
  readonly stop: number;
  readonly within: "set" | "rec set" | "let";
}

/**
 * Parses some bindings of a set alone. What is wrong is what would be wrong in the whole text, but
 * for names that the set has elsewhere.
 *
 * @returns the bindings that were read, also in front of a problem; null when they do not end at
 *   `stop`, so that what follows would be read otherwise than before
 */
export function parseBindings(
  source: ByteString,
  run: BindingRun,
  options: ParseOptions = {},
): { bindings: readonly Binding[]; problem: SyntaxProblem | null } | null {
  const set = makeAttrSet(run.start, -1, false);
  try {
    const isWhole = new Parser(source, options).run(set, run);
    return isWhole ? { bindings: set.bindings, problem: null } : null;
  } catch (stop) {
    if (stop instanceof SyntaxStop) return { bindings: set.bindings, problem: stop.problem };
    if (stop instanceof RangeError) return null;
    throw stop;
  }
}

/**
 * Whether the string literal `text` in `source` can be a name that is known without evaluation: for
 * Nix an indented string of several pieces is an interpolation, though all of them are text.
 */
export function isOneText(text: StringLiteral, source: ByteString): boolean {
  if (source.charCodeAt(text.start) !== 39) return true;
  const literal = source.slice(text.start, text.end);
  return parseNix(literal, { separatePieces: true }).expr?.kind === "String";
}

const NOTHING = makeHole(-1, -1);
const STRING_ORIGIN = "\xc2\xabstring\xc2\xbb";

const EXPECT_EOF = [T.T_EOF];
const EXPECT_THEN = [T.T_THEN];
const EXPECT_ELSE = [T.T_ELSE];
const EXPECT_SEMICOLON = [T.T_SEMICOLON];
const EXPECT_COLON = [T.T_COLON];
const EXPECT_COLON_AT = [T.T_COLON, T.T_AT];
const EXPECT_ID = [T.T_ID];
const EXPECT_OPEN_BRACE = [T.T_OPEN_BRACE];
const EXPECT_CLOSE_BRACE = [T.T_CLOSE_BRACE];
const EXPECT_CLOSE_PAREN = [T.T_CLOSE_PAREN];
const EXPECT_FORMAL = [T.T_ID, T.T_ELLIPSIS, T.T_CLOSE_BRACE];
const EXPECT_FORMALS_END = [T.T_CLOSE_BRACE, T.T_COMMA];
const EXPECT_INHERIT = [T.T_INHERIT];
const EXPECT_IN = [T.T_IN, T.T_INHERIT];
const EXPECT_BINDING_END = [T.T_INHERIT, T.T_CLOSE_BRACE];
const EXPECT_ATTR = [T.T_ID, T.T_OR_WORD, T.T_DOLLAR_CURLY, T.T_QUOTE];
const EXPECT_ASSIGN = [T.T_DOT, T.T_ASSIGN];
/** Where more than four tokens could follow, Nix names none. */
const EXPECT_MANY: number[] = [];

/** A construct whose last part is an expression that is still to come. */
type Open = Lambda | With | Assert | Let | If;

class Parser extends Literals {
  /** It is the order of the text, but that a formal comes after its default and an argument after the body. */
  readonly names = new Set<ByteString>();
  readonly ambiguousOrs: Call[] = [];
  /** The last `f or` that was read. */
  private lastOr: Call | null = null;
  private readonly fileName: ByteString;
  private readonly refuseHomePaths: boolean;
  private readonly open: Open[] = [];
  // the operator stack: operands and where they begin (with their parentheses), operators between
  private readonly operands: Expr[] = [];
  private readonly operandStarts: number[] = [];
  private readonly operators: number[] = [];
  private readonly operatorStarts: number[] = [];

  constructor(source: ByteString, options: ParseOptions) {
    super(source, options.pipeOperators ?? true, options.separatePieces ?? false);
    this.fileName = options.fileName ?? STRING_ORIGIN;
    this.refuseHomePaths = options.refuseHomePaths ?? false;
  }

  wholeFile(): Expr {
    this.next();
    const expr = this.expression();
    if (this.tok !== T.T_EOF) this.unexpected(EXPECT_EOF);
    return expr;
  }

  /** Whether the bindings of a run end where they should. */
  run(set: AttrSet, { start, stop, within }: BindingRun): boolean {
    this.pos = start;
    this.next();
    this.bindings(set, stop);
    if (this.tokStart >= stop) return this.tokStart === stop;
    const isLet = within === "let";
    if (this.tok === (isLet ? T.T_IN : T.T_CLOSE_BRACE)) return false;
    if (isLet) this.unexpected(EXPECT_IN);
    return this.unexpected(within === "set" ? EXPECT_INHERIT : EXPECT_BINDING_END);
  }

  tooDeep(): SyntaxProblem {
    return {
      start: this.tokStart,
      end: this.pos,
      code: "nesting-too-deep",
      message: "expression nesting too deep",
    };
  }

  /** Any expression: functions, `with`, `let` and the like, then operators. */
  private expression(): Expr {
    const base = this.open.length;
    let expr: Expr = NOTHING;
    scan: for (;;) {
      const start = this.tokStart;
      switch (this.tok) {
        case T.T_ID: {
          const after = this.peekByte();
          if (after === 58 /* : */) this.simpleLambda(start);
          else if (after === 64 /* @ */) this.namedFormals(start);
          else {
            expr = this.pipeline(null, start);
            break scan;
          }
          break;
        }
        case T.T_OPEN_BRACE: {
          const docStart = this.docStart;
          const docEnd = this.docEnd;
          this.next();
          if (this.startsFormals()) {
            this.formalsFirst(start, docStart, docEnd);
          } else {
            expr = this.pipeline(this.attrSetRest(start, EXPECT_INHERIT, false), start);
            break scan;
          }
          break;
        }
        case T.T_LET:
          this.next();
          if (this.tok === T.T_OPEN_BRACE) {
            expr = this.pipeline(this.legacyLetRest(start), start);
            break scan;
          }
          this.letIn(start);
          break;
        case T.T_WITH: {
          this.next();
          const scope = this.expression();
          if (this.tok !== T.T_SEMICOLON) this.unexpected(EXPECT_SEMICOLON);
          this.next();
          this.open.push(makeWith(start, -1, scope, NOTHING));
          break;
        }
        case T.T_ASSERT: {
          this.next();
          const condition = this.expression();
          if (this.tok !== T.T_SEMICOLON) this.unexpected(EXPECT_SEMICOLON);
          this.next();
          this.open.push(makeAssert(start, -1, condition, NOTHING));
          break;
        }
        case T.T_IF: {
          this.next();
          const condition = this.expression();
          if (this.tok !== T.T_THEN) this.unexpected(EXPECT_THEN);
          this.next();
          const yes = this.expression();
          if (this.tok !== T.T_ELSE) this.unexpected(EXPECT_ELSE);
          this.next();
          this.open.push(makeIf(start, -1, condition, yes, NOTHING));
          break;
        }
        default:
          expr = this.pipeline(null, start);
          break scan;
      }
    }
    return this.open.length > base ? this.close(base, expr) : expr;
  }

  /** Fills `expr` into the constructs that wait for their last part, from the inside out. */
  private close(base: number, last: Expr): Expr {
    let expr = last;
    const end = this.prevEnd;
    while (this.open.length > base) {
      const node = this.open.pop() as Open;
      node.end = end;
      if (node.kind === "If") {
        node.otherwise = expr;
      } else {
        node.body = expr;
        if (node.kind === "Lambda") {
          if (node.formals !== null) {
            const problem = checkFormals(node);
            if (problem !== null) throw new SyntaxStop(problem);
          }
          if (node.param !== null) this.names.add(node.param);
        } else if (node.kind === "Let" && node.attrs.dynamic.length > 0) {
          this.fail(
            node.start,
            node.start + 3,
            "dynamic-attribute",
            "dynamic attributes not allowed in let",
          );
        }
      }
      expr = node;
    }
    return expr;
  }

  // ---- functions

  /** `x:`, at `x`. */
  private simpleLambda(start: number): void {
    const name = this.name;
    const doc = this.doc(this.docStart, this.docEnd);
    this.next();
    this.next();
    this.open.push(makeLambda(start, -1, name, start, null, NOTHING, doc));
  }

  /** `x@{…}:`, at `x`. */
  private namedFormals(start: number): void {
    const name = this.name;
    const doc = this.doc(this.docStart, this.docEnd);
    this.next();
    this.next();
    if (this.tok !== T.T_OPEN_BRACE) this.unexpected(EXPECT_OPEN_BRACE);
    const formalsStart = this.tokStart;
    this.next();
    const formals = this.formalsRest(formalsStart);
    if (this.tok !== T.T_COLON) this.unexpected(EXPECT_COLON);
    this.next();
    this.open.push(makeLambda(start, -1, name, start, formals, NOTHING, doc));
  }

  /** `{…}:` or `{…}@x:`, after the brace. */
  private formalsFirst(start: number, docStart: number, docEnd: number): void {
    const formals = this.formalsRest(start);
    let name: ByteString | null = null;
    let nameStart = -1;
    if (this.tok === T.T_AT) {
      this.next();
      if (this.tok !== T.T_ID) this.unexpected(EXPECT_ID);
      name = this.name;
      nameStart = this.tokStart;
      this.next();
      if (this.tok !== T.T_COLON) this.unexpected(EXPECT_COLON);
    } else if (this.tok !== T.T_COLON) {
      this.unexpected(EXPECT_COLON_AT);
    }
    this.next();
    const doc = this.doc(docStart, docEnd);
    this.open.push(makeLambda(start, -1, name, nameStart, formals, NOTHING, doc));
  }

  private doc(start: number, end: number): { start: number; end: number } | null {
    return start < 0 ? null : { start, end };
  }

  /** Whether the token after a `{` begins formals and not bindings. */
  private startsFormals(): boolean {
    switch (this.tok) {
      case T.T_ELLIPSIS:
        return true;
      case T.T_ID: {
        const after = this.peekByte();
        return after === 44 || after === 63 || after === 125; // , ? }
      }
      case T.T_CLOSE_BRACE: {
        const after = this.peekByte();
        return after === 58 || after === 64; // : @
      }
      default:
        return false;
    }
  }

  /** Formals after their `{`, with the `}`. */
  private formalsRest(start: number): Formals {
    const items: Formal[] = [];
    let ellipsis = false;
    for (;;) {
      if (this.tok === T.T_CLOSE_BRACE) break;
      if (this.tok === T.T_ELLIPSIS) {
        ellipsis = true;
        this.next();
        if (this.tok !== T.T_CLOSE_BRACE) this.unexpected(EXPECT_CLOSE_BRACE);
        break;
      }
      if (this.tok !== T.T_ID) this.unexpected(EXPECT_FORMAL);
      items.push(this.formal());
      if (this.tok === T.T_COMMA) this.next();
      else if (this.tok !== T.T_CLOSE_BRACE) this.unexpected(EXPECT_FORMALS_END);
    }
    this.next();
    return { start, end: this.prevEnd, items, ellipsis };
  }

  private formal(): Formal {
    const start = this.tokStart;
    const name = this.name;
    this.next();
    const nameEnd = this.prevEnd;
    let fallback: Expr | null = null;
    if (this.tok === T.T_QUESTION) {
      this.next();
      fallback = this.expression();
    }
    this.names.add(name);
    return { start, end: this.prevEnd, name, nameEnd, fallback };
  }

  // ---- attribute sets

  /** `let … in`, after the `let`. */
  private letIn(start: number): void {
    const set = makeAttrSet(this.tokStart, -1, true);
    this.bindings(set);
    if (this.tok !== T.T_IN) this.unexpected(EXPECT_IN);
    set.end = this.prevEnd;
    if (set.bindings.length === 0) set.start = set.end;
    this.next();
    this.open.push(makeLet(start, -1, set, NOTHING));
  }

  /** `{ …; }` after its brace. `expected`: what Nix names where neither a binding nor the end stands. */
  private attrSetRest(start: number, expected: number[], recursive: boolean): AttrSet {
    const set = makeAttrSet(start, -1, recursive);
    if (this.tok !== T.T_CLOSE_BRACE) {
      this.bindings(set);
      if (this.tok !== T.T_CLOSE_BRACE) this.unexpected(expected);
    }
    this.next();
    set.end = this.prevEnd;
    return set;
  }

  /** `let { …; body = e; }` at its brace. */
  private legacyLetRest(start: number): Expr {
    this.next();
    const set = this.attrSetRest(start, EXPECT_BINDING_END, true);
    return makeSelect(start, set.end, set, [makeAttrName(start, start + 3, "body", null)], null);
  }

  private bindings(set: AttrSet, stop = Number.POSITIVE_INFINITY): void {
    for (;;) {
      const start = this.tokStart;
      if (start >= stop) return;
      let conflict: AttrConflict | null;
      switch (this.tok) {
        case T.T_ID:
        case T.T_OR_WORD:
        case T.T_QUOTE:
        case T.T_DOLLAR_CURLY: {
          const doc = this.docStart < 0 ? null : this.doc(this.docStart, this.docEnd);
          const path = this.attrPath();
          if (this.tok !== T.T_ASSIGN) this.unexpected(EXPECT_ASSIGN);
          this.next();
          const value = this.expression();
          if (this.tok !== T.T_SEMICOLON) this.unexpected(EXPECT_SEMICOLON);
          conflict = addBinding(set, { kind: "Value", start, end: this.pos, path, value, doc });
          break;
        }
        case T.T_INHERIT: {
          this.next();
          let from: Expr | null = null;
          if (this.tok === T.T_OPEN_PAREN) {
            this.next();
            from = this.expression();
            if (this.tok !== T.T_CLOSE_PAREN) this.unexpected(EXPECT_CLOSE_PAREN);
            this.next();
          }
          const names = this.inheritedNames();
          if (this.tok !== T.T_SEMICOLON) this.unexpected(EXPECT_MANY);
          conflict = addBinding(set, { kind: "Inherit", start, end: this.pos, from, names });
          break;
        }
        default:
          return;
      }
      if (conflict !== null) this.conflict(conflict);
      this.next();
    }
  }

  private inheritedNames(): AttrName[] {
    const names: AttrName[] = [];
    for (;;) {
      const name = this.attrName();
      if (name === null) return names;
      if (name.name === null) {
        this.fail(
          name.start,
          name.end,
          "dynamic-attribute",
          "dynamic attributes not allowed in inherit",
        );
      }
      names.push(name);
      this.next();
    }
  }

  private conflict(conflict: AttrConflict): never {
    const { path, start, end, previous } = conflict;
    const at = `${this.fileName}:${lineAndColumn(this.source, previous.start)}`;
    throw new SyntaxStop({
      start,
      end,
      code: "duplicate-attribute",
      message: `attribute '${path.map(showName).join(".")}' already defined at ${at}`,
      previous: { start: previous.start, end: previous.end },
    });
  }

  private attrPath(): AttrName[] {
    const path: AttrName[] = [];
    for (;;) {
      const name = this.attrName();
      if (name === null) this.unexpected(EXPECT_ATTR);
      path.push(name);
      this.next();
      if (this.tok !== T.T_DOT) return path;
      this.next();
    }
  }

  /** The attribute name at the current token, whose last token becomes the current one; or null. */
  private attrName(): AttrName | null {
    const start = this.tokStart;
    switch (this.tok) {
      case T.T_ID:
        return this.known(start, this.name);
      case T.T_OR_WORD:
        return this.known(start, "or");
      case T.T_QUOTE: {
        const text = this.string(start);
        return text.kind === "String"
          ? this.known(start, text.value)
          : makeAttrName(start, this.pos, null, text);
      }
      case T.T_DOLLAR_CURLY: {
        this.next();
        const expr = this.expression();
        if (this.tok !== T.T_CLOSE_BRACE) this.unexpected(EXPECT_CLOSE_BRACE);
        return expr.kind === "String" && (this.separate || isOneText(expr, this.source))
          ? this.known(start, expr.value)
          : makeAttrName(start, this.pos, null, expr);
      }
      default:
        return null;
    }
  }

  private known(start: number, name: ByteString): AttrName {
    this.names.add(name);
    return makeAttrName(start, this.pos, name, null);
  }

  // ---- operators

  /**
   * Operators and pipes. `first` is a simple expression that is read already and began at `start`
   * (its parentheses included); null when nothing is read.
   */
  private pipeline(first: Expr | null, start: number): Expr {
    const expr = this.operation(first, start);
    if (this.tok === T.T_PIPE_INTO) {
      let left = expr;
      while (this.tok === T.T_PIPE_INTO) {
        const opStart = this.tokStart;
        this.next();
        const right = this.operation(null, this.tokStart);
        left = makeBinary(start, this.prevEnd, "|>", left, right, opStart);
      }
      return left;
    }
    return this.tok === T.T_PIPE_FROM ? this.pipeFrom(expr, start) : expr;
  }

  private pipeFrom(first: Expr, start: number): Expr {
    const operands = [first];
    const starts = [start];
    const opStarts: number[] = [];
    while (this.tok === T.T_PIPE_FROM) {
      opStarts.push(this.tokStart);
      this.next();
      starts.push(this.tokStart);
      operands.push(this.operation(null, this.tokStart));
    }
    let right = operands.pop() as Expr;
    const end = this.prevEnd;
    while (operands.length > 0) {
      const left = operands.pop() as Expr;
      const leftStart = starts[operands.length]!;
      right = makeBinary(leftStart, end, "<|", left, right, opStarts[operands.length]!);
    }
    return right;
  }

  /** `first` as in `pipeline`. */
  private operation(first: Expr | null, start: number): Expr {
    if (first !== null || (this.tok !== T.T_MINUS && this.tok !== T.T_NOT)) {
      const expr = this.application(first, start);
      return T.INFIX_POWER[this.tok] === 0 ? expr : this.infix(expr, start);
    }
    return this.infix(null, start);
  }

  /** Operator precedence with an explicit stack. `first`: the first operand if it is read already. */
  private infix(first: Expr | null, start: number): Expr {
    const operands = this.operands;
    const operandStarts = this.operandStarts;
    const operators = this.operators;
    const operatorStarts = this.operatorStarts;
    const base = operators.length;
    const operandBase = operands.length;
    let expr = first;
    let exprStart = start;
    for (;;) {
      if (expr === null) {
        while (this.tok === T.T_MINUS || this.tok === T.T_NOT) {
          operators.push(this.tok === T.T_NOT ? PREFIX_NOT : PREFIX_NEGATE);
          operatorStarts.push(this.tokStart);
          this.next();
        }
        exprStart = this.tokStart;
        expr = this.application(null, exprStart);
      }
      operands.push(expr);
      operandStarts.push(exprStart);
      const power = T.INFIX_POWER[this.tok]!;
      this.reduce(base, power);
      if (power === 0) break;
      const kind = this.tok;
      if (kind === T.T_QUESTION) {
        this.next();
        const path = this.attrPath();
        const top = operands.length - 1;
        exprStart = operandStarts[top]!;
        expr = makeHasAttr(exprStart, this.prevEnd, operands[top]!, path);
        operands.pop();
        operandStarts.pop();
        continue;
      }
      operators.push(kind);
      operatorStarts.push(this.tokStart);
      this.next();
      expr = null;
    }
    const result = operands[operandBase]!;
    operands.length = operandBase;
    operandStarts.length = operandBase;
    return result;
  }

  /** Applies the waiting operators, down to `base`, that bind tighter than one of power `power`. */
  private reduce(base: number, power: number): void {
    const operands = this.operands;
    const operandStarts = this.operandStarts;
    const end = this.prevEnd;
    while (this.operators.length > base) {
      const top = this.operators.length - 1;
      const kind = this.operators[top]!;
      const opStart = this.operatorStarts[top]!;
      const last = operands.length - 1;
      if (kind >= PREFIX_NOT) {
        if ((kind === PREFIX_NOT ? T.P_NOT : T.P_NEGATE) < power) return;
        const operand = operands[last]!;
        operands[last] = makeUnary(opStart, end, kind === PREFIX_NOT ? "!" : "-", operand);
        operandStarts[last] = opStart;
      } else {
        const own = T.INFIX_POWER[kind]!;
        if (own < power) return;
        if (own === power) {
          // right-associative ones wait; the comparisons do not chain
          if (own === T.P_IMPL || own === T.P_UPDATE || own === T.P_CONCAT) return;
          if (own === T.P_EQ || own === T.P_COMPARE) this.unexpected(EXPECT_MANY);
        }
        const start = operandStarts[last - 1]!;
        operands[last - 1] = makeBinary(
          start,
          end,
          T.INFIX_OPERATOR[kind] as Exclude<(typeof T.INFIX_OPERATOR)[number], "">,
          operands[last - 1]!,
          operands[last]!,
          opStart,
        );
        operands.pop();
        operandStarts.pop();
      }
      this.operators.pop();
      this.operatorStarts.pop();
    }
  }

  /** `f x y`. `first` as in `pipeline`. */
  private application(first: Expr | null, start: number): Expr {
    const fn = this.selection(first, start);
    if (T.STARTS_SIMPLE[this.tok] === 0) return fn;
    const args: Expr[] = [];
    do {
      args.push(this.operand());
    } while (T.STARTS_SIMPLE[this.tok] !== 0);
    if (fn.kind === "Call") {
      for (const arg of args) fn.args.push(arg);
      fn.end = this.prevEnd;
      return fn;
    }
    return makeCall(start, this.prevEnd, fn, args);
  }

  /** What is applied to or listed: where `f or` is ambiguous. */
  private operand(): Expr {
    return this.noteOr(this.selection(null, this.tokStart));
  }

  /** `(f or)` is the same node, but its brackets have been passed. */
  private noteOr(expr: Expr): Expr {
    if (expr === this.lastOr && expr.end === this.prevEnd) this.ambiguousOrs.push(this.lastOr);
    return expr;
  }

  /** `e`, `e.a.b`, `e.a or d`, `e or`. `first` as in `pipeline`. */
  private selection(first: Expr | null, start: number): Expr {
    const subject = first ?? this.simple();
    if (this.tok === T.T_DOT) {
      this.next();
      const path = this.attrPath();
      const node = makeSelect(start, this.prevEnd, subject, path, null);
      if (this.tok === T.T_OR_WORD) this.fallbacks(node);
      return node;
    }
    return this.tok === T.T_OR_WORD ? this.callOr(subject, start) : subject;
  }

  /** `f or` outside of a selection applies `f` to a variable of that name. */
  private callOr(fn: Expr, start: number): Expr {
    const or = this.variable(this.tokStart, this.pos, "or");
    this.next();
    const node = makeCall(start, this.prevEnd, fn, [or]);
    this.lastOr = node;
    return node;
  }

  private variable(start: number, end: number, name: ByteString): Var {
    this.names.add(name);
    return makeVar(start, end, name);
  }

  /** `or d` after a selection, and the fallback's own, in a loop as they may be many. */
  private fallbacks(first: Select): void {
    const chain = [first];
    for (;;) {
      this.next();
      if (T.STARTS_SIMPLE[this.tok] === 0) this.unexpected(EXPECT_MANY);
      const last = chain[chain.length - 1]!;
      const start = this.tokStart;
      const subject = this.simple();
      if (this.tok === T.T_DOT) {
        this.next();
        const path = this.attrPath();
        const node = makeSelect(start, this.prevEnd, subject, path, null);
        last.fallback = node;
        if (this.tok !== T.T_OR_WORD) break;
        chain.push(node);
      } else {
        last.fallback =
          this.tok === T.T_OR_WORD ? this.noteOr(this.callOr(subject, start)) : subject;
        break;
      }
    }
    for (const node of chain) node.end = this.prevEnd;
  }

  // ---- simple expressions

  private simple(): Expr {
    const start = this.tokStart;
    const end = this.pos;
    let expr: Expr;
    switch (this.tok) {
      case T.T_ID:
        if (this.name === "__curPos") expr = makeCurPos(start, end);
        else expr = this.variable(start, end, this.name);
        break;
      case T.T_QUOTE:
        expr = this.string(start);
        break;
      case T.T_INDENTED_OPEN:
        expr = this.indentedString(start);
        break;
      case T.T_OPEN_PAREN:
        this.next();
        expr = this.expression();
        if (this.tok !== T.T_CLOSE_PAREN) this.unexpected(EXPECT_CLOSE_PAREN);
        break;
      case T.T_OPEN_BRACE:
        this.next();
        return this.attrSetRest(start, EXPECT_INHERIT, false);
      case T.T_OPEN_BRACKET:
        expr = this.list(start);
        break;
      case T.T_INT:
        expr = makeInt(start, end, this.value);
        break;
      case T.T_FLOAT:
        expr = makeFloat(start, end, this.value as number);
        break;
      case T.T_PATH:
        expr = this.pathLiteral(start, end);
        break;
      case T.T_HOME_PATH:
        if (this.refuseHomePaths) {
          const text = this.source.slice(start, end);
          this.fail(
            start,
            end,
            "impure-path",
            `the path '${text}' can not be resolved in pure mode`,
          );
        }
        expr = this.pathLiteral(start, end);
        break;
      case T.T_SEARCH_PATH:
        expr = makeSearchPath(start, end, this.source.slice(start + 1, end - 1));
        break;
      case T.T_URI:
        expr = makeString(start, end, this.source.slice(start, end));
        break;
      case T.T_REC:
        this.next();
        if (this.tok !== T.T_OPEN_BRACE) this.unexpected(EXPECT_OPEN_BRACE);
        this.next();
        return this.attrSetRest(start, EXPECT_BINDING_END, true);
      case T.T_LET:
        this.next();
        if (this.tok !== T.T_OPEN_BRACE) this.unexpected(EXPECT_OPEN_BRACE);
        return this.legacyLetRest(start);
      default:
        return this.unexpected(EXPECT_MANY);
    }
    this.next();
    return expr;
  }

  /** A list at its `[`; its `]` becomes the current token. */
  private list(start: number): Expr {
    this.next();
    const items: Expr[] = [];
    while (T.STARTS_SIMPLE[this.tok] !== 0) items.push(this.operand());
    if (this.tok !== T.T_CLOSE_BRACKET) this.unexpected(EXPECT_MANY);
    return makeList(start, this.pos, items);
  }

  // ---- strings and paths

  /** The expression of a `${…}` that stands at `pos`; its `}` becomes the current token. */
  protected override interpolated(): Expr {
    this.pos += 2;
    this.next();
    const expr = this.expression();
    if (this.tok !== T.T_CLOSE_BRACE) this.unexpected(EXPECT_CLOSE_BRACE);
    return expr;
  }
}

/** Prefix operators on the operator stack; above all token kinds. */
const PREFIX_NOT = 100;
const PREFIX_NEGATE = 101;
