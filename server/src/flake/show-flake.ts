/**
 * What a flake gives, as a tree: packages by name and description, everything else by what it is for.
 * Nothing below what is shown is evaluated.
 */
import type { ByteString } from "../base/bytes.ts";
import { Attrs } from "../eval/attrs.ts";
import { isDerivation } from "../eval/compare.ts";
import { NixError } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import { force } from "../eval/runtime.ts";
import { showType } from "../eval/show-value.ts";
import { ContextString, type Slot } from "../eval/values.ts";

export type FlakeOutput =
  | { readonly kind: "set"; readonly members: ReadonlyMap<ByteString, FlakeOutput> }
  | {
      readonly kind: "derivation";
      readonly role: "package" | "development environment" | "derivation";
      readonly name: ByteString;
      readonly description: ByteString | null;
    }
  | { readonly kind: "app"; readonly description: ByteString | null }
  | { readonly kind: "template"; readonly description: ByteString }
  | { readonly kind: "other"; readonly type: OtherType }
  /** Not evaluated: packages of other systems, `legacyPackages`. */
  | { readonly kind: "omitted"; readonly option: "--all-systems" | "--legacy" }
  /** Below `legacyPackages` what does not evaluate, or is too deep, is left out. */
  | { readonly kind: "nothing" };

type OtherType = "nixpkgs-overlay" | "nixos-configuration" | "nixos-module" | "unknown";

export interface ShowOptions {
  readonly allSystems: boolean;
  readonly legacy: boolean;
}

type Path = readonly ByteString[];

/** Derivations below a system. */
const OF_SYSTEMS = new Set(["packages", "devShells", "checks"]);
/** One derivation for each system. */
const ONE_OF_SYSTEM = new Set(["defaultPackage", "devShell", "formatter"]);
/** Sets whose members are shown one by one. */
const SETS = new Set([
  ...ONE_OF_SYSTEM,
  ...["nixosConfigurations", "nixosModules", "defaultApp", "templates", "overlays"],
]);
/** Left out when there is nothing in them, at these levels. */
const EMPTY_LEVELS: Readonly<Record<string, number>> = {
  ...{ apps: 2, checks: 2, devShells: 2, legacyPackages: 2, packages: 2 },
  ...{ formatter: 1, nixosConfigurations: 1, nixosModules: 1, overlays: 1 },
};

/** @param outputs of the flake. Throws `NixError`. */
export function showFlake(ev: Evaluator, outputs: Slot, options: ShowOptions): FlakeOutput {
  return new Show(ev, options).at(outputs, 0, []);
}

class Show {
  readonly #ev: Evaluator;
  readonly #options: ShowOptions;

  constructor(ev: Evaluator, options: ShowOptions) {
    this.#ev = ev;
    this.#options = options;
  }

  at(slot: Slot, position: number, path: Path): FlakeOutput {
    try {
      return this.#output(slot, position, path);
    } catch (error) {
      if (error instanceof NixError && path[0] === "legacyPackages") return { kind: "nothing" };
      throw error;
    }
  }

  #output(slot: Slot, position: number, path: Path): FlakeOutput {
    const [first = "", second = ""] = path;
    const depth = path.length;
    const isForeign = !this.#options.allSystems && second !== this.#ev.settings.system;
    if (
      depth === 0 ||
      (depth === 1 && SETS.has(first)) ||
      (depth < 3 && (OF_SYSTEMS.has(first) || first === "apps"))
    )
      return this.#members(slot, position, path);
    if ((depth === 2 && ONE_OF_SYSTEM.has(first)) || (depth === 3 && OF_SYSTEMS.has(first))) {
      if (isForeign) return { kind: "omitted", option: "--all-systems" };
      const value = force(slot, position);
      if (isDerivation(value)) return this.#derivation(value, path);
      throw new NixError("eval", "expected a derivation");
    }
    if (first === "hydraJobs") {
      const value = force(slot, position);
      return isDerivation(value)
        ? this.#derivation(value, path)
        : this.#members(slot, position, path);
    }
    if (first === "legacyPackages") {
      if (depth === 1) return this.#members(slot, position, path);
      if (!this.#options.legacy) return { kind: "omitted", option: "--legacy" };
      if (isForeign) return { kind: "omitted", option: "--all-systems" };
      const value = force(slot, position);
      if (isDerivation(value)) return this.#derivation(value, path);
      return depth === 2 ? this.#members(slot, position, path) : { kind: "nothing" };
    }
    if ((depth === 2 && first === "defaultApp") || (depth === 3 && first === "apps"))
      return this.#app(slot, position, path);
    if ((depth === 1 && first === "defaultTemplate") || (depth === 2 && first === "templates"))
      return this.#template(slot, position, path);
    return { kind: "other", type: otherType(path) };
  }

