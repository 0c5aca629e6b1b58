/**
 * The AST compiled to closures on static slots (annotated by scope/resolve), one closure per node, made
 * when first needed. A closure returns a value in weak head normal form; `delay` makes the closure that
 * fills a slot without evaluating (a thunk, or directly a constant, a lambda or an alias of a variable).
 */

import type { ByteString } from "../base/bytes.ts";
import type {
  Assert,
  AttrName,
  AttrSet,
  Binary,
  Call,
  Expr,
  HasAttr,
  Interpolation,
  Lambda as LambdaExpr,
  Let,
  PathInterpolation,
  SearchPath,
  Select,
  Var,
  With,
} from "../syntax/ast.ts";
import { showName } from "../syntax/identifiers.ts";
import { printAst } from "../syntax/print-ast.ts";
import { addInts, add as addNumbers, divide, multiply, subtract } from "./arithmetic.ts";
import { assertEqual } from "./assert-equal.ts";
import { AttrLookup, Attrs, EMPTY_ATTRS, Shape } from "./attrs.ts";
import { Code, type Compiler, type Delay, LambdaCode, type Run } from "./code.ts";
import { equals, lessThan } from "./compare.ts";
import { type Context, stringText, unionContext, withContext } from "./context.ts";
import { NixError, traced } from "./errors.ts";
import type { Evaluator } from "./evaluator.ts";
import { floatResult } from "./floats.ts";
import { canonicalPath } from "./lib/canonical-path.ts";
import { bestMatches } from "./lib/suggestions.ts";
import type { SourceFile } from "./positions.ts";
import type { Probes } from "./probes.ts";
import {
  call,
  call2,
  callLambda,
  callMany,
  coerceToString,
  expectAttrs,
  expectBool,
  expectPlainString,
  force,
  forceThunk,
  INTERPOLATE,
  mayReplaceThunk,
  PLAIN,
} from "./runtime.ts";
import { showType } from "./show-value.ts";
import {
  ContextString,
  type Env,
  Lambda,
  NixFloat,
  NixPath,
  PrimOp,
  SLOT_BYTES,
  type Slot,
  Thunk,
  type Value,
} from "./values.ts";
import { behaves } from "./versions.ts";

/** Evaluating these throws nothing. */
const NEVER_FAILS: ReadonlySet<Expr["kind"]> = new Set([
  "Int",
  "Float",
  "String",
  "Lambda",
  "List",
  "CurPos",
]);

/** Makes the slot of an attribute; `from` are the thunks of what it may be inherited from. */
type Filler = (inner: Env, outer: Env, from: Thunk[]) => Slot;

// The loops over large sets are functions of their own. In a function that goes on after such a loop, what
// follows has not run yet when an engine compiles it, and the compiled function is left there every time.

function delayAll(delays: readonly Delay[], env: Env): Slot[] {
  const slots: Slot[] = new Array(delays.length);
  for (let i = 0; i < slots.length; i++) slots[i] = (delays[i] as Delay)(env);
  return slots;
}

function fillAll(fillers: readonly Filler[], env: Env, from: Thunk[]): Slot[] {
  const slots: Slot[] = new Array(fillers.length);
  for (let i = 0; i < slots.length; i++) slots[i] = (fillers[i] as Filler)(env, env, from);
  return slots;
}

function up(env: Env, level: number): Env {
  let e = env;
  for (let i = level; i > 0; i--) e = e[0] as Env;
  return e;
}

/**
 * Forces the thunk at an index of a set's values, and writes back. The array is that of before: forcing
 * may flatten the set, which gives it another.
 */
function forceIn(values: Slot[], index: number, thunk: Thunk, pos: number): Value {
  const value = forceThunk(thunk, pos);
  if (mayReplaceThunk(thunk, value)) values[index] = value;
  return value;
}

/** Reads variable `slot` of `env`, forced and written back. */
function readSlot(env: Env, slot: number, pos: number): Value {
  const v = env[slot] as Slot;
  if (!(v instanceof Thunk)) return v;
  if (v.code === null) {
    const value = v.value as Value;
    if (mayReplaceThunk(v, value)) env[slot] = value;
    return value;
  }
  const value = forceThunk(v, pos);
  if (mayReplaceThunk(v, value)) env[slot] = value;
  return value;
}

export class FileCompiler implements Compiler {
  readonly ev: Evaluator;
  readonly file: SourceFile;
  /** Records what expressions evaluate to, for a file that is open in the editor. */
  readonly probes: Probes | null;
  /** What `place` has found below rows of operators. */
  private readonly places = new Map<Expr, number>();

  constructor(ev: Evaluator, file: SourceFile, probes: Probes | null = null) {
    this.ev = ev;
    this.file = file;
    this.probes = probes;
  }

  position(offset: number): number {
    return this.file.base + offset;
  }

  /** Where Nix says an expression is: operators at their sign, a literal where it begins. */
  place(expr: Expr): number {
    const path: Expr[] = [];
    let e = expr;
    let known = this.places.get(e);
    while (known === undefined) {
      if (e.kind !== "HasAttr" && !(e.kind === "Unary" && e.op === "!")) break;
      path.push(e);
      e = e.kind === "HasAttr" ? e.subject : e.operand;
      known = this.places.get(e);
    }
    const place = known ?? this.position(e.kind === "Binary" ? e.opStart : e.start);
    // A long row of `!` is walked once, not once for each.
    if (path.length > 8) for (const passed of path) this.places.set(passed, place);
    return place;
  }

