/** `snowglobe check`: what the editor would underline, for files in a terminal or for a program. */
import * as fs from "node:fs";
import * as path from "node:path";
import { bytesFromText } from "../base/bytes.ts";
import { SourceText } from "../base/source-text.ts";
import { EvaluationSessions } from "../host/evaluation-sessions.ts";
import { NodeEvalHost } from "../host/node-eval-host.ts";
import { nodeFiles } from "../host/node-files.ts";
import { nodeHasher } from "../host/node-hash.ts";
import { plainError } from "../host/session-report.ts";
import type { Diagnostic } from "../ide/diagnostic.ts";
import { diagnostics } from "../ide/diagnostics.ts";
import { ownErrors } from "../ide/error-files.ts";
import { evaluationProblems } from "../ide/evaluation-problems.ts";
import { SourceFile } from "../ide/source-file.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { DEFAULT_STORE_DIR } from "../store/store-path.ts";
import { CliError } from "./cli-error.ts";
import { evaluationSettings } from "./evaluation-settings.ts";
import { messageText } from "./message-text.ts";
import type { Output } from "./output.ts";

interface CheckOptions {
  files: string[];
  include: string[];
  json: boolean;
  evaluate: boolean;
}

/** From 0, in UTF-16: the names of the language server protocol. */
interface Position {
  line: number;
  character: number;
}

/** One problem as `--json` prints it. */
interface CheckProblem {
  file: string;
  range: { start: Position; end: Position };
  severity: string;
  code: string;
  message: string;
  related: { file: string; position: Position; message: string }[];
}

const HELP = `usage: snowglobe check [OPTIONS] FILE...

Checks Nix files: syntax, names, and whether they evaluate.

  --json           an array of {file, range (from 0, UTF-16), severity, code, message, related}
  --no-eval        do not evaluate
  -I PATH          add to the search path (PATH or PREFIX=PATH)

Exit status 1 if there is any error.
`;

function parseOptions(argv: readonly string[]): CheckOptions | null {
  const options: CheckOptions = { files: [], include: [], json: false, evaluate: true };
  for (let i = 0; i < argv.length; i++) {
    const flag = argv[i] as string;
    if (flag === "--help") return null;
    if (flag === "--json") options.json = true;
    else if (flag === "--no-eval") options.evaluate = false;
    else if (flag === "-I") {
      const value = argv[++i];
      if (value === undefined) throw new CliError("flag '-I' requires 1 argument(s)");
      options.include.push(value);
    } else if (flag.startsWith("-")) throw new CliError(`unrecognised flag '${flag}'`);
    else options.files.push(flag);
  }
  if (options.files.length === 0) throw new CliError("no files to check were given");
  return options;
}

function readText(file: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new CliError(`path '${file}' does not exist`);
    if (code === "EISDIR") throw new CliError(`'${file}' is a directory, not a Nix file`);
    throw new CliError(`cannot read '${file}': ${(error as Error).message}`);
  }
}

function problems(file: SourceFile, name: string, found: readonly Diagnostic[]): CheckProblem[] {
  const at = (offset: number): Position => {
    const { line, column } = file.lines.positionAt(offset, "utf-16");
    return { line, character: column };
  };
  return found.map(({ start, end, severity, code, message, related }) => ({
    file: name,
    range: { start: at(start), end: at(end) },
    severity,
    code,
    message,
    related: related.map((place) =>
      "file" in place
        ? {
            file: place.file,
            position: { line: place.line - 1, character: place.column - 1 },
            message: place.message,
          }
        : { file: name, position: at(place.start), message: place.message },
    ),
  }));
}

function check(sessions: EvaluationSessions | null, name: string): CheckProblem[] {
  const absolute = path.resolve(name);
  const bytes = readText(absolute).toString("latin1");
  const file = new SourceFile(absolute, 1, SourceText.ofBytes(bytes));
  const found = [...diagnostics(file)];
  // What does not parse cannot be evaluated, and undefined names are errors already.
  if (sessions !== null && !found.some(({ severity }) => severity === "error")) {
    const root = bytesFromText(absolute);
    sessions.setDocument(root, null, true);
    const { error, others, through } = sessions.evaluate(root, null);
    sessions.setDocument(root, null, false);
    const met = { error: error && plainError(error), others: others.map(plainError), through };
    const [first = null, ...behind] = ownErrors(met, absolute);
    found.push(...evaluationProblems(file, { error: first, others: behind }, nodeFiles));
  }
  return problems(file, name, found);
}

function printed(problem: CheckProblem): string {
  const { line, character } = problem.range.start;
  const lines = [
    `${problem.file}:${line + 1}:${character + 1}: ${problem.severity}: ${problem.message} [${problem.code}]`,
    ...problem.related.map(
      (place) =>
        `  ${place.file}:${place.position.line + 1}:${place.position.character + 1}: ${place.message}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** Exit status: 1 if any file has an error. */
export function checkFiles(argv: readonly string[], output: Output): number {
  const options = parseOptions(argv);
  if (options === null) {
    output.stdout(HELP);
    return 0;
  }
  const sessions = options.evaluate ? newSessions(options, output) : null;
  const found = options.files.flatMap((file) => check(sessions, file));
  const text = options.json ? `${JSON.stringify(found, null, 2)}\n` : found.map(printed).join("");
  output.stdout(bytesFromText(text));
  return found.some(({ severity }) => severity === "error") ? 1 : 0;
}

function newSessions(options: CheckOptions, output: Output): EvaluationSessions {
  const given = {
    settings: new Map<string, string>(),
    features: ["pipe-operators"],
    include: options.include,
  };
  const host = new NodeEvalHost({
    environment: process.env,
    onMessage: (kind, text) => output.stderr(messageText(kind, text)),
  });
  const store = new MemoryStore({ storeDir: DEFAULT_STORE_DIR, hasher: nodeHasher });
  return new EvaluationSessions(host, store, evaluationSettings(given, process.env));
}
