/** Compiled code: closures made on first use, so that what is never run is never compiled. */
import type { ByteString } from "../base/bytes.ts";
import type { Expr, Formal, Lambda as LambdaExpr } from "../syntax/ast.ts";
import type { Shape } from "./attrs.ts";
import type { Env, Slot, Value } from "./values.ts";

/** Evaluates an expression in an environment, to weak head normal form. */
export type Run = (env: Env) => Value;

/** Computes the value of a thunk; `pos` is who asks, which few need to know. */
export type ThunkRun = (env: Env, pos: number) => Value;

/** Makes the slot for an expression in an environment. */
export type Delay = (env: Env) => Slot;

/** Compiles the expressions of one source file. */
export interface Compiler {
  compile(expr: Expr): Run;
  /** What fills a slot with an expression unevaluated. */
  delay(expr: Expr): Delay;
  compileBody(expr: LambdaExpr): Run;
  /** The position id of a byte offset. */
  position(offset: number): number;
}

/** The code of a thunk. */
export class Code {
  run: ThunkRun | null;
  readonly expr: Expr | null;
  readonly compiler: Compiler | null;

  constructor(expr: Expr | null, compiler: Compiler | null, run: ThunkRun | null) {
    this.expr = expr;
    this.compiler = compiler;
    this.run = run;
  }

  static lazy(expr: Expr, compiler: Compiler): Code {
    return new Code(expr, compiler, null);
  }

  static of(run: ThunkRun): Code {
    return new Code(null, null, run);
  }

  compile(): Run {
    const run = (this.compiler as Compiler).compile(this.expr as Expr);
    this.run = run;
    return run;
  }
}

/** Marks a thunk that is being forced. */
export const BLACKHOLE = Code.of(() => {
  throw new Error("a black hole was run");
});

/** How one formal gets its value. */
export class FormalCode {
  readonly name: ByteString;
  readonly #fallback: Expr | null;
  readonly #compiler: Compiler;
  #delay: Delay | null = null;

  constructor({ name, fallback }: Formal, compiler: Compiler) {
    this.name = name;
    this.#fallback = fallback;
    this.#compiler = compiler;
  }

  get isRequired(): boolean {
    return this.#fallback === null;
  }

  /** The default's slot in the lambda's own environment. */
  fill(env: Env): Slot {
    this.#delay ??= this.#compiler.delay(this.#fallback as Expr);
    return this.#delay(env);
  }
}

/** What all instances of one lambda expression share. */
export class LambdaCode {
  readonly expr: LambdaExpr;
  readonly compiler: Compiler;
  /** Position id of the lambda. */
  readonly position: number;
  readonly formals: FormalCode[] | null;
  readonly ellipsis: boolean;
  readonly hasParam: boolean;
  /** Whether an argument of the set may be another one by default. */
  readonly defaultsToSibling: boolean;
  body: Run | null = null;
  /** The last argument shape and, per formal, the index of its value there (-1: use the default). */
  cachedShape: Shape | null = null;
  cachedSlots: readonly number[] | null = null;

  constructor(expr: LambdaExpr, compiler: Compiler) {
    this.expr = expr;
    this.compiler = compiler;
    this.position = compiler.position(expr.start);
    this.hasParam = expr.param !== null;
    this.ellipsis = expr.formals?.ellipsis ?? false;
    this.formals =
      expr.formals === null
        ? null
        : expr.formals.items.map((formal) => new FormalCode(formal, compiler));
    this.defaultsToSibling = (expr.formals?.items ?? []).some(
      ({ fallback: f }) => f?.kind === "Var" && f.fromWith === null && f.level === 0,
    );
  }

  /** The name in messages. */
  get name(): ByteString | null {
    return this.expr.name;
  }

  compileBody(): Run {
    const body = this.compiler.compileBody(this.expr);
    this.body = body;
    return body;
  }
}
