/**
 * Constructors of syntax tree nodes, for everything that makes them: a kind always has the same keys
 * in the same order, so that JavaScript engines give it one hidden class.
 */
import type { ByteString } from "../base/bytes.ts";
import type {
  Assert,
  AttrDef,
  AttrName,
  AttrSet,
  Binary,
  BinaryOperator,
  Call,
  CurPos,
  Expr,
  FloatLiteral,
  Formals,
  HasAttr,
  Hole,
  If,
  Interpolation,
  IntLiteral,
  Lambda,
  Let,
  List,
  PathInterpolation,
  PathLiteral,
  SearchPath,
  Select,
  StringLiteral,
  Unary,
  UnaryOperator,
  Var,
  With,
} from "./ast.ts";

export function makeInt(start: number, end: number, value: number | bigint): IntLiteral {
  return { kind: "Int", start, end, value };
}
export function makeFloat(start: number, end: number, value: number): FloatLiteral {
  return { kind: "Float", start, end, value };
}
export function makeString(start: number, end: number, value: ByteString): StringLiteral {
  return { kind: "String", start, end, value };
}
export function makeInterpolation(
  start: number,
  end: number,
  parts: Expr[],
  partStarts: number[],
): Interpolation {
  return { kind: "Interpolation", start, end, parts, partStarts };
}
export function makePath(start: number, end: number, value: ByteString): PathLiteral {
  return { kind: "Path", start, end, value };
}
export function makePathInterpolation(
  start: number,
  end: number,
  parts: Expr[],
  partStarts: number[],
): PathInterpolation {
  return { kind: "PathInterpolation", start, end, parts, partStarts };
}
export function makeSearchPath(start: number, end: number, value: ByteString): SearchPath {
  return { kind: "SearchPath", start, end, value };
}
export function makeVar(start: number, end: number, name: ByteString): Var {
  return { kind: "Var", start, end, name, level: -1, slot: -1, fromWith: null };
}
export function makeAttrName(
  start: number,
  end: number,
  name: ByteString | null,
  expr: Expr | null,
): AttrName {
  return { start, end, name, expr };
}
export function makeSelect(
  start: number,
  end: number,
  subject: Expr,
  path: AttrName[],
  fallback: Expr | null,
): Select {
  return { kind: "Select", start, end, subject, path, fallback };
}
export function makeHasAttr(start: number, end: number, subject: Expr, path: AttrName[]): HasAttr {
  return { kind: "HasAttr", start, end, subject, path };
}
export function makeCall(start: number, end: number, fn: Expr, args: Expr[]): Call {
  return { kind: "Call", start, end, fn, args };
}
export function makeLambda(
  start: number,
  end: number,
  param: ByteString | null,
  paramStart: number,
  formals: Formals | null,
  body: Expr,
  doc: { start: number; end: number } | null,
): Lambda {
  return {
    kind: "Lambda",
    start,
    end,
    param,
    paramStart,
    formals,
    body,
    doc,
    name: null,
  };
}
export function makeAttrSet(start: number, end: number, recursive: boolean): AttrSet {
  return {
    kind: "AttrSet",
    start,
    end,
    recursive,
    bindings: [],
    attrs: [],
    dynamic: [],
    inheritFrom: [],
  };
}
export function makeAttrDef(
  name: ByteString,
  start: number,
  end: number,
  how: AttrDef["how"],
  value: Expr,
  from: number,
): AttrDef {
  return { name, start, end, how, value, from };
}
export function makeLet(start: number, end: number, attrs: AttrSet, body: Expr): Let {
  return { kind: "Let", start, end, attrs, body };
}
export function makeWith(start: number, end: number, scope: Expr, body: Expr): With {
  return { kind: "With", start, end, scope, body, parentWith: null, parentLevel: -1 };
}
export function makeIf(
  start: number,
  end: number,
  condition: Expr,
  then: Expr,
  otherwise: Expr,
): If {
  return { kind: "If", start, end, condition, then, otherwise };
}
export function makeAssert(start: number, end: number, condition: Expr, body: Expr): Assert {
  return { kind: "Assert", start, end, condition, body };
}
export function makeList(start: number, end: number, items: Expr[]): List {
  return { kind: "List", start, end, items };
}
export function makeUnary(start: number, end: number, op: UnaryOperator, operand: Expr): Unary {
  return { kind: "Unary", start, end, op, operand, fn: null };
}
export function makeBinary(
  start: number,
  end: number,
  op: BinaryOperator,
  left: Expr,
  right: Expr,
  opStart: number,
): Binary {
  return { kind: "Binary", start, end, op, left, right, opStart, fn: null };
}
export function makeCurPos(start: number, end: number): CurPos {
  return { kind: "CurPos", start, end };
}
export function makeHole(start: number, end: number): Hole {
  return { kind: "Hole", start, end };
}
