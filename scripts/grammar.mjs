// Generates the tree-sitter parser from grammars/nix/grammar.js, runs its corpus and builds the wasm.
//
//   node scripts/grammar.mjs            generate, test and build into grammars/nix
//   node scripts/grammar.mjs --check    do it elsewhere and compare with what is committed
//   --install                           install Debian's clang, lld and wasi-libc when missing (root)
//
// What it makes is committed, so that nobody else needs these tools. They come from Debian only: the
// tree-sitter CLI of npm downloads a binary when it is installed, Debian's is unpacked beside the
// system without being installed. Versions are pinned, because the committed bytes depend on them.
// Where the tools cannot be had, --check says so and succeeds.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./bootstrap.mjs";

const grammar = join(root, "grammars/nix");
const wasmName = "tree-sitter-nix.wasm";

const cli = {
  version: "0.26.11",
  suite: "forky",
  /** The CLI and the C library it was built for, which is newer than that of the stable release. */
  packages: [
    ["tree-sitter-cli", "272c8379140719d1ff7c5251b3e26f97b83f15c3f3cf04d1777e8be5f5cca6b4"],
    ["libc6", "5c71715c51103beb4fbba9fe9f8dff604af6610dfa71c70bff342f54a7860803"],
    ["libgcc-s1", "e716dc8baad27e884c45ff83a76955047a7a9e33a80e94f9459ee996ebb800b0"],
  ],
};
const clang = { version: "19.1.7", packages: ["clang-19", "lld-19", "wasi-libc"] };
const wasiHeaders = "/usr/include/wasm32-wasi";

/** What is missing on this machine, as opposed to what is wrong with the grammar. */
class ToolMissing extends Error {}

const wanted = new Set(process.argv.slice(2));
const check = wanted.delete("--check");
const install = wanted.delete("--install");
for (const option of wanted) {
  console.error(`grammar: unknown option '${option}'`);
  process.exit(1);
}

try {
  if (check) checkCommitted();
  else {
    generate(grammar);
    test(grammar);
    buildWasm(grammar);
  }
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const missing = error instanceof ToolMissing;
  console.error(`grammar: ${check && missing ? "NOT CHECKED: " : ""}${error.message}`);
  process.exitCode = check && missing ? 0 : 1;
}

/** @param {string} directory */
function generate(directory) {
  run(treeSitter(), ["generate", "--abi", "15"], { cwd: directory });
}

/** @param {string} directory */
function test(directory) {
  // The CLI compiles the parser for it.
  if (!hasCommand("cc")) throw new ToolMissing("the corpus needs a C compiler (cc)");
  run(treeSitter(), ["test", "--rebuild"], { cwd: directory, quiet: true });
}

