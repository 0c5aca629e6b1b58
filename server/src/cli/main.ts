/** The `snowglobe` command: finds the subcommand, and runs evaluations on a stack that is large enough. */
import { readFileSync, writeSync } from "node:fs";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { type ByteString, bytesFromText } from "../base/bytes.ts";
import { Interruption } from "../eval/errors.ts";
import { isFetchKey } from "../host/source-cache.ts";
import { build } from "./build.ts";
import { buildPending, isBuildKey } from "./build-during-evaluation.ts";
import { forwardCancellation } from "./cancellation.ts";
import { checkFiles } from "./check.ts";
import { CliError } from "./cli-error.ts";
import { derivation } from "./derivation-show.ts";
import { develop } from "./develop.ts";
import { evalCommand } from "./eval.ts";
import { fetchSource } from "./fetch-source.ts";
import { flakeCommand } from "./flake.ts";
import { instantiate } from "./instantiate.ts";
import { log } from "./log.ts";
import type { Output } from "./output.ts";
import { pathInfo } from "./path-info.ts";
import { printDevEnv } from "./print-dev-env.ts";
import { shell } from "./shell.ts";
import { store } from "./store.ts";
import { showsColours, terminalText } from "./terminal-text.ts";
import { whyChanged } from "./why-changed.ts";

type Command = (argv: readonly string[], output: Output) => number | Promise<number>;

const COMMANDS: Record<string, Command> = {
  build,
  check: checkFiles,
  develop,
  eval: evalCommand,
  flake: flakeCommand,
  instantiate,
  "print-dev-env": printDevEnv,
  shell,
  "why-changed": whyChanged,
  derivation,
  log,
  "path-info": pathInfo,
  store,
};

/** Of the commands to come. */
const NOT_YET = new Set(["format", "oci"]);

const HELP = `usage: snowglobe COMMAND [OPTIONS]

  build          build derivations
  check          say what is wrong with Nix files
  develop        enter the environment that a derivation is built in
  eval           print the value of an attribute of a flake, a file or an expression
  derivation     show derivations
  flake          print what a flake is, its lock, its outputs; check them
  instantiate    evaluate expressions, print derivation paths or values
  why-changed    say why a derivation is another than it was
  log            print what builders printed
  path-info      say what the store knows of paths
  store          say where the store is, verify it
  lsp --stdio    serve an editor as a language server
  print-dev-env  print the environment that 'develop' enters
  shell          run a shell or program with packages in reach

  --help, --version
`;

/** Enough for Nix's own limit of 10000 nested calls many times over. */
const WORKER_STACK_MB = 256;

/** Large: every collection of it goes through the whole stack. */
const YOUNG_GENERATION_MB = 256;

interface Rerun {
  argv: string[];
  /** Bytes of each stream that the first run has printed already. */
  printed: { stdout: number; stderr: number };
}

/** Prints at once, but leaves out the first bytes: what a run before has printed. */
function outputAfter(skip: Rerun["printed"]): Output & { printed: Rerun["printed"] } {
  const printed = { stdout: 0, stderr: 0 };
  const writer = (name: "stdout" | "stderr", fd: number) => (text: ByteString) => {
    const from = Math.max(0, Math.min(text.length, skip[name] - printed[name]));
    printed[name] += text.length;
    if (from < text.length) writeAll(fd, Buffer.from(text.slice(from), "latin1"));
  };
  const toStderr = writer("stderr", 2);
  const colours = showsColours(process.env);
  return {
    printed,
    stdout: writer("stdout", 1),
    stderr: (text) => toStderr(terminalText(text, colours)),
  };
}

async function main(argv: string[], skip: Rerun["printed"]): Promise<void> {
  const output = outputAfter(skip);
  const [name = "--help", ...rest] = argv;
  try {
    if (name === "--help" || name === "help") {
      output.stdout(HELP);
    } else if (name === "--version") {
      output.stdout(`snowglobe ${version()}\n`);
    } else if (name === "lsp") {
      serveEditor(rest);
    } else {
      const command = COMMANDS[name];
      if (command === undefined) {
        const why = NOT_YET.has(name) ? "not built yet" : "not a command of snowglobe";
        throw new CliError(`'${name}' is ${why}`);
      }
      process.exitCode = await command(rest, output);
    }
  } catch (error) {
    if (error instanceof CliError) {
      output.stderr(bytesFromText(`error: ${error.message}\n`));
      process.exitCode = 1;
    } else if (error instanceof Interruption && isFetchKey(error.key)) {
      if (await fetchSource(error.key)) await main(argv, output.printed);
      else process.exitCode = 1;
    } else if (error instanceof Interruption && isBuildKey(error.key)) {
      // What the build prints is no part of what the command prints the second time.
      const log = outputAfter({ stdout: 0, stderr: 0 });
      if (await buildPending(error.key, log)) await main(argv, output.printed);
      else process.exitCode = 1;
    } else if (error instanceof RangeError && isMainThread) {
      rerunOnLargeStack({ argv, printed: output.printed });
    } else if (error instanceof RangeError) {
      output.stderr("error: stack overflow (possible infinite recursion)\n");
      process.exitCode = 1;
    } else throw error;
  }
}

/** Returns at once; the connection keeps the process alive. */
function serveEditor(argv: readonly string[]): void {
  const unknown = argv.find((argument) => argument !== "--stdio");
  if (unknown !== undefined) throw new CliError(`unrecognised flag '${unknown}'`);
  // Loaded only now: no other command needs it, and it doubles what there is to load.
  import("../lsp/node-server.ts").then(
    ({ runLanguageServer }) => runLanguageServer("stdio"),
    (error: unknown) => {
      process.stderr.write(`error: ${error}\n`);
      process.exitCode = 1;
    },
  );
}

/** Of the package that the bundle is in. */
function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** Writes all of it, also to a pipe that is full for the moment. */
function writeAll(fd: number, data: Buffer): void {
  for (let at = 0; at < data.length; ) {
    try {
      at += writeSync(fd, data, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader has gone: nobody wants the rest.
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** The main thread's stack cannot be changed from inside; a Worker's can. */
function rerunOnLargeStack(rerun: Rerun): void {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: rerun,
    resourceLimits: {
      stackSizeMb: WORKER_STACK_MB,
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      maxOldGenerationSizeMb: 8192,
    },
  });
  worker.on("error", (error) => {
    outputAfter({ stdout: 0, stderr: 0 }).stderr(bytesFromText(`error: ${error.message}\n`));
    process.exitCode = 1;
  });
  forwardCancellation(worker);
  worker.on("exit", (code) => {
    process.exitCode = code;
  });
}

if (isMainThread) void main(process.argv.slice(2), { stdout: 0, stderr: 0 });
else {
  const rerun = workerData as Rerun;
  void main(rerun.argv, rerun.printed);
}
