// `npm start`: evaluates an example, then opens the real VS Code on examples/ with Snowglobe in it.
//
//   npm start                 until Ctrl+C
//   npm start -- --once       looks at the page itself, writes out/start.png, and ends (also in CI
//                             and without a terminal)
//   npm start -- FILE         evaluates FILE in the terminal and ends
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { bootstrap, findProgram, root } from "./bootstrap.mjs";

const examples = join(root, "examples");
const cli = join(root, "bin/snowglobe.js");

bootstrap();
const argument = process.argv[2];
if (argument !== undefined && argument !== "--once") {
  process.exitCode = showFile(resolve(argument));
} else {
  const shell = join(examples, "shell.nix");
  const hashes = showDerivations(shell);
  if (hashes.length === 0) process.exit(showFile(shell) || 1);
  const once = argument === "--once" || process.env["CI"] === "true" || !process.stdout.isTTY;
  if (once) await lookOnce(hashes);
  else await open();
}

/** Prints a file's derivations, or else its value or why it has none. @param {string} file */
function showFile(file) {
  if (showDerivations(file).length > 0) return 0;
  return instantiate(["--eval", "--strict", file], "inherit").status ?? 1;
}

/**
 * Prints name, drvPath and outPath of the derivations that a file gives.
 *
 * @param {string} file @returns {string[]} the first characters of the hash of each
 */
function showDerivations(file) {
  const expression = `import ${nixPath(join(root, "scripts/derivations.nix"))} ${nixPath(file)}`;
  // An error is told by who evaluates the file itself: its trace has nothing of the expression here.
  const { status, stdout } = instantiate(
    ["--eval", "--strict", "--json", "-E", expression],
    "pipe",
  );
  if (status !== 0) return [];
  /** @type {{ name: string, derivation: string, output: string }[]} */
  const found = JSON.parse(stdout);
  const derivations = new Map(found.map((item) => [item.derivation, item]));
  for (const { name, derivation, output } of derivations.values()) {
    console.log(`${name}\n  ${derivation}\n  ${output}`);
  }
  return [...derivations.keys()].map((derivation) => basename(derivation).slice(0, 7));
}

/** @param {readonly string[]} options @param {"pipe" | "inherit"} output */
function instantiate(options, output) {
  const lookup = `nixpkgs=${join(examples, "nixpkgs")}`;
  return spawnSync(process.execPath, [cli, "instantiate", "-I", lookup, ...options], {
    stdio: ["ignore", output, output],
    encoding: "utf8",
  });
}

/** A path as a Nix expression, whatever its characters. @param {string} path */
function nixPath(path) {
  return `(/. + ${JSON.stringify(path).replaceAll("${", "\\${")})`;
}

/** Opens VS Code for the user: theirs, or one in the browser. */
async function open() {
  const code = findProgram("code");
  if (code !== undefined) {
    spawnSync(code, [`--extensionDevelopmentPath=${root}`, examples], { stdio: "inherit" });
    return;
  }
  const vscode = await serve();
  console.log(`READY ${vscode.url}`);
  const browser = process.platform === "darwin" ? "open" : "xdg-open";
  if (findProgram(browser) !== undefined) {
    spawn(browser, [vscode.url], { stdio: "ignore" }).on("error", () => {});
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, () => void vscode.stop().then(() => process.exit(0)));
  }
}

/** Waits for one of the hashes in the editor. @param {readonly string[]} hashes */
async function lookOnce(hashes) {
  const { browserProgram, startBrowser } = await import("./vscode.mjs");
  const vscode = await serve();
  console.log(`READY ${vscode.url}`);
  try {
    if (browserProgram() === undefined) {
      console.log("no Chromium is installed, so nothing looks at the page");
      return;
    }
    const browser = await startBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(vscode.url);
      const row = page.locator(".explorer-viewlet .monaco-list-row", { hasText: /^shell\.nix$/ });
      await row.dblclick({ timeout: 60_000 });
      const hash = page.locator(".view-line").filter({ hasText: new RegExp(hashes.join("|")) });
      mkdirSync(join(root, "out"), { recursive: true });
      try {
        await hash.first().waitFor({ timeout: 60_000 });
      } finally {
        await page.screenshot({ path: join(root, "out/start.png") });
      }
      console.log("the editor shows the hash; see out/start.png");
    } finally {
      await browser.close();
    }
  } catch (error) {
    console.error(String(error));
    process.exitCode = 1;
  } finally {
    await vscode.stop();
  }
}

async function serve() {
  const { packageExtension } = await import("./package.mjs");
  const { startVscode } = await import("./vscode.mjs");
  return startVscode({
    vsix: await packageExtension(),
    workspace: examples,
    folder: join(root, "out/vscode"),
    trusted: true,
  });
}
