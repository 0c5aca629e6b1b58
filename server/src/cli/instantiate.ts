/** `snowglobe instantiate`: nix-instantiate's job; nothing is written but with `--store`. */
import * as fs from "node:fs";
import * as path from "node:path";
import { type ByteString, bytesFromText, guillemets } from "../base/bytes.ts";
import { nodePath } from "../build/node-path.ts";
import { StoreWriteError, writeStore } from "../build/write-object.ts";
import { type AutoArgs, autoCall, findAlongAttrPath } from "../eval/auto-call.ts";
import { NixError } from "../eval/errors.ts";
import { Evaluator } from "../eval/evaluator.ts";
import { findDerivations } from "../eval/find-derivations.ts";
import { canonicalPath } from "../eval/lib/canonical-path.ts";
import { printPlain } from "../eval/print-plain.ts";
import { reportError } from "../eval/report.ts";
import { forceDeep } from "../eval/runtime.ts";
import { findFile } from "../eval/search-path.ts";
import { toJson } from "../eval/to-json.ts";
import { toXml } from "../eval/to-xml.ts";
import type { Slot, Value } from "../eval/values.ts";
import { flakeBuiltins } from "../flake/builtins.ts";
import { hasRoomFor } from "../host/heap-room.ts";
import { NodeEvalHost } from "../host/node-eval-host.ts";
import { nodeHasher } from "../host/node-hash.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { DEFAULT_STORE_DIR } from "../store/store-path.ts";
import { printAst } from "../syntax/print-ast.ts";
import { CliError } from "./cli-error.ts";
import { evaluationSettings } from "./evaluation-settings.ts";
import { type InstantiateOptions, parseInstantiateOptions } from "./instantiate-options.ts";
import { messageText } from "./message-text.ts";
import type { Output } from "./output.ts";
import { warnOfUnknownSettings } from "./unknown-settings.ts";

interface Source {
  evaluate(): Value;
  print(): ByteString;
}

function readStdin(): ByteString {
  return fs.readFileSync(0, "latin1");
}

/** What the operands name: files, expressions, standard input. */
function sources(ev: Evaluator, options: InstantiateOptions): Source[] {
  const directory = ev.settings.directory;
  const text = (content: ByteString, label: ByteString): Source => ({
    evaluate: () => ev.evaluateText(content, label, directory),
    print: () => {
      const { expr, file } = ev.parse(content, null, label, directory, null, true);
      return printAst(expr, ev.printOptions(file));
    },
  });
  if (options.readStdin) return [text(readStdin(), guillemets("stdin"))];
  if (options.expressions)
    return options.inputs.map((input) => text(bytesFromText(input), guillemets("string")));
  const inputs = options.inputs.length === 0 ? ["./default.nix"] : options.inputs;
  return inputs.map((input) => {
    const path = () => ev.resolveImport(filePath(ev, bytesFromText(input)));
    return {
      evaluate: () => {
        const { expr, file } = ev.parseFile(path());
        return ev.evaluate(expr, file);
      },
      print: () => {
        const { expr, file } = ev.parseForPrinting(path());
        return printAst(expr, ev.printOptions(file));
      },
    };
  });
}

/** A FILE operand: a path, or `<name>`. */
function filePath(ev: Evaluator, input: ByteString): ByteString {
  const name = /^<(.+)>$/.exec(input)?.[1];
  const { directory } = ev.settings;
  if (name !== undefined) return findFile(ev, ev.searchPath, name);
  return canonicalPath(input.startsWith("/") ? input : `${directory}/${input}`);
}

function printValue(ev: Evaluator, value: Value, options: InstantiateOptions): ByteString {
  if (options.output === "json") return `${toJson(ev, value, 0, true, options.strict).text}\n`;
  if (options.output === "xml")
    return toXml(ev, value, { strict: options.strict, locations: options.location }).text;
  if (options.strict) forceDeep(ev, value);
  return `${printPlain(value)}\n`;
}

function autoArgs(ev: Evaluator, options: InstantiateOptions): AutoArgs {
  const args = new Map<ByteString, Slot>();
  for (const { name, value, isString } of options.args) {
    const bytes = bytesFromText(value);
    args.set(
      bytesFromText(name),
      isString ? bytes : ev.evaluateText(bytes, guillemets("string"), ev.settings.directory),
    );
  }
  return args;
}

