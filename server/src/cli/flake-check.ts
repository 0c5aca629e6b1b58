/** `snowglobe flake check`: what is wrong with the outputs of a flake; its checks are built. */
import { bytesToText } from "../base/bytes.ts";
import type { Attrs } from "../eval/attrs.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { force } from "../eval/runtime.ts";
import { callFlake } from "../flake/call-flake.ts";
import { checkFlake } from "../flake/check-flake.ts";
import type { LockedFlake } from "../flake/lock-flake.ts";
import { showName } from "../syntax/identifiers.ts";
import { build } from "./build.ts";
import type { NixOptions } from "./nix-options.ts";
import type { Output } from "./output.ts";

/** Options that only this command has, to the number of their arguments. */
export const CHECK_OPTIONS = { "--no-build": 0, "--all-systems": 0 };

/** Exit status. Throws `NixError`. */
export function flakeCheck(
  ev: Evaluator,
  flake: LockedFlake,
  options: NixOptions,
  output: Output,
): number | Promise<number> {
  const called = force(callFlake(ev, flake)) as Attrs;
  const warn = (message: string) => output.stderr(`warning: ${message}\n`);
  const { checks, omitted } = checkFlake(ev, called.get("outputs") ?? null, {
    allSystems: options.own.has("--all-systems"),
    warn,
  });
  if (omitted.length > 0) {
    warn(
      `The check omitted these incompatible systems: ${omitted.join(", ")}\nUse '--all-systems' to check all.`,
    );
  }
  if (options.own.has("--no-build") || checks.length === 0) return 0;
  const [operand = "."] = options.operands;
  const place = `${operand.replace(/#.*$/s, "")}#checks.${bytesToText(ev.settings.system)}`;
  return build(
    ["--no-link", ...checks.map((name) => `${place}.${bytesToText(showName(name))}`)],
    output,
  );
}
