/**
 * The one abstract syntax of Nix.
 *
 * Both parsers make it: the exact parser (`parser.ts`, Nix's own accept and reject) and the lowering
 * of a tree-sitter tree (`lower.ts`, tolerant, puts a `Hole` where text is missing or wrong).
 * It keeps what evaluation and the editor need and nothing of layout: no parentheses, no comments
 * but a lambda's doc comment. All offsets are bytes into the UTF-8 source, `end` exclusive.
 * Names and string values are byte strings (base/bytes).
 *
 * `slot`/`level` fields are filled by scope/resolve; they are -1 until then.
 */
import type { ByteString } from "../base/bytes.ts";

interface NodeBase {
  /** First byte of the expression; for a parenthesised one, of what stands inside. */
  start: number;
  end: number;
}

export interface IntLiteral extends NodeBase {
  kind: "Int";
  /** A `number` while it is a safe integer, else a `bigint`; always within int64. */
  value: number | bigint;
}
export interface FloatLiteral extends NodeBase {
  kind: "Float";
  value: number;
}
/** A string literal that is only text: `"a"`, `''a''`, a bare URI. Escapes are resolved, indentation stripped. */
export interface StringLiteral extends NodeBase {
  kind: "String";
  value: ByteString;
}
/** A string with at least one `${}`; the parts are StringLiteral (never two in a row) or any expression. */
export interface Interpolation extends NodeBase {
  kind: "Interpolation";
  parts: Expr[];
  /** Where each part starts in the text; for an expression that is its `${`, Nix's position for it. */
  partStarts: number[];
}
/**
 * A path literal without `${}`: `./a`, `/a`, `a/b`, `~/a`. `value` is the text as written (not canonical,
 * not absolute): the base directory and the home directory are known only to the evaluator.
 */
export interface PathLiteral extends NodeBase {
  kind: "Path";
  value: ByteString;
}
/** `./a/${b}/c`: parts[0] is a PathLiteral (its trailing slash kept), then StringLiteral or expressions. */
export interface PathInterpolation extends NodeBase {
  kind: "PathInterpolation";
  parts: Expr[];
  /** As in Interpolation. */
  partStarts: number[];
}
/** `<nixpkgs/lib>`: `value` is the text between the angle brackets. */
export interface SearchPath extends NodeBase {
  kind: "SearchPath";
  value: ByteString;
  /** Set by scope/resolve when a program shadows `__findFile` or `__nixPath`, which `<x>` stands for. */
  vars?: { findFile: Var | null; nixPath: Var | null };
}
export interface Var extends NodeBase {
  kind: "Var";
  name: ByteString;
  /** How many environments up (0 = innermost), or -1 when unresolved / global / from a `with`. */
  level: number;
  slot: number;
  /** Set by scope/resolve when the name can only come from an enclosing `with`: the innermost such With. */
  fromWith: With | null;
}
/** One step of an attribute path. `name` is set when it is known without evaluation (`a`, `"a"`, `${"a"}`). */
export interface AttrName extends NodeBase {
  name: ByteString | null;
  /** The expression of a dynamic name (`${e}`, `"a${e}"`); null when `name` is set. */
  expr: Expr | null;
}
export interface Select extends NodeBase {
  kind: "Select";
  subject: Expr;
  path: AttrName[];
  fallback: Expr | null;
}
export interface HasAttr extends NodeBase {
  kind: "HasAttr";
  subject: Expr;
  path: AttrName[];
}
/** `f a b` is one Call with two arguments (also when written `(f a) b`). */
export interface Call extends NodeBase {
  kind: "Call";
  fn: Expr;
  args: Expr[];
}
export interface Formal extends NodeBase {
  name: ByteString;
  /** End of the name; `end` includes the default. */
  nameEnd: number;
  fallback: Expr | null;
}
export interface Formals extends NodeBase {
  /** In source order. */
  items: Formal[];
  ellipsis: boolean;
}
export interface Lambda extends NodeBase {
  kind: "Lambda";
  /** `x` of `x: …` and of `x@{…}: …` / `{…}@x: …`. */
  param: ByteString | null;
  /** Start of `param` in the source, -1 without one. */
  paramStart: number;
  formals: Formals | null;
  body: Expr;
  /** The doc comment in front of it: offsets of the whole comment, or null. */
  doc: { start: number; end: number } | null;
  /** The name of the binding it is the value of, for traces («lambda f»); set by the parser. */
  name: ByteString | null;
}

