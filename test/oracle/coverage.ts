/**
 * How well a generator covers the builtins: how often each was called with each type of argument, and
 * how often it failed in each way, counted inside of our evaluator.
 */

import { bytesFromText, guillemets } from "../../server/src/base/bytes.ts";
import { evaluationSettings } from "../../server/src/cli/evaluation-settings.ts";
import type { Definition } from "../../server/src/eval/builtins/define.ts";
import { BUILTINS } from "../../server/src/eval/builtins/index.ts";
import { NixError } from "../../server/src/eval/errors.ts";
import { Evaluator } from "../../server/src/eval/evaluator.ts";
import { forceDeep } from "../../server/src/eval/runtime.ts";
import { typeOf } from "../../server/src/eval/show-value.ts";
import { type Slot, Thunk } from "../../server/src/eval/values.ts";
import { NodeEvalHost } from "../../server/src/host/node-eval-host.ts";
import { nodeHasher } from "../../server/src/host/node-hash.ts";
import { MemoryStore } from "../../server/src/store/memory-store.ts";

const TYPES = ["null", "bool", "int", "float", "string", "path", "list", "set", "lambda", "thunk"];

const EXPRESSIONS_PER_EVALUATOR = 200;

export class Coverage {
  /** By builtin and argument, by builtin and error. */
  readonly #types = new Map<string, Map<string, number>>();
  readonly #errors = new Map<string, Map<string, number>>();
  readonly #definitions = BUILTINS.map((definition) => this.#counted(definition));

  #counted([name, arity, impl]: Definition): Definition {
    const types = Array.from({ length: arity }, (_, i) => {
      const counts = new Map<string, number>();
      this.#types.set(arity === 1 ? name : `${name} ${i + 1}`, counts);
      return counts;
    });
    const errors = new Map<string, number>();
    this.#errors.set(name, errors);
    return [
      name,
      arity,
      (ev, pos, a, b, c) => {
        try {
          return impl(ev, pos, a, b, c);
        } catch (error) {
          if (error instanceof NixError) count(errors, error.kind);
          throw error;
        } finally {
          for (const [i, slot] of [a, b, c].slice(0, arity).entries())
            count(types[i] as Map<string, number>, typeOfSlot(slot));
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
      if (!(error instanceof NixError)) throw error;
    }
  }

  /** A line for each argument of each builtin, then a line of errors for each builtin. */
  table(): string {
    const lines = [["", ...TYPES].join("\t")];
    for (const [argument, counts] of this.#types)
      lines.push([argument, ...TYPES.map((type) => counts.get(type) ?? 0)].join("\t"));
    for (const [name, errors] of this.#errors)
      lines.push([name, ...[...errors].map(([kind, n]) => `${kind} ${n}`)].join("\t"));
    return lines.join("\n");
  }

  /** The cells with less than `least`. */
  gaps(least: number): string[] {
    return [...this.#types].flatMap(([argument, counts]) =>
      TYPES.filter((type) => (counts.get(type) ?? 0) < least).map(
        (type) => `${argument}: ${type} ${counts.get(type) ?? 0}`,
      ),
    );
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** What an argument turned out to be; `thunk`: it was not needed, or it failed. */
function typeOfSlot(slot: Slot): string {
  if (!(slot instanceof Thunk)) return typeOf(slot);
  return slot.value === undefined ? "thunk" : typeOf(slot.value);
}
