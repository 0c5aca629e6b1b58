/** Where a file is used that only makes sense through others: what would have to be evaluated to see it. */
import type { ByteString } from "../base/bytes.ts";
import {
  type FileRole,
  fileRole,
  isFlakePart,
  MODULE_ROLES,
  resultSet,
} from "../scope/file-role.ts";
import type { Expr } from "../syntax/ast.ts";
import { Attrs } from "./attrs.ts";
import { autoCallKept } from "./auto-call.ts";
import type { Configuration } from "./describe-option.ts";
import { NixError } from "./errors.ts";
import { type Evaluator, ROOT_IMPORT } from "./evaluator.ts";
import { attributesOfFile, packageTree } from "./package-tree.ts";
import { possibleUsers } from "./possible-users.ts";
import { definedMembers, type FlakeRoots, type RootMember, type RootValues } from "./root-value.ts";
import { force } from "./runtime.ts";
import type { Value } from "./values.ts";

/** A root that may use a file. */
export interface FileUser {
  /** The file of the root. */
  readonly path: ByteString;
  /** To be evaluated one after the other, until one has used the file. Throws as evaluation does. */
  parts(): UserPart[];
  /** After `parts`: whether what has been evaluated of it has imported the file. */
  isUsing(): boolean;
}

/** A part of a root that is evaluated by itself. */
export interface UserPart {
  readonly name: ByteString;
  /** Of a configuration. */
  readonly configuration?: Configuration;
  /** Throws as evaluation does. */
  members(): RootMember[];
}

/** Roles in which a file beside another can use it. */
const USING: ReadonlySet<FileRole> = new Set([
  "expression",
  "overlay",
  "module",
  "home",
  "network",
]);

/** Files beside it, then the tree of packages that it is in. */
export function* fileUsers(
  ev: Evaluator,
  roots: RootValues,
  path: ByteString,
  role: FileRole,
): Generator<FileUser> {
  for (const user of possibleUsers(ev, path, ev.openFiles())) {
    const members = (): RootMember[] => {
      const itsRole = fileRole(ev.parseFile(ev.resolveImport(user)).expr, user);
      return USING.has(itsRole) ? (roots.members(user, itsRole) ?? []) : [];
    };
    const isUsing = () => ev.isImportedBy(path, user);
    yield { path: user, parts: () => [{ name: "", members }], isUsing };
  }
  // Modules belong to configurations, and not to sets of packages.
  const tree = MODULE_ROLES.has(role) ? null : packageTree(ev, path);
  if (tree === null) return;
  const top = `${tree}/default.nix`;
  yield {
    path: top,
    parts: () => packageMembers(ev, top, attributesOfFile(ev, tree, path)).map(partOf),
    isUsing: () => ev.isImportedBy(path, top),
  };
}

/**
 * The flake that a file is in, when it is in one. Of a configuration only what a module defines is
 * evaluated: all of it takes long, and is shown where the flake is open.
 *
 * @param written what the file says
 */
export function* flakeUsers(
  ev: Evaluator,
  flakes: FlakeRoots,
  path: ByteString,
  role: FileRole,
  written: Expr,
): Generator<FileUser> {
  const flake = flakes.above(ev, path);
  if (flake === null) return;
  const configured = ({ name, configuration }: RootMember): UserPart[] => {
    if (configuration === undefined) return [];
    return [{ name, configuration, members: () => definedIn(configuration, written) }];
  };
  yield {
    path: flake,
    parts: () => {
      const all = flakes.members(ev, flake);
      // What git does not know is in no flake.
      if (ev.files.stat(flakes.inTree(ev, flake, path)) === null) return [];
      if (!MODULE_ROLES.has(role)) return all.map(partOf);
      const isHome = ({ name }: RootMember) => name.startsWith("homeConfigurations.");
      const set = resultSet(written);
      const isPart = set !== null && isFlakePart(set);
      const outputs = all.filter(({ configuration }) => !configuration).map(partOf);
      if (isPart) return outputs;
      const configurations = all.filter(({ configuration }) => configuration);
      const likely = configurations.filter((each) => isHome(each) === (role === "home"));
      const others = configurations.filter((each) => !likely.includes(each));
      return [...[...likely, ...others].flatMap(configured), ...outputs];
    },
    isUsing: () => ev.isImportedBy(flakes.inTree(ev, flake, path), flakes.inTree(ev, flake, flake)),
  };
}

/** The values of a configuration, and of the users in it, that a module defines. Throws as evaluation does. */
export function definedIn(configuration: Configuration, module: Expr): RootMember[] {
  const found = force(configuration.config);
  const all = [found, ...homesIn(found)];
  const members = all.flatMap((each) => definedMembers(each, module) ?? []);
  return members.map((each) => ({ ...each, configuration }));
}

/** The configurations of users that home-manager keeps in one of NixOS. */
function homesIn(config: Value): Value[] {
  const manager = config instanceof Attrs ? force(config.get("home-manager") ?? null) : null;
  const users = manager instanceof Attrs ? force(manager.get("users") ?? null) : null;
  if (!(users instanceof Attrs)) return [];
  return users.sortedNames().map((name) => force(users.get(name) ?? null));
}

function partOf(member: RootMember): UserPart {
  return { name: member.name, members: () => [member] };
}

function packageMembers(
  ev: Evaluator,
  top: ByteString,
  names: readonly ByteString[],
): RootMember[] {
  const packages = force(autoCallKept(ev, ev.importFile(top, ROOT_IMPORT)));
  if (!(packages instanceof Attrs)) return [];
  return names.flatMap((name) => {
    const steps = name.split(".");
    const last = steps.pop() ?? "";
    const set = steps.reduce((found: Attrs | null, step) => inside(found, step), packages);
    const slot = set?.get(last);
    const position = set?.position(last) ?? 0;
    return slot === undefined ? [] : [{ name, slot, position, expr: null }];
  });
}

/** Null when it is no set, or fails. */
function inside(set: Attrs | null, name: ByteString): Attrs | null {
  try {
    const value = force(set?.get(name) ?? null);
    return value instanceof Attrs ? value : null;
  } catch (error) {
    if (error instanceof NixError) return null;
    throw error;
  }
}
