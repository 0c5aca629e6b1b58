/**
 * Compiles the regular expressions of `builtins.match` and `builtins.split`.
 *
 * Nix's behaviour is that of libstdc++'s `std::regex` with the `extended` grammar in the C locale, which
 * is POSIX but for its corners; those corners decide store paths, so the automaton is built the same way,
 * state for state: what is accepted, how many states a repetition costs and in which order a matcher
 * walks them all follow from it.
 */
import type { ByteString } from "../../base/bytes.ts";
import { EvalLibError } from "./error.ts";

/** What a state of the automaton does. Numbers, as the matcher's inner loop switches on them. */
export const Op = {
  /** Goes on to `next`; removed before the program is run. */
  dummy: 0,
  /** Takes the byte `arg`. */
  char: 1,
  /** Takes any byte of the set `arg`. */
  set: 2,
  /** Takes bytes of the set `arg` as long as it can, giving back one by one: `[…]*`. */
  loop: 3,
  /** Tries `alt`, then also `next`. */
  alternative: 4,
  /** Tries `alt` (the body once more), then `next` if that found nothing. */
  repeat: 5,
  /** Notes where the group `arg` begins. */
  begin: 6,
  /** Notes where the group `arg` ends. */
  end: 7,
  /** Only at the start of the text. */
  textStart: 8,
  /** Only at the end of the text. */
  textEnd: 9,
  accept: 10,
} as const;

/** The automaton as parallel arrays over its states. */
export interface RegexProgram {
  readonly ops: Uint8Array;
  readonly next: Int32Array;
  readonly alt: Int32Array;
  readonly arg: Int32Array;
  readonly start: number;
  /** 256 flags for each set, one set after the other. */
  readonly sets: Uint8Array;
  /** Groups, without the whole match, which is group 0 of the program. */
  readonly groups: number;
  /**
   * The repetitions whose rounds must be counted, as their bodies can match nothing: none unless there
   * is a loop that comes round without taking a byte.
   */
  readonly counted: readonly number[];
}

/** libstdc++'s limit; Nix calls going over it a memory limit. */
const MAX_STATES = 100_000;

const NONE = -1;

/** Characters that mean something, and so the only ones that may be escaped. */
const SPECIAL = ".[\\()*+?{|^$";

/** Why a pattern is not accepted; becomes one of Nix's two messages. */
class BadPattern extends Error {
  readonly tooLarge: boolean;

  constructor(tooLarge: boolean) {
    super();
    this.tooLarge = tooLarge;
  }
}

const invalid = () => new BadPattern(false);

/** A piece of the automaton under construction: entered at `start`, left at `end`. */
interface Piece {
  start: number;
  end: number;
}

interface TextToken {
  readonly type: "char" | "classname" | "collating" | "equivalence" | "count";
  readonly text: string;
}

type Token =
  | TextToken
  | {
      readonly type:
        | "any"
        | "open"
        | "close"
        | "bracket"
        | "negatedBracket"
        | "bracketEnd"
        | "dash"
        | "brace"
        | "braceEnd"
        | "comma"
        | "star"
        | "plus"
        | "question"
        | "or"
        | "textStart"
        | "textEnd"
        | "eof";
    };

const SIMPLE: Readonly<Record<string, Token>> = {
  ".": { type: "any" },
  "(": { type: "open" },
  ")": { type: "close" },
  "*": { type: "star" },
  "+": { type: "plus" },
  "?": { type: "question" },
  "|": { type: "or" },
  "^": { type: "textStart" },
  $: { type: "textEnd" },
};

/** One token ahead of the compiler, so that a bad character counts only when it is reached. */
class Scanner {
  token: Token = { type: "eof" };
  private readonly pattern: ByteString;
  private at = 0;
  private mode: "normal" | "bracket" | "brace" = "normal";
  private bracketStart = false;

  constructor(pattern: ByteString) {
    this.pattern = pattern;
    this.advance();
  }

  advance(): void {
    if (this.at >= this.pattern.length) this.token = { type: "eof" };
    else if (this.mode === "normal") this.token = this.scanNormal();
    else if (this.mode === "bracket") this.token = this.scanBracket();
    else this.token = this.scanBrace();
  }

