/** How long a user of the built language server waits: over stdio, on a shell over a whole package set. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type CompletionList,
  DiagnosticSeverity,
  type InlayHint,
} from "vscode-languageserver/node";
import { TestClient } from "../../test/lsp/client.ts";

export interface EditorRow {
  readonly name: string;
  readonly unit: "ms";
  readonly ours: number;
}

const EDITS = 100;
/** Packages of all over the set that are added one by one. */
const ANY = 150;
/** Beside a flake, and in bytes. */
const SOURCES = 1000;
const SOURCE_SIZE = 10_000;
const TYPING = { keys: 200, pause: 50 };
/** Long enough to evaluate ahead what will be, in ms. */
const AHEAD = 10_000;
/** Known to most trees: the first are there from the start, the others are added one by one. */
const PRESENT = ["hello", "git", "jq", "curl", "tmux", "htop", "zlib", "openssl", "python3"];
const ADDED = ["nodejs", "postgresql", "cmake", "emacs", "meson", "openssh", "firefox"];
const SYSTEM = 'system = "x86_64-linux";';

/** Rows for a package set: a directory whose default.nix takes `system`, `config` and `overlays`. */
export async function editorRows(tree: string): Promise<EditorRow[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "snowglobe-bench-")));
  try {
    const names = attributeNames(tree);
    const packages = choose(names);
    const shell = `import ${tree} { ${SYSTEM} }`;
    return [
      ...(await shellRows(folder, shell, packages)),
      await aheadRow(folder, shell, packages),
      ...(await anyPackageRows(folder, shell, packages, names)),
      ...(await overlayRows(folder, tree, packages)),
      ...(await flakeRows(folder, tree, packages)),
      ...(await largeFileRows(join(tree, "pkgs/top-level/all-packages.nix"))),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Packages {
  readonly present: readonly string[];
  readonly added: readonly string[];
}

function attributeNames(tree: string): string[] {
  return evaluated(`builtins.attrNames (import ${tree} { ${SYSTEM} })`);
}

/** Which of some attributes a package set has as derivations. */
export function packagesAmong(tree: string, names: readonly string[]): string[] {
  const list = names.map((name) => JSON.stringify(name)).join(" ");
  return evaluated(`let set = import ${tree} { ${SYSTEM} }; in
    builtins.filter (name: set.\${name}.type or "" == "derivation") [ ${list} ]`);
}

function evaluated(expression: string): string[] {
  const command = ["bin/snowglobe.js", "instantiate", "--eval", "--strict", "--json", "-E"];
  return JSON.parse(execFileSync(process.execPath, [...command, expression], { encoding: "utf8" }));
}

/** Of a set that has nothing of what people know: some from all over it. */
function choose(names: readonly string[]): Packages {
  const there = new Set(names);
  const present = PRESENT.filter((name) => there.has(name));
  if (present.length > 3) return { present, added: ADDED.filter((name) => there.has(name)) };
  const ofAll = (part: number) => names[Math.floor(names.length * part)] ?? "";
  return { present: [0.2, 0.4, 0.6].map(ofAll), added: [0.3, 0.5, 0.7, 0.9].map(ofAll) };
}

const shellText = (pkgs: string, packages: readonly string[], hook: string) => `{ pkgs ? ${pkgs} }:

derivation {
  name = "shell";
  system = "x86_64-linux";
  builder = "/bin/sh";
  packages = with pkgs; [ ${packages.join(" ")} ];
  shellHook = ''
    echo ${hook}
  '';
}
`;

/** A document that is edited, and the hint of the derivation that it gives. */
class EditedShell {
  readonly #client: TestClient;
  readonly #uri: string;
  #label = "";

  constructor(client: TestClient, uri: string) {
    this.#client = client;
    this.#uri = uri;
  }

  /** Milliseconds from a change of the text to a hint that was not there before. */
  async changed(text: string): Promise<number> {
    const start = performance.now();
    await this.#client.change(this.#uri, text);
    return this.hint(start);
  }

  /** Takes back a change that was wrong. */
  async mended(text: string): Promise<void> {
    const wrong = this.#client.diagnostics.get(this.#uri);
    await this.#client.change(this.#uri, text);
    await this.#client.until("other diagnostics", () => {
      const now = this.#client.diagnostics.get(this.#uri);
      return now !== wrong && now?.diagnostics.length === 0;
    });
  }

  async hint(start: number): Promise<number> {
    const range = { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } };
    for (;;) {
      const hints = await this.#client.of<InlayHint[] | null>("inlayHint", this.#uri, { range });
      const label = (hints ?? [])
        .map((hint) => String(hint.label))
        .find((each) => /^\w+ shell\b/.test(each));
      if (label !== undefined && label !== this.#label) {
        this.#label = label;
        return performance.now() - start;
      }
      const problems = this.#client.diagnostics.get(this.#uri)?.diagnostics ?? [];
      const problem = problems.find(({ severity }) => severity === DiagnosticSeverity.Error);
      if (problem !== undefined) throw new Error(`${this.#uri}: ${problem.message}`);
      if (performance.now() - start > 60_000) throw new Error(`${this.#uri}: no hint`);
    }
  }
}

