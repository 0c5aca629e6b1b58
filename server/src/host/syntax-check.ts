/** What a large text's syntax errors are, found in a thread of its own: the text is parsed exactly, and no more. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { ByteString } from "../base/bytes.ts";
import type { ColumnUnit, LineColumn } from "../base/line-table.ts";

export interface FoundProblem {
  readonly start: LineColumn;
  readonly end: LineColumn;
  readonly code: string;
  readonly message: string;
}

/** What the thread is sent. */
export interface SyntaxQuestion {
  readonly id: number;
  /** Of the file, for messages. */
  readonly name: string;
  readonly source: ByteString;
  readonly unit: ColumnUnit;
}

export interface SyntaxReply {
  readonly id: number;
  readonly problems: readonly FoundProblem[];
}

type Answer = readonly FoundProblem[] | null;

/** One question at a time; of those that come meanwhile only the newest is asked. */
export class SyntaxCheck {
  #worker: Worker | null = null;
  #asked: { id: number; answer: (problems: Answer) => void } | null = null;
  #next: { question: SyntaxQuestion; answer: (problems: Answer) => void } | null = null;
  #questions = 0;

  /** Null when a newer text was asked about before its turn came, or when the thread has died. */
  check(name: string, source: ByteString, unit: ColumnUnit): Promise<Answer> {
    this.#next?.answer(null);
    const id = ++this.#questions;
    return new Promise((answer) => {
      this.#next = { question: { id, name, source, unit }, answer };
      this.#ask();
    });
  }

  dispose(): void {
    void this.#worker?.terminate();
    this.#forget();
  }

  #ask(): void {
    const next = this.#next;
    if (next === null || this.#asked !== null) return;
    this.#next = null;
    this.#asked = { id: next.question.id, answer: next.answer };
    this.#worker ??= this.#start();
    this.#worker.postMessage(next.question);
  }

  #start(): Worker {
    const worker = new Worker(workerScript());
    worker.on("message", ({ id, problems }: SyntaxReply) => {
      const asked = this.#asked;
      if (asked === null || asked.id !== id) return;
      this.#asked = null;
      asked.answer(problems);
      this.#ask();
    });
    worker.on("error", () => this.#forget());
    worker.on("exit", () => this.#forget());
    // The server lives as long as its connection, not as long as this.
    worker.unref();
    return worker;
  }

  #forget(): void {
    this.#worker = null;
    const asked = this.#asked;
    this.#asked = null;
    asked?.answer(null);
    const next = this.#next;
    this.#next = null;
    next?.answer(null);
  }
}

/** Beside the bundle when built, beside this file when run from source. */
function workerScript(): URL {
  const built = new URL("./syntax.cjs", import.meta.url);
  return existsSync(fileURLToPath(built)) ? built : new URL("./syntax-worker.ts", import.meta.url);
}
