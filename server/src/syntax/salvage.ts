/**
 * What can be said of a text whose structure tree-sitter has lost: the nodes that it did recognise
 * are read in order, as if brackets that are missing were there. The result is rough, but the names
 * that functions, `let`s and sets bind are known inside of them, and every part is in it.
 */
import type { Node } from "web-tree-sitter";
import type { AttrName, AttrSet, Expr, Formal, Formals } from "./ast.ts";
import { addBinding } from "./attrs.ts";
import type { Lowering } from "./lower.ts";
import {
  makeAssert,
  makeAttrName,
  makeAttrSet,
  makeCall,
  makeHole,
  makeIf,
  makeLambda,
  makeLet,
  makeList,
  makeWith,
} from "./nodes.ts";

/** Lowers a node that is an ERROR or holds one. */
export function salvage(lowering: Lowering, node: Node): Expr {
  const nodes: Node[] = [];
  flatten(node, nodes);
  return new Salvage(lowering, nodes).all();
}

/** The children, with those of ERROR nodes in their place. */
function flatten(node: Node, into: Node[]): void {
  for (const child of node.children) {
    if (child.isError && child.childCount > 0) flatten(child, into);
    else into.push(child);
  }
}

/** Tokens and nodes at which an expression ends for sure. */
const ends: ReadonlySet<string> = new Set(
  "; , ) ] } then else in = inherit binding attrpath".split(" "),
);

class Salvage {
  readonly #lowering: Lowering;
  readonly #nodes: readonly Node[];
  #at = 0;

  constructor(lowering: Lowering, nodes: readonly Node[]) {
    this.#lowering = lowering;
    this.#nodes = nodes;
  }