/** @param {string} directory */
function buildWasm(directory) {
  requireClang();
  const objects = mkdtempSync(join(tmpdir(), "grammar-"));
  try {
    for (const name of ["parser", "scanner"]) {
      const compile = [
        ...["--target=wasm32-unknown-wasi", "-isystem", wasiHeaders],
        ...["-fPIC", "-O2", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"],
        // The generated parser has unused parameters.
        "-Wno-unused-parameter",
        ...["-I", "src", "-c", `src/${name}.c`, "-o", join(objects, `${name}.o`)],
      ];
      run(["clang-19"], compile, { cwd: directory });
    }
    // Not through clang: its driver would run wasm-opt where that happens to be installed.
    const link = [
      ...["-shared", "--export=tree_sitter_nix", "--allow-undefined", "--no-entry"],
      ...["--strip-all", join(objects, "parser.o"), join(objects, "scanner.o")],
      ...["-o", wasmName],
    ];
    run(["wasm-ld-19"], link, { cwd: directory, quiet: true });
  } finally {
    rmSync(objects, { recursive: true });
  }
}

function checkCommitted() {
  const copy = mkdtempSync(join(tmpdir(), "grammar-"));
  try {
    cpSync(grammar, copy, { recursive: true });
    const files = generatedFiles(copy);
    for (const file of files) rmSync(join(copy, file));
    generate(copy);
    compare(copy, [...new Set([...files, ...generatedFiles(copy)])]);
    test(copy);
    buildWasm(copy);
    compare(copy, [wasmName]);
    console.log("grammar: what is committed is what the tools make");
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** @param {string} directory */
function generatedFiles(directory) {
  const headers = readdirSync(join(directory, "src/tree_sitter"));
  return [
    ...["src/parser.c", "src/grammar.json", "src/node-types.json"],
    ...headers.map((header) => join("src/tree_sitter", header)),
  ];
}

/** @param {string} copy @param {string[]} files */
function compare(copy, files) {
  const bytes = (/** @type {string} */ file) =>
    existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const stale = files.filter((file) => !bytes(join(grammar, file)).equals(bytes(join(copy, file))));
  if (stale.length > 0) throw new Error(`stale, run node scripts/grammar.mjs: ${stale.join(", ")}`);
}

/**
 * The command line of the pinned tree-sitter CLI: the installed one if it is that version.
 *
 * @returns {[string, ...string[]]}
 */
function treeSitter() {
  const installed = spawnSync("tree-sitter", ["--version"], { encoding: "utf8" });
  if (installed.stdout?.includes(` ${cli.version}`)) return ["tree-sitter"];
  if (process.platform !== "linux" || process.arch !== "x64" || !hasCommand("apt-get")) {
    throw new ToolMissing(
      `tree-sitter ${cli.version} is not installed, and this is no Debian x86-64`,
    );
  }
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const directory = join(cache, "snowglobe", `tree-sitter-${cli.version}`);
  const unpacked = join(directory, "root");
  if (!existsSync(unpacked)) unpackFromDebian(directory, unpacked);
  return [
    join(unpacked, "usr/lib64/ld-linux-x86-64.so.2"),
    ...["--library-path", join(unpacked, "usr/lib/x86_64-linux-gnu")],
    join(unpacked, "usr/bin/tree-sitter"),
  ];
}

/** @param {string} directory @param {string} unpacked */
function unpackFromDebian(directory, unpacked) {
  mkdirSync(join(directory, "lists/partial"), { recursive: true });
  mkdirSync(join(directory, "cache/archives/partial"), { recursive: true });
  writeFileSync(join(directory, "status"), "");
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const source = `deb [signed-by=${keyring}] ${debianMirror()} ${cli.suite} main\n`;
  writeFileSync(join(directory, "sources.list"), source);
  // An apt of its own: the system's lists, sources and packages stay as they are.
  const own = [
    `Dir::Etc::SourceList=${directory}/sources.list`,
    "Dir::Etc::SourceParts=/dev/null",
    `Dir::State::Lists=${directory}/lists`,
    `Dir::State::status=${directory}/status`,
    `Dir::Cache=${directory}/cache`,
    "APT::Sandbox::User=",
  ].flatMap((setting) => ["-o", setting]);
  const names = cli.packages.map(([name]) => String(name));
  try {
    run(["apt-get"], ["-q", ...own, "update"], { cwd: directory });
    run(["apt-get"], ["-q", ...own, "download", ...names], { cwd: directory });
  } catch (error) {
    throw new ToolMissing(`Debian ${cli.suite} cannot be read: ${String(error)}`);
  }
  const partial = join(directory, "partial");
  for (const [name, pinned] of cli.packages) {
    const files = readdirSync(directory).filter((file) => file.endsWith(".deb"));
    const file = files.find((candidate) => candidate.startsWith(`${name}_`));
    if (file === undefined) throw new ToolMissing(`apt has downloaded no ${name}`);
    const hash = createHash("sha256")
      .update(readFileSync(join(directory, file)))
      .digest("hex");
    if (hash !== pinned) {
      throw new ToolMissing(
        `Debian ${cli.suite} has moved on: ${file} is ${hash}. Pin it, and commit what it makes`,
      );
    }
    run(["dpkg-deb"], ["-x", file, partial], { cwd: directory });
  }
  // Last, so that it is there only when all of it is.
  renameSync(partial, unpacked);
}

/** The Debian mirror that the system itself uses. */
function debianMirror() {
  const format = "$(SITE) $(RELEASE)";
  const targets = execFileSync("apt-get", ["indextargets", "--format", format], {
    encoding: "utf8",
  });
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  for (const line of targets.split("\n")) {
    const [site, release] = line.split(" ");
    if (site !== undefined && release === codename) return site;
  }
  throw new ToolMissing("apt knows no Debian mirror");
}

function requireClang() {
  const found = () => {
    const version = spawnSync("clang-19", ["--version"], { encoding: "utf8" }).stdout;
    return version?.includes(clang.version) && hasCommand("wasm-ld-19") && existsSync(wasiHeaders);
  };
  if (found()) return;
  const command = ["apt-get", "install", "-y", "--no-install-recommends", ...clang.packages];
  if (install) run(["env"], command, { cwd: "/" });
  if (!found()) throw new ToolMissing(`clang ${clang.version} is needed: ${command.join(" ")}`);
}

/** @param {string} name */
function hasCommand(name) {
  return spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;
}

/**
 * Runs a command and shows what it prints; with `quiet` only when it fails.
 *
 * @param {[string, ...string[]]} command
 * @param {string[]} rest
 * @param {{ cwd: string, quiet?: boolean }} how
 */
function run([command, ...first], rest, { cwd, quiet = false }) {
  const result = spawnSync(command, [...first, ...rest], { cwd, encoding: "utf8" });
  if (result.error) throw result.error;
  if (!quiet || result.status !== 0) {
    process.stdout.write(result.stdout);
    process.stderr.write(result.stderr);
  }
  if (result.status !== 0) throw new Error(`${command} ${rest.join(" ")}: ${result.status}`);
}
