/** Compiled regular expressions: programs use the same few again and again. */
import type { ByteString } from "../../base/bytes.ts";
import { Regex } from "./regex.ts";

const MAX_REGEXES = 512;

export class RegexCache {
  readonly #compiled = new Map<ByteString, Regex>();

  /** Throws `EvalLibError` when the pattern is not accepted. */
  get(pattern: ByteString): Regex {
    const known = this.#compiled.get(pattern);
    if (known !== undefined) return known;
    const regex = new Regex(pattern);
    if (this.#compiled.size >= MAX_REGEXES) this.#compiled.clear();
    this.#compiled.set(pattern, regex);
    return regex;
  }
}
