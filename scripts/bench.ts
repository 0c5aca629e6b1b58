// `npm run bench [-- --tree DIR] [--runs N] [--json FILE]`: our speed as ratios to a real Nix in the same run.
// DIR is a nixpkgs tree (default: the first of SNOWGLOBE_CORPUS, else the small set of examples/).
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bytesFromText } from "../server/src/base/bytes.ts";
import { EvaluationSession } from "../server/src/eval/session.ts";
import { DEFAULT_CALL_DEPTH, DEFAULT_NIX_VERSION } from "../server/src/eval/settings.ts";
import { NodeEvalHost } from "../server/src/host/node-eval-host.ts";
import { nodeHasher } from "../server/src/host/node-hash.ts";
import { MemoryStore } from "../server/src/store/memory-store.ts";
import { parseTree } from "./corpus/parse.ts";

interface Row {
  name: string;
  unit: string;
  ours: number;
  /** Of the real Nix, where it has such a thing. */
  nix: number | null;
}

interface Usage {
  seconds: number;
  megabytes: number;
  output: string;
}

/** Wall time and peak memory of a whole process. */
function whole(command: string[], env: NodeJS.ProcessEnv): Usage {
  const script = `
    const { spawnSync } = require("node:child_process");
    const start = process.hrtime.bigint();
    const [command, ...argv] = JSON.parse(process.argv[1]);
    const { stdout, status, stderr } = spawnSync(command, argv, { encoding: "utf8", maxBuffer: 1 << 26 });
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    if (status !== 0) { process.stderr.write(stderr ?? ""); process.exit(1); }
    process.stdout.write(JSON.stringify({ seconds, output: stdout.trim() }));`;
  const timed = spawnSync(process.execPath, ["-e", script, JSON.stringify(command)], {
    env,
    encoding: "utf8",
  });
  if (timed.status !== 0) throw new Error(`${command.join(" ")}: ${timed.stderr}`);
  const { seconds, output } = JSON.parse(timed.stdout) as { seconds: number; output: string };
  return { seconds, output, megabytes: peakMemory(command, env) };
}

/** Peak resident memory in MB of the largest process, 0 where GNU time is not installed. */
function peakMemory(command: string[], env: NodeJS.ProcessEnv): number {
  if (!existsSync("/usr/bin/time")) return 0;
  const { stderr } = spawnSync("/usr/bin/time", ["-f", "peak %M", ...command], {
    env,
    encoding: "utf8",
  });
  return Number(/peak (\d+)/.exec(stderr)?.[1] ?? 0) / 1024;
}

/** A file that only whole package sets have; the small one of examples/ has no firefox. */
const LARGE_SET = "pkgs/top-level/all-packages.nix";

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Ours and Nix's in turn, so that a machine that changes its speed changes both. */
function cold(tree: string, attribute: string, runs: number, nix: string[] | null): Row[] {
  const args = ["-A", attribute, "--argstr", "system", "x86_64-linux"];
  const env = { ...process.env, NIX_REMOTE: "dummy://", NIX_PATH: "" };
  const ours: Usage[] = [];
  const theirs: Usage[] = [];
  for (let i = 0; i < runs; i++) {
    ours.push(whole([process.execPath, "bin/snowglobe.js", "instantiate", tree, ...args], env));
    if (nix !== null)
      theirs.push(
        whole([...nix, "--eval", tree, "-A", `${attribute}.drvPath`, ...args.slice(2)], env),
      );
  }
  for (const each of theirs) {
    if (each.output !== JSON.stringify(ours[0]?.output))
      throw new Error(`${attribute}: Nix says ${each.output}`);
  }
  const of = (usages: Usage[], key: "seconds" | "megabytes") =>
    usages.length === 0 ? null : median(usages.map((usage) => usage[key]));
  return [
    {
      name: `cold ${attribute}`,
      unit: "s",
      ours: of(ours, "seconds") ?? 0,
      nix: of(theirs, "seconds"),
    },
    {
      name: `peak memory ${attribute}`,
      unit: "MB",
      ours: of(ours, "megabytes") ?? 0,
      nix: of(theirs, "megabytes"),
    },
  ];
}

