/** Development shells from the command line, and their environment compared with a real Nix. */
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command, environment, remove, scratch, snowglobe } from "./snowglobe.ts";
import { users } from "./users.ts";

/** Makes the package set in a directory. */
function prepare(directory: string): void {
  fs.mkdirSync(path.join(directory, "tools"));
  for (const name of ["dev-shell.nix", "dev-shell-setup.sh"])
    fs.copyFileSync(path.join(import.meta.dirname, name), path.join(directory, name));
  for (const name of ["bash", "busybox"]) {
    const file = name === "bash" ? "/usr/bin/bash-static" : "/usr/bin/busybox";
    fs.copyFileSync(file, path.join(directory, "tools", name));
  }
}

interface Printed {
  bashFunctions: Record<string, string>;
  variables: Record<string, { type: string; value: unknown }>;
}

/** What a real Nix prints, in a store of its own. */
let theirs: Printed;

beforeAll(() => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "snowglobe-real-"));
  try {
    prepare(directory);
    const config = [
      `store = ${path.join(directory, "root")}`,
      "build-users-group =",
      "substitute = false",
      "sandbox = true",
      "sandbox-fallback = false",
      "experimental-features = nix-command",
    ];
    const env = {
      PATH: process.env["PATH"],
      HOME: directory,
      NIX_CONF_DIR: directory,
      NIX_CONFIG: config.join("\n"),
    };
    const args = ["print-dev-env", "--json", "-f", "dev-shell.nix", "plain"];
    const options = { cwd: directory, env, encoding: "utf8", stdio: "pipe" } as const;
    theirs = JSON.parse(execFileSync("nix", args, options));
  } finally {
    remove(directory);
  }
  // Nix 2.8 still lists some that every shell sets anew.
  for (const name of ["COMP_WORDBREAKS", "EPOCHREALTIME", "EPOCHSECONDS"])
    delete theirs.variables[name];
  comparable(theirs);
});

/** Takes out where in the script its own line is, and what follows from the script's hash. */
function comparable({ variables }: Printed): void {
  delete variables["LINENO"];
  for (const name of ["out", "dev", "prefix"]) {
    const variable = variables[name];
    if (variable) variable.value = String(variable.value).replace(/\w{32}/, "HASH");
  }
}

