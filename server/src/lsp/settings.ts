/**
 * The user's settings, from `initializationOptions` or the configuration of the client: every value
 * checked, what is missing or of a wrong type replaced by its default.
 */

import { DEFAULT_NIX_VERSION, NIX_VERSIONS, type NixVersion } from "../eval/versions.ts";
import { DEFAULT_HINT_STYLE, type HintStyle } from "../ide/inlay-hints.ts";
import { FILE_ROLES, type FileRole } from "../scope/file-role.ts";

export interface Settings {
  readonly trusted: boolean;
  readonly nixPath: readonly string[];
  readonly system: string | null;
  /** Null: that of the Nix on this machine. */
  readonly nixVersion: NixVersion | null;
  /** Null: those of nix.conf, or Nix's defaults. */
  readonly substituters: readonly string[] | null;
  readonly trustedPublicKeys: readonly string[] | null;
  /** Seconds. */
  readonly timeLimit: number;
  /** Megabytes. */
  readonly memoryLimit: number;
  readonly depth: number;
  /** Whether what has a hash already is downloaded without being asked for. */
  readonly fetchLocked: boolean;
  readonly derivationHints: boolean;
  /** Whether caches are asked for what hints and lenses show. */
  readonly askCaches: boolean;
  readonly hintStyle: HintStyle;
  readonly formatterCommand: readonly string[];
  /** What derivations are compared with: a commit, branch or tag, or `lastBuild`. */
  readonly baseline: string;
  /** Path as written to role. */
  readonly roots: ReadonlyMap<string, FileRole>;
}

const UNTRUSTED_TIME_LIMIT = 5;
const UNTRUSTED_MEMORY_LIMIT = 512;

/**
 * @param options `SnowglobeOptions` as a client sent them, which may be anything
 * @param trusted whether the workspace is trusted when the options do not say
 */
export function readSettings(options: unknown, trusted: boolean): Settings {
  const root = objectOf(options);
  const evaluation = objectOf(root["evaluation"]);
  const isTrusted = typeof root["trusted"] === "boolean" ? root["trusted"] : trusted;
  const timeLimit = positiveOf(evaluation["timeLimit"], 60);
  const memoryLimit = positiveOf(evaluation["memoryLimit"], 4096);
  return {
    trusted: isTrusted,
    nixPath: stringsOf(root["nixPath"]),
    system: typeof root["system"] === "string" && root["system"] !== "" ? root["system"] : null,
    nixVersion: versionOf(root["nixVersion"], isTrusted),
    substituters: listOf(root["substituters"]),
    trustedPublicKeys: listOf(root["trustedPublicKeys"]),
    timeLimit: isTrusted ? timeLimit : Math.min(timeLimit, UNTRUSTED_TIME_LIMIT),
    memoryLimit: isTrusted ? memoryLimit : Math.min(memoryLimit, UNTRUSTED_MEMORY_LIMIT),
    depth: positiveOf(evaluation["depth"], 10_000),
    fetchLocked: isTrusted && objectOf(root["fetch"])["locked"] === true,
    derivationHints: objectOf(root["hints"])["derivations"] !== false,
    askCaches: isTrusted && objectOf(root["hints"])["askCaches"] === true,
    hintStyle: {
      format: textOf(objectOf(root["hints"])["format"], DEFAULT_HINT_STYLE.format),
      lineLength: lengthOf(objectOf(root["hints"])["lineLength"]),
      values: objectOf(root["hints"])["values"] === true,
    },
    formatterCommand: isTrusted ? commandOf(objectOf(root["formatter"])["command"]) : [],
    baseline: textOf(root["baseline"], "HEAD"),
    roots: rolesOf(root["roots"]),
  };
}

/** To ask the Nix of the machine its program is run, which needs trust. */
function versionOf(value: unknown, trusted: boolean): NixVersion | null {
  if (value === "auto" && trusted) return null;
  return NIX_VERSIONS.find((each) => each === value) ?? DEFAULT_NIX_VERSION;
}

function rolesOf(value: unknown): Map<string, FileRole> {
  return new Map(
    Object.entries(objectOf(value)).flatMap(([path, name]): [string, FileRole][] => {
      const role = FILE_ROLES.find((each) => each === name);
      return role === undefined ? [] : [[path, role]];
    }),
  );
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === "string" && value.trim() !== "" ? value : otherwise;
}

/** Zero means that there is no limit. */
function lengthOf(value: unknown): number | null {
  return typeof value === "number" && value > 0 ? value : null;
}

function positiveOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && value > 0 && Number.isFinite(value) ? value : otherwise;
}

function stringsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is string => typeof entry === "string" && entry !== "");
}

function listOf(value: unknown): string[] | null {
  return Array.isArray(value) ? stringsOf(value) : null;
}

/** A program and its arguments; a single string is a program without any. */
function commandOf(value: unknown): string[] {
  return typeof value === "string" && value !== "" ? [value] : stringsOf(value);
}
