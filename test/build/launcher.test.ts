/** The native launcher alone: what a builder sees, what it may not do, how it ends. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launcherPath } from "../../server/src/build/launcher.ts";
import { users } from "./users.ts";

const launcher = launcherPath();
const busybox = "/usr/bin/busybox";
const top = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-launcher-"));
fs.chmodSync(top, 0o755);
afterAll(() => fs.rmSync(top, { recursive: true, force: true }));

describe.each(users)("as $name", (user) => {
  const home = path.join(top, String(user.uid));
  const root = path.join(home, "root");

  beforeAll(() => {
    for (const dir of ["proc", "dev/pts", "dev/shm", "nix/store", "etc", "build", "bin"])
      fs.mkdirSync(path.join(root, dir), { recursive: true });
    for (const file of ["dev/null", "bin/busybox"]) fs.writeFileSync(path.join(root, file), "");
    fs.symlinkSync("pts/ptmx", path.join(root, "dev/ptmx"));
    fs.mkdirSync(path.join(home, "store", "there"), { recursive: true });
    fs.mkdirSync(path.join(home, "mount"));
    spawnSync("chown", ["-R", `${user.uid}:${user.uid}`, home]);
  });

  const command = (...args: string[]): [string, string[]] => {
    const [file = "", ...rest] = [...user.prefix, launcher, ...args];
    return [file, rest];
  };
  const run = (...args: string[]) => spawnSync(...command(...args), { encoding: "utf8" });

  /** A file that says: run this script of busybox. */
  function spec(script: string, ...more: string[]): string {
    const file = path.join(home, "spec");
    const binds = ["rw", "/dev/null", `${root}/dev/null`, "ro", busybox, `${root}/bin/busybox`];
    const builder = ["exec", "/bin/busybox", "arg", "sh", "arg", "-c", "arg", script];
    const tokens = ["root", root, ...binds, "cwd", "/build", ...builder, ...more];
    fs.writeFileSync(file, tokens.map((token) => `${token}\0`).join(""));
    return file;
  }
  const build = (script: string, ...more: string[]) => run("sandbox", spec(script, ...more));

  test("a builder is alone, on a machine like every other", () => {
    const { stdout, stderr, status } = build(
      `b=/bin/busybox
       echo "$$ $($b id -u):$($b id -g) $($b hostname) $($b pwd)"
       echo "$FOO"
       echo /*
       $b ip addr show lo | $b grep -o LOOPBACK,UP
       test -t 1 && test -t 2 && echo terminal
       $b grep -h -e NoNewPrivs -e Seccomp: -e CapEff /proc/self/status
       $b cat /proc/self/personality
       umask; ulimit -c
       read line || echo no input`,
      ...["env", "FOO=a\nb"],
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      "1 1000:100 localhost /build",
      "a",
      "b",
      "/bin /build /dev /etc /nix /proc",
      "LOOPBACK,UP",
      "terminal",
      "CapEff:\t0000000000000000",
      "NoNewPrivs:\t1",
      "Seccomp:\t2",
      "00040000",
      "0022",
      "0",
      "no input",
      "",
    ]);
    expect(status).toBe(0);
  });

  test("what a store object can't hold can't be made", () => {
    const { stdout } = build(
      `b=/bin/busybox; echo > x
       $b chmod 4755 x; $b chmod 2755 x; $b chmod 755 x && $b stat -c %a x
       echo > /bin/busybox; $b rm x`,
    );
    expect(stdout).toMatch(/chmod: x: Operation not permitted\n.*chmod: x: Operation not/);
    expect(stdout).toContain("\n755\n");
    expect(stdout).toContain("Read-only file system");
  });

  test("exit status and signals are the builder's", () => {
    expect(build("exit 7").status).toBe(7);
    expect(build("/bin/busybox sh -c 'kill -9 $$'; exit $?").status).toBe(137);
    expect(run("sandbox", spec("", "exec", "/no/such"))).toMatchObject({
      status: 126,
      stderr: "executing '/no/such': No such file or directory\n",
    });
  });

  test("what cannot be set up is said", () => {
    fs.writeFileSync(path.join(home, "spec"), "root\0");
    expect(run("sandbox", path.join(home, "spec"))).toMatchObject({
      status: 125,
      stderr: "the spec is cut off\n",
    });
    const nowhere = run("sandbox", spec("", "ro", "/no/such", `${root}/build`));
    expect(nowhere.status).toBe(125);
    expect(nowhere.stderr).toBe("cannot mount /no/such: No such file or directory\n");
  });

  test.each(["SIGTERM", "SIGKILL"] as const)(
    "with the launcher ended by %s everything ends",
    async (signal) => {
      const mark = `1000.${user.uid}${signal.length}`;
      const sleep = `/bin/busybox sleep ${mark}`;
      const file = spec(`trap "" TERM; ${sleep} & ${sleep} & echo up; wait`);
      const child = spawn(...command("sandbox", file), { stdio: ["ignore", "pipe", "inherit"] });
      await once(child.stdout, "data");
      const exit = once(child, "exit");
      await expect.poll(() => processesWith(mark), { timeout: 20_000 }).toBe(3);
      child.kill(signal);
      await exit;
      await expect.poll(() => processesWith(mark), { timeout: 20_000 }).toBe(0);
    },
  );

  test("the store is entered at its logical place, as the same user, in the same directory", () => {
    const script =
      'id -u; pwd; ls /nix/store; touch /nix/store/x; echo "$KEPT"; touch here; exit 3';
    const [file, args] = command(
      ...["enter", path.join(home, "store"), path.join(home, "mount"), "sh", "-c", script],
    );
    const env = { ...process.env, KEPT: "kept" };
    const result = spawnSync(file, args, { cwd: home, encoding: "utf8", env });
    expect(result.stdout).toBe(`${user.uid}\n${fs.realpathSync(home)}\nthere\nkept\n`);
    expect(result.stderr).toMatch(/Read-only file system/);
    expect(result.status).toBe(3);
    expect(fs.existsSync(path.join(home, "here"))).toBe(true);
    // Nothing of it is seen outside.
    expect(fs.readdirSync(path.join(home, "mount"))).toEqual([]);
  });

  test("a lock is held by the descriptor that was given", () => {
    const fd = fs.openSync(path.join(home, "lock"), "w");
    const other = fs.openSync(path.join(home, "lock"), "w");
    const lock = (which: number, ...flags: string[]) =>
      spawnSync(launcher, ["lock", ...flags, "3"], {
        stdio: ["ignore", "inherit", "inherit", which],
      }).status;
    expect(lock(fd, "-n")).toBe(0);
    expect(lock(other, "-n")).toBe(1);
    expect(lock(fd, "-s", "-n")).toBe(0);
    expect(lock(other, "-s", "-n")).toBe(0);
    fs.closeSync(other);
    fs.closeSync(fd);
  });
});

/** How many processes have a text in their command line. */
function processesWith(mark: string): number {
  return fs.readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
    } catch {
      return false;
    }
  }).length;
}
