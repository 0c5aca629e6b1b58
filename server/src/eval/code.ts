/** Compiled code: closures made on first use, so that what is never run is never compiled. */
import type { ByteString } from "../base/bytes.ts";
import type { Expr, Lambda as LambdaExpr } from "../syntax/ast.ts";
import type { Shape } from "./attrs.ts";
import type { Env, Value } from "./values.ts";

/** Evaluates an expression in an environment, to weak head normal form. */
export type Run = (env: Env) => Value;

/** Compiles the expressions of one source file. */
export interface Compiler {
  compile(expr: Expr): Run;
  compileBody(expr: LambdaExpr): Run;
  /** The position id of a byte offset. */
  position(offset: number): number;
}

/** The code of a thunk. */
export class Code {
  run: Run | null;
  readonly expr: Expr | null;
  readonly compiler: Compiler | null;

  constructor(expr: Expr | null, compiler: Compiler | null, run: Run | null) {
    this.expr = expr;
    this.compiler = compiler;
    this.run = run;
  }

  static lazy(expr: Expr, compiler: Compiler): Code {
    return new Code(expr, compiler, null);
  }

  static of(run: Run): Code {
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
export interface FormalCode {
  name: ByteString;
  /** Makes the default's slot in the lambda's own environment; null when the argument is required. */
  fallback: Code | null;
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
  body: Run | null = null;
  /** The last argument shape and, per formal, the index of its value there (-1: use the default). */
  cachedShape: Shape | null = null;
  cachedSlots: Int32Array | null = null;

  constructor(expr: LambdaExpr, compiler: Compiler) {
    this.expr = expr;
    this.compiler = compiler;
    this.position = compiler.position(expr.start);
    this.hasParam = expr.param !== null;
    this.ellipsis = expr.formals?.ellipsis ?? false;
    this.formals =
      expr.formals === null
        ? null
        : expr.formals.items.map((formal) => ({
            name: formal.name,
            fallback: formal.fallback === null ? null : Code.lazy(formal.fallback, compiler),
          }));
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