describe.each(users)("as $name", (user) => {
  let home = "";
  beforeAll(() => {
    home = scratch(user);
    prepare(home);
  });
  afterAll(() => remove(home));

  const develop = (...args: string[]) =>
    snowglobe(user, home, "develop", "-f", "dev-shell.nix", ...args);

  test("the plan, and nothing is built", () => {
    const { stderr, status } = develop("plain", "--dry-run");
    expect(stderr).toMatch(
      /^these 3 derivations will be built:\n.*-tools\.drv\n.*-stdenv\.drv\n.*-plain-shell-env\.drv\n$/,
    );
    expect(status).toBe(0);
  });

  test("a program runs in the environment, after the hook", () => {
    const script = 'test -d "$TMPDIR" && echo "$GREETING|$out|$TZ|$IN_NIX_SHELL|$prefix"; exit 3';
    const { stdout, stderr, status } = develop("plain", "-c", "bash", "-c", script);
    expect(stdout).toBe(
      `hook of plain-shell\nit's $x "q" \\ \n ünï|${home}/outputs/out||impure|--prefix=${home}/outputs/out\n`,
    );
    expect(stderr).toMatch(/^(building '\S+'\.\.\.\n){3}$/);
    expect(status).toBe(3);
  });

  test("an environment that was entered is no garbage", () => {
    const garbage = snowglobe(user, home, "store", "gc", "--dry-run");
    expect(garbage.status).toBe(0);
    expect(garbage.stdout).toMatch(/-plain-shell-env\.drv\n/);
    expect(garbage.stdout).not.toMatch(/-plain-shell-env\n|-tools\n/);
  });

  test("programs are those of the shell, and the user's own behind them", () => {
    const { stdout } = develop("plain", "-c", "sh", "-c", "echo $PATH");
    const [first = "", ...rest] = stdout.trim().replace(/^.*\n/, "").split(":");
    expect(first).toMatch(/^\/nix\/store\/\w{32}-tools\/bin$/);
    expect(rest.join(":")).toBe(process.env["PATH"]);
  });

  test("shells of a flake", () => {
    const flake = path.join(home, "flake");
    fs.mkdirSync(flake);
    prepare(flake);
    fs.writeFileSync(
      path.join(flake, "flake.nix"),
      `{ outputs = { self }: {
        devShells.x86_64-linux = { default = (import ./dev-shell.nix).plain; named = (import ./dev-shell.nix).structured; };
      }; }`,
    );
    const entered = (...args: string[]) =>
      snowglobe(user, home, "develop", ...args, "-c", "bash", "-c", "echo in $name");
    expect(entered("./flake")).toMatchObject({
      stdout: "hook of plain-shell\nin plain-shell\n",
      status: 0,
    });
    expect(entered("./flake#named").stdout).toBe("b c of structured-shell\nin\n");
    expect(entered("./flake#none").stderr).toContain("does not provide attribute");
  });

  test("structured attributes", () => {
    const script =
      'echo "${map[weird key]}"; grep -c structured-shell "$NIX_ATTRS_JSON_FILE"; echo $NIX_ATTRS_SH_FILE';
    const shell = ["structured", "--ignore-environment", "--keep", "HOME", "-c", "bash", "-c"];
    const { stdout } = develop(...shell, `. "$NIX_ATTRS_SH_FILE"; ${script}; echo "$HOME:$LANG"`);
    const [hook, weird, count, file = "", kept] = stdout.split("\n");
    expect([hook, weird, count, kept]).toEqual(["b c of structured-shell", "x y", "1", `${home}:`]);
    expect(fs.existsSync(path.dirname(file))).toBe(false);
  });

  test("an interactive bash takes commands", () => {
    const [file, args] = command(user, "develop", "-f", "dev-shell.nix", "plain");
    const input = "foo | head -n 1; echo $((40 + 2)) $name; exit 5\n";
    const options = { cwd: home, env: environment(home), input, encoding: "utf8" } as const;
    const { stdout, status } = spawnSync(file, args, options);
    expect(stdout).toBe("hook of plain-shell\na { b } c\n42 plain-shell\n");
    expect(status).toBe(5);
  });

  test("for programs: how to enter", () => {
    const { stdout } = develop("plain", "--json");
    const { name, command: words } = JSON.parse(stdout);
    expect(name).toBe("plain-shell");
    const [file, ...args] = [...user.prefix, ...words];
    const options = { cwd: home, env: environment(home), encoding: "utf8" } as const;
    const { stdout: printed } = spawnSync(file, args, { ...options, input: "echo $GREETING\n" });
    expect(printed).toBe('hook of plain-shell\nit\'s $x "q" \\ ünï\n');
    const folders = fs
      .readdirSync(os.tmpdir())
      .filter((each) => each.startsWith("snowglobe-shell-"));
    expect(folders.filter((each) => args.join(" ").includes(each))).toEqual([]);
  });

  test("packages in reach of a program", () => {
    const shell = (...args: string[]) => snowglobe(user, home, "shell", ...args);
    const words = ["-f", "dev-shell.nix", "tools", "-c", "busybox", "echo", "--json"];
    expect(shell(...words)).toMatchObject({ stdout: "--json\n", status: 0 });
    expect(shell("-p").stderr).toBe("error: flag '-p' requires 1 argument(s)\n");
  });

  test("what cannot be entered says why", () => {
    const error = (...args: string[]) => {
      const { stderr, stdout, status } = develop(...args, "-c", "true");
      expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
      return stderr;
    };
    expect(error("noBash")).toMatch(
      /^error: 'no-bash' has no development shell: its builder is '\S+\/bin\/sh'/,
    );
    expect(error("several")).toBe(
      "error: one shell can be entered, not 2: name one of plain-shell, structured-shell\n",
    );
    expect(error("broken")).toMatch(/last 1 log lines:\n {7}> cannot be set up\n/);
    expect(error("--phase", "build")).toContain("both '--command' and '--phase'");
    expect(snowglobe(user, path.join(home, "tools"), "develop").stderr).toBe(
      "error: there is no flake.nix, shell.nix or default.nix here: name a file with '-f FILE'\n",
    );
  });

  test("the environment is that of a real Nix", () => {
    const ours: Printed = JSON.parse(
      snowglobe(user, home, "print-dev-env", "--json", "-f", "dev-shell.nix", "plain").stdout,
    );
    comparable(ours);
    expect(ours).toEqual(theirs);
    expect(Object.keys(ours.variables).length).toBeGreaterThan(40);
    expect(Object.keys(ours.bashFunctions)).toEqual(["foo", "nested", "odd-name", "runHook"]);
  });
});
