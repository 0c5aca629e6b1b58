/** The options of the commands that evaluate, build and look into the store: Nix's names. */
import { setNixSetting } from "../host/nix-settings.ts";
import { CliError } from "./cli-error.ts";

export interface BuildCommandOptions {
  /** `-f`: `-` is standard input. */
  file: string | null;
  /** `-E` */
  expression: string | null;
  /** Attribute paths, store paths, `flake#attribute`. */
  installables: string[];
  args: { name: string; value: string; isString: boolean }[];
  include: string[];
  settings: Map<string, string>;
  features: string[];
  json: boolean;
  dryRun: boolean;
  rebuild: boolean;
  /** `null`: no link. */
  outLink: string | null;
  printOutPaths: boolean;
  printBuildLogs: boolean;
  logFormat: "raw" | "internal-json";
  keepFailed: boolean;
  keepGoing: boolean;
  fallback: boolean;
  offline: boolean;
  quiet: boolean;
  recursive: boolean;
  size: boolean;
  closureSize: boolean;
  humanReadable: boolean;
  sigs: boolean;
  aterm: boolean;
  /** The private store's directory. */
  store: string | null;
  help: boolean;
}

/** Nix settings that are flags of their own. */
const BOOLEAN_SETTINGS = new Set([
  "pure-eval",
  "restrict-eval",
  "trace-verbose",
  "abort-on-warn",
  "show-trace",
  "substitute",
]);
const VALUE_SETTINGS = new Set([
  "system",
  "eval-system",
  "max-call-depth",
  "substituters",
  "extra-substituters",
  "trusted-public-keys",
  "extra-trusted-public-keys",
  "binary-caches",
  "extra-binary-caches",
  "binary-cache-public-keys",
  "extra-binary-cache-public-keys",
  "timeout",
  "max-silent-time",
  "sandbox-paths",
  "extra-sandbox-paths",
  "cores",
  "max-jobs",
]);

/** Flag to the option that it sets. */
const SWITCHES: Readonly<Record<string, [keyof BuildCommandOptions, unknown]>> = {
  "--json": ["json", true],
  "--dry-run": ["dryRun", true],
  "--rebuild": ["rebuild", true],
  "--check": ["rebuild", true],
  "--no-link": ["outLink", null],
  "--print-out-paths": ["printOutPaths", true],
  "--print-build-logs": ["printBuildLogs", true],
  "-L": ["printBuildLogs", true],
  "--keep-failed": ["keepFailed", true],
  "-K": ["keepFailed", true],
  "--keep-going": ["keepGoing", true],
  "-k": ["keepGoing", true],
  "--fallback": ["fallback", true],
  "--offline": ["offline", true],
  "--quiet": ["quiet", true],
  "--recursive": ["recursive", true],
  "-r": ["recursive", true],
  "--size": ["size", true],
  "-s": ["size", true],
  "--closure-size": ["closureSize", true],
  "-S": ["closureSize", true],
  "--human-readable": ["humanReadable", true],
  "-h": ["humanReadable", true],
  "--sigs": ["sigs", true],
  "--aterm": ["aterm", true],
  "--help": ["help", true],
};

/** Flag to the option that its one operand sets. */
const OPERANDS: Readonly<Record<string, keyof BuildCommandOptions>> = {
  "-f": "file",
  "--file": "file",
  "-E": "expression",
  "--expr": "expression",
  "--out-link": "outLink",
  "-o": "outLink",
  "--store": "store",
};

/** They change nothing here. */
const IGNORED = new Set(["--verbose", "-v", "--no-update-lock-file", "--no-write-lock-file"]);

/** Flags of one command: how many arguments each takes ("rest": all that follow) and what it does. */
export type MoreFlags = Readonly<
  Record<string, { readonly operands: number | "rest"; take(...operands: string[]): void }>
>;

/** @param more come before those of the same name here */
export function parseBuildOptions(
  argv: readonly string[],
  more: MoreFlags = {},
): BuildCommandOptions {
  const options: BuildCommandOptions = {
    file: null,
    expression: null,
    installables: [],
    args: [],
    include: [],
    settings: new Map(),
    features: [],
    json: false,
    dryRun: false,
    rebuild: false,
    outLink: "result",
    printOutPaths: false,
    printBuildLogs: false,
    logFormat: "raw",
    keepFailed: false,
    keepGoing: false,
    fallback: false,
    offline: false,
    quiet: false,
    recursive: false,
    size: false,
    closureSize: false,
    humanReadable: false,
    sigs: false,
    aterm: false,
    store: null,
    help: false,
  };
  const { settings } = options;
  let i = 0;
  const operands = (flag: string, n: number): string[] => {
    const values = argv.slice(i + 1, i + 1 + n);
    if (values.length < n) throw new CliError(`flag '${flag}' requires ${n} argument(s)`);
    i += n;
    return values;
  };
  const one = (flag: string) => operands(flag, 1)[0] as string;
  for (; i < argv.length; i++) {
    const flag = argv[i] as string;
    const name = flag.replace(/^--/, "");
    const aSwitch = SWITCHES[flag];
    const operand = OPERANDS[flag];
    const own = Object.hasOwn(more, flag) ? more[flag] : undefined;
    if (own?.operands === "rest") own.take(...operands(flag, Math.max(1, argv.length - i - 1)));
    else if (own !== undefined) own.take(...operands(flag, own.operands));
    else if (aSwitch !== undefined) Object.assign(options, { [aSwitch[0]]: aSwitch[1] });
    else if (operand !== undefined) Object.assign(options, { [operand]: one(flag) });
    else if (flag === "--arg" || flag === "--argstr") {
      const [argument, value] = operands(flag, 2) as [string, string];
      options.args.push({ name: argument, value, isString: flag === "--argstr" });
    } else if (flag === "-I" || flag === "--include") options.include.push(one(flag));
    else if (flag === "--option") {
      const [setting, value] = operands(flag, 2) as [string, string];
      setNixSetting(settings, setting, value);
    } else if (flag === "-j") settings.set("max-jobs", one(flag));
    else if (flag === "--impure") settings.set("pure-eval", "false");
    else if (flag === "--extra-experimental-features")
      options.features.push(...one(flag).split(" "));
    else if (flag === "--log-format") options.logFormat = logFormat(one(flag));
    else if (BOOLEAN_SETTINGS.has(name)) settings.set(name, "true");
    else if (BOOLEAN_SETTINGS.has(name.replace(/^no-/, "")))
      settings.set(name.replace(/^no-/, ""), "false");
    else if (flag.startsWith("--") && VALUE_SETTINGS.has(name))
      setNixSetting(settings, name, one(flag));
    else if (IGNORED.has(flag)) continue;
    else if (flag.startsWith("-") && flag !== "-") {
      throw new CliError(`unrecognised flag '${flag}'`);
    } else options.installables.push(flag);
  }
  if (options.file !== null && options.expression !== null) {
    throw new CliError("'--file' and '--expr' are exclusive");
  }
  return options;
}

function logFormat(name: string): "raw" | "internal-json" {
  if (name === "internal-json") return name;
  if (["raw", "raw-with-logs", "bar", "bar-with-logs"].includes(name)) return "raw";
  throw new CliError(`option 'log-format' has an invalid value '${name}'`);
}