  private scanNormal(): Token {
    const char = this.pattern.charAt(this.at++);
    if (char === "\0") throw invalid();
    if (!SPECIAL.includes(char)) return { type: "char", text: char };
    switch (char) {
      case "\\": {
        const escaped = this.pattern.charAt(this.at++);
        if (escaped === "" || !SPECIAL.includes(escaped)) throw invalid();
        return { type: "char", text: escaped };
      }
      case "[":
        this.mode = "bracket";
        this.bracketStart = true;
        if (this.pattern[this.at] !== "^") return { type: "bracket" };
        this.at++;
        return { type: "negatedBracket" };
      case "{":
        this.mode = "brace";
        return { type: "brace" };
      default:
        return SIMPLE[char] as Token;
    }
  }

  private scanBracket(): Token {
    const char = this.pattern.charAt(this.at++);
    const first = this.bracketStart;
    this.bracketStart = false;
    if (char === "-") return { type: "dash" };
    if (char === "]" && !first) {
      this.mode = "normal";
      return { type: "bracketEnd" };
    }
    if (char !== "[") return { type: "char", text: char };
    switch (this.pattern[this.at]) {
      case undefined:
        throw invalid();
      case ".":
        return { type: "collating", text: this.scanName(".") };
      case ":":
        return { type: "classname", text: this.scanName(":") };
      case "=":
        return { type: "equivalence", text: this.scanName("=") };
      default:
        return { type: "char", text: char };
    }
  }

  /** `:name:]`, from the first colon on. */
  private scanName(mark: string): string {
    const start = this.at + 1;
    const end = this.pattern.indexOf(mark, start);
    if (end < 0 || this.pattern[end + 1] !== "]") throw invalid();
    this.at = end + 2;
    return this.pattern.slice(start, end);
  }

  private scanBrace(): Token {
    const start = this.at;
    const char = this.pattern.charAt(this.at++);
    if (char >= "0" && char <= "9") {
      while (/[0-9]/.test(this.pattern.charAt(this.at))) this.at++;
      return { type: "count", text: this.pattern.slice(start, this.at) };
    }
    if (char === ",") return { type: "comma" };
    if (char !== "}") throw invalid();
    this.mode = "normal";
    return { type: "braceEnd" };
  }
}

const between = (low: number, high: number) => (code: number) => code >= low && code <= high;
const isDigit = between(0x30, 0x39);
const isUpper = between(0x41, 0x5a);
const isLower = between(0x61, 0x7a);
const isAlpha = (code: number) => isUpper(code) || isLower(code);
const isAlnum = (code: number) => isAlpha(code) || isDigit(code);
const isGraph = between(0x21, 0x7e);
const isSpace = (code: number) => code === 0x20 || (code >= 9 && code <= 13);

const CLASSES: Readonly<Record<string, (code: number) => boolean>> = {
  d: isDigit,
  w: (code) => isAlnum(code) || code === 0x5f,
  s: isSpace,
  alnum: isAlnum,
  alpha: isAlpha,
  blank: (code) => code === 0x20 || code === 9,
  cntrl: (code) => code < 0x20 || code === 0x7f,
  digit: isDigit,
  graph: isGraph,
  lower: isLower,
  print: between(0x20, 0x7e),
  punct: (code) => isGraph(code) && !isAlnum(code),
  space: isSpace,
  upper: isUpper,
  xdigit: (code) => isDigit(code) || between(0x61, 0x66)(code | 0x20),
};

/** The names of POSIX's collating elements that are not a single letter, by their code. */
const COLLATING_NAMES: readonly (readonly [first: number, names: string])[] = [
  [
    0,
    "NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 space exclamation-mark quotation-mark number-sign dollar-sign percent-sign ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma hyphen period slash zero one two three four five six seven eight nine colon semicolon less-than-sign equals-sign greater-than-sign question-mark commercial-at",
  ],
  [0x5b, "left-square-bracket backslash right-square-bracket circumflex underscore grave-accent"],
  [0x7b, "left-curly-bracket vertical-line right-curly-bracket tilde DEL"],
];

let collatingCodes: ReadonlyMap<string, number> | undefined;

/** The code of a collating element: a letter, or a character's POSIX name. */
function collatingCode(name: string): number {
  if (collatingCodes === undefined) {
    const codes = new Map<string, number>();
    for (const [first, names] of COLLATING_NAMES) {
      for (const [i, each] of names.split(" ").entries()) codes.set(each, first + i);
    }
    for (let code = 0; code < 128; code++) {
      if (isAlpha(code)) codes.set(String.fromCharCode(code), code);
    }
    collatingCodes = codes;
  }
  const code = collatingCodes.get(name);
  if (code === undefined) throw invalid();
  return code;
}

