/**
 * Loads a bundle with what Node compiled of it in an earlier run, kept in the user's cache: to compile it
 * again is a large part of what a short command takes.
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { Script } from "node:vm";

/** What a run of less than that has compiled is not worth keeping. In ms of processor time. */
const LONG_RUN = 250;
/** Of other versions of the program and of Node some may be in use too. */
const KEPT = 4;

/**
 * @param {string} file a CommonJS module without `import()`, which does not work in what is kept
 * @param {number} [longRun]
 */
export function loadCompiled(file, longRun = LONG_RUN) {
  const source = fs.readFileSync(file);
  const known = cacheFile(source);
  const cachedData = readCache(known);
  // All on the first line, so that stack traces keep their lines.
  const whole = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
  const script = new Script(whole, { filename: file, ...(cachedData && { cachedData }) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  if (cachedData !== null && !script.cachedDataRejected) return;
  process.once("exit", (code) => {
    const { user, system } = process.cpuUsage();
    if (code === 0 && user + system > longRun * 1000) writeCache(known, script.createCachedData());
  });
}

/** @param {Buffer} source */
function cacheFile(source) {
  const caches = process.env["XDG_CACHE_HOME"] || join(process.env["HOME"] || homedir(), ".cache");
  const hash = createHash("sha256").update(`${cachedDataVersionTag()} ${process.arch} `);
  return join(caches, "snowglobe/compiled", hash.update(source).digest("hex"));
}

/** @param {Buffer} data */
const checksum = (data) => createHash("sha256").update(data).digest();

/**
 * Null when it is not there, or not as it was written.
 *
 * @param {string} file
 */
function readCache(file) {
  try {
    const all = fs.readFileSync(file);
    const data = all.subarray(32);
    return checksum(data).equals(all.subarray(0, 32)) ? data : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} file
 * @param {Buffer} data
 */
function writeCache(file, data) {
  const folder = dirname(file);
  try {
    fs.mkdirSync(folder, { recursive: true });
    const partial = `${file}.${process.pid}`;
    fs.writeFileSync(partial, Buffer.concat([checksum(data), data]));
    fs.renameSync(partial, file);
    const newestFirst = fs
      .readdirSync(folder)
      .map((name) => ({ name, time: fs.statSync(join(folder, name)).mtimeMs }))
      .sort((a, b) => b.time - a.time);
    for (const { name } of newestFirst.slice(KEPT)) fs.rmSync(join(folder, name), { force: true });
  } catch {
    // The command works as well without.
  }
}
