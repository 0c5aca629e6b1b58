import type { ByteString } from "../base/bytes.ts";

/** A derivation that did not build, in Nix's words. The message is a byte string. */
export class BuildError extends Error {
  override readonly name = "BuildError";
  readonly drvPath: ByteString;

  constructor(drvPath: ByteString, message: ByteString) {
    super(message);
    this.drvPath = drvPath;
  }
}

/** Why targets were not realised. The message is that of the first failure. */
export class BuildFailure extends Error {
  override readonly name = "BuildFailure";
  /** What failed first comes first, then what could not be built because of it. */
  readonly failures: readonly Error[];

  constructor(failures: readonly Error[]) {
    super(failures[0]?.message);
    this.failures = failures;
  }
}
