/**
 * `builtins.match` and `builtins.split`: matching as libstdc++'s `std::regex` does (see regex-compile.ts).
 *
 * The search is depth first. A repetition first tries its body once more and goes on only when that led
 * nowhere; an alternative tries both sides always. Of all ends found the longest counts, and of the ways
 * to the longest the first. So the result is that of a backtracking matcher, but mostly the longest.
 *
 * Memory is linear in the text: there is an own stack, and once a search has taken many steps it remembers
 * what it found from each (state, position), after which it is linear, too. Only patterns whose
 * repetitions can match nothing may still take too long; they end in an error instead of a hang.
 */
import type { ByteString } from "../../base/bytes.ts";
import { EvalLibError } from "./error.ts";
import { compileRegexProgram, Op, type RegexProgram } from "./regex-compile.ts";

/** A group's text, or null when the group took no part in the match. */
export type RegexGroup = ByteString | null;

/** Steps of one search before it begins to remember; also some for each byte of the text. */
const STEPS_BEFORE_MEMO = 20_000;
const STEPS_BEFORE_MEMO_PER_BYTE = 8;

/** Steps of one search before it is given up; fewer where each is slow, with counted rounds. */
const MAX_STEPS = 300_000_000;
const MAX_COUNTED_STEPS = 2_000_000;

/** The most entries of the table of what was found; without it the limit of steps remains. */
const MAX_MEMO = 1 << 27;
const MAX_SPARSE_MEMO = 1 << 20;

/** The largest stack, in numbers. */
const MAX_STACK = 1 << 26;

const UNKNOWN = 0;
const FAILED = 1;
const FOUND = 2;

/** What is to be done when a part of the search comes back; each with its operands on the stack. */
const Frame = {
  bottom: 0,
  /** (position, state): the body was tried once more. */
  repeat: 1,
  /** (old count, old position of the round, position, state): the same, with counted rounds. */
  countedRepeat: 2,
  /** (position, first position, state): a loop went on from this position. */
  loop: 3,
  /** (position, state): the left side was tried. */
  left: 4,
  /** (): the left side found something, the right side was tried. */
  right: 5,
  /** (old begin, group) */
  begin: 6,
  /** (old end, group) */
  end: 7,
  /** (): its place is on a stack of its own. */
  memo: 8,
} as const;

/** The bytes that a match can begin with; `undefined` when it can be empty. */
function firstBytes(program: RegexProgram): Uint8Array | undefined {
  const { ops, next, alt, arg, sets } = program;
  const first = new Uint8Array(256);
  const seen = new Set([program.start]);
  for (const state of seen) {
    const op = ops[state];
    if (op === Op.accept) return undefined;
    if (op === Op.char) {
      first[arg[state] as number] = 1;
      continue;
    }
    if (op === Op.set || op === Op.loop) {
      const set = (arg[state] as number) * 256;
      for (let code = 0; code < 256; code++) if (sets[set + code] === 1) first[code] = 1;
      if (op === Op.set) continue;
    }
    seen.add(next[state] as number);
    if (op === Op.alternative || op === Op.repeat) seen.add(alt[state] as number);
  }
  return first;
}

/** What was found from each place, a number made of state, position and counted rounds. */
interface Memo {
  get(place: number): number;
  set(place: number, value: number): void;
}

class DenseMemo implements Memo {
  private readonly values: Uint8Array;

  constructor(size: number) {
    this.values = new Uint8Array(size);
  }

  get(place: number): number {
    return this.values[place] as number;
  }

  set(place: number, value: number): void {
    this.values[place] = value;
  }
}

class SparseMemo implements Memo {
  private readonly values = new Map<number, number>();

  get(place: number): number {
    return this.values.get(place) ?? UNKNOWN;
  }

  set(place: number, value: number): void {
    if (this.values.size < MAX_SPARSE_MEMO || this.values.has(place)) this.values.set(place, value);
  }
}

