/** Builds one derivation whose inputs are all valid. */
import * as fs from "node:fs";
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import { outputPathOf } from "../store/derivation.ts";
import { StoreError } from "../store/error.ts";
import { invalidPath } from "../store/store.ts";
import { acceptOutputs, compareOutputs } from "./accept-outputs.ts";
import { buildEnvironment } from "./build-environment.ts";
import { BuildError } from "./build-error.ts";
import { BuildLog, logFile } from "./build-log.ts";
import type { PlannedDerivation } from "./build-plan.ts";
import { moveTree, removeTree } from "./disk-tree.ts";
import { DownloadError } from "./download.ts";
import { exportReferences } from "./export-references.ts";
import { fetchUrlBuilder } from "./fetch-url-builder.ts";
import { NoSandboxError } from "./launcher.ts";
import { nodePath } from "./node-path.ts";
import type { PrivateStore } from "./private-store.ts";
import type { RealiseOptions } from "./realise-plan.ts";
import { type BuilderExit, runInSandbox } from "./sandbox.ts";

interface Build {
  readonly drvPath: ByteString;
  readonly planned: PlannedDerivation;
  readonly options: RealiseOptions;
  readonly signal: AbortSignal;
  readonly id: number;
  /** Output name to path. */
  readonly outputs: ReadonlyMap<ByteString, ByteString>;
  /** `ROOT/partial/…`, of this build alone. */
  readonly directory: ByteString;
}

/**
 * Throws `BuildError`, and the signal's reason when it came; no process and no file is left then.
 *
 * @param again the outputs are valid: what is built is compared with them, and not kept
 */
export async function buildDerivation(
  drvPath: ByteString,
  planned: PlannedDerivation,
  options: RealiseOptions,
  signal: AbortSignal,
  id: number,
  again = false,
): Promise<void> {
  const { store, observer } = options;
  const outputs = outputPaths(drvPath, planned);
  checkMachine(drvPath, planned, options);
  const lock = await store.lockPaths(outputs.values(), signal);
  try {
    // Another process may have built it while we waited.
    if (!again && [...outputs.values()].every((path) => store.isValid(path))) return;
    observer?.({ kind: "build-started", id, drvPath, ...(again ? { again } : {}) });
    const directory = store.workDirectory();
    const build = { drvPath, planned, options, signal, id, outputs, directory };
    let ok = false;
    try {
      const inputs = await runBuilder(build);
      accept(build, inputs, again);
      ok = true;
    } catch (error) {
      if (!signal.aborted && options.keepFailed === true) keep(build);
      throw error;
    } finally {
      removeTree(directory);
      observer?.({ kind: "build-ended", id, ok });
    }
  } finally {
    lock.release(true);
  }
}

function outputPaths(drvPath: ByteString, { drv }: PlannedDerivation) {
  if (drv.dynamicInputs !== undefined) {
    throw new BuildError(
      drvPath,
      `cannot build '${drvPath}': it needs outputs of derivations that are yet to be built, which is not supported yet`,
    );
  }
  const outputs = new Map<ByteString, ByteString>();
  for (const [name, output] of drv.outputs) {
    const path = outputPathOf(output);
    if (path === undefined) {
      throw new BuildError(
        drvPath,
        `cannot build '${drvPath}': output '${name}' has no path before it is built (${output.kind}), which is not supported yet`,
      );
    }
    outputs.set(name, path);
  }
  return outputs;
}

/** What this machine offers, as Nix names it. */
function machineFeatures(): string[] {
  let kvm = true;
  try {
    fs.accessSync("/dev/kvm", fs.constants.R_OK | fs.constants.W_OK);
  } catch {
    kvm = false;
  }
  return ["benchmark", "big-parallel", ...(kvm ? ["kvm"] : []), "nixos-test"];
}

function checkMachine(
  drvPath: ByteString,
  { drv, options }: PlannedDerivation,
  { system }: RealiseOptions,
): void {
  if (options.noSandbox) {
    throw new BuildError(
      drvPath,
      `derivation '${drvPath}' has '__noChroot' set, but that's not allowed when 'sandbox' is 'true'`,
    );
  }
  if (options.unsupported !== undefined) {
    throw new BuildError(
      drvPath,
      `cannot build '${drvPath}': '${options.unsupported}' is not supported yet`,
    );
  }
  const systems = ["builtin", system, ...(system === "x86_64-linux" ? ["i686-linux"] : [])];
  const features = machineFeatures();
  const missing = options.requiredSystemFeatures.some((name) => !features.includes(name));
  if (systems.includes(drv.system) && !missing) return;
  const required = options.requiredSystemFeatures.join(", ");
  throw new BuildError(
    drvPath,
    `a '${drv.system}' with features {${required}} is required to build '${drvPath}', but I am a '${system}' with features {${features.join(", ")}}`,
  );
}

/** Nix's builders may count on one; what they would say without it names nothing. */
function checkShell(drvPath: ByteString, { drv }: PlannedDerivation, options: RealiseOptions) {
  if (drv.builder !== "/bin/sh" || options.sandboxPaths.some(({ target }) => target === "/bin/sh"))
    return;
  throw new BuildError(
    drvPath,
    `cannot build '${drvPath}': its builder is '/bin/sh', and no static shell was found to be it (install busybox-static, or set 'sandbox-paths = /bin/sh=FILE' in nix.conf)`,
  );
}

