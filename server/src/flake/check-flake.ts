/**
 * Whether the outputs of a flake are what their names promise: evaluated one after another, the first
 * that is not is an error in Nix's words, traced to its output. Nothing is built.
 */
import type { ByteString } from "../base/bytes.ts";
import type { Attrs } from "../eval/attrs.ts";
import { findAlongAttrPath } from "../eval/auto-call.ts";
import { isDerivation } from "../eval/compare.ts";
import { stringText } from "../eval/context.ts";
import { NixError, traced } from "../eval/errors.ts";
import type { Evaluator } from "../eval/evaluator.ts";
import {
  coerceToString,
  expectAttrs,
  expectPlainString,
  expectString,
  force,
  PLAIN,
} from "../eval/runtime.ts";
import { showType } from "../eval/show-value.ts";
import { Lambda, type Slot } from "../eval/values.ts";

export interface FlakeCheck {
  /** Names of the checks of this system, in byte order. */
  readonly checks: readonly ByteString[];
  /** Systems whose outputs were not evaluated. */
  readonly omitted: readonly ByteString[];
}

export interface CheckOptions {
  readonly allSystems: boolean;
  readonly warn: (message: ByteString) => void;
}

/** Names before there was one set for each kind. */
const DEPRECATED: Readonly<Record<string, ByteString>> = {
  defaultApp: "apps.<system>.default",
  defaultBundler: "bundlers.<system>.default",
  defaultPackage: "packages.<system>.default",
  defaultTemplate: "templates.default",
  devShell: "devShells.<system>.default",
  nixosModule: "nixosModules.default",
  overlay: "overlays.default",
};

/** Outputs of other tools, which nothing is known about. */
const OTHERS = new Set([
  ...["lib", "darwinConfigurations", "darwinModules", "flakeModule", "flakeModules"],
  ...["herculesCI", "homeConfigurations", "homeModule", "homeModules", "nixopsConfigurations"],
]);

/** @param outputs of the flake. Throws `NixError`. */
export function checkFlake(ev: Evaluator, outputs: Slot, options: CheckOptions): FlakeCheck {
  return new Check(ev, options).all(outputs);
}

class Check {
  readonly #ev: Evaluator;
  readonly #options: CheckOptions;
  readonly #checks: ByteString[] = [];
  readonly #omitted = new Set<ByteString>();

  constructor(ev: Evaluator, options: CheckOptions) {
    this.#ev = ev;
    this.#options = options;
  }