async function inServer<T>(folder: string, run: (client: TestClient) => Promise<T>): Promise<T> {
  const client = await TestClient.start({ folder });
  try {
    return await run(client);
  } finally {
    await client.stop();
  }
}

async function opened(
  client: TestClient,
  file: string,
  text: string,
): Promise<{ shell: EditedShell; first: number; uri: string }> {
  writeFileSync(file, text);
  const uri = pathToFileURL(file).href;
  const shell = new EditedShell(client, uri);
  const start = performance.now();
  await client.open(uri, text);
  return { shell, first: await shell.hint(start), uri };
}

/** p95 of many edits of a string. */
async function edits(shell: EditedShell, text: (hook: string) => string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < EDITS; n++) times.push(await shell.changed(text(`edit ${n}`)));
  return percentile(times, 0.95);
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

const row = (name: string, ours: number): EditorRow => ({ name, unit: "ms", ours });

async function shellRows(
  folder: string,
  pkgs: string,
  { present, added }: Packages,
): Promise<EditorRow[]> {
  return inServer(folder, async (client) => {
    const text = (hook: string) => shellText(pkgs, present, hook);
    const { shell, first, uri } = await opened(client, join(folder, "shell.nix"), text("0"));
    const edit = await edits(shell, text);
    const more: number[] = [];
    for (const [i] of added.entries()) {
      more.push(await shell.changed(shellText(pkgs, [...present, ...added.slice(0, i + 1)], "0")));
    }
    await shell.changed(text("typing"));
    const typed = await typing(client, shell, uri, text);
    const start = performance.now();
    const asked = text("0").replace("]", " pkgs. ]");
    const before = asked.slice(0, asked.indexOf("pkgs. ]") + 5).split("\n");
    await client.change(uri, asked);
    const place = [before.length - 1, before.at(-1)?.length ?? 0] as const;
    const list = await client.at<CompletionList>("completion", uri, ...place);
    return [
      row("editor: first evaluation", first),
      row("editor: edit to hint, p95", edit),
      row("editor: add a package, median", percentile(more, 0.5)),
      row("editor: add a package, slowest", Math.max(...more)),
      ...typed,
      row(`editor: complete ${list.items.length} names`, performance.now() - start),
    ];
  });
}

/** Somebody reads before they add something; what takes longest comes last in `ADDED`, and is added first. */
async function aheadRow(
  folder: string,
  pkgs: string,
  { present, added }: Packages,
): Promise<EditorRow> {
  return inServer(folder, async (client) => {
    const text = (more: readonly string[]) => shellText(pkgs, [...present, ...more], "0");
    const { shell } = await opened(client, join(folder, "ahead.nix"), text([]));
    await pause(AHEAD);
    const times: number[] = [];
    for (const name of [...added].reverse()) times.push(await shell.changed(text([name])));
    return row("editor: add a package after a pause, slowest", Math.max(...times));
  });
}

/** Some of all the names of a set, each added alone; what is no package, or may not be used, is passed over. */
async function anyPackageRows(
  folder: string,
  pkgs: string,
  { present }: Packages,
  names: readonly string[],
): Promise<EditorRow[]> {
  return inServer(folder, async (client) => {
    const text = (more: readonly string[]) => shellText(pkgs, [...present, ...more], "0");
    const { shell } = await opened(client, join(folder, "any.nix"), text([]));
    const tried = names.filter((name) => /^[a-zA-Z]\w*$/.test(name) && !present.includes(name));
    const step = Math.max(1, Math.floor(tried.length / ANY));
    const times: number[] = [];
    for (let i = 0; i < tried.length; i += step) {
      try {
        times.push(await shell.changed(text([tried[i] ?? ""])));
        await shell.changed(text([]));
      } catch {
        await shell.mended(text([]));
      }
    }
    return [row(`editor: add any of ${times.length} packages, p95`, percentile(times, 0.95))];
  });
}

