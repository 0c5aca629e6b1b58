/** `snowglobe flake show`: the outputs of a flake, as `nix flake show` prints them. */
import { bytesFromText, bytesToText } from "../base/bytes.ts";
import type { Attrs } from "../eval/attrs.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { force } from "../eval/runtime.ts";
import { callFlake } from "../flake/call-flake.ts";
import { flakeRefToUrl } from "../flake/flake-ref.ts";
import type { LockedFlake } from "../flake/lock-flake.ts";
import { lockedUrl } from "../flake/locked-url.ts";
import { type FlakeOutput, showFlake } from "../flake/show-flake.ts";
import { showName } from "../syntax/identifiers.ts";
import type { NixOptions } from "./nix-options.ts";
import type { Output } from "./output.ts";

/** Options that only this command has, to the number of their arguments. */
export const SHOW_OPTIONS = { "--all-systems": 0, "--legacy": 0 };

/** Throws `NixError`. */
export function flakeShow(
  ev: Evaluator,
  flake: LockedFlake,
  options: NixOptions,
  output: Output,
): number {
  const called = force(callFlake(ev, flake)) as Attrs;
  const shown = showFlake(ev, called.get("outputs") ?? null, {
    allSystems: options.own.has("--all-systems"),
    legacy: options.own.has("--legacy"),
  });
  if (options.json) {
    for (const [path, option] of omitted(shown, []))
      output.stderr(`warning: ${path} omitted (use '${option}' to show)\n`);
    output.stdout(`${bytesFromText(JSON.stringify(jsonOf(shown)))}\n`);
    return 0;
  }
  const title = bytesToText(flakeRefToUrl(lockedUrl(flake.tree.locked)));
  output.stdout(bytesFromText([title, ...branches(shown, "")].map((line) => `${line}\n`).join("")));
  return 0;
}

/** The lines below one, each with what leads to it. */
function branches(shown: FlakeOutput, lead: string): string[] {
  if (shown.kind !== "set") return [];
  const members = [...shown.members];
  return members.flatMap(([name, member], i) => {
    const isLast = i === members.length - 1;
    const line = `${lead}${isLast ? "└───" : "├───"}${bytesToText(showName(name))}${described(member)}`;
    return [
      ...(member.kind === "nothing" ? [] : [line]),
      ...branches(member, `${lead}${isLast ? "    " : "│   "}`),
    ];
  });
}

const TITLES = {
  "nixpkgs-overlay": "Nixpkgs overlay",
  "nixos-configuration": "NixOS configuration",
  "nixos-module": "NixOS module",
  unknown: "unknown",
};

function described(shown: FlakeOutput): string {
  switch (shown.kind) {
    case "derivation": {
      const { role, name } = shown;
      return `: ${role} '${bytesToText(name)}'`;
    }
    case "app":
      return `: app: ${bytesToText(shown.description ?? "no description")}`;
    case "template":
      return `: template: ${bytesToText(shown.description)}`;
    case "other":
      return `: ${TITLES[shown.type]}`;
    case "omitted":
      return ` omitted (use '${shown.option}' to show)`;
    default:
      return "";
  }
}

function jsonOf(shown: FlakeOutput): unknown {
  switch (shown.kind) {
    case "set":
      return Object.fromEntries(
        [...shown.members].map(([name, member]) => [bytesToText(name), jsonOf(member)]),
      );
    case "derivation": {
      const { name, description } = shown;
      return {
        description: bytesToText(description ?? ""),
        name: bytesToText(name),
        type: "derivation",
      };
    }
    case "app": {
      const { description } = shown;
      const said = description === null ? {} : { description: bytesToText(description) };
      return { ...said, type: "app" };
    }
    case "template":
      return { description: bytesToText(shown.description), type: "template" };
    case "other":
      return { type: shown.type };
    default:
      return {};
  }
}

function* omitted(shown: FlakeOutput, path: readonly string[]): Generator<[string, string]> {
  if (shown.kind === "omitted") yield [path.join("."), shown.option];
  if (shown.kind !== "set") return;
  for (const [name, member] of shown.members) yield* omitted(member, [...path, bytesToText(name)]);
}
