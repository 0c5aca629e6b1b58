/**
 * `flake.nix` as far as it can be read without evaluating it: description, inputs, `nixConfig`. Its top
 * level is a set of literals; only `outputs` is a program.
 */
import type { ByteString } from "../base/bytes.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { canonicalPath } from "../eval/lib/canonical-path.ts";
import type { SourceFile } from "../eval/positions.ts";
import type { AttrDef, AttrSet, Expr } from "../syntax/ast.ts";
import {
  checkRef,
  type FlakeRef,
  FlakeRefError,
  type InputAttribute,
  parseFlakeRefWithFragment,
  parseUrlRef,
} from "./flake-ref.ts";

/** Input names from the root: `["a", "b"]` is the input `b` of the input `a`. */
export type InputPath = readonly ByteString[];

export interface FlakeInput {
  /** Null when it follows another input. */
  readonly ref: FlakeRef | null;
  readonly follows: InputPath | null;
  /** False: a tree without a `flake.nix`. */
  readonly isFlake: boolean;
  /** What it says about the inputs of this input. */
  readonly overrides: ReadonlyMap<ByteString, FlakeInput>;
  /** False when only the name is known: an override that does not say where the input comes from. */
  readonly stated: boolean;
  /** Position id of where it is written, 0 = nowhere. */
  readonly position: number;
}

export interface FlakeFile {
  readonly path: ByteString;
  readonly description: ByteString | null;
  readonly inputs: ReadonlyMap<ByteString, FlakeInput>;
  /** Names in `nixConfig`, in byte order. */
  readonly config: readonly ByteString[];
}

const FLAKE_ID = /^[a-zA-Z][a-zA-Z0-9_-]*$/;

/**
 * Reads `path`, which belongs to the flake `label`. Follows in it are relative to the input `at`.
 * Throws `NixError` in Nix's words.
 */
export function readFlakeFile(
  ev: Evaluator,
  path: ByteString,
  label: ByteString,
  at: InputPath,
): FlakeFile {
  if (ev.files.stat(ev.files.resolveLinks(path)) === null)
    throw new NixError("io", `path '${path}' does not exist`);
  const { expr, file } = ev.parseFile(path);
  const reader = new Reader(ev, file, at);
  if (expr.kind !== "AttrSet")
    throw new NixError("eval", `file '${path}' must be an attribute set`);
  let description: ByteString | null = null;
  let inputs = new Map<ByteString, FlakeInput>();
  let config: ByteString[] = [];
  let outputs: AttrDef | undefined;
  for (const attr of expr.attrs) {
    if (attr.name === "description") description = reader.string(attr);
    else if (attr.name === "inputs") inputs = reader.inputs(attr);
    else if (attr.name === "nixConfig") config = reader.config(attr);
    else if (attr.name === "outputs") outputs = attr;
  }
  if (outputs === undefined)
    throw new NixError("eval", `flake '${label}' lacks attribute 'outputs'`);
  if (outputs.value.kind !== "Lambda") throw reader.unexpected("a function", outputs);
  for (const { name, start } of outputs.value.formals?.items ?? []) {
    if (name !== "self" && !inputs.has(name))
      inputs.set(name, indirectInput(name, file.base + start));
  }
  for (const attr of expr.attrs) {
    if (["description", "inputs", "nixConfig", "outputs"].includes(attr.name)) continue;
    throw new NixError(
      "eval",
      `flake '${label}' has an unsupported attribute '${attr.name}', at ${reader.place(attr.start)}`,
      file.base + attr.start,
    );
  }
  return { path, description, inputs, config };
}

/** An input of which only the name is known: the registry's flake of that name. */
function indirectInput(name: ByteString, position: number): FlakeInput {
  const ref = new Map<ByteString, InputAttribute>([
    ["type", "indirect"],
    ["id", name],
  ]);
  return { ref, follows: null, isFlake: true, overrides: new Map(), stated: false, position };
}

/** `a/b` of `follows`. */
export function parseInputPath(text: ByteString): InputPath {
  const parts = text.split("/").filter((part) => part !== "");
  for (const part of parts) {
    if (!FLAKE_ID.test(part))
      throw new NixError("eval", `invalid flake input attribute path element '${part}'`);
  }
  return parts;
}

class Reader {
  readonly #ev: Evaluator;
  readonly #file: SourceFile;
  readonly #at: InputPath;

  constructor(ev: Evaluator, file: SourceFile, at: InputPath) {
    this.#ev = ev;
    this.#file = file;
    this.#at = at;
  }

  place(offset: number): ByteString {
    return this.#ev.showPosition(this.#file.base + offset);
  }

  unexpected(wanted: string, { value, start }: AttrDef): NixError {
    return new NixError(
      "type",
      `expected ${wanted} but got ${typeName(value)} at ${this.place(start)}`,
      this.#file.base + start,
    );
  }

  string(attr: AttrDef): ByteString {
    if (attr.value.kind !== "String") throw this.unexpected("a string", attr);
    return attr.value.value;
  }

