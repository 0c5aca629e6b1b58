/** Which outputs of a flake are evaluated, and what they are called among each other. */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "../eval/attrs.ts";
import { Code } from "../eval/code.ts";
import { isDerivation } from "../eval/compare.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import type { RootMember } from "../eval/root-value.ts";
import { force } from "../eval/runtime.ts";
import { type Slot, Thunk, type Value } from "../eval/values.ts";
import { callFlake } from "./call-flake.ts";
import type { LockedFlake } from "./lock-flake.ts";

/** Outputs with one derivation for each system. */
const OF_SYSTEM = ["formatter", "defaultPackage", "devShell"] as const;
/** Outputs with a set of derivations for each system. */
const SETS_OF_SYSTEM = ["packages", "devShells", "checks", "apps"] as const;
/** Where the derivation of a configuration is. */
const CONFIGURATIONS: Readonly<Record<string, readonly string[]>> = {
  nixosConfigurations: ["config", "system", "build", "toplevel"],
  homeConfigurations: ["activationPackage"],
  darwinConfigurations: ["system"],
};

/** The member that an attribute of the outputs is: `packages.x86_64-linux.a` is `packages.a`. */
export function outputMember([output = "", ...rest]: readonly ByteString[]): ByteString {
  if (CONFIGURATIONS[output] !== undefined) return [output, ...rest.slice(0, 1)].join(".");
  return [output, ...rest.slice(1)].join(".");
}

/** What has a derivation for the system of the evaluation. */
export function outputMembers(ev: Evaluator, flake: LockedFlake): RootMember[] {
  const outputs = attributesOf(force(callFlake(ev, flake)));
  if (outputs === null) return [];
  const members: RootMember[] = [];
  const add = (set: Attrs, name: ByteString, label: ByteString) => {
    const slot = set.get(name);
    if (slot !== undefined)
      members.push({ name: label, slot, position: set.position(name), expr: null });
  };
  const failed = (error: unknown, position: number) => {
    if (!(error instanceof NixError)) throw error;
    // Reported when it is forced as a member: one output that fails does not hide the others.
    members.push({ name: "", slot: failing(error), position, expr: null });
  };
  const inside = (set: Attrs, name: ByteString, use: (value: Attrs) => void) => {
    const slot = set.get(name);
    if (slot === undefined) return;
    try {
      const value = attributesOf(slot);
      if (value !== null) use(value);
    } catch (error) {
      failed(error, set.position(name));
    }
  };
  const { system } = ev.settings;
  for (const name of SETS_OF_SYSTEM) {
    inside(outputs, name, (all) =>
      inside(all, system, (set) => {
        for (const each of set.sortedNames()) {
          if (name === "apps") inside(set, each, (app) => add(app, "program", `apps.${each}`));
          else add(set, each, `${name}.${each}`);
        }
      }),
    );
  }
  for (const name of OF_SYSTEM) inside(outputs, name, (all) => add(all, system, name));
  for (const [name, steps] of Object.entries(CONFIGURATIONS)) {
    inside(outputs, name, (all) => {
      for (const each of all.sortedNames()) {
        const one = all.get(each) as Slot;
        members.push({
          name: `${name}.${each}`,
          slot: lazy(() => follow(one, steps)),
          position: all.position(each),
          expr: null,
          configuration: {
            config: lazy(() => follow(one, ["config"])),
            options: lazy(() => follow(one, ["options"])),
            whole: one,
          },
        });
      }
    });
  }
  return members;
}

/** What is found at the end of a path of names, null when there is nothing. */
function follow(slot: Slot, steps: readonly string[]): Value {
  let value = force(slot);
  for (const step of steps) value = value instanceof Attrs ? force(value.get(step) ?? null) : null;
  return value;
}

function lazy(run: () => Value): Slot {
  return new Thunk(Code.of(run), []);
}

function attributesOf(slot: Slot): Attrs | null {
  const value = force(slot);
  return value instanceof Attrs && !isDerivation(value) ? (value as Attrs) : null;
}

function failing(error: NixError): Slot {
  return lazy(() => {
    throw error;
  });
}