  get #type(): string | null {
    return this.#nodes[this.#at]?.type ?? null;
  }

  #typeAfter(): string | null {
    return this.#nodes[this.#at + 1]?.type ?? null;
  }

  /** Where the next node starts, or the text ends. */
  get #start(): number {
    const node = this.#nodes[this.#at];
    return node === undefined ? this.#lowering.source.length : this.#lowering.startOf(node);
  }

  /** Where the node before the next one ends. */
  get #end(): number {
    const node = this.#nodes[this.#at - 1];
    return node === undefined ? 0 : this.#lowering.endOf(node);
  }

  #skip(type: string): boolean {
    if (this.#type !== type) return false;
    this.#at++;
    return true;
  }

  /** Everything, also what stands behind brackets and signs that belong to nothing. */
  all(): Expr {
    const start = this.#start;
    const found: Expr[] = [];
    while (this.#at < this.#nodes.length) {
      const before = this.#at;
      const expr = this.expression();
      if (expr.kind !== "Hole") found.push(expr);
      if (this.#at > before) continue;
      if (this.#startsBinding()) {
        const set = makeAttrSet(this.#start, -1, false);
        this.#bindings(set);
        set.end = this.#end;
        found.push(set);
      } else this.#at++;
    }
    const [first, ...rest] = found;
    if (first === undefined) return makeHole(0, this.#lowering.source.length);
    return rest.length === 0 ? first : makeCall(start, this.#end, first, rest);
  }

  #startsBinding(): boolean {
    const node = this.#nodes[this.#at];
    if (node === undefined || !node.isNamed) return false;
    return node.type === "binding" || node.type === "inherit" || node.type === "attrpath";
  }

  /** As much as can be one expression. What follows another without a sign is taken as an argument. */
  expression(): Expr {
    const start = this.#start;
    const found: Expr[] = [];
    for (let type = this.#type; type !== null && !ends.has(type); type = this.#type) {
      const expr = this.#operand();
      if (expr !== null) found.push(expr);
    }
    const [first, ...rest] = found;
    if (first === undefined) return makeHole(Math.min(this.#end, start), start);
    return rest.length === 0 ? first : makeCall(start, this.#end, first, rest);
  }

  /** The construct at the next node, or null when that is nothing of its own (it is skipped). */
  #operand(): Expr | null {
    const start = this.#start;
    const type = this.#type;
    if (type === "formals") return this.#lambda(start);
    const named = type === "identifier" || type === "variable";
    if (named && (this.#typeAfter() === ":" || this.#typeAfter() === "@")) {
      return this.#lambda(start);
    }
    const node = this.#nodes[this.#at++] as Node;
    switch (type) {
      case "let": {
        const braced = this.#skip("{");
        const set = makeAttrSet(this.#start, -1, true);
        this.#bindings(set);
        set.end = Math.max(this.#end, set.start);
        set.dynamic = [];
        this.#skip(braced ? "}" : "in");
        const body = this.expression();
        return makeLet(start, this.#end, set, body);
      }
      case "rec":
      case "{": {
        if (type === "{" && this.#startsFormals()) return this.#openFormals(start);
        if (type === "rec") this.#skip("{");
        const set = makeAttrSet(start, -1, type === "rec");
        this.#bindings(set);
        this.#skip("}");
        set.end = this.#end;
        return set;
      }
      case "with":
      case "assert": {
        const head = this.expression();
        this.#skip(";");
        const body = this.expression();
        const make = type === "with" ? makeWith : makeAssert;
        return make(start, this.#end, head, body);
      }
      case "if": {
        const condition = this.expression();
        this.#skip("then");
        const then = this.expression();
        this.#skip("else");
        return makeIf(start, this.#end, condition, then, this.expression());
      }
      case "(": {
        const inner = this.expression();
        this.#skip(")");
        return inner;
      }
      case "[": {
        const items: Expr[] = [];
        for (let next = this.#type; next !== null && !ends.has(next); next = this.#type) {
          const item = this.#operand();
          if (item !== null) items.push(item);
        }
        this.#skip("]");
        return makeList(start, this.#end, items);
      }
      case "doc_comment":
        this.#lowering.noteDocOf(node);
        return null;
      case "identifier":
        return this.#lowering.variable(node, start);
      default:
        return this.#whole(node);
    }
  }

  #whole(node: Node): Expr | null {
    const part = this.#lowering.part(node);
    return this.#lowering.isExpression(part) ? this.#lowering.expression(part) : null;
  }

  #startsFormals(): boolean {
    const type = this.#type;
    if (type === "formal") return true;
    return (type === "identifier" || type === "variable") && this.#typeAfter() === ",";
  }

  /** `{ a, b ? c` of which the rest was not recognised, behind its brace. */
  #openFormals(start: number): Expr {
    const items: Formal[] = [];
    let ellipsis = false;
    for (let type = this.#type; type !== null; type = this.#type) {
      const node = this.#nodes[this.#at] as Node;
      if (type === "formal") items.push(this.#lowering.formal(this.#lowering.part(node)));
      else if (type === "identifier" || type === "variable") {
        const { start, end, name } = this.#plainName(node);
        items.push({ start, end, name: name ?? "", nameEnd: end, fallback: null });
      } else if (type === "...") ellipsis = true;
      else if (type !== ",") break;
      this.#at++;
    }
    this.#skip("}");
    const formals: Formals = { start, end: this.#end, items, ellipsis };
    const doc = this.#lowering.docAt(start);
    while (this.#type === ":" || this.#type === "@" || this.#type === "identifier") this.#at++;
    const body = this.expression();
    return makeLambda(start, this.#end, null, -1, formals, body, doc);
  }

  #lambda(start: number): Expr {
    const doc = this.#lowering.docAt(start);
    let param: string | null = null;
    let paramStart = -1;
    let formals: Formals | null = null;
    for (let type = this.#type; type !== null && type !== ":"; type = this.#type) {
      const node = this.#nodes[this.#at] as Node;
      if (type === "formals") formals = this.#lowering.formals(this.#lowering.part(node));
      else if (type === "identifier" || type === "variable") {
        paramStart = this.#start;
        param = this.#lowering.source.slice(paramStart, this.#lowering.endOf(node));
      } else if (type !== "@") break;
      this.#at++;
    }
    this.#skip(":");
    const body = this.expression();
    return makeLambda(start, this.#end, param, paramStart, formals, body, doc);
  }

  /** Bindings up to what ends them; anything else between them is left out. */
  #bindings(set: AttrSet): void {
    for (let type = this.#type; type !== null; type = this.#type) {
      const node = this.#nodes[this.#at] as Node;
      if (type === "}" || type === "in" || type === ")" || type === "]") return;
      if (type === "binding" || (type === "inherit" && node.isNamed)) {
        this.#lowering.addBindings(set, [this.#lowering.part(node)]);
        this.#at++;
      } else if (type === "attrpath" || (type === "identifier" && this.#typeAfter() === "=")) {
        const start = this.#start;
        const path: AttrName[] =
          type === "attrpath"
            ? this.#lowering.attrPath(this.#lowering.part(node))
            : [this.#plainName(node)];
        this.#at++;
        this.#skip("=");
        const value = this.expression();
        this.#skip(";");
        if (path.length > 0) {
          const doc = this.#lowering.docAt(start);
          addBinding(set, { kind: "Value", start, end: this.#end, path, value, doc });
        }
      } else {
        if (type === "doc_comment") this.#lowering.noteDocOf(node);
        this.#at++;
      }
    }
  }

  #plainName(node: Node): AttrName {
    const [start, end] = [this.#lowering.startOf(node), this.#lowering.endOf(node)];
    return makeAttrName(start, end, this.#lowering.source.slice(start, end), null);
  }
}