/** A compiled regular expression. Its methods use shared working memory, so they can't be nested. */
export class Regex {
  private readonly program: RegexProgram;
  private readonly first: Uint8Array | undefined;
  private text: ByteString = "";
  /** Begin and end of each group on the path that is followed; -1 when not matched. */
  private readonly current: Int32Array;
  /** The same of the best end found. */
  private readonly best: Int32Array;
  /** The end of the best match, -1 without one. */
  private bestEnd = -1;
  private stack: Int32Array = new Int32Array(64);
  /** For each repetition: where its last round began, and how many rounds began there. */
  private readonly roundAt: Int32Array | undefined;
  private readonly roundCount: Uint8Array | undefined;
  private steps = 0;
  private memo: Memo | undefined;
  /** The places of the memo frames on the stack, as they may be too large for it. */
  private readonly places: number[] = [];
  /** Places in the memo that say "found": true for the present search only. */
  private found: number[] = [];

  /** Throws `EvalLibError` with Nix's message when the pattern is not accepted or too large. */
  constructor(pattern: ByteString) {
    const program = compileRegexProgram(pattern);
    this.program = program;
    this.first = firstBytes(program);
    this.current = new Int32Array(2 * (program.groups + 1)).fill(-1);
    this.best = new Int32Array(this.current.length);
    if (program.counted.length > 0) {
      this.roundAt = new Int32Array(program.ops.length);
      this.roundCount = new Uint8Array(program.ops.length);
    }
  }

  /**
   * `builtins.match`: the groups of the match of the whole text, or null. Throws `EvalLibError` when it
   * takes too long.
   */
  match(text: ByteString): RegexGroup[] | null {
    const { first } = this;
    if (first !== undefined && (text === "" || first[text.charCodeAt(0)] === 0)) return null;
    return this.using(text, () => (this.run(0, true, false, true) ? this.groups() : null));
  }

  /**
   * `builtins.split`: texts that do not match, and between them the groups of those that do. A text
   * without a match comes back alone. Throws `EvalLibError` when it takes too long.
   */
  split(text: ByteString): (ByteString | RegexGroup[])[] {
    return this.using(text, () => {
      const parts: (ByteString | RegexGroup[])[] = [];
      let done = 0;
      for (let matched = this.search(0, true); matched; matched = this.searchAfter()) {
        parts.push(text.slice(done, this.best[0]), this.groups());
        done = this.best[1] as number;
      }
      parts.push(text.slice(done));
      return parts;
    });
  }

  private using<Result>(text: ByteString, work: () => Result): Result {
    this.text = text;
    this.steps = 0;
    try {
      return work();
    } finally {
      this.text = "";
      this.memo = undefined;
      this.found = [];
      // An error may have left these in the middle of a search.
      this.roundCount?.fill(0);
      if (this.stack.length > 4096) this.stack = new Int32Array(64);
    }
  }

  private groups(): RegexGroup[] {
    const { best, text } = this;
    const groups: RegexGroup[] = [];
    for (let i = 2; i < best.length; i += 2) {
      const end = best[i + 1] as number;
      groups.push(end < 0 ? null : text.slice(best[i], end));
    }
    return groups;
  }

  /** The next match after the one in `best`; after an empty one first one at its place that is not. */
  private searchAfter(): boolean {
    const [from, end] = [this.best[0] as number, this.best[1] as number];
    if (from < end) return this.search(end, false);
    if (end === this.text.length) return false;
    this.forget();
    // The empty match was at the start of the text, or `^` has nothing to do with it.
    return this.run(end, false, true, end === 0) || this.search(end + 1, false);
  }

  /** The first match at `from` or later, in `best`. `atStart`: `^` matches at `from`. */
  private search(from: number, atStart: boolean): boolean {
    const { text, first } = this;
    this.forget();
    if (first === undefined) {
      for (let at = from; at <= text.length; at++) {
        if (this.run(at, false, false, atStart && at === from)) return true;
      }
      return false;
    }
    for (let at = from; at < text.length; at++) {
      if (first[text.charCodeAt(at)] === 0) continue;
      if (this.run(at, false, false, atStart && at === from)) return true;
    }
    return false;
  }

