/**
 * How well generated calls cover the builtins: how often each was called with each type of argument,
 * and how often it failed in each way, counted inside of our evaluator.
 */

import { bytesFromText, guillemets } from "../../server/src/base/bytes.ts";
import { evaluationSettings } from "../../server/src/cli/evaluation-settings.ts";
import type { Definition } from "../../server/src/eval/builtins/define.ts";
import { BUILTINS } from "../../server/src/eval/builtins/index.ts";
import { type ErrorKind, NixError } from "../../server/src/eval/errors.ts";
import { Evaluator } from "../../server/src/eval/evaluator.ts";
import { forceDeep } from "../../server/src/eval/runtime.ts";
import { typeOf } from "../../server/src/eval/show-value.ts";
import { type Slot, Thunk } from "../../server/src/eval/values.ts";
import { NodeEvalHost } from "../../server/src/host/node-eval-host.ts";
import { nodeHasher } from "../../server/src/host/node-hash.ts";
import { MemoryStore } from "../../server/src/store/memory-store.ts";
import { ERRORS_LEFT_OUT, leftOut } from "./cells-left-out.ts";
import { FAILING, TYPES_OF_VALUES } from "./generate/arguments.ts";

/** How often each cell is to be met. */
export const ENOUGH = 50;

const TYPES = Object.keys(TYPES_OF_VALUES);
const ERRORS = Object.keys({ ...FAILING, ...ERRORS_LEFT_OUT }) as ErrorKind[];

const EXPRESSIONS_PER_EVALUATOR = 200;

/** What is counted: an argument of a type, or an error of a kind. */
export type Cell = { readonly builtin: string; count: number } & (
  | { readonly argument: number; readonly type: string }
  | { readonly error: ErrorKind }
);

export const cellName = (cell: Cell) =>
  "error" in cell
    ? `${cell.builtin}: error ${cell.error}`
    : `${cell.builtin}: argument ${cell.argument + 1} ${cell.type}`;

export class Coverage {
  readonly #cells: Cell[] = [];
  readonly #definitions = BUILTINS.map((definition) => this.#counted(definition));

  #counted([name, arity, impl]: Definition): Definition {
    const add = (cell: Cell) => {
      this.#cells.push(cell);
      return cell;
    };
    const types = Array.from(
      { length: arity },
      (_, argument) =>
        new Map(TYPES.map((type) => [type, add({ builtin: name, argument, type, count: 0 })])),
    );
    const errors = new Map<ErrorKind, Cell>(
      ERRORS.map((error) => [error, add({ builtin: name, error, count: 0 })]),
    );
    const met = (cell: Cell | undefined) => {
      if (cell !== undefined) cell.count++;
    };
    return [
      name,
      arity,
      (ev, a, b, c) => {
        try {
          return impl(ev, a, b, c);
        } catch (error) {
          if (error instanceof NixError) met(errors.get(error.kind));
          throw error;
        } finally {
          for (const [i, slot] of [a, b, c].slice(0, arity).entries())
            met(types[i]?.get(typeOfSlot(slot)));
        }
      },
    ];
  }

  #evaluator: Evaluator | null = null;
  #left = 0;

  /** A new one now and then: it keeps what it has read. */
  #next(): Evaluator {
    if (this.#evaluator !== null && this.#left-- > 0) return this.#evaluator;
    const host = new NodeEvalHost({ environment: {}, onMessage: () => {} });
    const store = new MemoryStore({ storeDir: "/nix/store", hasher: nodeHasher });
    const settings = evaluationSettings({ settings: new Map(), features: [], include: [] }, {});
    this.#left = EXPRESSIONS_PER_EVALUATOR;
    this.#evaluator = new Evaluator(host, store, settings, this.#definitions);
    return this.#evaluator;
  }

  /** Evaluates an expression, for the counts. */
  add(expression: string): void {
    const ev = this.#next();
    ev.depth = 0;
    try {
      const directory = bytesFromText(process.cwd());
      forceDeep(ev, ev.evaluateText(bytesFromText(expression), guillemets("string"), directory));
    } catch (error) {
      // What is too deep for the stack counts as far as it went.
      if (!(error instanceof NixError || error instanceof RangeError)) throw error;
    }
  }

  /** The cells that can be met and were met less often than that. */
  gaps(least = ENOUGH): Cell[] {
    return this.#cells.filter((cell) => cell.count < least && leftOut(cell) === null);
  }

  /** Cells that were met although they are said to be impossible. */
  surprises(): Cell[] {
    return this.#cells.filter((cell) => cell.count > 0 && leftOut(cell) !== null);
  }

  /** A line for each argument of each builtin and for its errors; `-` is left out. */
  table(): string {
    const rows = new Map<string, string[]>();
    for (const cell of this.#cells) {
      const head = "error" in cell ? cell.builtin : `${cell.builtin} ${cell.argument + 1}`;
      const row = rows.get(head) ?? [];
      rows.set(head, row);
      row.push(leftOut(cell) === null ? String(cell.count) : "-");
    }
    const lines = [...rows].map(([head, counts]) => [head, ...counts].join("\t"));
    const [types, errors] = [TYPES, ERRORS].map((names) => ["", ...names].join("\t"));
    const ofErrors = (line: string) => /^[^\t ]+\t/.test(line);
    return [
      types,
      ...lines.filter((line) => !ofErrors(line)),
      errors,
      ...lines.filter(ofErrors),
    ].join("\n");
  }

  summary(): string {
    const possible = this.#cells.filter((cell) => leftOut(cell) === null);
    const gaps = this.gaps();
    return `${possible.length} cells can be met (${this.#cells.length - possible.length} are left out), ${gaps.length} were met less than ${ENOUGH} times`;
  }
}

/** What an argument turned out to be; `thunk`: it was not needed, or it failed. */
function typeOfSlot(slot: Slot): string {
  if (!(slot instanceof Thunk)) return typeOf(slot);
  return slot.value === undefined ? "thunk" : typeOf(slot.value);
}