  #set(attr: AttrDef): AttrSet {
    const { value } = attr;
    if (value.kind !== "AttrSet" || value.dynamic.length > 0) throw this.unexpected("a set", attr);
    return value;
  }

  config(attr: AttrDef): ByteString[] {
    for (const setting of this.#set(attr).attrs) {
      const { value, name } = setting;
      const fine =
        ["String", "Int", "Path"].includes(value.kind) ||
        isBoolean(value) ||
        (value.kind === "List" && value.items.every((item) => item.kind === "String"));
      if (fine) continue;
      throw new NixError(
        "type",
        `flake configuration setting '${name}' is ${typeName(value)}`,
        this.#file.base + setting.start,
      );
    }
    return this.#set(attr)
      .attrs.map(({ name }) => name)
      .sort();
  }

  inputs(attr: AttrDef): Map<ByteString, FlakeInput> {
    const inputs = new Map<ByteString, FlakeInput>();
    for (const input of this.#set(attr).attrs) inputs.set(input.name, this.#input(input));
    return inputs;
  }

  #input(input: AttrDef): FlakeInput {
    const attributes = new Map<ByteString, InputAttribute>();
    let url: ByteString | null = null;
    let isFlake = true;
    let follows: InputPath | null = null;
    let overrides: ReadonlyMap<ByteString, FlakeInput> = new Map();
    for (const attr of this.#set(input).attrs) {
      switch (attr.name) {
        case "url":
          url = this.#url(attr);
          break;
        case "flake":
          if (!isBoolean(attr.value)) throw this.unexpected("a Boolean", attr);
          isFlake = attr.value.name === "true";
          break;
        case "inputs":
          overrides = this.inputs(attr);
          break;
        case "follows":
          follows = [...this.#at, ...parseInputPath(this.string(attr))];
          break;
        default:
          attributes.set(attr.name, this.#attribute(attr));
      }
    }
    const ref = this.#ref(input, attributes, url);
    const position = this.#file.base + input.start;
    if (ref === null && follows === null)
      return { ...indirectInput(input.name, position), isFlake, overrides };
    const direct = follows === null ? ref : null;
    return { ref: direct, follows, isFlake, overrides, stated: true, position };
  }

  #url(attr: AttrDef): ByteString {
    if (attr.value.kind !== "String" && attr.value.kind !== "Path") {
      const at = this.#file.base + attr.start;
      throw this.unexpected("a string or a path", attr).frame(
        at,
        "while evaluating flake attribute 'url'",
      );
    }
    return attr.value.value;
  }

  #attribute(attr: AttrDef): InputAttribute {
    const { value } = attr;
    if (value.kind === "String") return value.value;
    if (value.kind === "Int" && typeof value.value === "number") return value.value;
    if (isBoolean(value)) return value.name === "true";
    throw new NixError(
      "type",
      `flake input attribute '${attr.name}' is ${typeName(value)} while a string, Boolean, or integer is expected`,
      this.#file.base + attr.start,
    );
  }

  #ref(
    input: AttrDef,
    attributes: Map<ByteString, InputAttribute>,
    url: ByteString | null,
  ): FlakeRef | null {
    const at = this.#file.base + input.start;
    try {
      if (attributes.has("type")) {
        checkRef(attributes);
        return attributes;
      }
      const [first] = attributes.keys();
      if (first !== undefined) {
        throw new NixError(
          "eval",
          `unexpected flake input attribute '${first}', at ${this.place(input.start)}`,
          at,
        );
      }
      return url === null ? null : inputRef(url);
    } catch (error) {
      if (!(error instanceof FlakeRefError)) throw error;
      throw new NixError("eval", error.message, at).frame(at, "while evaluating flake input");
    }
  }
}

/** The URL of an input. A path that is not absolute stays so: it is relative to the flake it is written in. */
function inputRef(url: ByteString): FlakeRef {
  const parsed = parseUrlRef(url);
  if (parsed === null && !url.startsWith("/")) {
    return new Map<ByteString, InputAttribute>([
      ["type", "path"],
      ["path", url],
    ]);
  }
  const { ref, fragment } = parsed ?? parseFlakeRefWithFragment(canonicalPath(url));
  if (fragment !== "")
    throw new FlakeRefError(`unexpected fragment '${fragment}' in flake reference '${url}'`);
  return ref;
}

function isBoolean(expr: Expr): expr is Expr & { kind: "Var"; name: "true" | "false" } {
  return expr.kind === "Var" && (expr.name === "true" || expr.name === "false");
}

/** A value that is not written out is a thunk, which flake.nix may only have in `outputs`. */
function typeName(expr: Expr): string {
  switch (expr.kind) {
    case "AttrSet":
      return expr.dynamic.length > 0 ? "a thunk" : "a set";
    case "List":
      return "a list";
    case "Int":
      return "an integer";
    case "Float":
      return "a float";
    case "String":
      return "a string";
    case "Path":
      return "a path";
    case "Lambda":
      return "a function";
    default:
      return isBoolean(expr) ? "a Boolean" : "a thunk";
  }
}