  /** What led to a match in an earlier search has to be walked again; what led nowhere has not. */
  private forget(): void {
    if (this.found.length > 0) {
      for (const place of this.found) this.memo?.set(place, UNKNOWN);
      this.found = [];
    }
    this.steps = 0;
  }

  private growStack(): Int32Array {
    if (this.stack.length >= MAX_STACK) this.giveUp();
    const larger = new Int32Array(this.stack.length * 2);
    larger.set(this.stack);
    this.stack = larger;
    return larger;
  }

  private giveUp(): never {
    throw new EvalLibError("matching the regular expression takes too long");
  }

  private stepsBeforeMemo(): number {
    return STEPS_BEFORE_MEMO + STEPS_BEFORE_MEMO_PER_BYTE * this.text.length;
  }

  /** The memo, once a search is long. */
  private startMemo(): Memo | undefined {
    const { ops, counted } = this.program;
    const size = ops.length * (this.text.length + 1);
    if (counted.length > 0) {
      if (size * 3 ** counted.length < Number.MAX_SAFE_INTEGER) this.memo ??= new SparseMemo();
    } else if (size <= MAX_MEMO) this.memo ??= new DenseMemo(size);
    return this.memo;
  }

  /** The place in the memo: what is found from here depends on nothing else. */
  private place(state: number, at: number): number {
    const { roundAt, roundCount } = this;
    let place = state * (this.text.length + 1) + at;
    if (roundAt === undefined || roundCount === undefined) return place;
    for (const each of this.program.counted) {
      place = place * 3 + (roundAt[each] === at ? (roundCount[each] as number) : 0);
    }
    return place;
  }