  #attrs(slot: Slot, position: number, path: Path): Attrs {
    const value = force(slot, position);
    if (value instanceof Attrs) return value;
    throw new NixError("type", `'${path.join(".")}' is not an attribute set`);
  }

  #members(slot: Slot, position: number, path: Path): FlakeOutput {
    const set = this.#attrs(slot, position, path);
    const members = new Map<ByteString, FlakeOutput>();
    for (const name of set.sortedNames()) {
      const below = [...path, name];
      if (!this.#hasContent(set, name, below)) continue;
      members.set(name, this.at(set.get(name) ?? null, set.position(name), below));
    }
    return { kind: "set", members };
  }

  #hasContent(set: Attrs, name: ByteString, path: Path): boolean {
    if (path.length > (EMPTY_LEVELS[path[0] ?? ""] ?? 0)) return true;
    try {
      const below = this.#attrs(set.get(name) ?? null, set.position(name), path);
      return below.sortedNames().some((each) => this.#hasContent(below, each, [...path, each]));
    } catch (error) {
      // That it does not evaluate is said where it is shown.
      if (error instanceof NixError) return true;
      throw error;
    }
  }

  #derivation(value: Attrs, path: Path): FlakeOutput {
    const name = this.#text(value, "name", path);
    return {
      kind: "derivation",
      role: roleOf(path),
      name,
      description: this.#description(value, path),
    };
  }

  #app(slot: Slot, position: number, path: Path): FlakeOutput {
    const value = this.#attrs(slot, position, path);
    const description = this.#description(value, path);
    if (!value.has("type") || this.#text(value, "type", path) !== "app")
      throw new NixError("eval", "not an app definition");
    return { kind: "app", description };
  }

  #template(slot: Slot, position: number, path: Path): FlakeOutput {
    const value = this.#attrs(slot, position, path);
    return { kind: "template", description: this.#text(value, "description", path) };
  }

  #description(value: Attrs, path: Path): ByteString | null {
    const meta = value.get("meta");
    if (meta === undefined) return null;
    const set = force(meta, value.position("meta"));
    return set instanceof Attrs && set.has("description")
      ? this.#text(set, "description", [...path, "meta"])
      : null;
  }

  #text(set: Attrs, name: ByteString, path: Path): ByteString {
    const shown = `'${[...path, name].join(".")}'`;
    const slot = set.get(name);
    if (slot === undefined)
      throw new NixError("missing-attribute", `attribute ${shown} does not exist`);
    const value = force(slot, set.position(name));
    if (typeof value === "string") return value;
    if (value instanceof ContextString) return value.text;
    throw new NixError("type", `${shown} is not a string but ${showType(value)}`);
  }
}

function roleOf(path: Path): "package" | "development environment" | "derivation" {
  if (path[0] === "devShell" || path[0] === "devShells") return "development environment";
  return path[0] === "checks" || path[0] === "hydraJobs" ? "derivation" : "package";
}

function otherType(path: Path): OtherType {
  const [first] = path;
  if (path.length === 1) {
    if (first === "overlay") return "nixpkgs-overlay";
    if (first === "nixosModule") return "nixos-module";
  }
  if (path.length === 2) {
    if (first === "overlays") return "nixpkgs-overlay";
    if (first === "nixosModules") return "nixos-module";
    if (first === "nixosConfigurations") return "nixos-configuration";
  }
  return "unknown";
}
