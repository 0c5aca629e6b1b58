// `npm run bench [-- --tree DIR | --modern N] [--runs N] [--json FILE]`: our speed as ratios to a real Nix in the
// same run, and what a user of the language server waits for. DIR is a nixpkgs tree (default: the first of
// SNOWGLOBE_CORPUS, else the small set of examples/); --modern makes a tree of N packages (scripts/modern-tree.ts).
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { editorRows, packagesAmong } from "./bench/editor.ts";
import { parseTree } from "./corpus/parse.ts";
import { makeModernTree } from "./modern-tree.ts";

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

function print(rows: readonly Row[]): void {
  const number = (n: number | null) => (n === null ? "" : n.toFixed(n < 10 ? 2 : 0));
  console.log(`Node ${process.versions.node}\n`);
  for (const { name, unit, ours, nix } of rows) {
    const ratio = nix === null || nix === 0 ? "" : `ratio ${(ours / nix).toFixed(2)}`;
    console.log(
      `${name.padEnd(50)} ${number(ours).padStart(8)} ${unit.padEnd(5)} Nix ${number(nix).padStart(8)}  ${ratio}`,
    );
  }
}

/** Attributes to evaluate cold: well known ones, or one of the tree. */
function coldAttributes(tree: string, made: readonly string[]): string[] {
  if (made.length > 0) return [made.at(-1) ?? ""];
  const known = packagesAmong(tree, ["hello", "firefox"]);
  return known.length > 0 ? known : packagesAmong(tree, ["bash", "curl", "git"]).slice(0, 1);
}

async function main(argv: readonly string[]): Promise<void> {
  const value = (flag: string) => (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined);
  const modern = value("--modern");
  const scratch = modern === undefined ? null : mkdtempSync(join(tmpdir(), "snowglobe-modern-"));
  const made = scratch === null ? [] : makeModernTree(scratch, Number(modern)).names;
  const tree = resolve(
    scratch ??
      value("--tree") ??
      process.env["SNOWGLOBE_CORPUS"]?.split(":")[0] ??
      "examples/nixpkgs",
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
    ...coldAttributes(tree, made).flatMap((attribute) => cold(tree, attribute, runs, nix)),
    ...(await editorRows(tree)).map((row) => ({ ...row, nix: null })),
    {
      name: "exact parser, warm",
      unit: "MB/s",
      ours: parseTree(tree).megabytesPerSecond,
      nix: null,
    },
  ];
  print(rows);
  if (scratch !== null) rmSync(scratch, { recursive: true });
  const json = value("--json");
  if (json !== undefined)
    writeFileSync(
      json,
      `${JSON.stringify({ node: process.versions.node, tree, rows }, null, 2)}\n`,
    );
}

await main(process.argv.slice(2));
