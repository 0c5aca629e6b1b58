/**
 * Errors of an evaluation. They are thrown, but are not JavaScript `Error`s: programs raise and catch
 * them by the thousand (`tryEval`), and a stack capture each would cost more than the evaluation.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Attrs } from "./attrs.ts";
import type { FetchRequest } from "./host.ts";
import { EvalLibError } from "./lib/error.ts";
import type { Thunk } from "./values.ts";

export type ErrorKind =
  | "throw"
  | "assert"
  | "abort"
  | "type"
  | "undefined-variable"
  | "missing-attribute"
  | "missing-argument"
  | "unexpected-argument"
  | "infinite-recursion"
  | "stack-overflow"
  | "syntax"
  | "io"
  | "restricted"
  | "not-fetched"
  | "eval";

/** When a line of the trace is printed: calls with `--show-trace` only, most within the first few. */
export type FrameShown = "with-show-trace" | "within-limit" | "always";

/** A line of the trace. */
export interface TraceFrame {
  /** Position id, 0 = none. */
  pos: number;
  text: ByteString;
  shown: FrameShown;
}

/** What a failed look-up was about. */
export interface NameLookup {
  readonly name: ByteString;
  /** Innermost first; empty when it was an argument of a function. */
  readonly sets: readonly Attrs[];
  /** The names that the function takes. */
  readonly formals: readonly ByteString[];
}

/** The thunks that need each other. */
export interface RecursionCycle {
  /** The one that is asked for while it is computed: the cycle ends where it is met on the way out. */
  readonly start: Thunk;
  isClosed: boolean;
  /** Position ids of their expressions, innermost first. */
  readonly positions: number[];
}

/** A Nix error, in Nix's words. */
export class NixError {
  readonly kind: ErrorKind;
  readonly message: ByteString;
  /** Position id of the error itself as Nix prints it, 0 = none. */
  pos: number;
  /** Where the error is: for an editor, which marks a place that Nix does not print too. */
  place: number;
  /** Innermost first. */
  readonly frames: TraceFrame[] = [];
  /** For a name that was not found: the name, and the sets or the arguments it was looked for in. */
  lookup: NameLookup | null = null;
  /** For an infinite recursion: what is being computed, from the place that asks for it again outwards. */
  cycle: RecursionCycle | null = null;
  /** What would have to be downloaded first. */
  wanted: FetchRequest | null = null;
  #suggest: (() => readonly ByteString[]) | null = null;

  constructor(kind: ErrorKind, message: ByteString, pos = 0) {
    this.kind = kind;
    this.message = message;
    this.pos = pos;
    this.place = pos;
  }

  /** `throw` and a failed `assert`: what `tryEval` turns into `{ success = false; … }`. */
  get catchable(): boolean {
    return this.kind === "throw" || this.kind === "assert";
  }

  isAt(place: number): this {
    this.place = place;
    return this;
  }

  /** An empty text adds nothing. */
  frame(pos: number, text: ByteString, shown: FrameShown = "within-limit"): this {
    if (text !== "") this.frames.push({ pos, text, shown });
    return this;
  }

  lookedFor(name: ByteString, sets: readonly Attrs[], formals: readonly ByteString[] = []): this {
    this.lookup = { name, sets, formals };
    return this;
  }

  needs(wanted: FetchRequest): this {
    this.wanted = wanted;
    return this;
  }

  /** Most errors are caught or never shown, so suggestions are looked for only when asked. */
  suggest(find: () => readonly ByteString[]): this {
    this.#suggest = find;
    return this;
  }

  /** For "Did you mean …?", best first. */
  get suggestions(): readonly ByteString[] {
    return this.#suggest === null ? [] : this.#suggest();
  }
}

/**
 * Unwinds an evaluation that must wait for the world (a download, a build, a slow read) or that was
 * cancelled. Not an error of the program: no `tryEval` sees it, no memo keeps it.
 */
export class Interruption {
  readonly reason: "pending" | "cancelled" | "time-limit" | "memory-limit";
  /** What is awaited, for `pending`. */
  readonly key: string;
  constructor(reason: Interruption["reason"], key = "") {
    this.reason = reason;
    this.key = key;
  }
}

/** Errors of the algorithms behind builtins are errors of the program that called them. */
export function libErrors<T>(run: () => T, pos = 0): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof EvalLibError) throw new NixError("eval", error.message, pos);
    throw error;
  }
}

/** Adds a trace line to a Nix error on its way up; anything else passes unchanged. */
export function traced(
  error: unknown,
  pos: number,
  text: ByteString,
  shown: FrameShown = "within-limit",
): unknown {
  if (error instanceof NixError) error.frame(pos, text, shown);
  return error;
}
