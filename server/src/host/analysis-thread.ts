/**
 * Large documents in a thread of their own: it keeps a copy of them, is sent the edits, and answers
 * what takes long to find out about a text, so that the server can answer meanwhile.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { TextEdit } from "../base/source-text.ts";
import type { Analysis } from "../ide/analysis.ts";

/** What can be asked: questions about the text and the files around it. */
export type TextQuestion =
  | "syntaxErrors"
  | "textProblems"
  | "evaluationProblems"
  | "documentSymbols"
  | "foldingRanges"
  | "encodedTokens"
  | "selectionRanges"
  | "gotoDefinition"
  | "references"
  | "prepareRename"
  | "rename"
  | "documentLinks"
  | "hoverQuestions"
  | "hover"
  | "completionQuestions"
  | "completion"
  | "lensPlaces"
  | "codeLenses"
  | "pinNixpkgs";

/** What a question is given besides the document. */
export type BehindId<Q extends TextQuestion> =
  Parameters<Analysis[Q]> extends [string, ...infer Rest] ? Rest : never;

export type TextAnswer<Q extends TextQuestion> = ReturnType<Analysis[Q]>;

/** What the thread cannot know by itself. */
export interface Surroundings {
  /** `name=path` or `path`, absolute: where `<name>` is looked up. */
  readonly nixPath: readonly string[];
  /** Documents that are open, whether there is such a file or not. */
  readonly open: readonly string[];
}

export function answerText<Q extends TextQuestion>(
  analysis: Analysis,
  id: string,
  question: Q,
  ...rest: BehindId<Q>
): TextAnswer<Q> {
  const method = analysis[question] as (...given: unknown[]) => TextAnswer<Q>;
  return method.call(analysis, id, ...rest);
}

/** What the thread is sent. */
export type AnalysisRequest =
  | { readonly type: "open"; readonly id: string; readonly revision: number; readonly text: string }
  | {
      readonly type: "edit";
      readonly id: string;
      readonly revision: number;
      readonly edits: readonly TextEdit[];
    }
  | { readonly type: "close"; readonly id: string }
  | {
      readonly type: "ask";
      /** Of the question. */
      readonly number: number;
      readonly id: string;
      readonly revision: number;
      readonly surroundings: Surroundings;
      readonly question: TextQuestion;
      readonly rest: readonly unknown[];
    };

export interface AnalysisReply {
  readonly number: number;
  /** Undefined when the text was another by the time it was its turn. */
  readonly answer: TextAnswer<TextQuestion> | undefined;
}

export class AnalysisThread {
  #worker: Worker | null = null;
  readonly #documents = new Set<string>();
  readonly #waiting = new Map<number, (answer: AnalysisReply["answer"]) => void>();
  #questions = 0;

  /** Whether a document is kept there. */
  has(id: string): boolean {
    return this.#documents.has(id);
  }

  open(id: string, revision: number, text: string): void {
    this.#documents.add(id);
    this.#post({ type: "open", id, revision, text });
  }

  edit(id: string, revision: number, edits: readonly TextEdit[]): void {
    this.#post({ type: "edit", id, revision, edits });
  }

  close(id: string): void {
    if (this.#documents.delete(id)) this.#post({ type: "close", id });
  }

  /** Undefined when the document has been edited before it was its turn, or when the thread has died. */
  ask<Q extends TextQuestion>(
    document: { readonly id: string; readonly revision: number },
    surroundings: Surroundings,
    question: Q,
    ...rest: BehindId<Q>
  ): Promise<TextAnswer<Q> | undefined> {
    const { id, revision } = document;
    const number = ++this.#questions;
    return new Promise((resolve) => {
      this.#waiting.set(number, (answer) => resolve(answer as TextAnswer<Q> | undefined));
      this.#post({ type: "ask", number, id, revision, surroundings, question, rest });
    });
  }

  dispose(): void {
    void this.#worker?.terminate();
    this.#forget();
  }

  #post(request: AnalysisRequest): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(request);
  }

  #start(): Worker {
    const worker = new Worker(workerScript());
    worker.on("message", ({ number, answer }: AnalysisReply) => this.#answer(number, answer));
    worker.on("error", () => this.#forget());
    worker.on("exit", () => this.#forget());
    // The server lives as long as its connection, not as long as this.
    worker.unref();
    return worker;
  }

  #answer(number: number, answer: AnalysisReply["answer"]): void {
    const resolve = this.#waiting.get(number);
    this.#waiting.delete(number);
    resolve?.(answer);
  }

  /** What it knew is gone with it. */
  #forget(): void {
    this.#worker = null;
    this.#documents.clear();
    for (const number of [...this.#waiting.keys()]) this.#answer(number, undefined);
  }
}

/** Beside the bundle when built, beside this file when run from source. */
function workerScript(): URL {
  const built = new URL("./analysis.cjs", import.meta.url);
  return existsSync(fileURLToPath(built))
    ? built
    : new URL("./analysis-worker.ts", import.meta.url);
}
