/** What the store formats throw: input that is wrong, in Nix's words. */

/** The message is a byte string, as it may quote bytes of the input. */
export class StoreError extends Error {
  override readonly name: string = "StoreError";
}

/** Something that Nix offers only with an experimental feature. */
export class ExperimentalFeatureError extends StoreError {
  override readonly name = "ExperimentalFeatureError";
  /** Nix's name of the feature, such as `ca-derivations`. */
  readonly feature: string;

  constructor(feature: string, reason = "") {
    const because = reason === "" ? "" : ` (${reason})`;
    super(
      `experimental Nix feature '${feature}' is disabled${because}; add '--extra-experimental-features ${feature}' to enable it`,
    );
    this.feature = feature;
  }
}
