/** Nix's own settings from its files and environment, as far as evaluation needs them. */
import * as fs from "node:fs";
import * as path from "node:path";
import { isNixSetting } from "./setting-names.ts";

type Environment = Readonly<Record<string, string | undefined>>;

function configHome(env: Environment): string {
  return env["XDG_CONFIG_HOME"] ?? path.join(env["HOME"] ?? "/", ".config");
}

/** The files, the most important last. */
function configFiles(env: Environment): string[] {
  const system = path.join(env["NIX_CONF_DIR"] ?? "/etc/nix", "nix.conf");
  const user = env["NIX_USER_CONF_FILES"];
  if (user !== undefined) return [system, ...user.split(":").reverse()];
  const dirs = (env["XDG_CONFIG_DIRS"] ?? "/etc/xdg").split(":").reverse();
  return [system, ...dirs, configHome(env)].map((dir) =>
    dir.endsWith(".conf") ? dir : path.join(dir, "nix", "nix.conf"),
  );
}

/** Settings whose default whoever reads them adds to what `extra-NAME` says. */
const DEFAULTED = new Set(["substituters", "trusted-public-keys", "sandbox-paths"]);

/** Older names. */
const ALIASES: Readonly<Record<string, string>> = {
  "binary-caches": "substituters",
  "binary-cache-public-keys": "trusted-public-keys",
};

/** As a line of nix.conf does: a later value replaces an earlier one, `extra-NAME` adds to it. */
export function setNixSetting(settings: Map<string, string>, name: string, value: string): void {
  const [, extra = "", given = ""] = /^(extra-)?(.*)$/.exec(name) ?? [];
  const base = ALIASES[given] ?? given;
  if (extra === "") {
    settings.set(base, value);
    settings.delete(`extra-${base}`);
    return;
  }
  const to = DEFAULTED.has(base) && !settings.has(base) ? `extra-${base}` : base;
  settings.set(to, [settings.get(to) ?? "", value].join(" ").trim());
}

type Assignment = readonly [name: string, value: string];

/** Of `name = value` lines; `include FILE` reads another file. */
function* assignmentsOf(text: string, directory: string, depth = 0): Generator<Assignment> {
  for (const raw of text.split("\n")) {
    const line = raw.replace(/#.*/, "").trim();
    if (line === "") continue;
    const include = /^(!?include)\s+(\S+)$/.exec(line);
    if (include !== null) {
      if (depth < 10)
        yield* assignmentsIn(path.resolve(directory, include[2] as string), depth + 1);
      continue;
    }
    const [, name, value] = /^(\S+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) yield [name, value];
  }
}

function* assignmentsIn(file: string, depth = 0): Generator<Assignment> {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch {
    return;
  }
  yield* assignmentsOf(text, path.dirname(file), depth);
}

/** What nix.conf files say, then NIX_CONFIG. */
function* configured(env: Environment): Generator<Assignment> {
  for (const file of configFiles(env)) yield* assignmentsIn(file);
  yield* assignmentsOf(env["NIX_CONFIG"] ?? "", "/");
}

/** Setting to value: nix.conf files, then NIX_CONFIG, then what was given in this order. */
export function readNixSettings(
  env: Environment,
  given: Iterable<Assignment> = [],
): Map<string, string> {
  const settings = new Map<string, string>();
  for (const [name, value] of configured(env)) setNixSetting(settings, name, value);
  for (const [name, value] of given) setNixSetting(settings, name, value);
  return settings;
}

/** Names that no Nix knows, sorted. */
export function unknownSettings(env: Environment, given: Iterable<Assignment> = []): string[] {
  const names = new Set<string>();
  for (const [name] of [...configured(env), ...given]) if (!isNixSetting(name)) names.add(name);
  return [...names].sort();
}

/** The channels that Nix looks in by default, as search path elements, those that exist. */
export function defaultSearchPath(env: Environment): string[] {
  const home = env["HOME"] ?? "/root";
  const state = env["NIX_STATE_DIR"] ?? "/nix/var/nix";
  const rootChannels = path.join(state, "profiles/per-user/root/channels");
  const candidates: [string, string][] = [
    ["", path.join(home, ".nix-defexpr/channels")],
    ["nixpkgs=", path.join(rootChannels, "nixpkgs")],
    ["", rootChannels],
  ];
  return candidates.filter(([, dir]) => fs.existsSync(dir)).map(([prefix, dir]) => prefix + dir);
}

/** Nix's name of this machine: `x86_64-linux`. */
export function currentSystem(): string {
  const cpu: Record<string, string> = {
    x64: "x86_64",
    arm64: "aarch64",
    ia32: "i686",
    arm: "armv7l",
  };
  const os = process.platform === "darwin" ? "darwin" : "linux";
  return `${cpu[process.arch] ?? process.arch}-${os}`;
}
