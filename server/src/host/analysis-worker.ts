/** The thread that keeps large documents and answers questions about their texts (`analysis-thread.ts`). */
import { parentPort } from "node:worker_threads";
import { AnalysisHost } from "../ide/analysis.ts";
import { applyEdits } from "../ide/text-change.ts";
import type { NixGrammar } from "../syntax/tree-sitter-document.ts";
import {
  type AnalysisReply,
  type AnalysisRequest,
  answerText,
  type BehindId,
  type Surroundings,
  type TextQuestion,
} from "./analysis-thread.ts";
import { loadGrammar } from "./load-grammar.ts";
import { lookup } from "./lookup-path.ts";
import { nodeFiles } from "./node-files.ts";

type Ask = Extract<AnalysisRequest, { type: "ask" }>;

let grammar: NixGrammar | null = null;
let surroundings: Surroundings = { nixPath: [], open: [] };
const host = new AnalysisHost({
  openTolerant: (text, lines) => grammar?.open(text, lines) ?? null,
  files: {
    home: nodeFiles.home,
    kind: (path) => (surroundings.open.includes(path) ? "file" : nodeFiles.kind(path)),
    lookup: (name) => lookup(surroundings.nixPath, name, (path) => nodeFiles.kind(path)),
  },
});
const questions: Ask[] = [];

function handle(request: AnalysisRequest): void {
  switch (request.type) {
    case "open":
      host.open(request.id, request.revision, request.text);
      break;
    case "edit": {
      const file = host.analysis().file(request.id);
      if (file) host.edit(request.id, request.revision, applyEdits(file.content, request.edits));
      break;
    }
    case "close":
      host.close(request.id);
      break;
    case "ask":
      questions.push(request);
      // Edits that have come already go first: they may make the question one of an old text.
      setImmediate(answerNext);
      break;
  }
}

function answerNext(): void {
  const ask = questions.shift();
  if (ask === undefined) return;
  const reply: AnalysisReply = { number: ask.number, answer: answerOf(ask) };
  parentPort?.postMessage(reply);
}

function answerOf(ask: Ask): AnalysisReply["answer"] {
  const { id, revision, question, rest } = ask;
  const analysis = host.analysis();
  if (analysis.file(id)?.revision !== revision) return undefined;
  surroundings = ask.surroundings;
  return answerText(analysis, id, question, ...(rest as BehindId<TextQuestion>));
}

function listen(): void {
  parentPort?.on("message", handle);
}

// Without it everything works but for texts with syntax errors in many places.
loadGrammar().then((loaded) => {
  grammar = loaded;
  listen();
}, listen);
