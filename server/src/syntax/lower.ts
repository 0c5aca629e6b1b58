/**
 * Lowers a tree-sitter tree to the syntax tree that the exact parser makes.
 *
 * For a text that Nix accepts the two are equal, offsets included; a test holds this over whole
 * package sets. In a wrong text a `Hole` stands where an expression is missing, and what tree-sitter
 * gave up on (ERROR nodes) is read again loosely by `salvage.ts`, so that the names around an
 * unfinished line stay known. Conflicts (a name defined twice) are not reported here.
 */
import type { Language, Node } from "web-tree-sitter";
import type { ByteString } from "../base/bytes.ts";
import type { LineTable } from "../base/line-table.ts";
import type {
  AttrName,
  AttrSet,
  BinaryOperator,
  Expr,
  Formal,
  Formals,
  Lambda,
  UnaryOperator,
} from "./ast.ts";
import { addBinding } from "./attrs.ts";
import { skipTrivia } from "./lexer.ts";
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
  makePath,
  makeSearchPath,
  makeSelect,
  makeString,
  makeUnary,
  makeVar,
  makeWith,
} from "./nodes.ts";
import { isOneText } from "./parser.ts";
import { SyntaxStop } from "./problem.ts";
import { salvage } from "./salvage.ts";
import * as T from "./tokens.ts";

/**
 * @param root of a tree of our grammar
 * @param source its text in UTF-8
 * @param lines the text's table
 */
export function lowerTree(root: Node, source: ByteString, lines: LineTable): Expr {
  try {
    return new Lowering(root, source, lines).file(root);
  } catch (error) {
    // The JavaScript stack is full: brackets in brackets, some thousand deep.
    if (error instanceof RangeError) return makeHole(0, source.length);
    throw error;
  }
}

// What a node is; the names are those of grammar.js.
const ERROR = 1;
const DOC_COMMENT = 2;
const kindNames = [
  "lambda",
  "assert",
  "with",
  "let",
  "if",
  "binary",
  "unary",
  "has_attribute",
  "call",
  "select",
  "or_call",
  "variable",
  "integer",
  "float",
  "string",
  "indented_string",
  "path",
  "home_path",
  "search_path",
  "uri",
  "parenthesized",
  "let_attrset",
  "attrset",
  "list",
  "formals",
  "formal",
  "ellipsis",
  "interpolation",
  "binding",
  "inherit",
  "attrpath",
  "identifier",
] as const;
type KindName = (typeof kindNames)[number];
const FIRST_KIND = 3;
const K = Object.fromEntries(kindNames.map((name, i) => [name, FIRST_KIND + i])) as {
  readonly [name in KindName]: number;
};
const LAST_EXPRESSION = K.list;

/** Node type id -> kind. Comments, marks and whatever else means nothing are 0. */
const kindTables = new WeakMap<Language, Uint8Array>();

function kindTable(language: Language): Uint8Array {
  let table = kindTables.get(language);
  if (table === undefined) {
    table = new Uint8Array(1 << 16);
    for (let id = 0; id < language.nodeTypeCount; id++) {
      if (!language.nodeTypeIsNamed(id)) continue;
      const name = language.nodeTypeForId(id);
      const index = kindNames.indexOf(name as KindName);
      if (index >= 0) table[id] = FIRST_KIND + index;
      else if (name === "doc_comment") table[id] = DOC_COMMENT;
    }
    table[0xffff] = ERROR;
    kindTables.set(language, table);
  }
  return table;
}

/** A child that means something. What is asked of a node more than once is kept: asking is slow. */
export interface Part {
  readonly node: Node;
  readonly kind: number;
  /** In bytes. */
  readonly start: number;
}

export class Lowering extends Literals {
  readonly #kinds: Uint8Array;
  /** Null when bytes and UTF-16 indices are the same numbers. */
  readonly #lines: LineTable | null;
  readonly #broken: boolean;
  /** The doc comment in front of the token at an offset. */
  readonly #docs = new Map<number, { start: number; end: number }>();
  /** The interpolations of the literal that is being read, in order. */
  #interpolations: Part[] = [];
  #interpolation = 0;

