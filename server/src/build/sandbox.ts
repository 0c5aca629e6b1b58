/** Runs one builder in a directory of its own, where it sees its inputs and nothing else. */
import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import { type ByteString, bytesFromText, bytesToUint8Array } from "../base/bytes.ts";
import { bubblewrapArguments } from "./bubblewrap.ts";
import { BUILD_DIRECTORY, type BuildEnvironment } from "./build-environment.ts";
import { BWRAP_WARNING, type Isolation, isolation } from "./isolation.ts";
import { NoSandboxError } from "./launcher.ts";
import { namespaceAdvice } from "./namespace-advice.ts";
import { nodePath } from "./node-path.ts";
import type { SandboxPath } from "./sandbox-paths.ts";
import { systemCallFilter } from "./system-call-filter.ts";

export interface SandboxRun {
  /** An empty directory; what the builder makes stands below `root/` and `build/` afterwards. */
  readonly directory: ByteString;
  readonly storeDir: ByteString;
  /** Every path that the builder may read: logical to physical. */
  readonly inputs: ReadonlyMap<ByteString, ByteString>;
  /** What of the machine it sees besides. */
  readonly extra: readonly SandboxPath[];
  readonly builder: ByteString;
  readonly environment: BuildEnvironment;
  /** The host's network, for what checks its result by a hash. */
  readonly network: boolean;
  /** For 32-bit builders. */
  readonly linux32: boolean;
  /** `/dev/kvm`: as in Nix every builder has it where the machine offers it. */
  readonly kvm: boolean;
  /** Seconds; `undefined` is no limit. */
  readonly timeout?: number | undefined;
  readonly maxSilentTime?: number | undefined;
  readonly output: (chunk: Uint8Array) => void;
  readonly warning: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface BuilderExit {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  /** As Nix names it: `9 (Killed)`. */
  readonly signal: string | null;
  /** The limit that ended it: `5 seconds`, `5 seconds of silence`. */
  readonly timedOut?: string;
}

const EXIT_SETUP = 125;
const EXIT_EXEC = 126;

/** How bubblewrap's own messages begin. */
const BWRAP_FAILS = "bwrap: ";

const DEVICES = ["full", "null", "random", "tty", "urandom", "zero"];

const PASSWD = `root:x:0:0:Nix build user:/build:/noshell
nixbld:x:1000:100:Nix build user:/build:/noshell
nobody:x:65534:65534:Nobody:/:/noshell
`;
const GROUP = "root:x:0:\nnixbld:!:100:\nnogroup:x:65534:\n";
const HOSTS = "127.0.0.1 localhost\n::1 localhost\n";
const NSSWITCH = "hosts: files dns\nservices: files\n";
const NETWORK_FILES = ["/etc/resolv.conf", "/etc/services", "/etc/hosts"];
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

const write = (file: ByteString, text: ByteString) =>
  fs.writeFileSync(nodePath(file), bytesToUint8Array(text));
const makeDirectory = (path: ByteString, mode = 0o755) => {
  fs.mkdirSync(nodePath(path), { recursive: true });
  fs.chmodSync(nodePath(path), mode);
};

/** The tree that becomes the builder's root, and what is mounted into it. */
function prepareRoot(run: SandboxRun): ByteString[] {
  const root = `${run.directory}/root`;
  const mounts: ByteString[] = [];
  makeDirectory(root, 0o750);
  for (const path of ["/etc", "/dev/pts", "/dev/shm", "/proc", BUILD_DIRECTORY])
    makeDirectory(root + path);
  makeDirectory(`${root}/tmp`, 0o1777);
  makeDirectory(root + run.storeDir, 0o1775);
  makeDirectory(`${run.directory}/build`, 0o700);
  mounts.push("rw", `${run.directory}/build`, root + BUILD_DIRECTORY);

  write(`${root}/etc/passwd`, PASSWD);
  write(`${root}/etc/group`, GROUP);
  if (!run.network) write(`${root}/etc/hosts`, HOSTS);
  else {
    write(`${root}/etc/nsswitch.conf`, NSSWITCH);
    for (const file of [...NETWORK_FILES, CERTIFICATES]) {
      if (!fs.existsSync(file)) continue;
      makeDirectory(root + file.slice(0, file.lastIndexOf("/")));
      write(root + file, "");
      mounts.push("ro", bytesFromText(fs.realpathSync(file)), root + file);
    }
  }

  for (const name of [...DEVICES, ...(run.kvm ? ["kvm"] : [])]) {
    write(`${root}/dev/${name}`, "");
    mounts.push("rw", `/dev/${name}`, `${root}/dev/${name}`);
  }
  for (const [link, target] of [
    ["fd", "/proc/self/fd"],
    ["stdin", "/proc/self/fd/0"],
    ["stdout", "/proc/self/fd/1"],
    ["stderr", "/proc/self/fd/2"],
    ["ptmx", "/dev/pts/ptmx"],
  ])
    fs.symlinkSync(target as string, nodePath(`${root}/dev/${link}`));

  for (const [path, physical] of run.inputs) {
    const place = root + path;
    const stat = fs.lstatSync(nodePath(physical));
    if (stat.isSymbolicLink()) {
      const target = fs.readlinkSync(nodePath(physical), { encoding: "buffer" });
      fs.symlinkSync(target, nodePath(place));
      continue;
    }
    if (stat.isDirectory()) makeDirectory(place);
    else write(place, "");
    mounts.push("ro", physical, place);
  }
  for (const { target, source } of run.extra) {
    const place = root + bytesFromText(target);
    makeDirectory(place.slice(0, place.lastIndexOf("/")));
    if (fs.statSync(source).isDirectory()) makeDirectory(place);
    else write(place, "");
    mounts.push("rw", bytesFromText(source), place);
  }
  for (const [name, contents] of run.environment.files)
    write(`${run.directory}/build/${name}`, contents);
  return mounts;
}

function specOf(run: SandboxRun, mounts: readonly ByteString[]): ByteString {
  const tokens = ["root", `${run.directory}/root`, ...mounts];
  tokens.push("net", run.network ? "host" : "none", "uid", "1000", "gid", "100");
  tokens.push("cwd", BUILD_DIRECTORY);
  if (run.linux32) tokens.push("linux32");
  tokens.push("exec", run.builder);
  for (const arg of run.environment.args) tokens.push("arg", arg);
  for (const [name, value] of run.environment.env) tokens.push("env", `${name}=${value}`);
  return tokens.map((token) => `${token}\0`).join("");
}

/** Starts the builder; its output is the child's standard output. */
function start(run: SandboxRun): ChildProcess {
  const how = isolation();
  const mounts = prepareRoot(run);
  if (how.kind === "bwrap") return startBubblewrap(run, mounts, how);
  const spec = `${run.directory}/spec`;
  write(spec, specOf(run, mounts));
  run.signal?.throwIfAborted();
  return spawn(how.program, ["sandbox", nodeText(spec)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {},
    cwd: "/",
  });
}

/** What bubblewrap itself has no options for. */
const BEFORE = 'umask 022; ulimit -c 0; exec "$@" 2>&1';

/** Once for all builds of a process. */
let hasWarned = false;

function startBubblewrap(
  run: SandboxRun,
  mounts: readonly ByteString[],
  { program, knowsArgv0 }: Isolation & { kind: "bwrap" },
): ChildProcess {
  const filter = systemCallFilter(process.arch);
  if (filter === undefined || run.linux32) {
    throw new NoSandboxError("cannot make a sandbox: this needs the launcher, not bubblewrap");
  }
  if (!hasWarned) run.warning(BWRAP_WARNING);
  hasWarned = true;
  const { builder, environment, network } = run;
  const build = { root: `${run.directory}/root`, mounts, network, builder, environment };
  const [filterFile, argsFile] = [`${run.directory}/filter`, `${run.directory}/arguments`];
  fs.writeFileSync(nodePath(filterFile), filter);
  write(argsFile, bubblewrapArguments({ ...build, cwd: BUILD_DIRECTORY, knowsArgv0 }, 3));
  run.signal?.throwIfAborted();
  const fds = [filterFile, argsFile].map((file) => fs.openSync(nodePath(file), "r"));
  try {
    const words = [program, "--args", "4", "--", nodeText(builder)];
    const args = environment.args.map(exactText);
    return spawn("/bin/sh", ["-c", BEFORE, "sh", ...words, ...args], {
      stdio: ["ignore", "pipe", "pipe", ...fds],
      env: Object.fromEntries(
        Array.from(environment.env, ([n, v]) => [exactText(n), exactText(v)]),
      ),
      cwd: "/",
    });
  } finally {
    for (const fd of fds) fs.closeSync(fd);
  }
}

/** Throws `NoSandboxError` for what would be changed on its way to a process. */
function exactText(bytes: ByteString): string {
  const text = nodeText(bytes);
  if (Buffer.from(text, "utf8").toString("latin1") === bytes) return text;
  throw new NoSandboxError("arguments that are not UTF-8 need the launcher, not bubblewrap");
}

const nodeText = (bytes: ByteString) => Buffer.from(bytes, "latin1").toString("utf8");

/** Ends when the builder and all that it started have. Throws `NoSandboxError` when it can't be started. */
export async function runInSandbox(run: SandboxRun): Promise<BuilderExit> {
  const child = start(run);
  let [messages, begin] = ["", ""];
  const limits = new TimeLimits(run, () => child.kill("SIGTERM"));
  child.stdout?.on("data", (chunk: Uint8Array) => {
    limits.heard();
    if (begin.length < BWRAP_FAILS.length) begin += Buffer.from(chunk).toString("latin1");
    run.output(chunk);
  });
  child.stderr?.on("data", (data) => {
    messages += data;
  });
  // The launcher ends everything inside before it ends itself.
  const cancel = () => child.kill("SIGTERM");
  run.signal?.addEventListener("abort", cancel, { once: true });
  try {
    const code = await closed(child);
    run.signal?.throwIfAborted();
    if (limits.passed !== undefined) return { code, signal: null, timedOut: limits.passed };
    for (const line of messages.split("\n"))
      if (line.startsWith("warning: ")) run.warning(line.slice("warning: ".length));
    if (isolation().kind === "bwrap" && code === 1 && begin.startsWith(BWRAP_FAILS)) {
      throw new NoSandboxError(`cannot make a sandbox: ${begin.trim()}${namespaceAdvice()}`);
    }
    const ended = /^signal (\d+)$/m.exec(messages);
    if (ended !== null) return { code: null, signal: signalNamed(Number(ended[1])) };
    const said = messages.replace(/^warning: .*\n/gm, "").trim();
    if (code === EXIT_SETUP && said !== "") {
      throw new NoSandboxError(`cannot make a sandbox: ${said}${adviceOn(said)}`);
    }
    if (code === EXIT_EXEC && said !== "") run.output(Buffer.from(`error: ${said}\n`, "utf8"));
    return { code, signal: null };
  } finally {
    limits.stop();
    run.signal?.removeEventListener("abort", cancel);
  }
}

/** Only where namespaces are what is missing. */
function adviceOn(message: string): string {
  return message.includes("user namespace") ? namespaceAdvice() : "";
}

/** Ends a builder that takes too long, or says nothing for too long. */
class TimeLimits {
  passed: string | undefined;
  readonly #total: NodeJS.Timeout | undefined;
  readonly #silence: NodeJS.Timeout | undefined;