/** A binding as written, in source order: for the editor. */
export type Binding = ValueBinding | InheritBinding;
export interface ValueBinding extends NodeBase {
  kind: "Value";
  path: AttrName[];
  value: Expr;
  doc: { start: number; end: number } | null;
}
export interface InheritBinding extends NodeBase {
  kind: "Inherit";
  /** `e` of `inherit (e) a b;`. */
  from: Expr | null;
  names: AttrName[];
}

/** An attribute after merging (`a.b = 1; a.c = 2;` is one `a`), with a name known before evaluation. */
export interface AttrDef {
  name: ByteString;
  /** Position of the attribute: where the attribute path begins that first defines it (`a` for both of `a.b = 1`). */
  start: number;
  end: number;
  /** `plain`: `value` is its expression. `inherited`: `value` is a Var of the *enclosing* scope.
   *  `from`: the attribute `name` of `inheritFrom[from]`; `value` is a Hole that is never evaluated. */
  how: "plain" | "inherited" | "from";
  value: Expr;
  from: number;
}
export interface DynamicAttr {
  /** The `${…}` or `"…${…}"` expression. */
  nameExpr: Expr;
  value: Expr;
  start: number;
}
export interface AttrSet extends NodeBase {
  kind: "AttrSet";
  recursive: boolean;
  /** As written; empty for the sets that `a.b.c = …` implies. */
  bindings: Binding[];
  /** After merging, in order of first appearance. Filled by syntax/attrs.ts `addBinding`. */
  attrs: AttrDef[];
  dynamic: DynamicAttr[];
  /** The `e`s of `inherit (e) …`, each evaluated at most once. */
  inheritFrom: Expr[];
}
export interface Let extends NodeBase {
  kind: "Let";
  /** `recursive` is true and `dynamic` is empty. */
  attrs: AttrSet;
  body: Expr;
}
export interface With extends NodeBase {
  kind: "With";
  scope: Expr;
  body: Expr;
  /** Set by scope/resolve: the next enclosing With, and how many environments up from this one it is. */
  parentWith: With | null;
  /** Set by scope/resolve. */
  parentLevel: number;
}
export interface If extends NodeBase {
  kind: "If";
  condition: Expr;
  then: Expr;
  otherwise: Expr;
}
export interface Assert extends NodeBase {
  kind: "Assert";
  condition: Expr;
  body: Expr;
}
export interface List extends NodeBase {
  kind: "List";
  items: Expr[];
}
export type UnaryOperator = "!" | "-";
export interface Unary extends NodeBase {
  kind: "Unary";
  op: UnaryOperator;
  operand: Expr;
  /** `-x` is the variable `__sub` applied to 0 and x: filled by scope/resolve when a program shadows it. */
  fn: Var | null;
}
export type BinaryOperator =
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "&&"
  | "||"
  | "->"
  | "//"
  | "++"
  | "+"
  | "-"
  | "*"
  | "/"
  | "|>"
  | "<|";
export interface Binary extends NodeBase {
  kind: "Binary";
  op: BinaryOperator;
  left: Expr;
  right: Expr;
  /** Where the operator token starts. */
  opStart: number;
  /** `- * / < <= > >=` are the variables `__sub` …: filled by scope/resolve when a program shadows one. */
  fn: Var | null;
}
/** `let { …; body = e; }` is Select of `body` from a recursive AttrSet with `legacyLet`. */
export interface CurPos extends NodeBase {
  kind: "CurPos";
}
/** Missing or wrong text; only the lowering of a tree-sitter tree makes it (and `AttrDef.value` of `from`). */
export interface Hole extends NodeBase {
  kind: "Hole";
}

export type Expr =
  | IntLiteral
  | FloatLiteral
  | StringLiteral
  | Interpolation
  | PathLiteral
  | PathInterpolation
  | SearchPath
  | Var
  | Select
  | HasAttr
  | Call
  | Lambda
  | AttrSet
  | Let
  | With
  | If
  | Assert
  | List
  | Unary
  | Binary
  | CurPos
  | Hole;

/** A syntax error or an error that Nix finds before evaluation, with Nix's own wording where Nix has it. */
export interface SyntaxProblem {
  start: number;
  end: number;
  /** Stable, kebab-case: `syntax`, `duplicate-attribute`, `duplicate-formal`, `undefined-variable` … */
  code: string;
  message: ByteString;
  /** For a second definition: where the first one stands. */
  previous?: { start: number; end: number };
}
