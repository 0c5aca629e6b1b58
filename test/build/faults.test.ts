/** Builds and downloads that are killed, interrupted, or not alone: the next one finishes, nothing is left. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepareWorld } from "../world/prepare-world.ts";
import { serveFolder } from "./cache-server.ts";
import { realNix } from "./real-nix.ts";
import { command, environment, remove, scratch, snowglobe } from "./snowglobe.ts";
import { users } from "./users.ts";

const MOMENTS = 20;

describe.each(users)("as $name", (user) => {
  const top = scratch(user);
  const world = path.join(top, "world");
  beforeAll(() => prepareWorld(world));
  afterAll(() => remove(top));

  /** A store of its own for each test. */
  function newHome(): string {
    const home = path.join(top, `home-${fs.readdirSync(top).length}`);
    fs.mkdirSync(home);
    if (process.getuid?.() === 0) fs.chownSync(home, user.uid, user.uid);
    return home;
  }
  const inStore = (home: string, file: string) => path.join(home, ".local/share/snowglobe", file);

  function start(home: string, attributes: string[], config = ""): ChildProcess {
    const args = ["build", "--no-link", "-L", "-f", world, ...attributes];
    const [file, rest] = command(user, ...args);
    const env = environment(home);
    return spawn(file, rest, {
      cwd: home,
      env: { ...env, NIX_CONFIG: `${env["NIX_CONFIG"]}\n${config}` },
      stdio: ["ignore", "ignore", "pipe"],
    });
  }

  function known(home: string): Record<string, { narHash: string; references: string[] }> {
    return JSON.parse(snowglobe(user, home, "path-info", "--json", "--all").stdout);
  }

  async function expectNothingLeft(home: string) {
    await expect.poll(() => processesIn(home), { timeout: 60_000 }).toEqual([]);
    for (const place of ["partial", "locks"]) {
      expect(fs.readdirSync(inStore(home, place))).toEqual([]);
    }
    const valid = fs.readdirSync(inStore(home, "info")).map((name) => name.split(".")[0]);
    const there = fs.readdirSync(inStore(home, "nix/store")).map((name) => name.slice(0, 32));
    expect(there.sort()).toEqual(valid.sort());
    expect(snowglobe(user, home, "store", "verify")).toMatchObject({ status: 0, stderr: "" });
  }

  test(`a build that is killed at ${MOMENTS} moments is finished by the next`, async () => {
    const [whole, broken] = [newHome(), newHome()];
    const attributes = ["probes.slow", "hello"];
    const began = Date.now();
    const [status] = await once(start(whole, attributes), "close");
    expect(status).toBe(0);
    const duration = Date.now() - began;
    for (let i = 0; i < MOMENTS; i++) {
      const child = start(broken, attributes);
      const exit = once(child, "close");
      child.stderr?.resume();
      // What was finished stays, so that the later ones come further.
      await Promise.race([sleep(Math.random() * duration * 0.6), exit]);
      child.kill("SIGKILL");
      await exit;
    }
    const [last] = await once(start(broken, attributes), "close");
    expect(last).toBe(0);
    expect(known(broken)).toEqual(known(whole));
    await expectNothingLeft(broken);
  }, 600_000);

  test("an interrupted build ends with all that it started", async () => {
    const home = newHome();
    const child = start(home, ["probes.hanging"]);
    let said = "";
    child.stderr?.on("data", (data) => {
      said += data;
    });
    await expect.poll(() => said, { timeout: 90_000 }).toContain("hanging> hanging");
    expect(processesIn(home).length).toBeGreaterThan(2);
    child.kill("SIGINT");
    const [status] = await once(child, "close");
    expect(said).toMatch(/error: interrupted by the user\n$/);
    expect(status).toBe(1);
    await expectNothingLeft(home);
  });

  test("a process that a builder leaves behind ends with the builder", async () => {
    const home = newHome();
    const built = snowglobe(user, home, "build", "-f", world, "probes.leavesProcess");
    expect(built.status).toBe(0);
    await expectNothingLeft(home);
  });

  test("builds of the same at the same time wait for each other", async () => {
    const home = newHome();
    const children = [1, 2, 3].map(() => start(home, ["hello", "probes.references"]));
    const logs = children.map((child) => {
      const log = { text: "" };
      child.stderr?.on("data", (data) => {
        log.text += data;
      });
      return log;
    });
    const exits = await Promise.all(children.map((child) => once(child, "close")));
    const all = logs.map(({ text }) => text).join("");
    expect(
      exits.map(([status]) => status),
      all,
    ).toEqual([0, 0, 0]);
    // Each was built by one of them only.
    expect(all.match(/^building '\S+-hello-2.12.drv'/gm)).toHaveLength(1);
    await expectNothingLeft(home);
  });

  test("a download that is killed at any moment is finished by the next", async () => {
    const [source, home] = [newHome(), newHome()];
    const nix = realNix(source);
    const [secret, open] = [path.join(source, "secret"), path.join(source, "public")];
    nix.run("nix-store", "--generate-binary-cache-key", "test-1", secret, open);
    const python = nix.run("nix-build", world, "-A", "python311", "--no-out-link").trim();
    const folder = path.join(source, "cache");
    nix.run(
      "nix",
      "copy",
      "--to",
      `file://${folder}?compression=none&secret-key=${secret}`,
      python,
    );
    const server = await serveFolder(folder);
    try {
      // Slowly, so that there are moments.
      server.misbehave = (request, response, contents) => {
        if (!request.url?.startsWith("/nar/")) return false;
        const send = async () => {
          for (let at = 0; at < contents.length && !response.destroyed; at += 1 << 16) {
            response.write(contents.subarray(at, at + (1 << 16)));
            await sleep(10);
          }
          response.end();
        };
        void send();
        return true;
      };
      const key = fs.readFileSync(open, "utf8").trim();
      const config = `substituters = ${server.address}\ntrusted-public-keys = ${key}`;
      for (let i = 0; i < MOMENTS / 2; i++) {
        const child = start(home, ["python311"], config);
        const exit = once(child, "close");
        // Half of the time when the download has begun, else whenever.
        if (i % 2 === 0) await Promise.race([once(child.stderr as never, "data"), exit]);
        await Promise.race([sleep(Math.random() * 700), exit]);
        child.kill("SIGKILL");
        await exit;
      }
      const child = start(home, ["python311"], config);
      let said = "";
      child.stderr?.on("data", (data) => {
        said += data;
      });
      const [status] = await once(child, "close");
      expect(status, said).toBe(0);
      expect(said).not.toContain("building '");
      expect(Object.keys(known(home))).toContain(python);
      await expectNothingLeft(home);
    } finally {
      await server.close();
    }
  }, 600_000);
});

/** Processes that see something of a directory: in their command line or among what is mounted for them. */
function processesIn(directory: string): string[] {
  const mark = path.join(path.basename(path.dirname(directory)), path.basename(directory));
  return fs.readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      const seen = ["cmdline", "mountinfo"].map((name) =>
        fs.readFileSync(`/proc/${pid}/${name}`, "utf8"),
      );
      return seen.join("").includes(`${mark}/`);
    } catch {
      return false;
    }
  });
}