/** Bytes are compared as signed numbers, as C++'s `char` is on x86. */
const signed = (code: number) => (code << 24) >> 24;

/** A count in braces. */
function parseCount(text: string): number {
  const value = Number(text);
  if (value > 0x7fff_ffff) throw invalid();
  return value;
}

/** What `.` matches: every byte but NUL. */
const anyByte = () => new Uint8Array(256).fill(1, 1);

class Compiler {
  private readonly scanner: Scanner;
  private readonly ops: number[] = [];
  private readonly next: number[] = [];
  private readonly alt: number[] = [];
  private readonly arg: number[] = [];
  private readonly sets: Uint8Array[] = [];
  private readonly setIndex = new Map<string, number>();
  private groups = 0;

  constructor(pattern: ByteString) {
    this.scanner = new Scanner(pattern);
  }

  compile(): RegexProgram {
    const whole = this.state(Op.begin, this.groups++);
    const body = this.disjunction();
    if (this.scanner.token.type !== "eof") throw invalid();
    this.next[whole] = body.start;
    const end = this.state(Op.end, 0);
    this.next[body.end] = end;
    this.next[end] = this.state(Op.accept);
    this.skipDummies();
    this.makeLoops();
    const counted = this.hasEmptyLoop() ? this.emptyBodies() : [];
    const sets = new Uint8Array(this.sets.length * 256);
    for (const [i, set] of this.sets.entries()) sets.set(set, i * 256);
    return {
      ops: new Uint8Array(this.ops),
      next: new Int32Array(this.next),
      alt: new Int32Array(this.alt),
      arg: new Int32Array(this.arg),
      start: whole,
      sets,
      groups: this.groups - 1,
      counted,
    };
  }

  private state(op: number, arg = 0, next = NONE, alt = NONE): number {
    if (this.ops.length >= MAX_STATES) throw new BadPattern(true);
    this.next.push(next);
    this.alt.push(alt);
    this.arg.push(arg);
    return this.ops.push(op) - 1;
  }

  private single(op: number, arg = 0): Piece {
    const state = this.state(op, arg);
    return { start: state, end: state };
  }

  private append(piece: Piece, tail: Piece): void {
    this.next[piece.end] = tail.start;
    piece.end = tail.end;
  }

  private accept(type: Token["type"]): boolean {
    if (this.scanner.token.type !== type) return false;
    this.scanner.advance();
    return true;
  }

  /** The text of the token if it is of the type. */
  private acceptText(type: TextToken["type"]): string | undefined {
    const { token } = this.scanner;
    if (token.type !== type || !("text" in token)) return undefined;
    this.scanner.advance();
    return token.text;
  }

  /** `a|b|…` */
  private disjunction(): Piece {
    let left = this.alternative();
    while (this.accept("or")) {
      const right = this.alternative();
      const end = this.single(Op.dummy);
      this.append(left, end);
      this.append(right, end);
      const start = this.state(Op.alternative, 0, right.start, left.start);
      left = { start, end: end.end };
    }
    return left;
  }

  /** Terms one after the other, and a dummy at the end. */
  private alternative(): Piece {
    const terms: Piece[] = [];
    for (let term = this.term(); term !== undefined; term = this.term()) terms.push(term);
    const end = this.single(Op.dummy);
    let piece = end;
    for (const term of terms.reverse()) {
      this.append(term, piece);
      piece = term;
    }
    return piece;
  }

  private term(): Piece | undefined {
    if (this.accept("textStart")) return this.single(Op.textStart);
    if (this.accept("textEnd")) return this.single(Op.textEnd);
    let piece = this.atom();
    if (piece === undefined) return undefined;
    for (let more = this.quantified(piece); more !== undefined; more = this.quantified(piece)) {
      piece = more;
    }
    return piece;
  }

  private atom(): Piece | undefined {
    if (this.accept("any")) return this.single(Op.set, this.set(".", anyByte));
    const char = this.acceptText("char");
    if (char !== undefined) return this.single(Op.char, char.charCodeAt(0));
    if (this.accept("open")) {
      const group = this.groups++;
      const piece = this.single(Op.begin, group);
      const body = this.disjunction();
      if (!this.accept("close")) throw invalid();
      this.append(piece, body);
      this.append(piece, this.single(Op.end, group));
      return piece;
    }
    const negated = this.accept("negatedBracket");
    if (negated || this.accept("bracket")) return this.bracket(negated);
    return undefined;
  }