/** From an edit of the shellHook to the new hash, in the evaluator that the editor keeps. */
function edits(tree: string): Row[] {
  const directory = mkdtempSync(join(tmpdir(), "snowglobe-bench-"));
  const file = bytesFromText(join(directory, "shell.nix"));
  const text = (n: number) => `{ pkgs ? import ${tree} { system = "x86_64-linux"; } }:
pkgs.mkShell {
  buildInputs = with pkgs; [ hello ];
  shellHook = ''
    echo ${n}
  '';
}
`;
  const host = new NodeEvalHost({ environment: {}, onMessage: () => {} });
  const store = new MemoryStore({ storeDir: "/nix/store", hasher: nodeHasher });
  const session = new EvaluationSession(host, store, {
    system: "x86_64-linux",
    nixVersion: DEFAULT_NIX_VERSION,
    maxCallDepth: DEFAULT_CALL_DEPTH,
    pureEval: false,
    restrictEval: false,
    searchPath: [],
    directory: bytesFromText(directory),
    homeDirectory: "/homeless",
    features: new Set(),
    lints: {},
    traceVerbose: false,
    abortOnWarn: false,
  });
  const times: number[] = [];
  const hashes = new Set<string>();
  for (let n = 0; n <= 40; n++) {
    const start = performance.now();
    session.setDocument(file, bytesFromText(text(n)));
    const report = session.evaluateRoot(file);
    times.push(performance.now() - start);
    if (report.error !== null) throw new Error(report.error.message);
    for (const each of report.derivations.get(file) ?? []) hashes.add(each.drvPath);
  }
  rmSync(directory, { recursive: true });
  if (hashes.size < 41) throw new Error("an edit changed no hash");
  const [first = 0, ...later] = times;
  return [
    { name: "first evaluation of a shell", unit: "ms", ours: first, nix: null },
    { name: "edit to new hash", unit: "ms", ours: median(later), nix: null },
  ];
}

function print(rows: readonly Row[]): void {
  const number = (n: number | null) => (n === null ? "" : n.toFixed(n < 10 ? 2 : 0));
  console.log(`Node ${process.versions.node}\n`);
  for (const { name, unit, ours, nix } of rows) {
    const ratio = nix === null || nix === 0 ? "" : `ratio ${(ours / nix).toFixed(2)}`;
    console.log(
      `${name.padEnd(30)} ${number(ours).padStart(8)} ${unit.padEnd(5)} Nix ${number(nix).padStart(8)}  ${ratio}`,
    );
  }
}

function main(argv: readonly string[]): void {
  const value = (flag: string) => (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined);
  const tree = resolve(
    value("--tree") ?? process.env["SNOWGLOBE_CORPUS"]?.split(":")[0] ?? "examples/nixpkgs",
  );
  const runs = Number(value("--runs") ?? 5);
  const oracle = process.env["SNOWGLOBE_NIX_ORACLE"];
  const candidate =
    oracle === undefined ? ["nix-instantiate"] : [...oracle.split(" "), "nix-instantiate"];
  const [program = "", ...rest] = candidate;
  const nix = spawnSync(program, [...rest, "--version"]).status === 0 ? candidate : null;
  if (nix === null)
    console.log("No Nix found: no ratios (install Nix, or name one with SNOWGLOBE_NIX_ORACLE).");
  const rows = [
    ...cold(tree, "hello", runs, nix),
    ...(existsSync(join(tree, LARGE_SET)) ? cold(tree, "firefox", runs, nix) : []),
    ...edits(tree),
    {
      name: "exact parser, warm",
      unit: "MB/s",
      ours: parseTree(tree).megabytesPerSecond,
      nix: null,
    },
  ];
  print(rows);
  const json = value("--json");
  if (json !== undefined)
    writeFileSync(
      json,
      `${JSON.stringify({ node: process.versions.node, tree, rows }, null, 2)}\n`,
    );
}

main(process.argv.slice(2));
