/**
 * What a file is for, from its shape and its place: that decides how it is evaluated on its own. It is
 * a guess that the user can correct; nothing but the evaluation of the editor depends on it.
 */
import type { ByteString } from "../base/bytes.ts";
import type { AttrSet, Expr, Lambda } from "../syntax/ast.ts";

/**
 * - `expression`: has a value of its own, or is a function that can be called without arguments
 *   (`shell.nix`, `default.nix`).
 * - `flake`: `flake.nix`.
 * - `package`: a function whose arguments are packages, as `callPackage` calls it, or of `pkgs`.
 * - `overlay`: `final: prev: { … }`.
 * - `module`: a NixOS module, or one of flake-parts, a function or a plain set of options.
 * - `home`: a module of home-manager.
 * - `network`: machines of NixOps, a NixOS module each.
 * - `library`: other functions; they have values only where they are called.
 */
export const FILE_ROLES = [
  "expression",
  "flake",
  "package",
  "overlay",
  "module",
  "home",
  "network",
  "library",
] as const;
export type FileRole = (typeof FILE_ROLES)[number];

/** What options are set in. */
export const MODULE_ROLES: ReadonlySet<FileRole> = new Set(["module", "home"]);

/** @param path absolute, or only a name */
export function fileRole(expr: Expr, path: ByteString): FileRole {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const value = outermost(expr);
  if (name === "flake.nix" && value.kind === "AttrSet") return "flake";
  const result = value.kind === "Lambda" && needsArguments(value) ? null : resultSet(value);
  if (result !== null && isNetwork(result)) return "network";
  if (value.kind === "AttrSet")
    return isModuleSet(value, path, name) ? moduleRole(value, name) : "expression";
  if (value.kind !== "Lambda") return "expression";
  return value.formals === null ? plainFunction(value) : setFunction(value, path, name);
}

/** The required arguments of the function that a file is, in source order. */
export function requiredArguments(expr: Expr): ByteString[] {
  const value = outermost(expr);
  if (value.kind !== "Lambda") return [];
  const items = value.formals?.items ?? [];
  return items.filter(({ fallback }) => fallback === null).map(({ name }) => name);
}

/** The set that a file's function gives, or null when it is not written as one. */
export function resultSet(expr: Expr): AttrSet | null {
  let at = expr;
  for (;;) {
    if (at.kind === "Let" || at.kind === "With" || at.kind === "Assert") at = at.body;
    else if (at.kind === "Lambda") at = at.body;
    else return at.kind === "AttrSet" ? at : null;
  }
}

function outermost(expr: Expr): Expr {
  let at = expr;
  while (at.kind === "Let" || at.kind === "With" || at.kind === "Assert") at = at.body;
  return at;
}

const OVERLAY_PARAMETERS: ReadonlyMap<ByteString, ByteString> = new Map([
  ["final", "prev"],
  ["self", "super"],
]);

/** What overlays call the packages that they are laid over. */
const OLD_PACKAGES = new Set<ByteString>(["prev", "previous", "super"]);

function plainFunction(lambda: Lambda): FileRole {
  const inner = outermost(lambda.body);
  if (inner.kind === "Lambda" && inner.formals === null) {
    const [first, second] = [unmarked(lambda.param), unmarked(inner.param)];
    const isKnown = OVERLAY_PARAMETERS.get(first) === second || OLD_PACKAGES.has(second);
    if (isKnown && resultSet(inner.body) !== null) return "overlay";
    return "library";
  }
  return unmarked(lambda.param) === "pkgs" ? "package" : "library";
}

/** `_final` is `final`, unused. */
function unmarked(name: ByteString | null): ByteString {
  return (name ?? "").replace(/^_+/, "");
}

/** What the arguments of modules are called. */
const MODULE_ARGUMENTS = new Set<ByteString>(["config", "options", "modulesPath", "specialArgs"]);

/** Names at the top of a module that nothing else has there. */
const OPTION_SETS = new Set<ByteString>([
  ...["boot", "environment", "fileSystems", "hardware", "networking", "programs", "security"],
  ...["services", "systemd", "users", "virtualisation"],
]);

