/** Options that the commands of `nix` share. */
import { CliError } from "./cli-error.ts";

export interface NixOptions {
  /** Operands. */
  readonly operands: string[];
  file: string | null;
  expr: string | null;
  json: boolean;
  raw: boolean;
  apply: string | null;
  noWriteLock: boolean;
  help: boolean;
  readonly include: string[];
  readonly args: { name: string; value: string; isString: boolean }[];
  /** Nix setting to value, later ones win. */
  readonly settings: Map<string, string>;
  readonly features: string[];
  /** Options that only this command has: name to values. */
  readonly own: Map<string, string[]>;
}

/** `--name` sets true, `--no-name` false. */
const BOOLEAN_SETTINGS = new Set([
  ...["pure-eval", "restrict-eval", "trace-verbose", "abort-on-warn", "accept-flake-config"],
]);

/** Accepted because nix takes them; nothing is written or downloaded that they could change. */
const IGNORED = new Set([
  ...["--no-write-lock-file", "--no-update-lock-file", "--offline", "--read-only", "--quiet"],
  ...["--verbose", "-v", "--print-build-logs", "-L", "--no-link", "--debug", "--refresh"],
]);

/**
 * Throws `CliError` for an option that is not known.
 *
 * @param own options of this command to the number of their arguments
 */
export function parseNixOptions(
  argv: readonly string[],
  own: Readonly<Record<string, number>> = {},
): NixOptions {
  const options: NixOptions = {
    operands: [],
    file: null,
    expr: null,
    json: false,
    raw: false,
    apply: null,
    noWriteLock: false,
    help: false,
    include: [],
    args: [],
    settings: new Map(),
    features: [],
    own: new Map(),
  };
  let at = 0;
  const take = (flag: string, count: number): string[] => {
    const values = argv.slice(at, at + count);
    if (values.length < count)
      throw new CliError(
        `flag '${flag}' requires ${count} argument(s), but only ${values.length} were given`,
      );
    at += count;
    return values;
  };
  const one = (flag: string) => take(flag, 1)[0] as string;
  let onlyOperands = false;
  while (at < argv.length) {
    const flag = argv[at++] as string;
    if (onlyOperands || !flag.startsWith("-") || flag === "-") options.operands.push(flag);
    else if (flag === "--") onlyOperands = true;
    else if (own[flag] !== undefined) options.own.set(flag, take(flag, own[flag]));
    else if (!shared(options, flag, one, take)) {
      const name = flag.replace(/^--(no-)?/, "");
      if (flag.startsWith("--") && BOOLEAN_SETTINGS.has(name))
        options.settings.set(name, flag.startsWith("--no-") ? "false" : "true");
      else if (!IGNORED.has(flag)) throw new CliError(`unrecognised flag '${flag}'`);
    }
  }
  return options;
}

function shared(
  options: NixOptions,
  flag: string,
  one: (flag: string) => string,
  take: (flag: string, count: number) => string[],
): boolean {
  switch (flag) {
    case "-f":
    case "--file":
      options.file = one(flag);
      break;
    case "--expr":
      options.expr = one(flag);
      break;
    case "--json":
      options.json = true;
      break;
    case "--raw":
      options.raw = true;
      break;
    case "--apply":
      options.apply = one(flag);
      break;
    case "-I":
    case "--include":
      options.include.push(one(flag));
      break;
    case "--arg":
    case "--argstr": {
      const [name = "", value = ""] = take(flag, 2);
      options.args.push({ name, value, isString: flag === "--argstr" });
      break;
    }
    case "--option": {
      const [name = "", value = ""] = take(flag, 2);
      options.settings.set(name, value);
      break;
    }
    case "--system":
    case "--max-call-depth":
    case "--nix-version":
      options.settings.set(flag.slice(2), one(flag));
      break;
    case "--impure":
      options.settings.set("pure-eval", "false");
      break;
    case "--show-trace":
    case "--no-show-trace":
      options.settings.set("show-trace", String(flag === "--show-trace"));
      break;
    case "--experimental-features":
    case "--extra-experimental-features":
      options.features.push(...one(flag).split(/\s+/));
      break;
    case "--help":
      options.help = true;
      break;
    default:
      return false;
  }
  return true;
}
