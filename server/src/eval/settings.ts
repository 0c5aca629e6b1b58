/** What an evaluation is set to, all of it explicit. */
import type { ByteString } from "../base/bytes.ts";
import type { LintLevels } from "../syntax/lint-literals.ts";
import type { SearchPathEntry } from "./search-path.ts";
import type { NixVersion } from "./versions.ts";

export interface EvalSettings {
  /** `builtins.currentSystem`, e.g. `x86_64-linux`. */
  system: ByteString;
  /** The Nix that is followed where versions differ. */
  nixVersion: NixVersion;
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

export const DEFAULT_CALL_DEPTH = 10_000;
