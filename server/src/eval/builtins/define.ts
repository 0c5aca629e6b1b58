/** The shape in which a family of builtins is written. */
import type { PrimOpImpl } from "../values.ts";

/** Name, arity (1 to 3), implementation. */
export type Definition = readonly [name: string, arity: number, impl: PrimOpImpl];
