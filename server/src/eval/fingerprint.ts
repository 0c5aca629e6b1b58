/**
 * Equal fingerprints mean values that cannot be told apart, without forcing anything: plain data by
 * value; functions and unevaluated expressions by their source text, its file's generation and the
 * fingerprints of what they capture, of a set only the attributes that they select; large or retained
 * objects by identity. What is none of these has no fingerprint and is never taken for equal to anything.
 */
import type { ByteString } from "../base/bytes.ts";
import type { AttrName, AttrSet, Expr, Var, With } from "../syntax/ast.ts";
import { Attrs } from "./attrs.ts";
import { BLACKHOLE, Code, type Compiler } from "./code.ts";
import { FileCompiler } from "./compile.ts";
import { dependOn, evaluated, originsOf } from "./dependents.ts";
import type { Evaluator } from "./evaluator.ts";
import type { ProbedCode } from "./probes.ts";
import { readsNothing } from "./reads-nothing.ts";
import {
  ContextString,
  type Env,
  Lambda,
  NixFloat,
  NixPath,
  PrimOp,
  PrimOpApp,
  type Slot,
  Thunk,
} from "./values.ts";

/** Parts looked at before giving up. */
const BUDGET = 2000;
/** Sets and lists beyond this size are compared by identity. */
const LARGE = 64;

interface Capture {
  level: number;
  slot: number;
  /** Which attribute of it alone is used: of `inputs.self.lib` the names behind `inputs`. */
  path: readonly ByteString[];
}

const captures = new WeakMap<Expr, Capture[]>();
const identities = new WeakMap<object, number>();
let nextIdentity = 1;

/** What is the same object in all evaluations. */
const retained = new WeakSet<Thunk>();

/** Says that a thunk will be found again: the value of a locked input. */
export function retain(thunk: Thunk): void {
  retained.add(thunk);
}

function identity(value: object): string {
  let id = identities.get(value);
  if (id === undefined) {
    id = nextIdentity++;
    identities.set(value, id);
  }
  return `#${id}`;
}

/** The names that are known without evaluation, up to the first that is not. */
function staticNames(path: readonly AttrName[]): ByteString[] {
  const names: ByteString[] = [];
  for (const { name } of path) {
    if (name === null) break;
    names.push(name);
  }
  return names;
}

/** The variables that an expression takes from outside, as seen from its own environment. */
function freeVariables(root: Expr): Capture[] {
  const known = captures.get(root);
  if (known !== undefined) return known;
  const found = new Map<string, Capture>();
  const use = (level: number, slot: number, depth: number, path: readonly ByteString[] = []) => {
    if (level < depth) return;
    const capture = { level: level - depth, slot, path };
    found.set(JSON.stringify(capture), capture);
  };
  const variable = (node: Var, depth: number) => {
    if (node.fromWith !== null) {
      let level = node.level;
      for (let w: With | null = node.fromWith; w !== null; w = w.parentWith) {
        use(level, 1, depth);
        level += w.parentLevel;
      }
    } else if (node.level >= 0) use(node.level, node.slot, depth);
  };
  const path = (steps: AttrName[], depth: number) => {
    for (const step of steps) if (step.expr !== null) visit(step.expr, depth);
  };
  const attrs = (set: AttrSet, outer: number) => {
    const inner = set.recursive ? outer + 1 : outer;
    for (const from of set.inheritFrom) visit(from, inner);
    for (const attr of set.attrs) {
      if (attr.how !== "from") visit(attr.value, attr.how === "plain" ? inner : outer);
    }
    for (const attr of set.dynamic) {
      visit(attr.nameExpr, inner);
      visit(attr.value, inner);
    }
  };
  const visit = (expr: Expr, depth: number): void => {
    switch (expr.kind) {
      case "Var":
        variable(expr, depth);
        return;
      case "SearchPath":
        if (expr.vars?.findFile) variable(expr.vars.findFile, depth);
        if (expr.vars?.nixPath) variable(expr.vars.nixPath, depth);
        return;
      case "Interpolation":
      case "PathInterpolation":
        for (const part of expr.parts) visit(part, depth);
        return;
      case "Select":
        if (expr.subject.kind === "Var" && expr.subject.fromWith === null) {
          const { level, slot } = expr.subject;
          if (level >= 0) use(level, slot, depth, staticNames(expr.path));
        } else visit(expr.subject, depth);
        path(expr.path, depth);
        if (expr.fallback !== null) visit(expr.fallback, depth);
        return;
      case "HasAttr":
        visit(expr.subject, depth);
        path(expr.path, depth);
        return;
      case "Call":
        visit(expr.fn, depth);
        for (const arg of expr.args) visit(arg, depth);
        return;
      case "Lambda":
        for (const formal of expr.formals?.items ?? []) {
          if (formal.fallback !== null) visit(formal.fallback, depth + 1);
        }
        visit(expr.body, depth + 1);
        return;
      case "AttrSet":
        attrs(expr, depth);
        return;
      case "Let":
        attrs(expr.attrs, depth);
        visit(expr.body, depth + 1);
        return;
      case "With":
        visit(expr.scope, depth);
        visit(expr.body, depth + 1);
        return;
      case "If":
        visit(expr.condition, depth);
        visit(expr.then, depth);
        visit(expr.otherwise, depth);
        return;
      case "Assert":
        visit(expr.condition, depth);
        visit(expr.body, depth);
        return;
      case "List":
        for (const item of expr.items) visit(item, depth);
        return;
      case "Unary":
        if (expr.fn !== null) variable(expr.fn, depth);
        visit(expr.operand, depth);
        return;
      case "Binary":
        if (expr.fn !== null) variable(expr.fn, depth);
        visit(expr.left, depth);
        visit(expr.right, depth);
        return;
      default:
        return;
    }
  };
  visit(root, 0);
  const list = [...found.values()];
  captures.set(root, list);
  return list;
}

