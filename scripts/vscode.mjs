// A real VS Code with the packaged extension in it: its server on loopback and, for programs that
// look at it, a headless Chromium. Used by `npm start` and by the end-to-end tests.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "./bootstrap.mjs";
import { installVscodeServer } from "./vscode-server.mjs";

/** Keeps the workbench to what is looked at: no welcome pages, updates, telemetry, other features. */
const QUIET = {
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "files.simpleDialog.enable": true,
  "git.openRepositoryInParentFolders": "never",
  "telemetry.telemetryLevel": "off",
  "terminal.integrated.gpuAcceleration": "off",
  "update.mode": "none",
  "update.showReleaseNotes": false,
  "window.confirmBeforeClose": "never",
  "workbench.enableExperiments": false,
  "workbench.layoutControl.enabled": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
};

/**
 * Starts VS Code's server. Anything on this machine can reach it: it listens on loopback only and
 * asks for no password.
 *
 * @param {object} how
 * @param {string} how.vsix the packaged extension
 * @param {string} how.workspace absolute path of the folder to open
 * @param {string} how.folder where it keeps its data; emptied first
 * @param {boolean} how.trusted whether every workspace is trusted; else VS Code asks, as it does
 * @param {Record<string, unknown>} [how.settings] user settings
 * @param {(server: string) => { command: readonly string[], server: string, environment: object } | null} [how.elsewhere]
 *   runs it as another user: what stands before its command, where VS Code's server is then, variables
 */
export async function startVscode(how) {
  const { vsix, workspace, folder, trusted, settings = {} } = how;
  const installed = installVscodeServer();
  const server = join(installed, "out/server-main.js");
  const data = join(folder, "data");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(data, "data/User"), { recursive: true });
  writeFileSync(join(data, "data/User/settings.json"), JSON.stringify({ ...QUIET, ...settings }));

  const environment = { ...process.env, EXTENSIONS_GALLERY: "{}" };
  const common = [
    "--accept-server-license-terms",
    ...["--server-data-dir", data],
    ...["--extensions-dir", join(folder, "extensions")],
  ];
  const install = spawnSync(
    process.execPath,
    [server, ...common, "--install-extension", vsix, "--force"],
    { env: environment, encoding: "utf8" },
  );
  if (install.status !== 0) throw new Error(`the extension cannot be installed: ${install.stderr}`);

  const port = await freePort();
  const other = how.elsewhere?.(installed);
  const [program = "", ...before] = [...(other?.command ?? []), process.execPath];
  const child = spawn(
    program,
    [
      ...before,
      other ? join(other.server, "out/server-main.js") : server,
      ...common,
      ...["--host", "127.0.0.1", "--port", String(port), "--without-connection-token"],
      ...["--telemetry-level", "off", "--disable-telemetry", "--disable-update-check"],
      ...(trusted ? ["--disable-workspace-trust"] : []),
    ],
    // Its own process group: the hosts of extensions and terminals end with it.
    {
      env: { ...environment, ...other?.environment },
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    },
  );
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const stop = async () => {
    if (child.exitCode === null && child.pid !== undefined) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      process.kill(-child.pid, "SIGTERM");
      await Promise.race([ended, sleep(5000)]);
    }
  };
  // `?folder=`, because with the server's own --default-folder diagnostics never become squiggles.
  const url = `http://127.0.0.1:${port}/?folder=${encodeURI(workspace)}`;
  for (let tries = 0; !(await answers(url)); tries++) {
    if (child.exitCode !== null || tries === 300) {
      await stop();
      throw new Error(`VS Code's server does not start: ${errors}`);
    }
    await sleep(100);
  }
  return { url, stop };
}

/** Whether `startBrowser` can work here. */
export function browserProgram() {
  return findProgram("chromium") ?? findProgram("chromium-browser") ?? findProgram("google-chrome");
}

/** A headless browser that reaches nothing but loopback. */
export async function startBrowser() {
  const executablePath = browserProgram();
  if (executablePath === undefined) throw new Error("no Chromium is installed");
  const { chromium } = await import("playwright-core");
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost",
    ],
  });
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** @param {string} url */
async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
