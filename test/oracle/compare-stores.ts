/** What derivations are written as: the files in the store of a real Nix, byte by byte, beside ours. */
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folder } from "./cases.ts";
import type { Compared } from "./compare.ts";
import { runOurs } from "./our-nix.ts";
import type { Outcome } from "./outcome.ts";
import { type RealNix, runNix } from "./real-nix.ts";

type Tree = Map<string, string>;

/** Contents of files, executable or not, and targets of links, by path. */
function readTree(directory: string): Tree {
  const out: Tree = new Map();
  const visit = (path: string): void => {
    for (const name of readdirSync(join(directory, path))) {
      // Where equal files are linked to each other.
      if (name === ".links") continue;
      const at = join(path, name);
      const stat = lstatSync(join(directory, at));
      if (stat.isDirectory()) visit(at);
      else if (stat.isSymbolicLink()) out.set(at, `-> ${readlinkSync(join(directory, at))}`);
      else {
        const mark = (stat.mode & 0o111) === 0 ? "" : "executable: ";
        out.set(at, mark + readFileSync(join(directory, at), "latin1"));
      }
    }
  };
  visit("");
  return out;
}

async function withStore<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "snowglobe-store-"));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const operands = (expressions: readonly string[]) => expressions.flatMap((text) => ["-E", text]);

function ours(expressions: readonly string[]): Promise<Tree> {
  return withStore(async (store) => {
    runOurs(["--store", store, ...operands(expressions)]);
    return readTree(join(store, "nix/store"));
  });
}

function theirs(nix: RealNix, expressions: readonly string[]): Promise<Tree> {
  return withStore(async (store) => {
    const options = ["--store", store, "--option", "fsync-metadata", "false"];
    await runNix(nix, [...options, ...operands(expressions)], folder, { NIX_REMOTE: undefined });
    return readTree(join(store, "nix/store"));
  });
}

/** What one has otherwise than the other. */
function onlyIn(tree: Tree, other: Tree): string {
  return [...tree]
    .filter(([path, contents]) => other.get(path) !== contents)
    .map(([path, contents]) => `${path}: ${contents}`)
    .join("\n");
}

/** Derivations that cannot be made are left to the comparison of values. */
export async function compareStores(
  nixes: readonly RealNix[],
  expressions: readonly string[],
): Promise<Compared> {
  const good = expressions.filter((text) => runOurs(["-E", text]).status === 0);
  const compared: Compared = { differences: [], failures: expressions.length - good.length };
  for (const nix of nixes) {
    const compare = async (some: readonly string[]): Promise<void> => {
      if (some.length === 0) return;
      const [a, b] = [await ours(some), await theirs(nix, some)];
      const [onlyOurs, onlyTheirs] = [onlyIn(a, b), onlyIn(b, a)];
      if (onlyOurs === "" && onlyTheirs === "") return;
      const [expression, ...more] = some;
      if (more.length > 0) {
        await compare(some.slice(0, some.length >> 1));
        await compare(some.slice(some.length >> 1));
        return;
      }
      const outcome = (text: string): Outcome => ({ ok: true, text });
      const difference = { ours: outcome(onlyOurs), theirs: outcome(onlyTheirs), nix };
      compared.differences.push({ expression: expression as string, ...difference });
    };
    await compare(good);
  }
  return compared;
}
