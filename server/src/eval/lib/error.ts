/** What the algorithms of the builtins throw: input that is wrong, in Nix's words (a byte string). */
export class EvalLibError extends Error {
  override readonly name = "EvalLibError";
}