/** Gives the paths that the builder could read. */
async function runBuilder(build: Build): Promise<ReadonlyMap<ByteString, ByteString>> {
  const { drvPath, planned, options, signal, directory } = build;
  const { drv } = planned;
  const { store } = options;
  if (drv.builder.startsWith("builtin:")) {
    if (drv.builder !== "builtin:fetchurl") {
      throw new BuildError(drvPath, `unsupported builtin builder '${drv.builder.slice(8)}'`);
    }
    const path = build.outputs.get("out") as ByteString;
    const place = leftAt(build, path);
    fs.mkdirSync(nodePath(place.slice(0, place.lastIndexOf("/"))), { recursive: true });
    try {
      await fetchUrlBuilder(drvPath, drv, place, options.fetcher, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof BuildError) throw error;
      const told = error instanceof DownloadError || error instanceof StoreError;
      const reason = told ? error.message : bytesFromText((error as Error).message);
      throw new BuildError(drvPath, `builder for '${drvPath}' failed: ${reason}`);
    }
    return new Map();
  }
  checkShell(drvPath, planned, options);
  const inputs = inputPaths(store, planned);
  const impure = (name: ByteString) =>
    bytesFromText(options.environment?.[bytesToText(name)] ?? "");
  const exported = exportReferences(store, drv, planned.options, inputs);
  const environment = buildEnvironment(
    store.context,
    drv,
    planned.options,
    options.cores,
    exported,
    impure,
  );
  const log = openLog(build);
  let exit: BuilderExit;
  try {
    exit = await runInSandbox({
      directory,
      storeDir: store.context.storeDir,
      inputs,
      extra: options.sandboxPaths,
      builder: drv.builder,
      environment,
      network: drv.outputs.get("out")?.kind === "fixed",
      linux32: drv.system === "i686-linux" && options.system !== "i686-linux",
      kvm: machineFeatures().includes("kvm"),
      output: (chunk) => log.push(chunk),
      warning: (message) =>
        options.observer?.({ kind: "warning", message: bytesFromText(message) }),
      timeout: options.timeout,
      maxSilentTime: options.maxSilentTime,
      signal,
    });
  } catch (error) {
    if (!(error instanceof NoSandboxError)) throw error;
    throw new BuildError(drvPath, bytesFromText(`cannot build '${drvPath}': ${error.message}`));
  } finally {
    log.end();
  }
  if (exit.timedOut !== undefined) {
    const names = [...planned.wanted].sort().join(",");
    throw new BuildError(
      drvPath,
      `building of '${drvPath}^${names}' from .drv file timed out after ${exit.timedOut}`,
    );
  }
  if (exit.code !== 0) throw builderFailed(build, exit, log.tail);
  return inputs;
}

function leftAt(build: Build, path: ByteString): ByteString {
  return `${build.directory}/root${path}`;
}

/** Logical to physical. */
function inputPaths(store: PrivateStore, { drv }: PlannedDerivation) {
  const direct = new Set(drv.inputSrcs);
  for (const [drvPath, names] of drv.inputDrvs) {
    const { outputs } = store.derivation(drvPath);
    for (const name of names) {
      const output = outputs.get(name);
      direct.add((output && outputPathOf(output)) ?? `${drvPath}!${name}`);
    }
  }
  for (const path of direct) if (!store.isValid(path)) throw invalidPath(path);
  return new Map(store.closure(direct).map((path) => [path, store.physicalPath(path)]));
}

function openLog(build: Build): BuildLog {
  const { id } = build;
  const file = logFile(build.options.store.root, build.drvPath);
  fs.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
  const { observer } = build.options;
  return new BuildLog(file, {
    line: (line) => observer?.({ kind: "log-line", id, line }),
    phase: (name) => observer?.({ kind: "phase", id, name }),
  });
}

function builderFailed(build: Build, exit: BuilderExit, tail: readonly ByteString[]): BuildError {
  const { drvPath } = build;
  const how =
    exit.code === null
      ? `failed due to signal ${exit.signal}`
      : `failed with exit code ${exit.code}`;
  let message = `builder for '${drvPath}' ${how}`;
  if (tail.length > 0) {
    const lines = tail.map((line) => `\n       > ${line}`).join("");
    message += `;\n       last ${tail.length} log lines:${lines}\n       For full logs, read '${bytesFromText(logFile(build.options.store.root, drvPath))}'.`;
  }
  return new BuildError(drvPath, message);
}

function accept(build: Build, inputs: ReadonlyMap<ByteString, ByteString>, again: boolean): void {
  const { drvPath, planned, outputs } = build;
  try {
    const take = again ? compareOutputs : acceptOutputs;
    take(build.options.store, {
      drvPath,
      drv: planned.drv,
      options: planned.options,
      outputs,
      inputs: inputs.keys(),
      leftAt: (path) => leftAt(build, path),
    });
  } catch (error) {
    if (error instanceof StoreError) throw new BuildError(drvPath, error.message);
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC") throw new BuildError(drvPath, noSpace(build));
    throw error;
  }
}

function noSpace(build: Build): ByteString {
  const root = bytesFromText(build.options.store.root);
  return `cannot keep the outputs of '${build.drvPath}': no space left on the device of '${root}'`;
}

/** Moves the builder's directory to where people find it. */
function keep(build: Build): void {
  const { store, observer } = build.options;
  const failed = `${bytesFromText(store.root)}/failed`;
  fs.mkdirSync(nodePath(failed), { recursive: true });
  const { name } = build.planned.drv;
  let place = "";
  for (let n = 0; place === "" || fs.existsSync(nodePath(place)); n++)
    place = `${failed}/${name}.drv-${n}`;
  const from = `${build.directory}/build`;
  if (!fs.existsSync(nodePath(from))) return;
  moveTree(from, place);
  observer?.({ kind: "warning", message: `keeping build directory '${place}'` });
}
