/** What an evaluation session reports, from the evaluator's bytes to plain text. */
import { bytesToText } from "../base/bytes.ts";
import type { DerivationInfo, ReportedError, ReportedFrame } from "../eval/session.ts";
import type { DerivationHint, EvaluationError, TraceFrame } from "../ide/evaluation-view.ts";

const text = bytesToText;

export function plainDerivation(info: DerivationInfo): Omit<DerivationHint, "start" | "end"> {
  return {
    name: text(info.name),
    drvPath: text(info.drvPath),
    outputs: info.outputs.map(({ name, path }) => ({
      name: text(name),
      path: path === null ? null : text(path),
    })),
  };
}

function plainFrame(frame: ReportedFrame): TraceFrame {
  const { line, column } = frame;
  return {
    file: frame.file === null ? null : text(frame.file),
    line,
    column,
    text: text(frame.text),
  };
}

export function plainError(error: ReportedError): EvaluationError {
  return {
    message: text(error.message),
    code: error.code,
    at: error.at === null ? null : plainFrame(error.at),
    trace: error.trace.map(plainFrame),
    suggestions: error.suggestions.map(text),
    name: error.name === null ? null : text(error.name),
    alternatives: error.alternatives.map(text),
    formals: error.formals.map(text),
    cycle: error.cycle.map(plainFrame),
  };
}
