#!/usr/bin/env node
// Makes a checkout ready: right Node, npm packages, build, system packages. Uses nothing but Node,
// because it runs before anything is installed. `node scripts/bootstrap.mjs` does all but the last.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** What oxc-parser and knip ask for; the product itself runs on >= 20.9. */
const OLDEST_NODE = [20, 19];

/** Everything that a checkout needs before `npm start` and `npm test`. */
export function bootstrap() {
  checkNode();
  installPackages();
  buildWhenStale();
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantMajor = 0, wantMinor = 0] = OLDEST_NODE;
  if (major < wantMajor || (major === wantMajor && minor < wantMinor)) {
    fail(
      `Node ${process.versions.node} is too old: Snowglobe is developed on >= ${OLDEST_NODE.join(".")}`,
    );
  }
}

function installPackages() {
  const modules = join(root, "node_modules");
  if (installedAsLocked(modules)) return;
  if (existsSync(modules) && lstatSync(modules).isSymbolicLink()) {
    fail(
      "node_modules is a link to packages of other versions; npm would empty them: update them there",
    );
  }
  say("installing npm packages");
  retry("npm ci", 3, () => run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
}

/**
 * Whether npm's record of what it installed agrees with the lock file. Packages for other systems
 * are optional and stay away. @param {string} modules
 */
function installedAsLocked(modules) {
  const record = join(modules, ".package-lock.json");
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(locked).every(([path, { version, optional }]) => {
    const there = installed[path];
    return path === "" || (there === undefined ? optional === true : there.version === version);
  });
}

function buildWhenStale() {
  const stamp = join(root, "dist", ".stamp");
  const wanted = digest([
    join(root, "package-lock.json"),
    join(root, "scripts/build.mjs"),
    join(root, "server/native/launcher.c"),
    ...filesUnder(join(root, "client/src")),
    ...filesUnder(join(root, "server/src")),
    ...filesUnder(join(root, "grammars")).filter((file) => file.endsWith(".wasm")),
  ]);
  if (readOr(stamp, "") === wanted) return;
  say("building");
  if (!run(process.execPath, [join(root, "scripts/build.mjs")])) fail("the build failed");
  writeFileSync(stamp, wanted);
}

/**
 * Makes sure that programs of the system are there, and installs what is missing with apt where
 * that is allowed without a question.
 *
 * @param {Record<string, string>} programs program name to Debian package
 * @returns {boolean} whether all are there now; when not, one line has said what to run
 */
export function systemPackages(programs) {
  const missing = () =>
    Object.entries(programs).filter(([program]) => findProgram(program) === undefined);
  const packages = [...new Set(missing().map(([, debian]) => debian))];
  if (packages.length === 0) return true;
  const install = ["apt-get", "install", "-qy", "--no-install-recommends", ...packages];
  const prefix =
    process.getuid?.() === 0
      ? []
      : quiet("sudo", ["-n", "true"])
        ? ["sudo", "-n", "-E"]
        : undefined;
  if (prefix !== undefined && findProgram("apt-get") !== undefined) {
    say(`installing ${packages.join(" ")}`);
    process.env["DEBIAN_FRONTEND"] ??= "noninteractive";
    const apt = (/** @type {string[]} */ command) => {
      const [program = "", ...args] = [...prefix, ...command];
      return run(program, args);
    };
    retry("apt-get", 3, () => apt(["apt-get", "update", "-q"]) && apt(install), false);
  }
  if (missing().length === 0) return true;
  say(`missing system packages; run: sudo ${install.join(" ")}`);
  return false;
}

/** The absolute path of a program in PATH, or undefined. @param {string} name */
export function findProgram(name) {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, name);
    if (folder !== "" && existsSync(file) && statSync(file).isFile()) return file;
  }
  return undefined;
}

/** Runs a program on this terminal. @param {string} program @param {readonly string[]} args */
function run(program, args) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    // Standard output belongs to the caller's results.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32" && program === "npm",
  });
  if (error) say(String(error));
  return status === 0;
}

/** @param {string} program @param {readonly string[]} args */
function quiet(program, args) {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

/**
 * Registries and mirrors fail now and then; a failure that stays is told.
 *
 * @param {string} what @param {number} times @param {() => boolean} action @param {boolean} [fatal]
 */
function retry(what, times, action, fatal = true) {
  for (let n = 1; n <= times; n++) {
    if (action()) return;
    say(`${what} failed (${n} of ${times})`);
    if (n < times) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000 * n);
  }
  if (fatal) fail(`${what} failed`);
}

/** A digest of the files' names and contents. @param {readonly string[]} files */
function digest(files) {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file}\0`);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** All files below a folder, in a fixed order. @param {string} folder @returns {string[]} */
function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {string} file @param {string} otherwise */
function readOr(file, otherwise) {
  return existsSync(file) ? readFileSync(file, "utf8") : otherwise;
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`snowglobe: ${text}\n`);
}

/** @param {string} text @returns {never} */
function fail(text) {
  say(text);
  process.exit(1);
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  bootstrap();
}
