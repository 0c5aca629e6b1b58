/** The options of `snowglobe instantiate`: nix-instantiate's. */
import { CliError } from "./cli-error.ts";

export interface InstantiateOptions {
  eval: boolean;
  strict: boolean;
  output: "plain" | "json" | "xml";
  /** Positions in XML. */
  location: boolean;
  parse: boolean;
  readStdin: boolean;
  /** Files, or with `-E` expressions. */
  inputs: string[];
  expressions: boolean;
  attrs: string[];
  args: { name: string; value: string; isString: boolean }[];
  include: string[];
  /** `--option`, `--pure-eval`, `--system` and the like: Nix setting to value, later ones win. */
  settings: Map<string, string>;
  features: string[];
  store: string | null;
  addRoot: string | null;
  help: boolean;
}

/** Nix settings that are flags of their own: `--name` sets true, `--no-name` false. */
const BOOLEAN_SETTINGS = new Set(["pure-eval", "restrict-eval", "trace-verbose", "abort-on-warn"]);
/** Accepted because nix-instantiate takes them; they change nothing that is computed here. */
const IGNORED_FLAGS = new Set([
  "--dry-run",
  "--read-write-mode",
  "--readonly-mode",
  "--indirect",
  "--quiet",
  "--verbose",
  "-v",
  "-Q",
  "-k",
  "--keep-going",
  "--keep-failed",
  "--fallback",
  "-K",
]);

/** The same with an argument. */
const IGNORED_WITH_ARGUMENT = new Set([
  ...["--timeout", "--max-silent-time", "--max-jobs", "-j", "--cores", "--log-format"],
]);

export function parseInstantiateOptions(argv: readonly string[]): InstantiateOptions {
  const options: InstantiateOptions = {
    eval: false,
    strict: false,
    output: "plain",
    location: true,
    parse: false,
    readStdin: false,
    inputs: [],
    expressions: false,
    attrs: [],
    args: [],
    include: [],
    settings: new Map(),
    features: [],
    store: null,
    addRoot: null,
    help: false,
  };
  let i = 0;
  const operand = (flag: string, n = 1): string[] => {
    const values = argv.slice(i + 1, i + 1 + n);
    if (values.length < n) throw new CliError(`flag '${flag}' requires ${n} argument(s)`);
    i += n;
    return values;
  };
  const one = (flag: string) => operand(flag)[0] as string;
  for (; i < argv.length; i++) {
    const flag = argv[i] as string;
    switch (flag) {
      case "--eval":
      case "--eval-only":
        options.eval = true;
        break;
      case "--strict":
        options.strict = true;
        break;
      case "--json":
        options.output = "json";
        break;
      case "--xml":
        options.output = "xml";
        break;
      case "--no-location":
        options.location = false;
        break;
      case "--parse":
      case "--parse-only":
        options.parse = true;
        break;
      case "-E":
      case "--expr":
        options.expressions = true;
        break;
      case "-":
        options.readStdin = true;
        break;
      case "-A":
      case "--attr":
        options.attrs.push(one(flag));
        break;
      case "--arg":
      case "--argstr": {
        const [name, value] = operand(flag, 2) as [string, string];
        options.args.push({ name, value, isString: flag === "--argstr" });
        break;
      }
      case "-I":
      case "--include":
        options.include.push(one(flag));
        break;
      case "--option": {
        const [name, value] = operand(flag, 2) as [string, string];
        options.settings.set(name, value);
        break;
      }
      case "--system":
        options.settings.set("system", one(flag));
        break;
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
      case "--store":
        options.store = one(flag);
        break;
      case "--add-root":
        options.addRoot = one(flag);
        break;
      case "--help":
        options.help = true;
        break;
      default:
        if (IGNORED_FLAGS.has(flag)) break;
        if (IGNORED_WITH_ARGUMENT.has(flag)) {
          one(flag);
          break;
        }
        if (flag.startsWith("--lint-")) {
          options.settings.set(flag.slice(2), one(flag));
        } else if (flag.startsWith("-") && flag !== "-") {
          const name = flag.replace(/^--(no-)?/, "");
          if (!flag.startsWith("--") || !BOOLEAN_SETTINGS.has(name))
            throw new CliError(`unrecognised flag '${flag}'`);
          options.settings.set(name, flag.startsWith("--no-") ? "false" : "true");
        } else options.inputs.push(flag);
    }
  }
  return options;
}