export interface Fingerprint {
  readonly key: string;
  /** Whether it is made of numbers, texts and the like alone: nothing in it can read a file. */
  readonly isPlain: boolean;
  /** The code in it; equal keys have the same in the same order. */
  readonly codes: readonly ProbedCode[];
}

/** An attribute of a set that is written out and has not been evaluated; null when there is more to it. */
function attributeOf({ code, env }: Thunk, name: ByteString): Thunk | null {
  const { expr, compiler } = code as Code;
  if (code === BLACKHOLE || compiler === null || expr?.kind !== "AttrSet") return null;
  if (expr.recursive || expr.dynamic.length > 0) return null;
  const attr = expr.attrs.find((each) => each.name === name);
  if (attr === undefined || attr.how === "from") return null;
  return new Thunk(Code.lazy(attr.value, compiler), env as Env);
}

/** The fingerprint of a slot, or null when it has none. */
export function fingerprint(ev: Evaluator, root: Slot): Fingerprint | null {
  let budget = BUDGET;
  let isPlain = true;
  const codes: ProbedCode[] = [];
  /** Places met on the way: a captured scope often leads back to where it came from. */
  const met = new Map<object, number>();
  const back = (object: object): string | null => {
    const at = met.get(object);
    if (at !== undefined) return `^${at}`;
    met.set(object, met.size);
    return null;
  };

  const code = (expr: Expr, compiler: Compiler, env: Env): string | null => {
    if (!(compiler instanceof FileCompiler)) return null;
    const { file, probes } = compiler;
    codes.push({ expr, probes, base: file.base });
    const reads = !readsNothing(expr);
    if (reads) isPlain = false;
    // What reads nothing does not depend on where its file is: that of a flake is elsewhere after every edit.
    const where = reads ? ev.generation(file) : ev.files.physical(file.path ?? "");
    const parts = [`${where}:${file.text.slice(expr.start, expr.end)}`];
    for (const { level, slot, path } of freeVariables(expr)) {
      let scope = env;
      for (let i = 0; i < level; i++) scope = scope[0] as Env;
      const captured = selected(scope[slot] as Slot, path);
      if (captured === null) return null;
      parts.push(captured);
    }
    return parts.map((part) => `${part.length}.${part}`).join("");
  };

  /** Of an attribute, as far as it can be found without forcing anything, and the names that are left. */
  const selected = (slot: Slot, path: readonly ByteString[]): string | null => {
    let at = slot;
    let found = 0;
    for (const name of path) {
      if (at instanceof Thunk && retained.has(at)) break;
      const set = evaluated(at);
      if (set instanceof Attrs) {
        dependOn(originsOf(at));
        const next = set.get(name);
        if (next === undefined) return `-${JSON.stringify(path.slice(found))}`;
        at = next;
      } else {
        const next = set instanceof Thunk ? attributeOf(set, name) : null;
        if (next === null) break;
        at = next;
      }
      found += 1;
    }
    const part = visit(at);
    const left = path.slice(found);
    return part === null || left.length === 0 ? part : `.${JSON.stringify(left)}${part}`;
  };

  const visit = (slot: Slot): string | null => {
    if (--budget < 0) return null;
    if (slot instanceof Thunk && retained.has(slot)) {
      isPlain = false;
      return identity(slot);
    }
    const v = evaluated(slot);
    if (v instanceof Thunk) {
      if (v.code === BLACKHOLE) return null;
      const { expr, compiler } = v.code as Code;
      if (expr === null || compiler === null) return null;
      const inside = back(v) ?? code(expr, compiler, v.env as Env);
      return inside === null ? null : `t${inside}`;
    }
    dependOn(originsOf(slot));
    switch (typeof v) {
      case "string":
        if (v.startsWith("/")) isPlain = false;
        return `s${v}`;
      case "number":
      case "bigint":
        return `i${v}`;
      case "boolean":
        return v ? "T" : "F";
      default:
        break;
    }
    if (v === null) return "n";
    if (v instanceof ContextString) return `c${v.text}\0${[...v.context].sort().join("\0")}`;
    if (v instanceof NixFloat) return `f${v.value}`;
    if (v instanceof NixPath) {
      isPlain = false;
      return `p${v.place}`;
    }
    if (v instanceof PrimOp) {
      isPlain = false;
      return `b${v.name}`;
    }
    if (v instanceof PrimOpApp) return sequence(`a${v.op.name}`, v.args);
    if (v instanceof Lambda) {
      const inside = back(v) ?? code(v.code.expr, v.code.compiler, v.env);
      return inside === null ? null : `l${inside}`;
    }
    if (v instanceof Attrs) {
      if (v.sizeBound > LARGE) {
        isPlain = false;
        return identity(v);
      }
      const again = back(v);
      if (again !== null) return again;
      const names = v.sortedNames();
      return sequence(
        `{${names.map((name) => `${name.length}.${name}`).join("")}`,
        names.map((name) => v.get(name) as Slot),
      );
    }
    if (v.length > LARGE) {
      isPlain = false;
      return identity(v);
    }
    return back(v) ?? sequence("[", v);
  };

  const sequence = (head: string, slots: Slot[]): string | null => {
    const parts = [head];
    for (const each of slots) {
      const part = visit(each);
      if (part === null) return null;
      parts.push(`${part.length}.${part}`);
    }
    return parts.join("");
  };

  const key = visit(root);
  return key === null ? null : { key, isPlain, codes };
}