  all(outputs: Slot): FlakeCheck {
    const set = this.#attrs(outputs, 0);
    for (const name of set.sortedNames()) {
      const at = set.position(name);
      const instead = DEPRECATED[name];
      if (instead !== undefined) {
        this.#options.warn(
          `flake output attribute '${name}' is deprecated; use '${instead}' instead`,
        );
      }
      this.#traced(at, `while checking flake output '${name}'`, () =>
        this.#output(name, set.get(name) ?? null, at),
      );
    }
    return { checks: this.#checks, omitted: [...this.#omitted].sort() };
  }

  #output(name: ByteString, slot: Slot, at: number): void {
    force(slot, at);
    switch (name) {
      case "checks":
      case "packages":
      case "devShells":
        this.#systems(slot, at, (system, value, position) => {
          this.#each(value, position, (each, one, place) => {
            this.#derivation(`${name}.${system}.${each}`, one, place);
            if (name === "checks" && system === this.#ev.settings.system) this.#checks.push(each);
          });
        });
        return;
      case "apps":
        this.#systems(slot, at, (system, value, position) =>
          this.#each(value, position, (each, one, place) =>
            this.#app(`${name}.${system}.${each}`, one, place),
          ),
        );
        return;
      case "defaultPackage":
      case "devShell":
      case "formatter":
        this.#systems(slot, at, (system, value, position) =>
          this.#derivation(`${name}.${system}`, value, position),
        );
        return;
      case "defaultApp":
        this.#systems(slot, at, (system, value, position) =>
          this.#app(`${name}.${system}`, value, position),
        );
        return;
      case "legacyPackages":
        this.#systems(slot, at, () => {});
        return;
      case "overlay":
        this.#overlay(name, slot, at);
        return;
      case "overlays":
        this.#each(slot, at, (each, one, place) => this.#overlay(`${name}.${each}`, one, place));
        return;
      case "nixosModules":
        this.#each(slot, at, (each, one, place) =>
          this.#traced(place, `while checking the NixOS module '${name}.${each}'`, () =>
            force(one, place),
          ),
        );
        return;
      case "nixosConfigurations":
        this.#each(slot, at, (each, one, place) => this.#nixos(`${name}.${each}`, one, place));
        return;
      case "hydraJobs":
        this.#hydraJobs(name, slot, at);
        return;
      case "defaultTemplate":
        this.#template(name, slot, at);
        return;
      case "templates":
        this.#each(slot, at, (each, one, place) => this.#template(`${name}.${each}`, one, place));
        return;
      case "defaultBundler":
        this.#systems(slot, at, (system, value, position) =>
          this.#bundler(`${name}.${system}`, value, position),
        );
        return;
      case "bundlers":
        this.#systems(slot, at, (system, value, position) =>
          this.#each(value, position, (each, one, place) =>
            this.#bundler(`${name}.${system}.${each}`, one, place),
          ),
        );
        return;
      default:
        if (name !== "nixosModule" && !OTHERS.has(name))
          this.#options.warn(`unknown flake output '${name}'`);
    }
  }

  #traced(at: number, text: ByteString, run: () => void): void {
    try {
      run();
    } catch (error) {
      throw traced(error, at, text);
    }
  }

  #attrs(slot: Slot, at: number): Attrs {
    return expectAttrs(this.#ev, slot, at, "");
  }

  #each(slot: Slot, at: number, use: (name: ByteString, value: Slot, at: number) => void): void {
    const set = this.#attrs(slot, at);
    for (const name of set.sortedNames()) use(name, set.get(name) ?? null, set.position(name));
  }

  /** The members of this system, or of all that are wanted. */
  #systems(
    slot: Slot,
    at: number,
    use: (system: ByteString, value: Slot, at: number) => void,
  ): void {
    this.#each(slot, at, (system, value, position) => {
      if (!system.includes("-")) {
        throw new NixError(
          "eval",
          `'${system}' is not a valid system type, at ${this.#ev.showPosition(position)}`,
        );
      }
      if (this.#options.allSystems || system === this.#ev.settings.system)
        use(system, value, position);
      else this.#omitted.add(system);
    });
  }

  #derivation(path: ByteString, slot: Slot, at: number): void {
    this.#traced(at, `while checking the derivation '${path}'`, () => {
      const value = force(slot, at);
      if (!isDerivation(value))
        throw new NixError("eval", `flake attribute '${path}' is not a derivation`);
      const drvPath = value.get("drvPath");
      if (drvPath !== undefined)
        coerceToString(this.#ev, drvPath, value.position("drvPath"), "", PLAIN);
    });
  }

  #app(path: ByteString, slot: Slot, at: number): void {
    this.#traced(at, `while checking the app definition '${path}'`, () => {
      const set = this.#attrs(slot, at);
      for (const name of ["type", "program"]) {
        const value = set.get(name);
        if (value === undefined)
          throw new NixError("eval", `app '${path}' lacks attribute '${name}'`);
        if (name === "type") expectPlainString(this.#ev, value, set.position(name), "");
        else expectString(this.#ev, value, set.position(name), "");
      }
      const meta = set.get("meta");
      if (meta === undefined) this.#options.warn(`app '${path}' lacks attribute 'meta'`);
      else {
        const said = this.#attrs(meta, set.position("meta"));
        const description = said.get("description");
        if (description === undefined)
          this.#options.warn(`app '${path}' lacks attribute 'meta.description'`);
        else expectPlainString(this.#ev, description, said.position("description"), "");
      }
      this.#onlyHas(`app '${path}'`, set, ["type", "program", "meta"]);
    });
  }

  #onlyHas(what: ByteString, set: Attrs, names: readonly ByteString[]): void {
    const other = set.sortedNames().find((name) => !names.includes(name));
    if (other !== undefined)
      throw new NixError("eval", `${what} has unsupported attribute '${other}'`);
  }

  #overlay(path: ByteString, slot: Slot, at: number): void {
    this.#traced(at, `while checking the overlay '${path}'`, () => {
      const value = force(slot, at);
      if (!(value instanceof Lambda)) {
        throw new NixError("eval", `overlay is not a function, but ${showType(value)} instead`);
      }
      const { param, formals } = value.code.expr;
      // An underscore in front says that it is not used.
      if (formals !== null || param === null || !/^_|^final$/.test(param))
        throw new NixError("eval", "overlay does not take an argument named 'final'");
    });
  }

  #nixos(path: ByteString, slot: Slot, at: number): void {
    this.#traced(at, `while checking the NixOS configuration '${path}'`, () => {
      const steps = "config.system.build.toplevel";
      const { value } = findAlongAttrPath(this.#ev, force(slot, at), steps, new Map());
      if (!isDerivation(value))
        throw new NixError("eval", `attribute '${steps}' is not a derivation`);
    });
  }

  #hydraJobs(path: ByteString, slot: Slot, at: number): void {
    this.#traced(at, `while checking the Hydra jobset '${path}'`, () => {
      const set = this.#attrs(slot, at);
      if (isDerivation(set))
        throw new NixError("eval", "jobset should not be a derivation at top-level");
      this.#each(set, at, (name, value, position) => {
        this.#attrs(value, position);
        const below = `${path}.${name}`;
        if (isDerivation(force(value))) this.#derivation(below, value, position);
        else this.#hydraJobs(below, value, position);
      });
    });
  }

  #template(path: ByteString, slot: Slot, at: number): void {
    this.#traced(at, `while checking the template '${path}'`, () => {
      const set = this.#attrs(slot, at);
      const file = set.get("path");
      if (file === undefined)
        throw new NixError("eval", `template '${path}' lacks attribute 'path'`);
      const place = stringText(coerceToString(this.#ev, file, set.position("path"), "", PLAIN));
      if (!this.#ev.files.exists(place))
        throw new NixError("eval", `template '${path}' refers to a non-existent path '${place}'`);
      const description = set.get("description");
      if (description === undefined)
        throw new NixError("eval", `template '${path}' lacks attribute 'description'`);
      expectPlainString(this.#ev, description, set.position("description"), "");
      this.#onlyHas(`template '${path}'`, set, ["path", "description", "welcomeText"]);
    });
  }

  #bundler(path: ByteString, slot: Slot, at: number): void {
    this.#traced(at, `while checking the bundler '${path}'`, () => {
      const value = force(slot, at);
      if (!(value instanceof Lambda)) throw new NixError("eval", "bundler must be a function");
    });
  }
}