  /** Where the right operand begins, with the parentheses around it. */
  afterSign({ opStart, op, right }: Binary): number {
    const between = this.file.text.slice(opStart + op.length, right.start);
    const space = /^(?:[ \t\r\n]|#[^\r\n]*|\/\*[\s\S]*?\*\/)*/.exec(between)?.[0] ?? "";
    return this.position(opStart + op.length + space.length);
  }

  /** Of `${part}` in a string or path: where the dollar sign is. */
  placeOfPart(part: Expr): number {
    const dollar = this.file.text.lastIndexOf("${", part.start - 1);
    return this.position(dollar < 0 ? part.start : dollar);
  }

  /** An operand, whose errors say that they are its. */
  operand(expr: Expr, why: string): Run {
    const run = this.compile(expr);
    if (NEVER_FAILS.has(expr.kind)) return run;
    const pos = this.place(expr);
    return (env) => {
      try {
        return run(env);
      } catch (error) {
        throw traced(error, pos, why);
      }
    };
  }

  compile(expr: Expr): Run {
    const run = this.compileUnprobed(expr);
    const probes = this.probes;
    if (probes === null) return run;
    return (env) => {
      const value = run(env);
      probes.record(expr, value, env);
      return value;
    };
  }

  /** The body of a function, which notes where it is called from when the file is open. */
  compileBody(expr: LambdaExpr): Run {
    const body = this.compile(expr.body);
    const { ev, probes } = this;
    if (probes === null) return body;
    return (env) => {
      probes.called(env, ev.callSite);
      return body(env);
    };
  }

  compileUnprobed(expr: Expr): Run {
    switch (expr.kind) {
      case "Int":
      case "String": {
        const value = expr.value;
        return () => value;
      }
      case "Float": {
        const value = new NixFloat(expr.value);
        return () => value;
      }
      case "Path": {
        const value = this.ev.pathValue(this.ev.resolvePathLiteral(expr.value, this.file));
        return () => value;
      }
      case "Var":
        return this.variable(expr);
      case "Interpolation":
        return this.interpolation(expr);
      case "PathInterpolation":
        return this.pathInterpolation(expr);
      case "SearchPath":
        return this.searchPath(expr);
      case "Select":
        return this.select(expr);
      case "HasAttr":
        return this.hasAttr(expr);
      case "Call":
        return this.call(expr);
      case "Lambda": {
        const code = new LambdaCode(expr as LambdaExpr, this);
        return (env) => new Lambda(code, env);
      }
      case "AttrSet":
        return this.attrSet(expr);
      case "Let":
        return this.let(expr);
      case "With":
        return this.with(expr);
      case "If": {
        const condition = this.condition(expr.condition, "while evaluating a branch condition");
        const then = this.compile(expr.then);
        const otherwise = this.compile(expr.otherwise);
        return (env) => (condition(env) ? then(env) : otherwise(env));
      }
      case "Assert":
        return this.assert(expr);
      case "List": {
        const items = expr.items.map((item) => this.delay(item));
        return (env) => delayAll(items, env);
      }
      case "Unary":
        return this.unary(expr.op, expr.operand, expr.fn, this.position(expr.start));
      case "Binary":
        return this.binary(expr);
      case "CurPos": {
        const ev = this.ev;
        const pos = this.position(expr.start);
        return () => ev.positionValue(pos);
      }
      case "Hole":
        throw new NixError(
          "syntax",
          "this expression has a syntax error",
          this.position(expr.start),
        );
    }
  }

  /** What fills a slot with `expr` unevaluated. What Nix makes no thunk of shows in what is printed. */
  delay(expr: Expr): Delay {
    return this.probed(expr, this.delayUnprobed(expr));
  }

  probed(expr: Expr, delay: Delay): Delay {
    const probes = this.probes;
    if (probes === null) return delay;
    return (env) => {
      const slot = delay(env);
      probes.record(expr, slot, env);
      return slot;
    };
  }

  delayUnprobed(expr: Expr): Delay {
    switch (expr.kind) {
      case "Int":
      case "String":
      case "Float":
      case "Path": {
        const value =
          expr.kind === "Path" && expr.value.charCodeAt(0) === 0x7e ? null : this.compile(expr);
        // `~/x` may be refused in pure evaluation, which must not happen before it is used.
        if (value === null) break;
        const constant = value([]);
        return () => constant;
      }
      case "List":
        if (expr.items.length === 0) return () => [];
        break;
      case "Var": {
        if (expr.fromWith !== null) break;
        if (expr.level < 0) {
          const value = this.ev.globals.get(expr.name) as Slot;
          return () => value;
        }
        const code = Code.lazy(expr, this);
        const { level, slot } = expr;
        // A variable of a `let` or `rec` that is being filled may not be there yet.
        if (level === 0)
          return (env) => (env[slot] as Slot | undefined) ?? aliasOf(env, slot, code, env);
        if (level === 1) {
          return (env) => {
            const e = env[0] as Env;
            return (e[slot] as Slot | undefined) ?? aliasOf(e, slot, code, env);
          };
        }
        return (env) => {
          const e = up(env, level);
          return (e[slot] as Slot | undefined) ?? aliasOf(e, slot, code, env);
        };
      }
      default:
        break;
    }
    const code = Code.lazy(expr, this);
    return (env) => new Thunk(code, env);
  }

  // ------------------------------------------------------------------------------------- variables

  variable(expr: Var): Run {
    const pos = this.position(expr.start);
    if (expr.fromWith !== null) return this.withVariable(expr, expr.fromWith, pos);
    const { level, slot } = expr;
    if (level < 0) {
      const value = this.ev.globals.get(expr.name);
      if (value === undefined)
        throw new NixError("undefined-variable", `undefined variable '${expr.name}'`, pos);
      if (value instanceof Thunk) return () => force(value, pos);
      return () => value;
    }
    switch (level) {
      case 0:
        return (env) => readSlot(env, slot, pos);
      case 1:
        return (env) => readSlot(env[0] as Env, slot, pos);
      case 2:
        return (env) => readSlot((env[0] as Env)[0] as Env, slot, pos);
      default:
        return (env) => readSlot(up(env, level), slot, pos);
    }
  }

  withVariable(expr: Var, innermost: With, pos: number): Run {
    const ev = this.ev;
    const name = expr.name;
    const level = expr.level;
    const lookup = new AttrLookup(name);
    return (env) => {
      let e = up(env, level);
      for (let node: With | null = innermost; node !== null; node = node.parentWith) {
        const slot = e[1] as Slot;
        let scope: Attrs;
        if (slot instanceof Attrs) scope = slot;
        else {
          scope = expectAttrs(
            ev,
            slot,
            this.position(node.start),
            "while evaluating the first subexpression of a with expression",
          );
          if (!(slot instanceof Thunk) || mayReplaceThunk(slot, scope)) e[1] = scope;
        }
        const layer = lookup.find(scope);
        if (layer !== null) {
          const { values } = layer;
          const value = values[lookup.index] as Slot;
          return value instanceof Thunk ? forceIn(values, lookup.index, value, pos) : value;
        }
        if (node.parentWith !== null) e = up(e, node.parentLevel);
      }
      throw new NixError("undefined-variable", `undefined variable '${name}'`, pos).lookedFor(
        name,
        withScopes(env, level, innermost),
      );
    };
  }

  // --------------------------------------------------------------------------------------- strings

  interpolation(expr: Interpolation): Run {
    const ev = this.ev;
    const parts = expr.parts.map((part) => this.compile(part));
    const places = expr.parts.map((part) => this.place(part));
    const positions = expr.parts.map((part) => this.placeOfPart(part));
    const n = parts.length;
    return (env) => {
      let text = "";
      let context: Context | null = null;
      for (let i = 0; i < n; i++) {
        let v: Value;
        try {
          v = (parts[i] as Run)(env);
        } catch (error) {
          throw traced(error, places[i] as number, "in an operand of '+'");
        }
        if (typeof v === "string") {
          text += v;
          continue;
        }
        const s =
          v instanceof ContextString
            ? v
            : coerceToString(
                ev,
                v,
                positions[i] as number,
                "while evaluating a path segment",
                INTERPOLATE,
              );
        if (typeof s === "string") text += s;
        else {
          text += s.text;
          context = unionContext(context, s.context);
        }
      }
      return context === null ? text : new ContextString(text, context);
    };
  }

  pathInterpolation(expr: PathInterpolation): Run {
    const ev = this.ev;
    const [first, ...rest] = expr.parts;
    if (first?.kind !== "Path") throw new Error("a path begins with its literal part");
    const literal = first.value;
    const parts = rest.map((part) => this.operand(part, "in an operand of '+'"));
    const positions = rest.map((part) => this.placeOfPart(part));
    const pos = this.position(expr.start);
    return (env) => {
      const base = ev.pathValue(ev.resolvePathLiteral(literal, this.file));
      let text = literal.endsWith("/") && base.place !== "/" ? "/" : "";
      let context: Context | null = null;
      for (let i = 0; i < parts.length; i++) {
        const s = coerceToString(
          ev,
          (parts[i] as Run)(env),
          positions[i] as number,
          "while evaluating a path segment",
          PLAIN,
        );
        text += stringText(s);
        if (typeof s !== "string") context = unionContext(context, s.context);
      }
      return pathFromParts(ev, base, text, context, pos);
    };
  }

  searchPath(expr: SearchPath): Run {
    const ev = this.ev;
    const pos = this.position(expr.start);
    const name = expr.value;
    const shadow = expr.vars;
    if (shadow !== undefined) {
      const findFile = shadow.findFile === null ? null : this.variable(shadow.findFile);
      const nixPath = shadow.nixPath === null ? null : this.delay(shadow.nixPath);
      return (env) =>
        call2(
          ev,
          findFile === null ? ev.findFileOp : findFile(env),
          nixPath === null ? ev.nixPathValue : nixPath(env),
          name,
          pos,
        );
    }
    return () => call2(ev, ev.findFileOp, ev.nixPathValue, name, pos);
  }

  // ------------------------------------------------------------------------------------ selections

  /** The name of one step, when it must be computed. */
  dynamicName(step: AttrName): (env: Env) => ByteString {
    const ev = this.ev;
    if (step.name !== null) {
      const name = step.name;
      return () => name;
    }
    const expr = step.expr as Expr;
    const run = this.compile(expr);
    const pos = this.position(expr.start);
    return (env) => expectPlainString(ev, run(env), pos, "while evaluating an attribute name");
  }

  /** The look-up of one step: of a name that is written, one that remembers. */
  lookup(step: AttrName): (env: Env) => AttrLookup {
    if (step.name === null) {
      const name = this.dynamicName(step);
      return (env) => new AttrLookup(name(env));
    }
    const lookup = new AttrLookup(step.name);
    return () => lookup;
  }

  select(expr: Select): Run {
    const ev = this.ev;
    const subject = this.compile(expr.subject);
    const subjectPlace = this.place(expr.subject);
    const subjectWhy = "while selecting an attribute";
    const pos = this.position(expr.start);
    const path = expr.path;
    const only = path[0] as AttrName;
    const fallback = expr.fallback === null ? null : this.compile(expr.fallback);
    const describe = (steps: AttrName[], env: Env) => this.describePath(steps, env);
    if (path.length === 1 && only.name !== null && fallback === null) {
      const name = only.name;
      const namePos = this.position(only.start);
      const lookup = new AttrLookup(name);
      return (env) => {
        let attrPos = 0;
        let set: Value;
        try {
          set = subject(env);
        } catch (error) {
          throw traced(error, subjectPlace, subjectWhy);
        }
        try {
          if (!(set instanceof Attrs)) throw notASet(ev, set, pos);
          const layer = lookup.find(set);
          if (layer === null) throw missing(set, name, namePos);
          const at = lookup.index;
          const slot = layer.values[at] as Slot;
          if (!(slot instanceof Thunk)) return slot;
          attrPos = layer.shape.positions[at] as number;
          return forceIn(layer.values, at, slot, attrPos === 0 ? pos : attrPos);
        } catch (error) {
          throw selecting(ev, error, attrPos, pos, name);
        }
      };
    }
    const lookups = path.map((step) => this.lookup(step));
    const positions = path.map((step) => this.position(step.start));
    return (env) => {
      let attrPos = 0;
      let resolved = 0;
      let slot: Slot;
      try {
        slot = subject(env);
      } catch (error) {
        throw traced(error, subjectPlace, subjectWhy);
      }
      let values: Slot[] = [];
      let at = 0;
      try {
        for (let i = 0; i < lookups.length; i++) {
          const lookup = (lookups[i] as (env: Env) => AttrLookup)(env);
          const set =
            slot instanceof Thunk ? forceIn(values, at, slot, positions[i - 1] as number) : slot;
          if (!(set instanceof Attrs)) {
            if (fallback !== null) return fallback(env);
            throw notASet(ev, set, pos);
          }
          const layer = lookup.find(set);
          if (layer === null) {
            if (fallback !== null) return fallback(env);
            throw missing(set, lookup.name, positions[i] as number);
          }
          ({ values } = layer);
          at = lookup.index;
          attrPos = layer.shape.positions[at] as number;
          resolved = i + 1;
          slot = values[at] as Slot;
        }
        return slot instanceof Thunk
          ? forceIn(values, at, slot, attrPos === 0 ? pos : attrPos)
          : slot;
      } catch (error) {
        if (!(error instanceof NixError)) throw error;
        throw selecting(
          ev,
          error,
          attrPos,
          pos,
          describe(path, env),
          describe(path.slice(0, resolved), env),
        );
      }
    };
  }

  /** `a.b."c d"` in messages; a name that cannot be computed is shown as in the source. */
  describePath(path: AttrName[], env: Env): ByteString {
    return path
      .map((step) => {
        if (step.name !== null) return step.name;
        try {
          return this.dynamicName(step)(env);
        } catch {
          return `"\${${printAst(step.expr as Expr, this.ev.printOptions(this.file))}}"`;
        }
      })
      .join(".");
  }

  hasAttr(expr: HasAttr): Run {
    const subject = this.operand(expr.subject, "in the argument of '?'");
    const lookups = expr.path.map((step) => this.lookup(step));
    const last = lookups.length - 1;
    const pos = this.place(expr);
    return (env) => {
      let slot: Slot = subject(env);
      for (let i = 0; i <= last; i++) {
        const set = force(slot, pos);
        const lookup = (lookups[i] as (env: Env) => AttrLookup)(env);
        if (!(set instanceof Attrs)) return false;
        const layer = lookup.find(set);
        if (layer === null) return false;
        slot = layer.values[lookup.index] as Slot;
      }
      return true;
    };
  }

  // ----------------------------------------------------------------------------------------- calls

  call(expr: Call): Run {
    const ev = this.ev;
    const fn = this.compile(expr.fn);
    const args = expr.args.map((arg) => this.delay(arg));
    const pos = this.position(expr.start);
    if (this.probes !== null) {
      // In an open file the results of imported functions are kept: it will be evaluated again soon.
      return (env) => {
        let f = fn(env);
        for (const arg of args) {
          f = f instanceof Lambda ? ev.applyImported(f, arg(env), pos) : call(ev, f, arg(env), pos);
        }
        return f;
      };
    }
    if (args.length === 1) {
      const arg = args[0] as Delay;
      return (env) => {
        const f = fn(env);
        return f instanceof Lambda ? callLambda(ev, f, arg(env), pos) : call(ev, f, arg(env), pos);
      };
    }
    if (args.length === 2) {
      const first = args[0] as Delay;
      const second = args[1] as Delay;
      return (env) => {
        const f = fn(env);
        if (f instanceof PrimOp && f.arity === 2) return call2(ev, f, first(env), second(env), pos);
        const a = first(env);
        const b = second(env);
        return call(ev, call(ev, f, a, pos), b, pos);
      };
    }
    return (env) => {
      const f = fn(env);
      const slots: Slot[] = new Array(args.length);
      for (let i = 0; i < slots.length; i++) slots[i] = (args[i] as Delay)(env);
      return callMany(ev, f, slots, pos);
    };
  }

  // ------------------------------------------------------------------------------- sets and scopes

  attrSet(expr: AttrSet): Run {
    return expr.recursive ? this.recursiveSet(expr) : this.plainSet(expr);
  }

  shapeOf(expr: AttrSet): Shape {
    return new Shape(
      expr.attrs.map((attr) => attr.name),
      expr.attrs.map((attr) => this.position(attr.start)),
    );
  }

  /** What fills each attribute; for `inherit (e) x` given the thunks of the `e`s. */
  fillers(expr: AttrSet, thunks = false): Filler[] {
    return expr.attrs.map((attr) => {
      if (attr.how === "from") {
        const { name, from } = attr;
        const pos = this.position(attr.start);
        const fromPos = this.place(expr.inheritFrom[from] as Expr);
        const ev = this.ev;
        const lookup = new AttrLookup(name);
        const code = Code.of((env) => {
          let attrPos = 0;
          let set: Value;
          try {
            set = force(env[0] as Slot, pos);
          } catch (error) {
            throw traced(error, fromPos, "while selecting an attribute");
          }
          try {
            if (!(set instanceof Attrs)) throw notASet(ev, set, pos);
            const layer = lookup.find(set);
            if (layer === null) throw missing(set, name, pos);
            const { values, shape } = layer;
            const at = lookup.index;
            attrPos = shape.positions[at] as number;
            const slot = values[at] as Slot;
            if (!(slot instanceof Thunk)) return slot;
            return forceIn(values, at, slot, attrPos === 0 ? pos : attrPos);
          } catch (error) {
            throw selecting(ev, error, attrPos, pos, name);
          }
        });
        const probes = this.probes;
        return (inner, _outer, sources) => {
          const thunk = new Thunk(code, [sources[from] as Thunk]);
          probes?.record(attr.value, thunk, inner);
          return thunk;
        };
      }
      const code = Code.lazy(attr.value, this);
      const delay =
        thunks && attr.how === "plain"
          ? (env: Env) => new Thunk(code, env)
          : this.delay(attr.value);
      return attr.how === "inherited" ? (_inner, outer) => delay(outer) : (inner) => delay(inner);
    });
  }

  sources(expr: AttrSet): (env: Env) => Thunk[] {
    if (expr.inheritFrom.length === 0) {
      const none: Thunk[] = [];
      return () => none;
    }
    const codes = expr.inheritFrom.map((from) => Code.lazy(from, this));
    return (env) => codes.map((code) => new Thunk(code, env));
  }

  plainSet(expr: AttrSet): Run {
    const shape = this.shapeOf(expr);
    const n = expr.attrs.length;
    const dynamic = expr.dynamic.length === 0 ? null : this.dynamicAttrs(expr);
    if (expr.attrs.every((attr) => attr.how !== "from")) {
      if (n === 0 && dynamic === null) return () => EMPTY_ATTRS;
      const delays = expr.attrs.map((attr) => this.delay(attr.value));
      return (env) => {
        const set = new Attrs(shape, delayAll(delays, env));
        return dynamic === null ? set : dynamic(set, env);
      };
    }
    const fillers = this.fillers(expr);
    const sources = this.sources(expr);
    return (env) => {
      const set = new Attrs(shape, fillAll(fillers, env, sources(env)));
      return dynamic === null ? set : dynamic(set, env);
    };
  }

  /** The environment of a `let` or `rec`: slot i + 1 is attribute i. */
  scope(expr: AttrSet): (outer: Env) => Env {
    const n = expr.attrs.length;
    // What `__overrides` replaces must not have been copied anywhere yet.
    const overridden = expr.attrs.some((attr) => attr.name === "__overrides");
    const fillers = this.fillers(expr, overridden);
    const sources = this.sources(expr);
    return (outer) => {
      const env: Env = new Array(n + 1);
      env[0] = outer;
      const from = sources(env);
      for (let i = 0; i < n; i++) env[i + 1] = (fillers[i] as Filler)(env, outer, from);
      return env;
    };
  }

  recursiveSet(expr: AttrSet): Run {
    const ev = this.ev;
    const shape = this.shapeOf(expr);
    const scope = this.scope(expr);
    const overridesAt = expr.attrs.findIndex((attr) => attr.name === "__overrides");
    const dynamic = expr.dynamic.length === 0 ? null : this.dynamicAttrs(expr);
    return (outer) => {
      const env = scope(outer);
      let set = new Attrs(shape, env.slice(1) as Slot[]);
      if (overridesAt >= 0) {
        const overrides = force(env[overridesAt + 1] as Slot);
        if (!(overrides instanceof Attrs)) {
          throw new NixError(
            "type",
            `expected a set but found ${showType(overrides)}: ${ev.show(overrides)}`,
          ).frame(0, "while evaluating the `__overrides` attribute");
        }
        const flat = overrides.flat();
        for (let i = 0; i < flat.values.length; i++) {
          const at = shape.find(flat.shape.names[i] as string);
          if (at >= 0) env[at + 1] = flat.values[i] as Slot;
        }
        set = set.update(overrides);
      }
      return dynamic === null ? set : dynamic(set, env);
    };
  }

  /** Adds the attributes whose names are computed. */
  dynamicAttrs(expr: AttrSet): (set: Attrs, env: Env) => Attrs {
    const ev = this.ev;
    const items = expr.dynamic.map((attr) => ({
      name: this.compile(attr.nameExpr),
      pos: this.position(attr.start),
      value: this.delay(attr.value),
    }));
    return (set, env) => {
      const names: ByteString[] = [];
      const positions: number[] = [];
      const values: Slot[] = [];
      for (const item of items) {
        const v = item.name(env);
        if (v === null) continue;
        const name = expectPlainString(
          ev,
          v,
          item.pos,
          "while evaluating the name of a dynamic attribute",
        );
        const earlier = names.indexOf(name);
        if (set.has(name) || earlier >= 0) {
          const before = earlier >= 0 ? (positions[earlier] as number) : set.position(name);
          throw new NixError(
            "eval",
            `dynamic attribute '${showName(name)}' already defined at ${ev.showPosition(before)}`,
            item.pos,
          );
        }
        names.push(name);
        positions.push(item.pos);
        values.push(item.value(env));
      }
      if (names.length === 0) return set;
      const flat = set.flat();
      return new Attrs(
        new Shape([...flat.shape.names, ...names], [...flat.shape.positions, ...positions]),
        [...flat.values, ...values],
      );
    };
  }

  let(expr: Let): Run {
    const scope = this.scope(expr.attrs);
    let body: Run | null = null;
    return (env) => {
      if (body === null) body = this.compile(expr.body);
      return body(scope(env));
    };
  }

  with(expr: With): Run {
    const scope = this.delay(expr.scope);
    const body = this.compile(expr.body);
    return (env) => body([env, scope(env)]);
  }

  // ------------------------------------------------------------------------------------- operators

  condition(expr: Expr, why: string): (env: Env) => boolean {
    const ev = this.ev;
    const run = this.compile(expr);
    const pos = this.place(expr);
    return (env) => {
      let v: Value;
      try {
        v = run(env);
      } catch (error) {
        throw traced(error, pos, why);
      }
      if (typeof v === "boolean") return v;
      throw new NixError(
        "type",
        `expected a Boolean but found ${showType(v)}: ${ev.show(v)}`,
        pos,
      ).frame(pos, why);
    };
  }

  assert(expr: Assert): Run {
    const condition = this.condition(expr.condition, "in the condition of the assert statement");
    const body = this.compile(expr.body);
    const pos = this.position(expr.start);
    return (env) => {
      if (condition(env)) return body(env);
      return this.failAssert(expr, env, pos);
    };
  }

  /** Of an equality the difference is told, from operands that are evaluated again. */
  failAssert({ condition }: Assert, env: Env, pos: number): never {
    const text = printAst(condition, this.ev.printOptions(this.file));
    if (condition.kind === "Binary" && condition.op === "==") {
      const [a, b] = [condition.left, condition.right].map((side) => this.compile(side)(env));
      try {
        assertEqual(this.ev, a as Value, b as Value, this.position(condition.opStart));
      } catch (error) {
        if (error instanceof NixError && error.kind !== "assert") throw error;
        throw traced(error, pos, `while evaluating the condition of the assertion '${text}'`);
      }
    }
    throw new NixError("assert", `assertion '${text}' failed`, pos);
  }

  unary(op: "!" | "-", operand: Expr, fn: Var | null, pos: number): Run {
    const ev = this.ev;
    if (op === "!") {
      const condition = this.condition(operand, "in the argument of '!'");
      return (env) => !condition(env);
    }
    if (fn !== null) {
      const run = this.variable(fn);
      const slot = this.delay(operand);
      return (env) => call2(ev, run(env), 0, slot(env), pos);
    }
    const slot = this.delay(operand);
    return (env) => call2(ev, ev.operators.sub, 0, slot(env), pos);
  }

  binary(expr: Binary): Run {
    const ev = this.ev;
    const { left, right } = expr;
    const pos = this.position(expr.opStart);
    switch (expr.op) {
      case "&&": {
        const a = this.condition(left, "in the left operand of '&&'");
        const b = this.condition(right, "in the right operand of '&&'");
        return (env) => a(env) && b(env);
      }
      case "||": {
        const a = this.condition(left, "in the left operand of '||'");
        const b = this.condition(right, "in the right operand of '||'");
        return (env) => a(env) || b(env);
      }
      case "->": {
        const a = this.condition(left, "in the left operand of '->'");
        const b = this.condition(right, "in the right operand of '->'");
        return (env) => !a(env) || b(env);
      }
      case "==": {
        const a = this.operand(left, "in the left operand of '=='");
        const b = this.operand(right, "in the right operand of '=='");
        return (env) => {
          const x = a(env);
          return equals(ev, x, b(env), pos);
        };
      }
      case "!=": {
        const a = this.operand(left, "in the left operand of '!='");
        const b = this.operand(right, "in the right operand of '!='");
        return (env) => {
          const x = a(env);
          return !equals(ev, x, b(env), pos);
        };
      }
      case "+":
        return this.plus(expr, pos);
      case "++":
        return this.concat(expr, pos);
      case "//":
        return this.update(left, right);
      case "|>": {
        const f = this.compile(right);
        const arg = this.delay(left);
        return (env) => call(ev, f(env), arg(env), pos);
      }
      case "<|": {
        const f = this.compile(left);
        const arg = this.delay(right);
        return (env) => call(ev, f(env), arg(env), pos);
      }
      default:
        return this.arithmetic(expr, pos);
    }
  }

  /** `- * / < <= > >=`: calls of builtins that a program may shadow. */
  arithmetic(expr: Binary, pos: number): Run {
    const ev = this.ev;
    const { op, fn } = expr;
    const swapped = op === ">" || op === "<=";
    const negated = op === "<=" || op === ">=";
    // `a <= b` is `!(b < a)`, also in traces.
    const negation = negated ? "in the argument of '!'" : "";
    const a = this.compile(swapped ? expr.right : expr.left);
    const b = this.compile(swapped ? expr.left : expr.right);
    if (fn !== null) {
      const run = this.variable(fn);
      const x = this.delay(swapped ? expr.right : expr.left);
      const y = this.delay(swapped ? expr.left : expr.right);
      return (env) => {
        try {
          const v = call2(ev, run(env), x(env), y(env), pos);
          return negated ? !expectBool(ev, v, pos, "") : v;
        } catch (error) {
          throw traced(error, pos, negation);
        }
      };
    }
    const name = { "-": "sub", "*": "mul", "/": "div" }[op as string] ?? "lessThan";
    const traceLine = `while calling the '${name}' builtin`;
    const operate = OPERATIONS[name] as (ev: Evaluator, x: Value, y: Value, pos: number) => Value;
    if (name === "lessThan") {
      return (env) => {
        ev.nest(pos);
        try {
          const x = a(env);
          const y = b(env);
          ev.depth--;
          if (typeof x === "number" && typeof y === "number") return x < y !== negated;
          return lessThan(ev, x, y, pos) !== negated;
        } catch (error) {
          throw traced(traced(error, pos, traceLine), pos, negation);
        }
      };
    }
    return (env) => {
      ev.nest(pos);
      try {
        const value = operate(ev, a(env), b(env), pos);
        ev.depth--;
        return value;
      } catch (error) {
        throw traced(error, pos, traceLine);
      }
    };
  }

  update(left: Expr, right: Expr): Run {
    const ev = this.ev;
    const set = (expr: Expr, why: string) => {
      const run = this.operand(expr, why);
      const pos = this.place(expr);
      return (env: Env): Attrs => {
        const v = run(env);
        if (v instanceof Attrs) return v;
        throw new NixError("type", `expected a set but found ${showType(v)}: ${ev.show(v)}`).frame(
          pos,
          why,
        );
      };
    };
    const a = set(left, "in the left operand of '//'");
    const b = set(right, "in the right operand of '//'");
    if (behaves(ev.settings.nixVersion, "rightSetFirst")) {
      return (env) => {
        const y = b(env);
        return a(env).update(y);
      };
    }
    return (env) => {
      const x = a(env);
      return x.update(b(env));
    };
  }

  concat(expr: Binary, pos: number): Run {
    const ev = this.ev;
    // `a ++ b ++ c` nests to the right; one pass concatenates them all.
    const operands: Run[] = [];
    let rest: Expr = expr;
    while (rest.kind === "Binary" && rest.op === "++") {
      operands.push(this.operand(rest.left, "in the left operand of '++'"));
      rest = rest.right;
    }
    operands.push(this.operand(rest, "in the right operand of '++'"));
    return (env) => {
      const values = operands.map((run) => run(env));
      if (!values.every((v) => Array.isArray(v))) throw this.noList(values, pos);
      const lists = values as Slot[][];
      let filled = 0;
      let length = 0;
      for (const v of lists) {
        length += v.length;
        if (v.length > 0) filled++;
      }
      if (filled <= 1) return lists.find((list) => list.length > 0) ?? [];
      ev.reserve(length * SLOT_BYTES);
      const [first = [], second = [], ...rest] = lists;
      const out = first.concat(second);
      for (const list of rest) for (let i = 0; i < list.length; i++) out.push(list[i] as Slot);
      return out;
    };
  }

  /** All operands of `++` are evaluated before one is looked at; the last operator is the innermost. */
  noList(values: readonly Value[], pos: number): NixError {
    const last = values.length - 2;
    const inOrder = [...values.slice(last), ...values.slice(0, last).reverse()];
    const v = inOrder.find((value) => !Array.isArray(value)) as Value;
    const message = `expected a list but found ${showType(v)}: ${this.ev.show(v)}`;
    const why = "while evaluating one of the elements to concatenate";
    return new NixError("type", message).frame(pos, why);
  }

  plus(expr: Binary, pos: number): Run {
    const ev = this.ev;
    const a = this.operand(expr.left, "in an operand of '+'");
    const b = this.operand(expr.right, "in an operand of '+'");
    const leftPos = this.position(expr.left.start);
    const rightPos = this.afterSign(expr);
    return (env) => {
      const x = a(env);
      if (typeof x === "string") {
        const y = b(env);
        if (typeof y === "string") {
          ev.reserve(x.length + y.length);
          return x + y;
        }
        const s = coerceToString(ev, y, rightPos, "while evaluating a path segment", INTERPOLATE);
        return typeof s === "string" ? x + s : new ContextString(x + s.text, s.context);
      }
      if (typeof x === "number" || typeof x === "bigint") {
        const y = b(env);
        if (typeof y === "number" || typeof y === "bigint") return addInts(ev, x, y, rightPos);
        if (y instanceof NixFloat) return floatResult(Number(x) + y.value, x, y);
        throw new NixError("eval", `cannot add ${showType(y)} to an integer`, rightPos);
      }
      if (x instanceof NixFloat) {
        const y = b(env);
        if (typeof y === "number" || typeof y === "bigint" || y instanceof NixFloat)
          return addNumbers(ev, x, y, pos);
        throw new NixError("eval", `cannot add ${showType(y)} to a float`, rightPos);
      }
      const why = "while evaluating a path segment";
      if (x instanceof NixPath) {
        const s = coerceToString(ev, b(env), rightPos, why, PLAIN);
        const context = typeof s === "string" ? null : s.context;
        return pathFromParts(ev, x, stringText(s), context, pos);
      }
      // Only a left operand that is itself a string makes paths on the right be copied to the store.
      const copying = x instanceof ContextString;
      const s = coerceToString(ev, x, leftPos, why, copying ? INTERPOLATE : PLAIN);
      const t = coerceToString(ev, b(env), rightPos, why, copying ? INTERPOLATE : PLAIN);
      return withContext(
        stringText(s) + stringText(t),
        unionContext(
          typeof s === "string" ? null : s.context,
          typeof t === "string" ? null : t.context,
        ),
      );
    };
  }
}

const OPERATIONS: Record<string, (ev: Evaluator, x: Value, y: Value, pos: number) => Value> = {
  sub: subtract,
  mul: multiply,
  div: divide,
};

/** An alias of a variable that is not filled yet: a thunk that reads it when forced. */
function aliasOf(scope: Env, slot: number, code: Code, env: Env): Slot {
  // `null` is a value (Nix's null), so only `undefined` means "not filled".
  return (scope[slot] as Slot | undefined) === undefined
    ? new Thunk(code, env)
    : (scope[slot] as Slot);
}

/** `base` with `text` behind it. */
function pathFromParts(
  ev: Evaluator,
  base: NixPath,
  text: ByteString,
  context: Context | null,
  pos: number,
): NixPath {
  if (context !== null) {
    throw new NixError(
      "eval",
      "a string that refers to a store path cannot be appended to a path",
      pos,
    );
  }
  const { place } = base;
  const tree = ev.liveTrees.of(place);
  let path = canonicalPath(place + text);
  // What only begins as the name of a tree is seen with its real name.
  if (tree !== null && path.startsWith(tree.place) && !tree.has(path))
    path = canonicalPath(base.path + text);
  if (place === "/" || !path.startsWith(place)) ev.notePath(path);
  return ev.pathValue(path);
}

function notASet(ev: Evaluator, v: Value, pos: number): NixError {
  return new NixError("type", `expected a set but found ${showType(v)}: ${ev.show(v)}`, pos).frame(
    pos,
    "while selecting an attribute",
  );
}

/** The sets of all enclosing `with`s, which a look-up in vain has forced. */
function withScopes(env: Env, level: number, innermost: With): Attrs[] {
  const scopes: Attrs[] = [];
  let e = up(env, level);
  for (let node: With | null = innermost; node !== null; node = node.parentWith) {
    const scope = force(e[1] as Slot);
    if (scope instanceof Attrs) scopes.push(scope);
    if (node.parentWith !== null) e = up(e, node.parentLevel);
  }
  return scopes;
}

function missing(set: Attrs, name: ByteString, place: number): NixError {
  return new NixError("missing-attribute", `attribute '${showName(name)}' missing`)
    .isAt(place)
    .lookedFor(name, [set])
    .suggest(() => bestMatches(set.sortedNames(), name));
}

/** `resolved`: the part of the path that was there. */
function selecting(
  ev: Evaluator,
  error: unknown,
  attrPos: number,
  pos: number,
  path: ByteString,
  resolved: ByteString = path,
): unknown {
  if (!(error instanceof NixError)) return error;
  if (attrPos !== 0 && !ev.isInternal(attrPos))
    error.frame(attrPos, `from the definition of '${resolved}'`);
  return error.frame(pos, `while evaluating the attribute '${path}'`);
}