  /** The index of a set, made once for each text that describes it. */
  private set(key: string, make: () => Uint8Array): number {
    let index = this.setIndex.get(key);
    if (index === undefined) {
      index = this.sets.push(make()) - 1;
      this.setIndex.set(key, index);
    }
    return index;
  }

  /** What is between the brackets, and the closing one. */
  private bracket(negated: boolean): Piece {
    const set = new Uint8Array(256);
    const add = (code: number) => {
      set[code] = 1;
    };
    const addAll = (has: (code: number) => boolean) => {
      for (let code = 0; code < 256; code++) if (has(code)) set[code] = 1;
    };
    const done = () => {
      if (typeof last === "number") add(last);
      if (negated) for (let code = 0; code < 256; code++) set[code] = 1 - (set[code] as number);
      // Equal sets need not be found: patterns are small.
      return this.single(Op.set, this.sets.push(set) - 1);
    };
    /** The last thing, which a dash may make the start of a range; added when it is clear. */
    let last: number | "class" | undefined;
    const push = (item: number | "class") => {
      if (typeof last === "number") add(last);
      last = item;
    };
    const first = this.acceptText("char");
    if (first !== undefined) last = first.charCodeAt(0);
    else if (this.accept("dash")) last = 0x2d;
    while (!this.accept("bracketEnd")) {
      const { token } = this.scanner;
      this.scanner.advance();
      switch (token.type) {
        case "collating": {
          const code = collatingCode(token.text);
          add(code);
          push(code);
          break;
        }
        case "equivalence": {
          push("class");
          const code = collatingCode(token.text);
          const fold = (each: number) => (isUpper(each) ? each + 32 : each);
          addAll((each) => fold(each) === fold(code));
          break;
        }
        case "classname": {
          push("class");
          const name = token.text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
          if (!Object.hasOwn(CLASSES, name)) throw invalid();
          addAll(CLASSES[name] as (code: number) => boolean);
          break;
        }
        case "char":
          push(token.text.charCodeAt(0));
          break;
        case "dash": {
          if (this.accept("bracketEnd")) {
            push(0x2d);
            return done();
          }
          if (typeof last !== "number") throw invalid();
          const low = signed(last);
          const end = this.acceptText("char");
          if (end === undefined && !this.accept("dash")) throw invalid();
          const high = end === undefined ? 0x2d : signed(end.charCodeAt(0));
          if (low > high) throw invalid();
          for (let code = low; code <= high; code++) add(code & 255);
          last = undefined;
          break;
        }
        default:
          throw invalid();
      }
    }
    return done();
  }

  /** The piece with the quantifier that follows it, if there is one. */
  private quantified(piece: Piece): Piece | undefined {
    if (this.accept("star")) {
      const repeat = this.state(Op.repeat, 0, NONE, piece.start);
      this.next[piece.end] = repeat;
      return { start: repeat, end: repeat };
    }
    if (this.accept("plus")) {
      const repeat = this.state(Op.repeat, 0, NONE, piece.start);
      this.next[piece.end] = repeat;
      return { start: piece.start, end: repeat };
    }
    if (this.accept("question")) {
      const end = this.state(Op.dummy);
      const repeat = this.state(Op.repeat, 0, end, piece.start);
      this.next[piece.end] = end;
      return { start: repeat, end };
    }
    if (this.accept("brace")) return this.counted(piece);
    return undefined;
  }

  /** `{n}`, `{n,}` or `{n,m}`, after the brace: copies of the piece. */
  private counted(piece: Piece): Piece {
    const minText = this.acceptText("count");
    if (minText === undefined) throw invalid();
    const result = this.single(Op.dummy);
    const min = parseCount(minText);
    let more = 0;
    let unlimited = false;
    if (this.accept("comma")) {
      const maxText = this.acceptText("count");
      if (maxText === undefined) unlimited = true;
      else more = parseCount(maxText) - min;
    }
    if (!this.accept("braceEnd")) throw invalid();
    for (let i = 0; i < min; i++) this.append(result, this.clone(piece));
    if (unlimited) {
      const body = this.clone(piece);
      const repeat = this.state(Op.repeat, 0, NONE, body.start);
      this.next[body.end] = repeat;
      this.append(result, { start: repeat, end: repeat });
      return result;
    }
    if (more < 0) throw invalid();
    const end = this.single(Op.dummy);
    for (let i = 0; i < more; i++) {
      const body = this.clone(piece);
      const repeat = this.state(Op.repeat, 0, end.start, body.start);
      this.append(result, { start: repeat, end: repeat });
      // What follows is appended to the body; leaving early goes to the end.
      result.end = body.end;
    }
    this.append(result, end);
    return result;
  }