  /**
   * Follows the automaton from its start at `from`. `whole`: only an end at the end of the text counts.
   * `notEmpty`: an end at `from` does not count. True when there is a match, which is in `best`.
   */
  private run(from: number, whole: boolean, notEmpty: boolean, atStart: boolean): boolean {
    const { text, current, roundAt, roundCount } = this;
    const { ops, next, alt, arg, sets } = this.program;
    const end = text.length;
    this.bestEnd = -1;
    if (this.places.length > 0) this.places.length = 0;
    current.fill(-1);
    let stack = this.stack;
    let top = 0;
    stack[top++] = Frame.bottom;
    let state = this.program.start;
    let at = from;
    let { steps } = this;
    const manySteps = this.stepsBeforeMemo();
    let memo = steps > manySteps ? this.startMemo() : undefined;
    const tooManySteps = roundAt === undefined ? MAX_STEPS : MAX_COUNTED_STEPS;
    let maxSteps = steps > manySteps ? tooManySteps : manySteps;

    for (;;) {
      // Forward, until the path ends one way or the other.
      let ok = false;
      forward: for (;;) {
        const op = ops[state] as number;
        if (op === Op.char) {
          // Past the end this is NaN, which no byte equals.
          if (text.charCodeAt(at) !== arg[state]) break;
          at++;
          state = next[state] as number;
          continue;
        }
        if (op === Op.set) {
          if (at >= end || sets[(arg[state] as number) * 256 + text.charCodeAt(at)] === 0) break;
          at++;
          state = next[state] as number;
          continue;
        }
        if (top + 12 > stack.length) stack = this.growStack();
        if (op === Op.loop || op === Op.repeat || op === Op.alternative) {
          if (++steps > maxSteps) {
            if (steps > tooManySteps) this.giveUp();
            maxSteps = tooManySteps;
            memo = this.startMemo();
          }
          if (memo !== undefined) {
            const place = this.place(state, at);
            const known = memo.get(place);
            if (known !== UNKNOWN) {
              ok = known === FOUND;
              break;
            }
            this.places.push(place);
            stack[top++] = Frame.memo;
          }
        }
        switch (op) {
          case Op.loop: {
            const set = (arg[state] as number) * 256;
            let to = at;
            while (to < end && sets[set + text.charCodeAt(to)] === 1) to++;
            if (to > at) {
              steps += to - at;
              stack[top++] = to;
              stack[top++] = at;
              stack[top++] = state;
              stack[top++] = Frame.loop;
              at = to;
            }
            state = next[state] as number;
            break;
          }
          case Op.repeat:
            if (roundAt === undefined || roundCount === undefined) {
              stack[top++] = at;
              stack[top++] = state;
              stack[top++] = Frame.repeat;
              state = alt[state] as number;
              break;
            }
            // libstdc++ allows two rounds at one position: one more than needed to get through, so
            // that groups in the body note their empty match.
            if (
              roundCount[state] !== 0 &&
              roundAt[state] === at &&
              (roundCount[state] as number) >= 2
            ) {
              state = next[state] as number;
              break;
            }
            stack[top++] = roundCount[state] as number;
            stack[top++] = roundAt[state] as number;
            stack[top++] = at;
            stack[top++] = state;
            stack[top++] = Frame.countedRepeat;
            if (roundCount[state] === 0 || roundAt[state] !== at) {
              roundAt[state] = at;
              roundCount[state] = 1;
            } else roundCount[state] = 2;
            state = alt[state] as number;
            break;
          case Op.alternative:
            stack[top++] = at;
            stack[top++] = state;
            stack[top++] = Frame.left;
            state = alt[state] as number;
            break;
          case Op.begin: {
            const group = 2 * (arg[state] as number);
            stack[top++] = current[group] as number;
            stack[top++] = group;
            stack[top++] = Frame.begin;
            // The begin alone does not make the group matched: its end stays as it was.
            current[group] = at;
            state = next[state] as number;
            break;
          }
          case Op.end: {
            const group = 2 * (arg[state] as number);
            stack[top++] = current[group + 1] as number;
            stack[top++] = group;
            stack[top++] = Frame.end;
            current[group + 1] = at;
            state = next[state] as number;
            break;
          }
          case Op.textStart:
            if (at !== from || !atStart) break forward;
            state = next[state] as number;
            break;
          case Op.textEnd:
            if (at !== end) break forward;
            state = next[state] as number;
            break;
          default: {
            // Accept.
            if (whole ? at !== end : notEmpty && at === from) break forward;
            if (at > this.bestEnd) {
              this.bestEnd = at;
              this.best.set(current);
            }
            if (at === end) {
              // Nothing can be longer, and of equally long ones the first counts.
              this.steps = steps;
              this.roundCount?.fill(0);
              return true;
            }
            ok = true;
            break forward;
          }
        }
      }

      // Back, until there is something else to try.
      back: for (;;) {
        switch (stack[--top]) {
          case Frame.repeat:
            state = stack[--top] as number;
            at = stack[--top] as number;
            if (ok) break;
            state = next[state] as number;
            break back;
          case Frame.countedRepeat: {
            state = stack[--top] as number;
            at = stack[--top] as number;
            (roundAt as Int32Array)[state] = stack[--top] as number;
            (roundCount as Uint8Array)[state] = stack[--top] as number;
            if (ok) break;
            state = next[state] as number;
            break back;
          }
          case Frame.loop: {
            top -= 3;
            if (ok) break;
            state = next[stack[top + 2] as number] as number;
            const least = stack[top + 1] as number;
            at = (stack[top] as number) - 1;
            if (ops[state] === Op.char) {
              const code = arg[state];
              while (at > least && text.charCodeAt(at) !== code) at--;
            }
            if (at > least) {
              stack[top] = at;
              top += 4;
            }
            break back;
          }
          case Frame.left:
            state = next[stack[--top] as number] as number;
            at = stack[--top] as number;
            if (ok) stack[top++] = Frame.right;
            break back;
          case Frame.right:
            ok = true;
            break;
          case Frame.begin: {
            const group = stack[--top] as number;
            current[group] = stack[--top] as number;
            break;
          }
          case Frame.end: {
            const group = stack[--top] as number;
            current[group + 1] = stack[--top] as number;
            break;
          }
          case Frame.memo: {
            const place = this.places.pop() as number;
            (memo as Memo).set(place, ok ? FOUND : FAILED);
            if (ok) this.found.push(place);
            break;
          }
          default:
            this.steps = steps;
            return ok;
        }
      }
    }
  }
}
