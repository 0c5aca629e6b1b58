/**
 * What a file is evaluated to on its own, by its role: a package is called with the packages of
 * `<nixpkgs>`, an overlay is applied to them, a module is evaluated in a configuration of its own, with
 * the nixpkgs that it is in if it is in one.
 */
import type { ByteString } from "../base/bytes.ts";
import { type FileRole, isFlakePart, requiredArguments, resultSet } from "../scope/file-role.ts";
import type { AttrDef, AttrSet, Expr } from "../syntax/ast.ts";
import { Attrs } from "./attrs.ts";
import { autoCallKept } from "./auto-call.ts";
import { isDerivation } from "./compare.ts";
import type { Configuration } from "./describe-option.ts";
import { NixError } from "./errors.ts";
import { type Evaluator, ROOT_IMPORT } from "./evaluator.ts";
import { parentPath } from "./lib/canonical-path.ts";
import { attempt, call, force } from "./runtime.ts";
import { isFunction, NixPath, type Slot, type Value } from "./values.ts";

/** A part of a root that is evaluated for its derivations and its errors. */
export interface RootMember {
  /** The attribute or the index, "" for the value itself. */
  readonly name: ByteString;
  readonly slot: Slot;
  /** Position id of its definition. */
  readonly position: number;
  /** The expression of the file whose value it is, when the program itself cannot tell: an overlay is applied many times. */
  readonly expr: Expr | null;
  /** What it is a part of. */
  readonly configuration?: Configuration;
  /** Nothing needs it: only if it is a derivation does it say something. */
  readonly isUnneeded?: true;
}

/** Attributes of a root set that are evaluated. */
const MAX_MEMBERS = 500;

/** Functions in Nix that put a file into its place; each takes `<nixpkgs>` and then what it says. */
const HELPERS = {
  packages: "nixpkgs: import nixpkgs { }",
  // Where nixpkgs takes no overlays it is applied to the finished set.
  overlay: `nixpkgs: overlay:
let
  recorded = final: prev:
    let own = overlay final prev; in own // { __overlayAttributes = builtins.attrNames own; };
  function = import nixpkgs;
  takesOverlays = builtins.isFunction function && builtins.functionArgs function ? overlays;
  plain = import nixpkgs { };
  applied = plain // recorded applied plain;
  pkgs = if takesOverlays then function { overlays = [ recorded ]; } else applied;
  wanted = map (name: { inherit name; value = null; }) pkgs.__overlayAttributes;
in
builtins.intersectAttrs (builtins.listToAttrs wanted) pkgs`,
  configuration: `nixpkgs: file:
(import (nixpkgs + "/nixos/lib/eval-config.nix") {
  system = builtins.currentSystem;
  modules = [ file ];
})`,
  // What has no default is the user's to say, in another file maybe: so there is one here.
  home: `nixpkgs: manager: file:
let
  pkgs = import nixpkgs { };
  known = builtins.pathExists (manager + "/release.json");
  release = builtins.fromJSON (builtins.readFile (manager + "/release.json"));
  otherwise = pkgs.lib.mkOverride 1400;
in
(import (manager + "/modules") {
  inherit pkgs;
  configuration = {
    imports = [ file ];
    home = {
      username = otherwise "user";
      homeDirectory = otherwise "/home/user";
    } // (if known then { stateVersion = otherwise release.release; } else { });
  };
})`,
  // What NixOps itself says of a machine is not known: where it runs may be anything.
  network: `nixpkgs: network:
let
  evaluate = import (nixpkgs + "/nixos/lib/eval-config.nix");
  others = [ "network" "defaults" "resources" "require" ];
  deployed = { lib, ... }: {
    options.deployment = lib.mkOption { type = lib.types.attrs; default = { }; };
  };
  nodes = builtins.mapAttrs (name: module: evaluate {
    system = builtins.currentSystem;
    modules = [
      module
      (network.defaults or { })
      deployed
      { _module.args = { inherit name nodes; resources = { }; }; }
      ({ lib, ... }: { networking.hostName = lib.mkOverride 900 name; })
    ];
  }) (removeAttrs network others);
in
builtins.mapAttrs (name: node: node.config) nodes`,
} as const;
type Helper = keyof typeof HELPERS;

/** What is evaluated of flakes, by the layer that knows them. */
export interface FlakeRoots {
  /** Of the flake whose `flake.nix` this is: its outputs for this system. */
  members(ev: Evaluator, path: ByteString): RootMember[];
  /** Position ids of the inputs that were locked in memory only, since `members`. */
  unlocked(path: ByteString): readonly number[];
  /** Evaluates while flakes are as they were in a commit of their repository. */
  at<T>(ev: Evaluator, commit: ByteString, evaluate: () => T): T;
  /** The `flake.nix` of the flake that a file is in; null when it is in none. */
  above(ev: Evaluator, path: ByteString): ByteString | null;
  /** Under which path a file of a flake is evaluated since `members`. */
  inTree(ev: Evaluator, flake: ByteString, path: ByteString): ByteString;
}

