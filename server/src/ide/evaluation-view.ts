/**
 * What an evaluation tells the editor about one document: the only way in which values reach `ide`.
 *
 * A view is plain data true of one revision of the document's text. While a newer revision is being
 * evaluated the last view is shown, its places moved along with the edits (`shift-spans.ts`).
 */

export interface DerivationOutput {
  readonly name: string;
  /** Store path; null where it is known only after building (content-addressed). */
  readonly path: string | null;
}

/** A derivation that a binding, a list element or the file's result evaluates to. */
export interface DerivationHint {
  /** The expression, in bytes. */
  readonly start: number;
  readonly end: number;
  /** `hello-2.10` */
  readonly name: string;
  readonly drvPath: string;
  readonly outputs: readonly DerivationOutput[];
}

/** Where the result of a derivation is: in the user's store, in a binary cache, or nowhere yet. */
export type BuildState = "built" | "cached" | "to-build";

/** What entering a shell takes. */
export interface ShellPlan {
  /** Inputs that are in the store. */
  readonly here: number;
  readonly fetch: number;
  /** Bytes, as far as caches say. */
  readonly downloadSize: number;
  readonly build: number;
}

/** A place in some file, as a message names it: line and column count from 1, the column in bytes. */
export interface TraceFrame {
  /** Absolute path, or null for text that is no file. */
  readonly file: string | null;
  readonly line: number;
  readonly column: number;
  /** "while evaluating the attribute 'x'" */
  readonly text: string;
}

export interface EvaluationError {
  /** In Nix's words, without `error: `. */
  readonly message: string;
  /** Stable, kebab-case: `throw`, `missing-attribute`, `infinite-recursion`, `crash` … */
  readonly code: string;
  /** The expression that the error names, if it names one. */
  readonly at: TraceFrame | null;
  /** Innermost first. */
  readonly trace: readonly TraceFrame[];
  /** For "did you mean": best first. */
  readonly suggestions: readonly string[];
  /** The name that was looked for in vain: of an attribute, a variable from a `with`, an argument. */
  readonly name?: string | null;
  /** Where else something of that kind is, best first: `torch-bin`, `python3Packages.numpy`. */
  readonly alternatives?: readonly string[];
  /** The arguments that the called function takes. */
  readonly formals?: readonly string[];
  /** What the module system complains about. */
  readonly option?: OptionError | null;
  /** Files that the message names: those that define an option, one that is not there. */
  readonly files?: readonly string[];
  /** The expressions of an infinite recursion that need each other, innermost first. */
  readonly cycle?: readonly TraceFrame[];
  /** What would have to be downloaded first. */
  readonly wanted?: WantedSource | null;
}

/** An option that is not there, or whose value is wrong, or missing. */
export interface OptionError {
  /** `users.users.alice.shell`; `a.[definition 1-entry 2]` is the second item of a list. */
  readonly name: string;
  readonly problem: "unknown" | "value" | "undefined";
  /** What an unknown one may be meant to be, best first. */
  readonly near: readonly string[];
}

/** Something on a server that an evaluation needs. */
export interface WantedSource {
  readonly kind: "file" | "tarball";
  readonly url: string;
  /** In base 16, of what it has to be; null when that is not known before. */
  readonly sha256: string | null;
}

export interface EvaluationView {
  /** The revision of the document's text that it is true of. */
  readonly revision: number;
  /** In source order. */
  readonly derivations: readonly DerivationHint[];
  readonly error: EvaluationError | null;
  /** What fails besides, each by itself. */
  readonly others?: readonly EvaluationError[];
  /** Of a flake: where the inputs are that `flake.lock` does not have as they are evaluated. */
  readonly unlocked?: readonly TraceFrame[];
}

/** The value of an expression as last evaluated. */
export interface ValueView {
  /** The expression, in bytes. */
  readonly start: number;
  readonly end: number;
  /** As Nix prints it, shortened: one line or a few. */
  readonly text: string;
  /** As `builtins.typeOf` says, or `derivation`. */
  readonly type: string;
  readonly derivation: Omit<DerivationHint, "start" | "end"> | null;
  /** False: nothing had needed it, and it was evaluated to be shown. */
  readonly wasForced?: boolean;
  /** True: it is of the text before, and this one has not been evaluated, or not so far. */
  readonly isStale?: boolean;
  /** Where the function, or the attribute that it is, is written. */
  readonly definition?: TraceFrame | null;
  /** What a string refers to: store paths, `!out!….drv`. */
  readonly context?: readonly string[];
  /** The comment in front of a function, its marks included when it has them. */
  readonly doc?: string | null;
  /** Of a builtin function its name. */
  readonly builtin?: string | null;
  /** The arguments of a function that takes a set. */
  readonly formals?: readonly FormalView[] | null;
  readonly meta?: MetaView | null;
  /** Which of several calls of the function around it is shown, and where that is. */
  readonly call?: CallView | null;
  /** Of a derivation: how many derivations are needed to build it, itself included. */
  readonly closure?: number | null;
}

export interface CallView {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  readonly site: TraceFrame | null;
}

export interface FormalView {
  readonly name: string;
  /** As written; null for what has to be given. */
  readonly fallback: string | null;
}

/** What a package says of itself. */
export interface MetaView {
  readonly version: string | null;
  readonly description: string | null;
  readonly homepage: string | null;
  readonly licence: string | null;
  /** `FILE:LINE` */
  readonly position: string | null;
}

/** A name on the way to an option; null for an item of a list, and where only an evaluation knows it. */
export type OptionStep = string | null;

/** An option of a configuration. */
export interface OptionView {
  readonly name: string;
  readonly description: string | null;
  readonly type: string | null;
  readonly fallback: string | null;
  /** Null when it has none. */
  readonly value: string | null;
  /** Lines and columns from 1. */
  readonly declared: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
  } | null;
}

/** What a root was at another time. */
export interface BaselineView {
  /** As people name it: `HEAD`. */
  readonly reference: string;
  /** Attribute or index to derivation; "" is the root itself. */
  readonly members: Readonly<Record<string, { readonly name: string; readonly drvPath: string }>>;
  /** Every derivation that makes them up. */
  readonly closure: ReadonlySet<string>;
}

/** Of the derivations that make one up, how many are not among those of another. */
export interface ChangeCount {
  readonly changed: number;
  readonly total: number;
}

/** Why a derivation is not another. */
export interface ChangeView {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** One line each, what it says itself: `variable shellHook: …`. */
  readonly reasons: readonly ChangeReason[];
  /** Inputs that differ; of one that was shown before only the name. */
  readonly inputs: readonly ChangeView[];
}

export interface ChangeReason {
  readonly kind: string;
  readonly name: string;
  /** Null: it was not there. */
  readonly before: string | null;
  /** Null: it is gone. */
  readonly after: string | null;
  /** For a source: where its files are. */
  readonly origin: string | null;
}

/** The value of a binding in a few characters. */
export interface ShortValueView {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** An attribute of a value, for completion. */
export interface AttributeView {
  readonly name: string;
  /** As in ValueView; null when it has not been evaluated. */
  readonly type: string | null;
}
