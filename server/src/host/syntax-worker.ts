/** The thread that parses large texts, so that the server can answer meanwhile (`syntax-check.ts`). */
import { parentPort } from "node:worker_threads";
import { SourceFile } from "../ide/source-file.ts";
import { syntaxProblems } from "../ide/syntax-problems.ts";
import type { FoundProblem, SyntaxQuestion, SyntaxReply } from "./syntax-check.ts";

function problemsOf({ name, text, unit }: SyntaxQuestion): FoundProblem[] {
  const file = new SourceFile(name, 0, text);
  return syntaxProblems(file).map(({ start, end, code, message }) => ({
    start: file.lines.positionAt(start, unit),
    end: file.lines.positionAt(end, unit),
    code,
    message,
  }));
}

parentPort?.on("message", (question: SyntaxQuestion) => {
  const reply: SyntaxReply = { id: question.id, problems: problemsOf(question) };
  parentPort?.postMessage(reply);
});