/** Somebody types fast and does not wait; another request every few milliseconds shows what blocks. */
async function typing(
  client: TestClient,
  shell: EditedShell,
  uri: string,
  text: (hook: string) => string,
): Promise<EditorRow[]> {
  const answers: number[] = [];
  let typed = false;
  const asking = (async () => {
    while (!typed) {
      const start = performance.now();
      await client.of("foldingRange", uri);
      answers.push(performance.now() - start);
      await pause(5);
    }
  })();
  let hook = "";
  for (let n = 0; n < TYPING.keys; n++) {
    hook += "x";
    await client.change(uri, text(hook));
    await pause(TYPING.pause);
  }
  typed = true;
  await asking;
  const last = await shell.changed(text(`${hook}.`));
  return [
    row("editor: typing, last key to hint", last),
    row("editor: typing, slowest answer", Math.max(...answers)),
  ];
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Not every package set takes overlays, or may be read in pure evaluation. */
async function rowIfAny(what: string, measure: () => Promise<EditorRow>): Promise<EditorRow[]> {
  try {
    return [await measure()];
  } catch (error) {
    console.log(`no row for ${what}: ${(error as Error).message.split("\n", 1)[0]}`);
    return [];
  }
}

/** An overlay and a predicate in the file itself: functions, which only their code tells apart. */
async function overlayRows(
  folder: string,
  tree: string,
  { present }: Packages,
): Promise<EditorRow[]> {
  const [base = ""] = present;
  const pkgs = `import ${tree} {
    ${SYSTEM}
    config.allowUnfreePredicate = pkg: builtins.elem pkg.name [ "some" ];
    overlays = [ (self: super: { mine = super.${base}.overrideAttrs (old: { FOO = "1"; }); }) ];
  }`;
  return inServer(folder, async (client) => {
    const text = (hook: string) => shellText(pkgs, [...present, "mine"], hook);
    return rowIfAny("a shell with an overlay", async () => {
      const { shell } = await opened(client, join(folder, "overlay.nix"), text("0"));
      return row("editor: edit beside an overlay, p95", await edits(shell, text));
    });
  });
}

/** A flake by itself, and one of many files with an overlay in one of them. */
async function flakeRows(
  folder: string,
  tree: string,
  { present }: Packages,
): Promise<EditorRow[]> {
  const [base = ""] = present;
  const text = (pkgs: string, packages: readonly string[]) => (hook: string) =>
    `{
  inputs.nixpkgs = {
    url = "path:${tree}";
    flake = false;
  };
  outputs = { self, nixpkgs }: {
    devShells.x86_64-linux.default = (${shellText(pkgs, packages, hook)}) { };
  };
}
`;
  const alone = text(`import nixpkgs { ${SYSTEM} }`, present);
  const overlays = `import nixpkgs { ${SYSTEM} overlays = [ (import ./overlay.nix) ]; }`;
  const together = text(overlays, [...present, "mine"]);
  const files: Record<string, string> = {
    "overlay.nix": `self: super: { mine = super.${base}.overrideAttrs (old: { FOO = "1"; }); }\n`,
  };
  for (let n = 0; n < SOURCES; n++) files[`source-${n}`] = `${n % 10}`.repeat(SOURCE_SIZE);
  return [
    ...(await flakeRow(folder, "alone", {}, alone, "editor: edit in a flake, p95")),
    ...(await flakeRow(folder, "large", files, together, "editor: edit in a large flake, p95")),
  ];
}

/** @param name of its directory: what the server writes for itself is not in the flake's */
async function flakeRow(
  folder: string,
  name: string,
  files: Record<string, string>,
  text: (hook: string) => string,
  title: string,
): Promise<EditorRow[]> {
  const directory = join(folder, name);
  mkdirSync(directory);
  for (const [file, contents] of Object.entries(files))
    writeFileSync(join(directory, file), contents);
  return inServer(folder, async (client) => {
    return rowIfAny("a flake", async () => {
      const { shell } = await opened(client, join(directory, "flake.nix"), text("0"));
      return row(title, await edits(shell, text));
    });
  });
}

/** The largest file of a package set, where every key makes it wrong or right again. */
async function largeFileRows(file: string): Promise<EditorRow[]> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  const middle = text.lastIndexOf(";\n", text.length / 2);
  const line = text.slice(0, middle).split("\n").length - 1;
  const column = middle - text.lastIndexOf("\n", middle - 1) - 1;
  return inServer(join(file, ".."), async (client) => {
    const uri = pathToFileURL(file).href;
    await client.open(uri, text);
    await client.problems(uri);
    const times: number[] = [];
    for (let n = 0; n < EDITS; n++) {
      const wrong = n % 2 === 0;
      const start = performance.now();
      const range = [line, column, line, column + (wrong ? 0 : 2)] as const;
      const version = await client.change(uri, wrong ? " (" : "", [...range]);
      await client.problems(uri, version);
      times.push(performance.now() - start);
    }
    return [row("editor: edit to syntax error in all-packages, p95", percentile(times, 0.95))];
  });
}
