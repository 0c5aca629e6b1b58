/** The thread that parses large texts, so that the server can answer meanwhile (`syntax-check.ts`). */
import { parentPort } from "node:worker_threads";
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import { LineTable } from "../base/line-table.ts";
import { isDuplicateName } from "../ide/duplicate-names.ts";
import { visibleSpan } from "../ide/syntax-problems.ts";
import { parseNix } from "../syntax/parser.ts";
import type { FoundProblem, SyntaxQuestion, SyntaxReply } from "./syntax-check.ts";

function problemsOf({ name, source, unit }: SyntaxQuestion): FoundProblem[] {
  const { problem } = parseNix(source, { fileName: bytesFromText(name) });
  if (!problem || isDuplicateName(problem.code)) return [];
  const { code, message } = problem;
  const { start, end } = visibleSpan(source, problem.start, problem.end);
  const lines = LineTable.ofBytes(source);
  const [from, to] = [lines.positionAt(start, unit), lines.positionAt(end, unit)];
  return [{ start: from, end: to, code, message: bytesToText(message) }];
}

parentPort?.on("message", (question: SyntaxQuestion) => {
  const reply: SyntaxReply = { id: question.id, problems: problemsOf(question) };
  parentPort?.postMessage(reply);
});
