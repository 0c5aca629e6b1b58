/** What the editor shows of a value beside its text: where it is from, how it is called, what it is about. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "./attrs.ts";
import { isDerivation } from "./compare.ts";
import { FileCompiler } from "./compile.ts";
import { showElement } from "./context.ts";
import { attempt, force } from "./runtime.ts";
import { ContextString, isFunction, Lambda, PrimOp, type Slot, type Value } from "./values.ts";

export interface FormalReport {
  name: ByteString;
  /** The default as written, null for what has to be given. */
  fallback: ByteString | null;
}

export interface MetaReport {
  version: ByteString | null;
  description: ByteString | null;
  homepage: ByteString | null;
  licence: ByteString | null;
  /** `FILE:LINE`, as nixpkgs writes it. */
  position: ByteString | null;
}

export interface ValueDetails {
  /** Of a function: position id of its text, 0 when it is none or a builtin. */
  position: number;
  /** Of a function that takes a set; null for other values. */
  formals: FormalReport[] | null;
  /** The comment in front of a function, without its marks. */
  doc: ByteString | null;
  /** Of a string with context: what it refers to. */
  context: ByteString[];
  meta: MetaReport | null;
  /** The name of a builtin function. */
  builtin: ByteString | null;
}

/** Throws `Interruption`; errors of the program leave out what they are in. */
export function describeValue(value: Value): ValueDetails {
  const lambda = functionOf(value);
  return {
    position: lambda instanceof Lambda ? lambda.code.position : 0,
    formals: lambda instanceof Lambda ? formalsOf(lambda) : null,
    doc: lambda instanceof Lambda ? docOf(lambda) : null,
    builtin: lambda instanceof PrimOp ? lambda.name : null,
    context: value instanceof ContextString ? [...value.context].map(showElement).sort() : [],
    meta: isDerivation(value) ? metaOf(value) : null,
  };
}

/** A function, also one that a set is by its `__functor`. */
function functionOf(value: Value): Value {
  if (!(value instanceof Attrs)) return isFunction(value) ? value : null;
  const functor = value.get("__functor");
  return functor === undefined ? null : attempt(() => force(functor));
}

function formalsOf(lambda: Lambda): FormalReport[] | null {
  const { formals } = lambda.code.expr;
  const { compiler } = lambda.code;
  if (formals === null || !(compiler instanceof FileCompiler)) return null;
  return formals.items.map(({ name, fallback }) => ({
    name,
    fallback: fallback && compiler.file.text.slice(fallback.start, fallback.end),
  }));
}

function docOf(lambda: Lambda): ByteString | null {
  const { compiler, expr } = lambda.code;
  if (!(compiler instanceof FileCompiler)) return null;
  const { text } = compiler.file;
  if (expr.doc !== null) return text.slice(expr.doc.start, expr.doc.end);
  return commentBefore(text, expr.start);
}

/** The comment on the lines before the one where an offset is, for what was written before doc comments were. */
export function commentBefore(text: ByteString, offset: number): ByteString | null {
  const before = text.slice(0, text.lastIndexOf("\n", offset - 1) + 1).trimEnd();
  if (before.endsWith("*/")) {
    const start = before.lastIndexOf("/*");
    return start < 0 ? null : before.slice(start);
  }
  const lines = before.split("\n");
  let first = lines.length;
  while (first > 0 && /^\s*#/.test(lines[first - 1] ?? "")) first -= 1;
  const comment = lines.slice(first).map((line) => line.replace(/^\s*# ?/, ""));
  return comment.length === 0 ? null : comment.join("\n");
}

function metaOf(set: Attrs): MetaReport {
  const meta = attribute(set, "meta");
  const text = (name: ByteString) => {
    const value = meta instanceof Attrs ? attribute(meta, name) : null;
    return textOf(Array.isArray(value) ? attempt(() => force(value[0] ?? null)) : value);
  };
  return {
    version: textOf(attribute(set, "version")),
    description: text("description"),
    homepage: text("homepage"),
    position: text("position"),
    licence: meta instanceof Attrs ? licenceOf(attribute(meta, "license")) : null,
  };
}

function licenceOf(value: Value): ByteString | null {
  if (Array.isArray(value)) {
    const names = value.flatMap((slot) => licenceOf(attempt(() => force(slot))) ?? []);
    return names.length === 0 ? null : names.join(", ");
  }
  if (!(value instanceof Attrs)) return textOf(value);
  return textOf(attribute(value, "fullName")) ?? textOf(attribute(value, "spdxId"));
}

function textOf(value: Value): ByteString | null {
  if (value instanceof ContextString) return value.text;
  return typeof value === "string" ? value : null;
}

function attribute(set: Attrs, name: ByteString): Value {
  const slot: Slot | undefined = set.get(name);
  return slot === undefined ? null : attempt(() => force(slot));
}