  /** A copy of the states between the start and the end of a piece. */
  private clone(piece: Piece): Piece {
    const copies = new Map<number, number>();
    const waiting = [piece.start];
    for (let from = waiting.pop(); from !== undefined; from = waiting.pop()) {
      const op = this.ops[from] as number;
      const next = this.next[from] as number;
      const alt = this.alt[from] as number;
      copies.set(from, this.state(op, this.arg[from], next, alt));
      if (alt !== NONE && !copies.has(alt)) waiting.push(alt);
      if (from !== piece.end && next !== NONE && !copies.has(next)) waiting.push(next);
    }
    for (const copy of copies.values()) {
      const next = this.next[copy] as number;
      const alt = this.alt[copy] as number;
      if (next !== NONE) this.next[copy] = copies.get(next) as number;
      if (alt !== NONE) this.alt[copy] = copies.get(alt) as number;
    }
    return { start: copies.get(piece.start) as number, end: copies.get(piece.end) as number };
  }

  private skipDummies(): void {
    const target = (state: number) => {
      let at = state;
      while (at !== NONE && this.ops[at] === Op.dummy) at = this.next[at] as number;
      return at;
    };
    for (let i = 0; i < this.ops.length; i++) {
      this.next[i] = target(this.next[i] as number);
      this.alt[i] = target(this.alt[i] as number);
    }
  }

  /** The states that can be reached in one step without taking a byte. */
  private emptySteps(state: number): number[] {
    const op = this.ops[state] as number;
    const next = this.next[state] as number;
    if (op === Op.char || op === Op.set || next === NONE) return [];
    const both = op === Op.alternative || op === Op.repeat;
    return both ? [this.alt[state] as number, next] : [next];
  }

  /** The repetitions whose body can be left without taking a byte. */
  private emptyBodies(): number[] {
    const found: number[] = [];
    for (let i = 0; i < this.ops.length; i++) {
      if (this.ops[i] !== Op.repeat) continue;
      const seen = new Set([this.alt[i] as number]);
      for (const state of seen) {
        if (state === i || state === this.next[i]) {
          found.push(i);
          break;
        }
        for (const to of this.emptySteps(state)) seen.add(to);
      }
    }
    return found;
  }

  /** True when some state can be reached from itself without taking a byte. */
  private hasEmptyLoop(): boolean {
    const NEW = 0;
    const OPEN = 1;
    const DONE = 2;
    const marks = new Uint8Array(this.ops.length);
    for (let root = 0; root < this.ops.length; root++) {
      if (marks[root] !== NEW) continue;
      const path: { state: number; rest: number[] }[] = [];
      const open = (state: number) => {
        marks[state] = OPEN;
        path.push({ state, rest: this.emptySteps(state) });
      };
      open(root);
      for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
        const to = top.rest.pop();
        if (to === undefined) {
          marks[top.state] = DONE;
          path.pop();
        } else if (marks[to] === OPEN) return true;
        else if (marks[to] === NEW) open(to);
      }
    }
    return false;
  }

  /** A repetition of a single byte becomes one state. */
  private makeLoops(): void {
    for (let i = 0; i < this.ops.length; i++) {
      if (this.ops[i] !== Op.repeat) continue;
      const body = this.alt[i] as number;
      if (this.next[body] !== i) continue;
      const op = this.ops[body];
      if (op !== Op.char && op !== Op.set) continue;
      const arg = this.arg[body] as number;
      this.ops[i] = Op.loop;
      this.arg[i] =
        op === Op.set ? arg : this.set(`${arg}`, () => new Uint8Array(256).fill(1, arg, arg + 1));
    }
  }
}

/** Throws `EvalLibError` with Nix's message when the pattern is not accepted or too large. */
export function compileRegexProgram(pattern: ByteString): RegexProgram {
  try {
    return new Compiler(pattern).compile();
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    throw new EvalLibError(
      error.tooLarge
        ? `memory limit exceeded by regular expression '${pattern}'`
        : `invalid regular expression '${pattern}'`,
    );
  }
}
