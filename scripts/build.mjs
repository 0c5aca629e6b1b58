// Bundles the product into dist/ with esbuild. `--watch` keeps on building, `--minify` is for the package.
import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { compileLauncher } from "./launcher.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");

/** Bundle name and entry point. The first runs in VS Code's extension host, the others in Node. */
const bundles = {
  client: "client/src/extension.ts",
  server: "server/src/lsp/main.ts",
  cli: "server/src/cli/main.ts",
  worker: "server/src/host/eval-worker.ts",
  analysis: "server/src/host/analysis-worker.ts",
};

/** Files that the bundles load at run time from their own folder. */
const assets = [
  createRequire(import.meta.url).resolve("web-tree-sitter/web-tree-sitter.wasm"),
  join(root, "grammars/nix/tree-sitter-nix.wasm"),
];

/** @param {{ minify: boolean }} how */
function options({ minify }) {
  /** @type {Record<string, string>} */
  const entryPoints = {};
  for (const [name, file] of Object.entries(bundles)) {
    if (existsSync(join(root, file))) entryPoints[name] = join(root, file);
  }
  return /** @type {const} @satisfies {esbuild.BuildOptions} */ ({
    absWorkingDir: root,
    entryPoints,
    outdir: dist,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // VS Code gives this module to extensions itself.
    external: ["vscode"],
    // The language server libraries' CommonJS entry hides its requires from a bundler.
    mainFields: ["module", "main"],
    // A CommonJS bundle has no import.meta.url; files beside the code are found through it.
    define: { "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
    // Code that is kept compiled (bin/load-compiled.js) cannot import.
    supported: { "dynamic-import": false },
    // Its other entry makes a `require` of its own by an import.
    alias: { "web-tree-sitter": createRequire(import.meta.url).resolve("web-tree-sitter") },
    minifyWhitespace: minify,
    minifySyntax: minify,
    sourcemap: minify ? false : "linked",
    logLevel: "warning",
  });
}

/**
 * Builds once.
 *
 * @param {{ minify?: boolean }} [how]
 * @returns {Promise<string[]>} the files that the bundles were made of, relative to the project
 */
export async function build({ minify = false } = {}) {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  copyAssets();
  compileLauncher();
  const { metafile } = await esbuild.build({ ...options({ minify }), metafile: true });
  return Object.keys(metafile.inputs);
}

async function watch() {
  mkdirSync(dist, { recursive: true });
  copyAssets();
  compileLauncher();
  const context = await esbuild.context({ ...options({ minify: false }), logLevel: "info" });
  await context.watch();
}

function copyAssets() {
  for (const file of assets) {
    if (existsSync(file)) copyFileSync(file, join(dist, basename(file)));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--watch")) await watch();
  else await build({ minify: process.argv.includes("--minify") });
}
