/** `snowglobe path-info`: what the user's store knows of paths. */
import { type ByteString, bytesFromText, bytesToText } from "../base/bytes.ts";
import type { PrivateStore } from "../build/private-store.ts";
import { outputPathOf } from "../store/derivation.ts";
import { printHash } from "../store/hash.ts";
import type { PathInfo } from "../store/path-info.ts";
import { invalidPath } from "../store/store.ts";
import { parseBuildOptions } from "./build-options.ts";
import { CliError } from "./cli-error.ts";
import { privateStore } from "./engine.ts";
import { evaluateInstallables } from "./evaluate-installables.ts";
import type { Output } from "./output.ts";
import { storeErrorsToCli } from "./store-errors.ts";

/** Exit status. */
export function pathInfo(argv: readonly string[], output: Output): number {
  const all = argv.includes("--all");
  const options = parseBuildOptions(argv.filter((flag) => flag !== "--all"));
  if (options.help) {
    output.stdout(HELP);
    return 0;
  }
  const store = privateStore(options);
  return storeErrorsToCli(() => {
    const named = all ? store.validPaths() : pathsOf(argv, options, output);
    if (named === null) return 1;
    const paths = options.recursive ? store.closure(named) : named;
    const infos = paths.map((path) => {
      const info = store.info(path);
      if (info === undefined && !options.json) throw invalidPath(path);
      return [path, info] as const;
    });
    output.stdout(
      options.json
        ? `${json(store, infos, options.closureSize)}\n`
        : infos.map(([, info]) => line(store, info as PathInfo, options)).join(""),
    );
    return 0;
  });
}

/** The outputs of what is named; `null`: an evaluation error, which has been printed. */
function pathsOf(
  argv: readonly string[],
  options: ReturnType<typeof parseBuildOptions>,
  output: Output,
): ByteString[] | null {
  if (argv.length === 0) throw new CliError("no paths were named; --all names all of them");
  const evaluated = evaluateInstallables(options, output);
  if (evaluated === null) return null;
  return evaluated.targets.flatMap(({ drvPath, outputs }) => {
    // A path that was named itself stands for itself.
    if (options.installables.includes(bytesToText(drvPath))) return [drvPath];
    const drv = evaluated.store.readDerivation(drvPath);
    const names = outputs.length === 0 ? [...drv.outputs.keys()] : outputs;
    return names.flatMap((name) => {
      const known = drv.outputs.get(name);
      return (known && outputPathOf(known)) ?? [];
    });
  });
}

type Options = ReturnType<typeof parseBuildOptions>;

function closureSize(store: PrivateStore, path: ByteString): number {
  return store.closure([path]).reduce((sum, each) => sum + (store.info(each)?.narSize ?? 0), 0);
}

function json(
  store: PrivateStore,
  infos: readonly (readonly [ByteString, PathInfo | undefined])[],
  withClosure: boolean,
): ByteString {
  const entries = infos.map(([path, info]) => [
    bytesToText(path),
    info === undefined
      ? null
      : {
          ca: info.contentAddress ?? null,
          ...(withClosure ? { closureSize: closureSize(store, path) } : {}),
          deriver: info.deriver ?? null,
          narHash: printHash(info.narHash, "sri"),
          narSize: info.narSize,
          references: info.references,
          signatures: info.signatures,
        },
  ]);
  return bytesFromText(JSON.stringify(Object.fromEntries(entries)));
}

function line(store: PrivateStore, info: PathInfo, options: Options): ByteString {
  const size = (bytes: number) =>
    options.humanReadable ? humanReadable(bytes) : String(bytes).padStart(11);
  const columns = [info.path];
  if (options.size) columns.push(size(info.narSize));
  if (options.closureSize) columns.push(size(closureSize(store, info.path)));
  if (options.sigs) {
    if (info.contentAddress !== undefined) columns.push(`ca:${info.contentAddress}`);
    columns.push(...info.signatures);
  }
  return `${columns.join("\t")}\n`;
}

/** As Nix: `   1.9 MiB`. */
function humanReadable(bytes: number): string {
  const units = ["Ki", "Mi", "Gi", "Ti"];
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${value.toFixed(1).padStart(6)} ${units[unit]}B`;
}

const HELP = `usage: snowglobe path-info [OPTIONS] STORE-PATH... | -f FILE ATTRIBUTE... | --all

Says what the user's own store knows of paths.

  --json                as JSON: hash, size, references, deriver, signatures
  -r, --recursive       with all they refer to
  -s, --size            bytes of the archive; -S, --closure-size with all it refers to
  -h, --human-readable  sizes in KiB and more; --sigs signatures
  --store DIR           the store's directory
`;
