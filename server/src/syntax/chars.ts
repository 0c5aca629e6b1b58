/** What a byte may be part of, as one table of bit flags: a look-up instead of comparisons per byte. */
export const SPACE = 1;
export const DIGIT = 2;
export const ID_START = 4;
export const ID_CHAR = 8;
/** A byte of a path segment: letters, digits, `.`, `_`, `-`, `+`. */
export const PATH_CHAR = 16;
/** A byte of a URI's scheme: letters, digits, `+`, `-`, `.`. */
export const SCHEME_CHAR = 32;
/** A byte after the colon of a URI. */
export const URI_CHAR = 64;

/** Flags by byte. Reading it with a code above 255 or NaN gives undefined, which has no flag. */
export const CHAR_CLASS: Uint8Array = makeTable();

function makeTable(): Uint8Array {
  const table = new Uint8Array(256);
  const add = (chars: string, flags: number) => {
    for (let i = 0; i < chars.length; i++) {
      const c = chars.charCodeAt(i);
      table[c] = table[c]! | flags;
    }
  };
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  add(letters, ID_START | ID_CHAR | PATH_CHAR | SCHEME_CHAR | URI_CHAR);
  add("0123456789", DIGIT | ID_CHAR | PATH_CHAR | SCHEME_CHAR | URI_CHAR);
  add("_", ID_START | ID_CHAR | PATH_CHAR);
  add("'-", ID_CHAR);
  add("._-+", PATH_CHAR);
  add("+-.", SCHEME_CHAR);
  add("%/?:@&=+$,-_.!~*'", URI_CHAR);
  add(" \t\r\n", SPACE);
  return table;
}