/** Evaluates files in their roles; keeps the helpers, so that what they did can be found again. */
export class RootValues {
  readonly #ev: Evaluator;
  readonly #flakes: FlakeRoots | null;
  readonly #helpers = new Map<Helper, Value>();

  constructor(ev: Evaluator, flakes: FlakeRoots | null = null) {
    this.#ev = ev;
    this.#flakes = flakes;
  }

  /**
   * The members of a file in a role; null when it has no value of its own: it is a library, or what its
   * role needs (nixpkgs, an argument) is not there.
   *
   * @throws NixError, Interruption
   */
  members(path: ByteString, role: FileRole): RootMember[] | null {
    switch (role) {
      case "flake":
        if (this.#flakes !== null) return this.#flakes.members(this.#ev, path);
        return membersOf(this.#file(path));
      case "expression":
        return membersOf(autoCallKept(this.#ev, this.#file(path)), resultSet(this.#tree(path)));
      case "package":
        return this.#package(path);
      case "overlay":
        return this.#overlay(path);
      case "module":
        return this.#module(path);
      case "home":
        return this.#home(path);
      case "network":
        return this.#network(path);
      case "library":
        return null;
    }
  }

  /** What `callPackage` or the module system gives for an argument of this name, null when it is unknown. */
  argument(name: ByteString): Slot | null {
    const nixpkgs = this.#nixpkgs();
    const pkgs = nixpkgs === null ? null : this.#help("packages", nixpkgs);
    if (!(pkgs instanceof Attrs)) return null;
    return name === "pkgs" ? pkgs : (pkgs.get(name) ?? null);
  }

  #file(path: ByteString): Value {
    return this.#ev.importFile(path, ROOT_IMPORT);
  }

  #tree(path: ByteString): Expr {
    return this.#ev.parseFile(this.#ev.resolveImport(path)).expr;
  }

  #package(path: ByteString): RootMember[] | null {
    const nixpkgs = this.#nixpkgs();
    const pkgs = nixpkgs === null ? null : this.#help("packages", nixpkgs);
    if (!(pkgs instanceof Attrs)) return null;
    const required = requiredArguments(this.#tree(path));
    const isOfPackages = required.length === 0;
    const file = this.#file(path);
    if (isOfPackages) return isFunction(file) ? membersOf(call(this.#ev, file, pkgs, 0)) : null;
    if (required.some((name) => pkgs.get(name) === undefined)) return null;
    const callPackage = pkgs.get("callPackage");
    if (callPackage === undefined) return null;
    const caller = call(this.#ev, force(callPackage), new NixPath(path), 0);
    return membersOf(call(this.#ev, caller, Attrs.from([]), 0));
  }

  #overlay(path: ByteString): RootMember[] | null {
    // `{ final, prev }: …` cannot be applied; a problem of the text says so.
    if (requiredArguments(this.#tree(path)).length > 0) return null;
    const nixpkgs = this.#nixpkgs();
    const overlay = nixpkgs === null ? null : this.#file(path);
    if (nixpkgs === null || !isFunction(overlay)) return null;
    const set = this.#help("overlay", nixpkgs, overlay);
    if (!(set instanceof Attrs)) return null;
    const written = resultSet(this.#tree(path))?.attrs ?? [];
    const expressions = new Map(written.map((attr): [ByteString, AttrDef] => [attr.name, attr]));
    return membersOf(set).map((member, i) => {
      const attr = expressions.get(set.sortedNames()[i] ?? "");
      return { ...member, expr: attr?.how === "plain" ? attr.value : null };
    });
  }

  #module(path: ByteString): RootMember[] | null {
    const written = resultSet(this.#tree(path));
    if (written !== null && isFlakePart(written)) return null;
    const nixpkgs = this.#checkout(path) ?? this.#nixpkgs();
    if (nixpkgs === null || !this.#hasNixos(nixpkgs.path)) return null;
    return this.#configured(path, this.#help("configuration", nixpkgs, new NixPath(path)));
  }

  #home(path: ByteString): RootMember[] | null {
    const [nixpkgs, manager] = [this.#nixpkgs(), this.#lookUp("<home-manager>")];
    if (nixpkgs === null || manager === null) return null;
    return this.#configured(path, this.#help("home", nixpkgs, manager, new NixPath(path)));
  }

  /** @param made what evaluating modules gives */
  #configured(path: ByteString, made: Value): RootMember[] | null {
    if (!(made instanceof Attrs)) return null;
    const [config = null, options = null] = [made.get("config"), made.get("options")];
    const configuration = { config, options, whole: made };
    const members = definedMembers(config, this.#tree(path));
    return members?.map((each) => ({ ...each, configuration })) ?? null;
  }

  #network(path: ByteString): RootMember[] | null {
    const nixpkgs = this.#nixpkgs();
    if (nixpkgs === null) return null;
    if (!this.#hasNixos(nixpkgs.path)) return null;
    const network = autoCallKept(this.#ev, this.#file(path));
    const machines = this.#help("network", nixpkgs, network);
    if (!(machines instanceof Attrs)) return null;
    const written = resultSet(this.#tree(path))?.attrs ?? [];
    return written.flatMap(({ name, how, value }) => {
      const config = machines.get(name);
      if (how !== "plain" || config === undefined) return [];
      const members = definedMembers(config, value) ?? [];
      return members.map((each) => ({ ...each, name: `${name}.${each.name}` }));
    });
  }

  #hasNixos(nixpkgs: ByteString): boolean {
    return this.#ev.files.exists(`${nixpkgs}/nixos/lib/eval-config.nix`);
  }

  /** The nixpkgs that a file is itself a part of, or null. */
  #checkout(path: ByteString): NixPath | null {
    for (let at = parentPath(path); at !== "/"; at = parentPath(at))
      if (this.#hasNixos(at)) return new NixPath(at);
    return null;
  }

  /** What `<nixpkgs>` is, or null when it is nowhere. */
  #nixpkgs(): NixPath | null {
    return this.#lookUp("<nixpkgs>");
  }

  #lookUp(searchPath: ByteString): NixPath | null {
    const value = attempt(() => this.#ev.evaluateText(searchPath, "lookup", "/"));
    return value instanceof NixPath ? value : null;
  }

  #help(helper: Helper, ...args: Slot[]): Value {
    let value = this.#helpers.get(helper);
    if (value === undefined) {
      value = this.#ev.evaluateText(HELPERS[helper], `snowglobe-${helper}`, "/");
      this.#helpers.set(helper, value);
    }
    for (const arg of args) value = call(this.#ev, value, arg, 0);
    return value;
  }
}

function member(name: ByteString, slot: Slot, position = 0): RootMember {
  return { name, slot, position, expr: null };
}

/**
 * A derivation, or what is one level inside a set or list, and deeper where sets are written in sets.
 *
 * @param written the expression of the value, when it is a set
 */
function membersOf(value: Value, written: AttrSet | null = null): RootMember[] {
  if (Array.isArray(value)) return value.map((slot, i) => member(String(i), slot));
  const set = value instanceof Attrs && !isDerivation(value) ? (value as Attrs) : null;
  if (set === null) return [member("", value)];
  const sets = new Map(
    (written?.attrs ?? []).flatMap(({ name, how, value: inner }): [ByteString, AttrSet][] =>
      how === "plain" && inner.kind === "AttrSet" ? [[name, inner]] : [],
    ),
  );
  return set
    .sortedNames()
    .slice(0, MAX_MEMBERS)
    .flatMap((name) => {
      const slot = set.get(name) as Slot;
      const own = member(name, slot, set.position(name));
      const inner = sets.get(name);
      return inner === undefined ? [own] : [own, ...membersWithin(own, inner)];
    });
}

function membersWithin({ name, slot }: RootMember, written: AttrSet): RootMember[] {
  try {
    return membersOf(force(slot), written)
      .filter((each) => each.name !== "")
      .map((each) => ({ ...each, name: `${name}.${each.name}`, isUnneeded: true }));
  } catch (error) {
    // Of the set itself it is told when it is forced.
    if (error instanceof NixError) return [];
    throw error;
  }
}

/** The values of a configuration that a module defines; all of it when it fails as a whole. */
export function definedMembers(slot: Slot, module: Expr): RootMember[] | null {
  // Of what fails it is told when the member is forced.
  const config = attempt(() => force(slot));
  if (config === null) return [member("", slot)];
  if (!(config instanceof Attrs)) return null;
  const set = resultSet(module);
  return (set?.attrs ?? []).flatMap((attr) =>
    // Under `config` are the options of a module that also declares some.
    attr.name === "config" && attr.value.kind === "AttrSet"
      ? attr.value.attrs.flatMap((inner) => optionMembers(config, inner, []))
      : optionMembers(config, attr, []),
  );
}

/** The values of a configuration that a module's binding defines, as deep as it is written. */
function optionMembers(config: Attrs, attr: AttrDef, above: readonly ByteString[]): RootMember[] {
  if (attr.how !== "plain") return [];
  const slot = config.get(attr.name);
  if (slot === undefined) return [];
  const path = [...above, attr.name];
  const isNested = attr.value.kind === "AttrSet" && attr.value.attrs.length > 0;
  const inner = isNested ? attempt(() => force(slot)) : null;
  if (attr.value.kind !== "AttrSet" || !(inner instanceof Attrs))
    return [member(path.join("."), slot)];
  return attr.value.attrs.flatMap((each) => optionMembers(inner, each, path));
}
