/** What an evaluation is set to, all of it explicit. */
import type { ByteString } from "../base/bytes.ts";
import type { LintLevels } from "../syntax/lint-literals.ts";
import type { SearchPathEntry } from "./search-path.ts";

export interface EvalSettings {
  /** `builtins.currentSystem`, e.g. `x86_64-linux`. */
  system: ByteString;
  /** `builtins.nixVersion`. */
  nixVersion: string;
  /** Calls within calls before "stack overflow"; Nix's default is 10000. */
  maxCallDepth: number;
  pureEval: boolean;
  restrictEval: boolean;
  /** Of `<name>` look-ups, first match wins. */
  searchPath: readonly SearchPathEntry[];
  /** The current directory: relative search path entries start there. */
  directory: ByteString;
  /** What `~` means. */
  homeDirectory: ByteString;
  /** Experimental features that are on: `flakes`, `pipe-operators`, `ca-derivations` … */
  features: ReadonlySet<string>;
  /** Literals to warn of or to refuse. */
  lints: LintLevels;
  traceVerbose: boolean;
  abortOnWarn: boolean;
  /** Errors are reported with their whole trace. */
  showTrace: boolean;
}

export const DEFAULT_NIX_VERSION = "2.26.3";
export const DEFAULT_CALL_DEPTH = 10_000;
