// Installs VS Code's server from npm into the user's cache: the real workbench, used by `npm start`
// and by the end-to-end tests, never shipped. Only the editor inside the package code-server is
// taken; what would be compiled or downloaded at install is replaced by what npm has ready.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** code-server's version; 4.100.3 carries VS Code 1.100.3, which runs on Node 20. */
const VERSION = "4.100.3";

/** Terminals and search: prebuilt for every Linux, where the packaged versions want a compiler or a download. */
const NODE_PTY = "node-pty@1.2.0-beta.15";
const RIPGREP = "@vscode/ripgrep-universal@1.18.0";

/** Where Snowglobe's tools live on this machine. */
export function cacheFolder() {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "snowglobe");
}

/**
 * The folder of the installed server; installs it when it is not there (about 20 seconds).
 * Throws when it cannot be had.
 */
export function installVscodeServer() {
  const folder = join(cacheFolder(), `vscode-${VERSION}`);
  const ready = join(folder, "ready");
  if (existsSync(ready) && readFileSync(ready, "utf8") === recipe()) return folder;
  process.stderr.write(`snowglobe: installing VS Code's server into ${folder}\n`);
  mkdirSync(cacheFolder(), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    // Complete or absent: two installs at once, or one that is stopped, leave no half of one.
    const work = mkdtempSync(join(cacheFolder(), "vscode-new-"));
    try {
      install(work);
      rmSync(folder, { recursive: true, force: true });
      renameSync(work, folder);
      return folder;
    } catch (error) {
      rmSync(work, { recursive: true, force: true });
      process.stderr.write(`snowglobe: ${error instanceof Error ? error.message : error}\n`);
      if (attempt === 3) throw new Error("VS Code's server could not be installed");
    }
  }
}

/** Fills an empty folder. @param {string} folder */
function install(folder) {
  const pack = (/** @type {string} */ name, /** @type {string[]} */ ...untar) => {
    const tarballs = mkdtempSync(join(folder, "pack-"));
    run("npm", ["pack", "--silent", "--pack-destination", tarballs, name], folder);
    const [tarball = ""] = readdirSync(tarballs);
    run("tar", ["-xzf", join(tarballs, tarball), ...untar], folder);
    rmSync(tarballs, { recursive: true });
  };
  pack(`code-server@${VERSION}`, "--strip-components=3", "--exclude=*.map", "package/lib/vscode");
  // Not `npm ci`: the package's shrinkwrap is out of step with what newer npms expect.
  run("npm", ["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], folder);

  const modules = join(folder, "node_modules");
  const system = `${process.platform}-${process.arch}`;
  rmSync(join(modules, "node-pty"), { recursive: true });
  mkdirSync(join(modules, "node-pty"));
  const pty = [`package/prebuilds/${system}`, "package/lib", "package/package.json"];
  pack(NODE_PTY, "-C", join(modules, "node-pty"), "--strip-components=1", ...pty);
  const rg = join(modules, "@vscode/ripgrep/bin");
  mkdirSync(rg, { recursive: true });
  pack(RIPGREP, "-C", rg, "--strip-components=3", `package/bin/${system}`);

  // Native modules that are not built here: a log in plain files, and no watchdog.
  writeFileSync(join(modules, "@vscode/spdlog/index.js"), PLAIN_LOGGER);
  writeFileSync(join(modules, "@vscode/spdlog/package.json"), '{ "main": "index.js" }');
  rmSync(join(modules, "native-watchdog"), { recursive: true, force: true });
  mkdirSync(join(modules, "native-watchdog"));
  writeFileSync(join(modules, "native-watchdog/index.js"), "exports.start = () => {};\n");

  // Names under which code-server's VS Code looks for things.
  symlinkSync("node_modules", join(folder, "node_modules.asar"));
  symlinkSync("code-linux.sh", join(folder, "bin/remote-cli/code-server"));
  symlinkSync("browser-linux.sh", join(folder, "bin/helpers/browser.sh"));
  writeFileSync(join(folder, "ready"), recipe());
}

/** What this file does, so that an install of an older recipe is made anew. */
function recipe() {
  return createHash("sha256")
    .update(readFileSync(new URL(import.meta.url)))
    .digest("hex");
}

/** @param {string} program @param {readonly string[]} args @param {string} cwd */
function run(program, args, cwd) {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error ?? stderr}`);
}

// VS Code imports this CommonJS file as an ES module, hence only plain `exports.x =`.
const PLAIN_LOGGER = `"use strict";
const fs = require("fs");
const path = require("path");
class Logger {
  constructor(file) { fs.mkdirSync(path.dirname(file), { recursive: true }); this.file = file; this.level = 2; this.raw = false; }
  write(level, name, text) {
    if (level < this.level) return;
    fs.appendFileSync(this.file, this.raw ? text : new Date().toISOString() + " [" + name + "] " + text + "\\n");
  }
  trace(text) { this.write(0, "trace", text); }
  debug(text) { this.write(1, "debug", text); }
  info(text) { this.write(2, "info", text); }
  warn(text) { this.write(3, "warning", text); }
  error(text) { this.write(4, "error", text); }
  critical(text) { this.write(5, "critical", text); }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.raw = true; }
  flush() {}
  drop() {}
}
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = async (name, file) => new Logger(file);
exports.createAsyncRotatingLogger = async (name, file) => new Logger(file);
`;