  constructor(root: Node, source: ByteString, lines: LineTable) {
    super(source, true, false);
    this.#kinds = kindTable(root.tree.language);
    this.#lines = lines.isAscii ? null : lines;
    this.#broken = root.hasError;
  }

  file(root: Node): Expr {
    const parts = this.parts(root, true);
    const [first, ...rest] = parts;
    if (root.isError || first === undefined || !this.isExpression(first)) {
      return parts.length === 0 ? makeHole(0, this.source.length) : salvage(this, root);
    }
    // Bindings behind the end of the file's set: it was closed too early.
    const isBinding = ({ kind }: Part) => kind === K.binding || kind === K.inherit;
    if (rest.length > 0 && !rest.some(isBinding)) return salvage(this, root);
    const expr = this.expression(first);
    if (rest.length > 0) this.#addToLastSet(expr, rest);
    return expr;
  }

  #addToLastSet(file: Expr, parts: readonly Part[]): void {
    const end = this.endOf(parts[parts.length - 1]!.node);
    const open: Expr[] = [];
    let expr: Expr | null = file;
    while (expr !== null && expr.kind !== "AttrSet") {
      open.push(expr);
      expr = lastPart(expr);
    }
    if (expr === null) return;
    this.addBindings(expr, parts);
    for (const node of [...open, expr]) node.end = end;
  }

  startOf(node: Node): number {
    const index = node.startIndex;
    return this.#lines === null ? index : this.#lines.toByte(index);
  }

  endOf(node: Node): number {
    const index = node.endIndex;
    return this.#lines === null ? index : this.#lines.toByte(index);
  }

  /** The children that mean something, and ERROR nodes in a set or let. Notes doc comments. */
  parts(node: Node, withErrors = false): Part[] {
    const parts: Part[] = [];
    for (const child of node.namedChildren) {
      const kind = this.#kinds[child.typeId]!;
      if (kind >= FIRST_KIND || (withErrors && kind === ERROR)) {
        parts.push({ node: child, kind, start: this.startOf(child) });
      } else if (kind === DOC_COMMENT) this.noteDocOf(child);
    }
    return parts;
  }

  part(node: Node): Part {
    return { node, kind: this.#kinds[node.typeId]!, start: this.startOf(node) };
  }

  noteDocOf(comment: Node): void {
    const end = this.endOf(comment);
    this.#docs.set(skipTrivia(this.source, end), { start: this.startOf(comment), end });
  }

  docAt(offset: number): { start: number; end: number } | null {
    return this.#docs.get(offset) ?? null;
  }

  isExpression({ kind }: Part): boolean {
    return kind >= FIRST_KIND && kind <= LAST_EXPRESSION;
  }

  /** The expression at `parts[index]`, else a hole at [start, end). */
  first(parts: readonly Part[], index: number, end: number, start = end): Expr {
    const part = parts[index];
    return part !== undefined && this.isExpression(part)
      ? this.expression(part)
      : makeHole(Math.min(start, end), end);
  }

  expression(part: Part): Expr {
    const { node, start } = part;
    switch (part.kind) {
      case K.variable:
        return this.variable(node, start);
      case K.select:
        return this.#select(node, start);
      case K.call:
        return this.#call(node, start);
      case K.string:
        return this.#literal(part);
      case K.indented_string:
        return this.#literal(part);
      case K.path:
      case K.home_path:
        return this.#literal(part);
      case K.list: {
        const items = this.parts(node);
        return makeList(
          start,
          this.endOf(node),
          items.map((item) => this.expression(item)),
        );
      }
      case K.attrset: {
        const recursive = this.source.charCodeAt(start) === 114; // r
        const set = makeAttrSet(start, this.endOf(node), recursive);
        this.addBindings(set, this.parts(node, true));
        return set;
      }
      case K.parenthesized:
        return this.first(this.parts(node), 0, Math.max(this.endOf(node) - 1, start), start + 1);
      case K.lambda:
        return this.#lambda(node, start);
      case K.binary:
        return this.#binary(part);
      case K.let:
        return this.#let(node, start);
      case K.with: {
        const parts = this.parts(node);
        const end = this.endOf(node);
        return makeWith(start, end, this.first(parts, 0, end), this.first(parts, 1, end));
      }
      case K.assert: {
        const parts = this.parts(node);
        const end = this.endOf(node);
        return makeAssert(start, end, this.first(parts, 0, end), this.first(parts, 1, end));
      }
      case K.if: {
        const parts = this.parts(node);
        const end = this.endOf(node);
        const [condition, then] = [this.first(parts, 0, end), this.first(parts, 1, end)];
        return makeIf(start, end, condition, then, this.first(parts, 2, end));
      }
      case K.unary: {
        const end = this.endOf(node);
        const operator: UnaryOperator = this.source.charCodeAt(start) === 33 ? "!" : "-";
        return makeUnary(start, end, operator, this.first(this.parts(node), 0, end));
      }
      case K.has_attribute: {
        const parts = this.parts(node);
        const end = this.endOf(node);
        return makeHasAttr(start, end, this.first(parts, 0, end), this.attrPath(parts[1]));
      }
      case K.or_call: {
        const parts = this.parts(node);
        const end = this.endOf(node);
        const or = parts[1];
        const argument = or === undefined ? makeHole(end, end) : this.#or(or);
        return makeCall(start, end, this.first(parts, 0, end), [argument]);
      }
      case K.integer:
      case K.float:
      case K.search_path:
      case K.uri:
        return this.#token(node, start);
      case K.let_attrset: {
        const end = this.endOf(node);
        const set = makeAttrSet(start, end, true);
        this.addBindings(set, this.parts(node, true));
        return makeSelect(start, end, set, [makeAttrName(start, start + 3, "body", null)], null);
      }
      default:
        return makeHole(start, this.endOf(node));
    }
  }

  /** Reads the identifier at `start`; its name is then `name` and its end `pos`. False without one. */
  #identifier(node: Node, start: number): boolean {
    if (this.#broken && node.isMissing) {
      this.name = "";
      this.pos = start;
      return false;
    }
    this.pos = start;
    this.next();
    if (this.tok !== T.T_ID) {
      // A keyword, or the start of what would be a path elsewhere.
      this.pos = this.endOf(node);
      this.name = this.source.slice(start, this.pos);
    }
    return true;
  }

  variable(node: Node, start: number): Expr {
    if (!this.#identifier(node, start)) return makeHole(start, start);
    const { name, pos: end } = this;
    return name === "__curPos" ? makeCurPos(start, end) : makeVar(start, end, name);
  }

  #or({ start }: Part): Expr {
    return makeVar(start, start + 2, "or");
  }

  /** Numbers and what else is one token of the lexer. */
  #token(node: Node, start: number): Expr {
    try {
      this.pos = start;
      this.next();
    } catch (stop) {
      if (stop instanceof SyntaxStop) return makeHole(start, this.endOf(node)); // too large
      throw stop;
    }
    const end = this.pos;
    switch (this.tok) {
      case T.T_INT:
        return makeInt(start, end, this.value);
      case T.T_FLOAT:
        return makeFloat(start, end, Number(this.value));
      case T.T_SEARCH_PATH:
        return makeSearchPath(start, end, this.source.slice(start + 1, end - 1));
      case T.T_URI:
        return makeString(start, end, this.source.slice(start, end));
      default:
        return makeHole(start, this.endOf(node));
    }
  }

  /** A string or a path. One that is broken is a hole, but for the text of a path. */
  #literal({ node, kind, start }: Part): Expr {
    const outer = this.#interpolations;
    const position = this.#interpolation;
    this.#interpolations = this.parts(node).filter((part) => part.kind === K.interpolation);
    this.#interpolation = 0;
    try {
      if (kind === K.string) {
        this.pos = start + 1;
        return this.string(start);
      }
      if (kind === K.indented_string) {
        this.pos = start + 2;
        return this.indentedString(start);
      }
      this.pos = start;
      this.next();
      return this.pathLiteral(start, this.pos);
    } catch (stop) {
      if (!(stop instanceof SyntaxStop)) throw stop;
      const end = this.endOf(node);
      const plain =
        this.#interpolations.length === 0 && kind !== K.string && kind !== K.indented_string;
      return plain ? makePath(start, end, this.source.slice(start, end)) : makeHole(start, end);
    } finally {
      this.#interpolations = outer;
      this.#interpolation = position;
    }
  }

  protected override interpolated(): Expr {
    const part = this.#interpolations[this.#interpolation++];
    if (part === undefined || part.start !== this.pos) this.unexpected([]);
    const { node } = part;
    const end = this.endOf(node);
    const expr = this.first(this.parts(node), 0, end - 1, this.pos + 2);
    this.tokStart = end - 1;
    this.pos = end;
    return expr;
  }

  // Names and bindings

  #attrName(part: Part): AttrName {
    const { node, kind, start } = part;
    switch (kind) {
      case K.identifier:
        this.#identifier(node, start);
        return makeAttrName(start, this.pos, this.name, null);
      case K.string:
        return this.#named(start, this.endOf(node), this.#literal(part));
      default: {
        const end = this.endOf(node);
        return this.#named(start, end, this.first(this.parts(node), 0, end - 1, start + 2));
      }
    }
  }

  #named(start: number, end: number, expr: Expr): AttrName {
    return expr.kind === "String" && isOneText(expr, this.source)
      ? makeAttrName(start, end, expr.value, null)
      : makeAttrName(start, end, null, expr);
  }

  /** The names of an attribute path. One that is missing has the name "". */
  attrPath(part: Part | undefined): AttrName[] {
    return part === undefined ? [] : this.parts(part.node).map((name) => this.#attrName(name));
  }

  addBindings(set: AttrSet, parts: readonly Part[]): void {
    for (const part of parts) {
      switch (part.kind) {
        case K.binding:
          this.#addValue(set, part);
          break;
        case K.inherit:
          this.#addInherit(set, part);
          break;
        case ERROR:
          this.#addFromError(set, part.node);
          break;
      }
    }
  }

  #addValue(set: AttrSet, { node, start }: Part): void {
    const doc = this.docAt(start);
    const end = this.endOf(node);
    const parts = this.parts(node);
    const path = this.attrPath(parts[0]);
    if (path.length === 0) return;
    const value = this.first(parts, 1, end);
    addBinding(set, { kind: "Value", start, end, path, value, doc });
  }

  #addInherit(set: AttrSet, { node, start }: Part): void {
    const end = this.endOf(node);
    const parts = this.parts(node);
    const source = this.source.charCodeAt(skipTrivia(this.source, start + 7)) === 40; // (
    const from = source ? this.first(parts, 0, end) : null;
    const names = (source ? parts.slice(1) : parts).map((part) => this.#attrName(part));
    addBinding(set, { kind: "Inherit", start, end, from, names });
  }

  /** What is still a binding in an ERROR node: whole ones, and a path with a `=` behind it. */
  #addFromError(set: AttrSet, error: Node): void {
    const parts = this.parts(error, true);
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      if (part.kind !== K.attrpath) {
        this.addBindings(set, [part]);
        continue;
      }
      const path = this.attrPath(part);
      if (path.length === 0) continue;
      const value = this.first(parts, i + 1, this.endOf(error));
      const { start } = part;
      addBinding(set, {
        kind: "Value",
        start,
        end: value.end,
        path,
        value,
        doc: this.docAt(start),
      });
    }
  }

  // Compound expressions

  #select(node: Node, start: number): Expr {
    const parts = this.parts(node);
    const end = this.endOf(node);
    const subject = this.first(parts, 0, end);
    const path = this.attrPath(parts[1]);
    const fallback = parts.length > 2 ? this.first(parts, 2, end) : null;
    return makeSelect(start, end, subject, path, fallback);
  }

  #call(node: Node, start: number): Expr {
    const parts = this.parts(node);
    const end = this.endOf(node);
    const fn = this.first(parts, 0, end);
    const args: Expr[] = [];
    for (let i = 1; i < parts.length; i++) args.push(this.first(parts, i, end));
    if (fn.kind === "Call") {
      for (const arg of args) fn.args.push(arg);
      fn.end = end;
      return fn;
    }
    return makeCall(start, end, fn, args);
  }

  #lambda(node: Node, start: number): Lambda {
    const doc = this.docAt(start);
    const parts = this.parts(node);
    const end = this.endOf(node);
    let param: ByteString | null = null;
    let paramStart = -1;
    let formals: Formals | null = null;
    let body = 0;
    for (; body < parts.length; body++) {
      const part = parts[body]!;
      if (part.kind === K.identifier) {
        paramStart = part.start;
        this.#identifier(part.node, paramStart);
        param = this.name;
      } else if (part.kind === K.formals) {
        formals = this.formals(part);
      } else break;
    }
    return makeLambda(start, end, param, paramStart, formals, this.first(parts, body, end), doc);
  }

  formals({ node, start }: Part): Formals {
    const items: Formal[] = [];
    let ellipsis = false;
    for (const part of this.parts(node)) {
      if (part.kind === K.ellipsis) ellipsis = true;
      else if (part.kind === K.formal) items.push(this.formal(part));
    }
    return { start, end: this.endOf(node), items, ellipsis };
  }

  formal({ node, start }: Part): Formal {
    const end = this.endOf(node);
    const [name, fallback] = this.parts(node);
    if (name !== undefined) this.#identifier(name.node, start);
    const formal: Formal = { start, end, name: this.name, nameEnd: this.pos, fallback: null };
    if (fallback !== undefined) formal.fallback = this.expression(fallback);
    return formal;
  }

  #let(node: Node, start: number): Expr {
    const parts = this.parts(node, true);
    const end = this.endOf(node);
    let last = parts.length;
    const body = parts[last - 1];
    if (body !== undefined && this.isExpression(body)) last--;
    const bindings = parts.slice(0, last);
    const set = makeAttrSet(start + 3, start + 3, true);
    if (bindings.length > 0) {
      set.start = bindings[0]!.start;
      set.end = this.endOf(bindings[bindings.length - 1]!.node);
    }
    this.addBindings(set, bindings);
    set.dynamic = [];
    return makeLet(start, end, set, this.first(parts, last, end));
  }

  /** Chains like `a + b + c` nest to the left: they are walked in a loop, as they can be long. */
  #binary(root: Part): Expr {
    const chain: { link: Part; parts: Part[] }[] = [];
    let link = root;
    for (;;) {
      const parts = this.parts(link.node);
      chain.push({ link, parts });
      const left = parts[0];
      if (left === undefined || left.kind !== K.binary) break;
      link = left;
    }
    let expr: Expr | null = null;
    let leftEnd = 0;
    for (let next = chain.pop(); next !== undefined; next = chain.pop()) {
      const { node, start } = next.link;
      const { parts } = next;
      const end = this.endOf(node);
      if (expr === null && parts[0] !== undefined) leftEnd = this.endOf(parts[0].node);
      const left: Expr = expr ?? this.first(parts, 0, end);
      const opStart = skipTrivia(this.source, leftEnd);
      const op = this.#operator(node, opStart);
      expr = makeBinary(start, end, op, left, this.first(parts, 1, end), opStart);
      leftEnd = end;
    }
    return expr as Expr;
  }

  #operator(node: Node, at: number): BinaryOperator {
    const two = this.source.slice(at, at + 2);
    if (isOperator(two)) return two;
    const one = two.charAt(0);
    if (isOperator(one)) return one;
    // An error stands between the operand and the operator.
    const found = node.children.map((child) => child.type).find(isOperator);
    return found ?? "+";
  }
}

/** The expression with which an expression ends, or null when it ends with a token of its own. */
function lastPart(expr: Expr): Expr | null {
  switch (expr.kind) {
    case "Lambda":
    case "Let":
    case "With":
    case "Assert":
      return expr.body;
    case "If":
      return expr.otherwise;
    case "Binary":
      return expr.right;
    case "Call":
      return expr.args[expr.args.length - 1] ?? null;
    default:
      return null;
  }
}

const operators: ReadonlySet<string> = new Set<BinaryOperator>([
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "&&",
  "||",
  "->",
  "//",
  "++",
  "+",
  "-",
  "*",
  "/",
  "|>",
  "<|",
]);

function isOperator(text: string): text is BinaryOperator {
  return operators.has(text);
}
