/** `.#attr`: which flake an operand of the command line names, and which attribute of it. */
import * as fs from "node:fs";
import * as path from "node:path";
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import {
  type FlakeRef,
  FlakeRefError,
  type InputAttribute,
  parseUrlRef,
} from "../flake/flake-ref.ts";
import { CliError } from "./cli-error.ts";

export interface FlakeOperand {
  readonly ref: FlakeRef;
  /** What stands after the `#`; "" without one. */
  readonly fragment: string;
}

/** Throws `CliError`. Paths are relative to the evaluator's directory. */
export function parseFlakeOperand(ev: Evaluator, operand: string): FlakeOperand {
  const directory = bytesToText(ev.settings.directory);
  // `.#a^out` names an output of what is built; which value it is does not depend on it.
  const text = bytesFromText(operand.replace(/\^[^#^]*$/, ""));
  try {
    const parsed = parseUrlRef(text);
    if (parsed === null) return pathOperand(bytesToText(text), directory);
    const { ref, fragment } = parsed;
    const file = ref.get("path");
    const relative =
      ref.get("type") === "path" && typeof file === "string" && !file.startsWith("/");
    const absolute = relative
      ? new Map(ref).set("path", bytesFromText(path.resolve(directory, bytesToText(file))))
      : ref;
    return { ref: absolute, fragment: bytesToText(fragment) };
  } catch (error) {
    if (error instanceof FlakeRefError) throw new CliError(bytesToText(error.message));
    throw error;
  }
}

/** A path: the flake is in it or above; in a git repository it is git's tree. */
function pathOperand(text: string, directory: string): FlakeOperand {
  const [, file = "", query = "", fragment = ""] =
    /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? [];
  const start = path.resolve(directory, file);
  const stat = fs.statSync(start, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new CliError(`getting status of '${start}': No such file or directory`);
  if (!stat.isDirectory())
    throw new CliError(`path '${start}' is not a flake (because it's not a directory)`);
  const flake = findFlake(start);
  const { dir } = Object.fromEntries(
    query.split("&").map((pair) => pair.split("=") as [string, string]),
  );
  return { ref: directoryRef(flake, dir ?? ""), fragment: decode(fragment) };
}

/** The reference of the flake in a directory on this machine, as a path on the command line is read. */
export function directoryRef(flake: string, dir = ""): FlakeRef {
  const top = findGit(flake);
  const ref = new Map<string, InputAttribute>();
  if (top === null) ref.set("type", "path").set("path", bytesFromText(flake));
  else {
    ref.set("type", "git").set("url", `file://${bytesFromText(encodeURI(top))}`);
    if (fs.existsSync(path.join(top, ".git/shallow"))) ref.set("shallow", true);
  }
  const inside = [top === null ? "" : path.relative(top, flake), dir].filter((part) => part !== "");
  if (inside.length > 0) ref.set("dir", bytesFromText(inside.join("/")));
  return ref;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The directory with a flake.nix, from `start` up to the top of its repository. */
function findFlake(start: string): string {
  for (let at = start; ; at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, "flake.nix"))) return at;
    if (fs.existsSync(path.join(at, ".git"))) {
      throw new CliError(
        `path '${start}' is not part of a flake (neither it nor its parent directories contain a 'flake.nix' file)`,
      );
    }
    if (at === path.dirname(at)) throw new CliError("could not find a flake.nix file");
  }
}

function findGit(start: string): string | null {
  for (let at = start; ; at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, ".git"))) return at;
    if (at === path.dirname(at)) return null;
  }
}