/** The derivations that were printed. */
function run(ev: Evaluator, options: InstantiateOptions, output: Output): ByteString[] {
  const drvPaths: ByteString[] = [];
  if (options.parse) {
    for (const source of sources(ev, options)) output.stdout(`${source.print()}\n`);
    return drvPaths;
  }
  const args = autoArgs(ev, options);
  const attrs = options.attrs.length === 0 ? [""] : options.attrs.map(bytesFromText);
  for (const source of sources(ev, options)) {
    const root = source.evaluate();
    for (const attr of attrs) {
      const { value } = findAlongAttrPath(ev, root, attr, args);
      if (options.eval) {
        const result = args.size === 0 ? value : autoCall(ev, value, args);
        output.stdout(printValue(ev, result, options));
        continue;
      }
      for (const { drvPath, outputName } of findDerivations(ev, value, args)) {
        drvPaths.push(drvPath);
        const printed =
          options.addRoot === null ? drvPath : rootName(options.addRoot, drvPaths.length);
        output.stdout(`${printed}${outputName === "out" ? "" : `!${outputName}`}\n`);
      }
    }
  }
  return drvPaths;
}

/** The first root has the given name, later ones `NAME-2` and so on. */
function rootName(root: string, n: number): ByteString {
  return bytesFromText(path.resolve(root)) + (n === 1 ? "" : `-${n}`);
}

/** Links to the derivations, so that they can be found and kept. */
function addRoots(root: string, drvPaths: readonly ByteString[]): void {
  drvPaths.forEach((drvPath, i) => {
    const link = nodePath(rootName(root, i + 1));
    if (fs.lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) fs.unlinkSync(link);
    fs.symlinkSync(nodePath(drvPath), link);
  });
}

const outOfMemory = () => new CliError("out of memory");

/** Kept free between two looks at how much is in use. In bytes. */
const HEADROOM = 256 << 20;
/** Every so many polls memory is looked at. */
const LOOK_MASK = 63;

/** Memory that runs out is an error of ours, not the end of the process. */
function limitMemory(ev: Evaluator): void {
  let polls = 0;
  ev.allocate = (bytes) => {
    if (!hasRoomFor(bytes)) throw outOfMemory();
  };
  ev.poll = () => {
    if ((++polls & LOOK_MASK) === 0 && !hasRoomFor(HEADROOM)) throw outOfMemory();
  };
}

/** Exit status. Throws `RangeError` when the JavaScript stack is too small for the evaluation. */
export function instantiate(argv: readonly string[], output: Output): number {
  const options = parseInstantiateOptions(argv);
  if (options.help) {
    output.stdout(HELP);
    return 0;
  }
  if (options.addRoot !== null && options.store === null)
    throw new CliError("'--add-root' needs '--store': nothing else is written");
  const settings = evaluationSettings(options, process.env);
  warnOfUnknownSettings(settings, options.settings, output);
  const host = new NodeEvalHost({
    mayFetch: true,
    environment: process.env,
    onMessage: (kind, text) => output.stderr(messageText(kind, text)),
  });
  const storeDir = process.env["NIX_STORE_DIR"] ?? DEFAULT_STORE_DIR;
  const store = new MemoryStore({ storeDir: bytesFromText(storeDir), hasher: nodeHasher });
  const ev = new Evaluator(host, store, settings, flakeBuiltins(settings.features));
  limitMemory(ev);
  try {
    const drvPaths = run(ev, options, output);
    if (options.store !== null) {
      writeStore(store, bytesFromText(path.resolve(options.store)), ev.files.narSource());
      if (options.addRoot !== null) addRoots(options.addRoot, drvPaths);
    }
    return 0;
  } catch (error) {
    if (error instanceof StoreWriteError) throw new CliError(error.message);
    // "Invalid string length" and the like: larger than the engine can make anything.
    if (error instanceof RangeError && !/call stack/.test(error.message)) throw outOfMemory();
    if (!(error instanceof NixError)) throw error;
    output.stderr(reportError(ev, error));
    return 1;
  }
}

const HELP = `usage: snowglobe instantiate [OPTIONS] [FILE... | -E EXPR... | -]

Evaluates Nix expressions and prints the paths of their derivations, or with --eval their values.
Nothing is written, except with --store.

  --eval                print values instead of derivation paths
  --strict              with --eval: evaluate everything inside too
  --json, --xml         with --eval: the format
  --no-location         with --xml: without positions
  --parse               print the parsed expression
  -E, --expr            operands are expressions
  -                     read an expression from standard input
  -A, --attr PATH       select an attribute; may be repeated
  --arg NAME EXPR       pass an argument to functions; --argstr NAME STRING a string
  -I PATH               add to the search path (PATH or PREFIX=PATH)
  --option NAME VALUE   set a Nix setting; --system S, --pure-eval, --impure, --restrict-eval
  --max-call-depth N    calls within calls before "stack overflow"
  --nix-version V       follow 2.8, 2.26 or newest where values differ; auto: the Nix of this machine
  --store DIR           write derivations and sources under DIR/nix/store; --add-root PATH links to them
  --show-trace          the whole trace of an error
  --extra-experimental-features F
`;