  constructor({ timeout, maxSilentTime }: SandboxRun, end: () => void) {
    const after = (seconds: number | undefined, what: string) => {
      if (seconds === undefined) return undefined;
      return setTimeout(() => {
        this.passed ??= `${seconds} seconds${what}`;
        end();
      }, seconds * 1000);
    };
    this.#total = after(timeout, "");
    this.#silence = after(maxSilentTime, " of silence");
  }

  heard(): void {
    this.#silence?.refresh();
  }

  stop(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#silence);
  }
}

function closed(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code !== null) resolve(code);
      else resolve(128 + (os.constants.signals[signal as NodeJS.Signals] ?? 9));
    });
  });
}

const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  SIGABRT: "Aborted",
  SIGBUS: "Bus error",
  SIGFPE: "Floating point exception",
  SIGHUP: "Hangup",
  SIGILL: "Illegal instruction",
  SIGINT: "Interrupt",
  SIGKILL: "Killed",
  SIGPIPE: "Broken pipe",
  SIGSEGV: "Segmentation fault",
  SIGSYS: "Bad system call",
  SIGTERM: "Terminated",
  SIGTRAP: "Trace/breakpoint trap",
};

function signalNamed(number: number): string {
  const name = Object.entries(os.constants.signals).find(([, value]) => value === number)?.[0];
  return `${number} (${SIGNAL_WORDS[name ?? ""] ?? name ?? "unknown"})`;
}
