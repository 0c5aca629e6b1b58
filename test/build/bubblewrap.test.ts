/** A copy of Snowglobe without its launcher: builds and shells under bubblewrap. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepareWorld } from "../world/prepare-world.ts";
import { environment, remove, scratch, snowglobe } from "./snowglobe.ts";
import { users } from "./users.ts";

const PACKAGES = ["hello", "hello-structured", "greet-hook"].concat(
  ["modes", "references", "fixedFlat", "fixedTree", "placeholders"].map((name) => `probes.${name}`),
);

// The last of them is the one with the fewest rights.
describe.each(users.slice(-1))("as $name", (user) => {
  const home = scratch(user);
  const other = path.join(home, "other");
  const copy = path.join(home, "dist");
  const world = path.join(home, "world");
  beforeAll(() => {
    prepareWorld(world);
    fs.cpSync(path.join(import.meta.dirname, "../../dist"), copy, {
      recursive: true,
      filter: (file) => !path.basename(file).startsWith("launcher-"),
    });
    spawnSync("chown", ["-R", `${user.uid}:${user.uid}`, copy]);
  });
  afterAll(() => remove(home));

  const words = (...args: string[]): [string, string[]] => {
    const all = [...user.prefix, process.execPath, path.join(copy, "cli.cjs"), ...args];
    return [all[0] as string, all.slice(1)];
  };
  const options = { cwd: home, env: { ...environment(home), SNOWGLOBE_STORE: other } };
  const run = (...args: string[]) => spawnSync(...words(...args), { ...options, encoding: "utf8" });

  test("everything that is built is the same in every byte, and the difference is named", () => {
    const args = ["build", "--no-link", "--print-out-paths", "-f", world];
    const ours = snowglobe(user, home, ...args, ...PACKAGES);
    expect(ours.status).toBe(0);
    const theirs = run(...args, ...PACKAGES);
    expect(theirs.stderr).toContain("warning: this copy of Snowglobe has no launcher of its own");
    expect(theirs.stdout).toBe(ours.stdout);
    const listed = ["path-info", "--json", "--all"];
    expect(JSON.parse(run(...listed).stdout)).toEqual(
      JSON.parse(snowglobe(user, home, ...listed).stdout),
    );
  });

  test("failures are told", () => {
    const { stderr, status } = run("build", "--no-link", "-f", world, "probes.failing");
    expect(status).toBe(1);
    expect(stderr).toMatch(/failed with exit code 3;\n.*last 25 log lines:/);
    expect(stderr).toContain("> about to fail\n");
  });

  test("a shell is entered", () => {
    const script = 'hello; echo "$GREETING"; id -u';
    const args = ["develop", "-f", world, "shells.plain", "-c", "bash", "-c", script];
    const { stdout, status } = run(...args);
    expect({ stdout, status }).toEqual({
      stdout: `Welcome\nHello, world!\nWelcome\n${user.uid}\n`,
      status: 0,
    });
  });

  test("ending it ends the builder", async () => {
    const child = spawn(...words("build", "--no-link", "-L", "-f", world, "probes.hanging"), {
      ...options,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (data) => {
      said += data;
    });
    await expect.poll(() => said, { timeout: 60_000 }).toContain("hanging> hanging");
    child.kill("SIGKILL");
    await once(child, "close");
    const running = () =>
      fs
        .readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name) && cmdline(name).includes("sleep\u0000100000"));
    await expect.poll(running, { timeout: 60_000 }).toEqual([]);
  });
});

test("without user namespaces the error says what turns them on", () => {
  const [user] = users.slice(-1);
  if (user === undefined) return;
  const home = scratch(user);
  try {
    fs.writeFileSync(
      path.join(home, "default.nix"),
      'derivation { name = "x"; system = builtins.currentSystem; builder = "${/usr/bin/bash-static}"; args = [ "-c" "echo > $out" ]; }',
    );
    const program = path.join(import.meta.dirname, "../../bin/snowglobe.js");
    const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const inside = ["--user", "--map-root-user", "sh", "-c", script, "sh", process.execPath];
    const all = [...user.prefix, "/usr/bin/unshare", ...inside, program, "build", "--no-link"];
    const { stderr, status } = spawnSync(all[0] as string, [...all.slice(1), "-f", "default.nix"], {
      cwd: home,
      env: environment(home),
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /error: cannot build '\S+-x\.drv': cannot make a sandbox: no user namespace left: .* \(to allow them: sudo sysctl -w user\.max_user_namespaces=15000\)\n$/,
    );
  } finally {
    remove(home);
  }
});

function cmdline(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