/** Names at the top of a module that other things may have too. */
const MODULE_NAMES = new Set<ByteString>([
  ...OPTION_SETS,
  ...["_module", "accounts", "assertions", "config", "console", "containers", "dconf"],
  ...["disabledModules", "documentation", "fonts", "gtk", "home", "home-manager", "i18n"],
  ...["imports", "location", "manual", "meta", "nix", "nixpkgs", "options", "powerManagement"],
  ...["qt", "sound", "specialisation", "swapDevices", "system", "time", "warnings", "wayland"],
  ...["xdg", "xsession", "zramSwap"],
]);

/** Of them those that say it when there are others. */
const TELLING_NAMES = new Set<ByteString>(["home", "imports", "nix", "nixpkgs", "options", "xdg"]);

/** A part of a flake that flake-parts puts together: it says what there is for each system. */
export function isFlakePart(set: AttrSet): boolean {
  return set.attrs.some(({ name }) => name === "perSystem");
}

/** Files that are modules wherever they are. */
const MODULE_FILES = /^(configuration|hardware-configuration|home)\.nix$/;

function setFunction(lambda: Lambda, path: ByteString, name: ByteString): FileRole {
  const { formals } = lambda;
  const items = formals?.items ?? [];
  if (items.some((formal) => MODULE_ARGUMENTS.has(formal.name)) && formals?.ellipsis === true)
    return moduleRole(resultSet(lambda.body), name);
  const required = items.filter(({ fallback }) => fallback === null);
  const set = resultSet(lambda.body);
  const takesMore = required.length > 0 && formals?.ellipsis === true;
  if (takesMore && set && (isModuleSet(set, path, name) || isOfOptions(set)))
    return moduleRole(set, name);
  if (required.length === 0) return "expression";
  const names = new Set(required.map((formal) => formal.name));
  const isOverlay = names.size === 2 && items.length === 2;
  for (const [first, second] of OVERLAY_PARAMETERS) {
    if (isOverlay && names.has(first) && names.has(second)) return "overlay";
  }
  return "package";
}

function needsArguments(lambda: Lambda): boolean {
  return lambda.formals === null || requiredArguments(lambda).length > 0;
}

/** What NixOps calls `network`, or machines that say where they run. */
function isNetwork(set: AttrSet): boolean {
  const modules = set.attrs.flatMap(({ name, value }) => {
    const module = name === "network" ? null : resultSet(value);
    return module === null ? [] : [module];
  });
  const hasAttr = (of: AttrSet, name: string) => of.attrs.some((attr) => attr.name === name);
  if (modules.some((module) => hasAttr(module, "deployment"))) return true;
  const isNamed = set.attrs.some(
    ({ name, value }) => name === "network" && value.kind === "AttrSet",
  );
  return isNamed && set.attrs.some(({ value }) => value.kind === "Lambda");
}

/** Of home-manager are those that say something of `home`. */
function moduleRole(set: AttrSet | null, name: ByteString): FileRole {
  const config = set?.attrs.find((attr) => attr.name === "config")?.value;
  const sets = [set, config?.kind === "AttrSet" ? config : null];
  const isHome = sets.some((each) => each?.attrs.some((attr) => attr.name === "home"));
  return isHome || name === "home.nix" ? "home" : "module";
}

function isModuleSet(set: AttrSet, path: ByteString, name: ByteString): boolean {
  if (isFlakePart(set)) return true;
  const names = set.attrs.map((attr) => attr.name);
  if (names.length === 0) return false;
  const known = names.filter((each) => MODULE_NAMES.has(each)).length;
  if (MODULE_FILES.test(name)) return known > 0;
  if (known < names.length) return false;
  const isTelling = names.some((each) => OPTION_SETS.has(each) || TELLING_NAMES.has(each));
  return (known > 1 && isTelling) || /\/(modules|nixos|hosts)\//.test(path);
}

/** Of a function that takes whatever it is given: most names are those of options, and one nothing else has. */
function isOfOptions({ attrs }: AttrSet): boolean {
  const known = attrs.filter((attr) => MODULE_NAMES.has(attr.name)).length;
  return attrs.some((attr) => OPTION_SETS.has(attr.name)) && known * 2 > attrs.length;
}
