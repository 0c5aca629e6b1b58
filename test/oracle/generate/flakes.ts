/** Flakes with inputs in directories below and beside them, and what is changed after they were locked. */
import { isDeepStrictEqual } from "node:util";
import type { Random } from "./random.ts";

export interface FlakeStory {
  /** In the flake's directory, or beside it when the name begins with `../`. */
  readonly files: Readonly<Record<string, string>>;
  /** Written when there is a lock. */
  readonly changed: Readonly<Record<string, string>>;
  /** What is asked for then: `lock`, `update` and names of inputs. */
  readonly command: readonly string[];
}

const NAMES = ["a", "b", "c", "d"];

interface Input {
  name: string;
  /** What its flake is called, null when it is no flake. */
  flake: string | null;
  written: string;
}

/** An input of a flake that has inputs of its own, written in one of the ways. */
function input(r: Random, name: string, url: string, isFlake: boolean, inner: string[]): string {
  const parts = [`url = "${url}";`];
  if (url.startsWith("path:BESIDE") && r.chance(0.3))
    parts.splice(0, 1, `type = "path"; path = "${url.slice("path:".length)}";`);
  if (!isFlake) parts.push("flake = false;");
  else if (r.chance(0.1)) parts.push("flake = true;");
  for (const of of inner) {
    if (r.chance(0.35)) parts.push(`inputs.${of}.follows = "${r.pick([...NAMES, "a/b", "b/a"])}";`);
    else if (r.chance(0.1)) parts.push(`inputs.${of} = { url = "path:BESIDE/${r.pick(NAMES)}"; };`);
  }
  const set = r.chance(0.2) && parts.length === 1 && parts[0]?.startsWith("url");
  return set ? `${name}.url = "${url}";` : `${name} = { ${parts.join(" ")} };`;
}

const drv = (name: string) =>
  `derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; src = self; }`;

const OUTPUTS = [
  `packages.x86_64-linux.default = ${drv("pkg")};`,
  `packages.aarch64-linux = { one = ${drv("one")}; two = ${drv("two")} // { meta.description = "2"; }; };`,
  "packages.x86_64-darwin = { };",
  `devShells.x86_64-linux.default = ${drv("shell")};`,
  `checks.x86_64-linux.test = ${drv("test")};`,
  'apps.x86_64-linux.run = { type = "app"; program = "/x"; };',
  `formatter.x86_64-linux = ${drv("fmt")};`,
  `legacyPackages.x86_64-linux = { a = ${drv("a")}; b.c = ${drv("c")}; };`,
  "overlays.default = final: prev: { };",
  "nixosModules.m = { }; nixosModule = { };",
  `nixosConfigurations.host.config.system.build.toplevel = ${drv("system")};`,
  'templates.t = { path = ./.; description = "a template"; };',
  `hydraJobs = { one = ${drv("one")}; more.two = ${drv("two")}; };`,
  "lib = { f = x: x; };",
  '"with space" = 2;',
  'checks.x86_64-linux.bad = throw "bad";',
  "mine.x86_64-linux = { };",
];

/** A flake with these inputs; what it gives tells of them. */
function flake(r: Random, inputs: readonly Input[], outputs: string): string {
  const names = inputs.map(({ name }) => name);
  const written =
    inputs.length > 0 && r.chance(0.5)
      ? inputs.map((each) => `inputs.${each.written}`).join("\n  ")
      : `inputs = { ${inputs.map((each) => each.written).join(" ")} };`;
  const formals = r.pick([
    `inputs@{ ${["self", ...names].join(", ")} }`,
    "inputs@{ self, ... }",
    `{ ${["self", ...names, "..."].join(", ")} }@inputs`,
  ]);
  // Not all that an input tells: follows can make rings.
  const tell =
    "i: [ (i.x.own or (builtins.attrNames (builtins.readDir i))) i.outPath (builtins.mapAttrs (_: j: j.outPath) (i.inputs or { })) (i.narHash or null) (i.lastModified or null) (i._type or null) ]";
  const x = `x = { own = ${r.below(100)}; names = builtins.attrNames inputs; inner = builtins.mapAttrs (_: ${tell}) (builtins.removeAttrs inputs [ "self" ]); };`;
  const description = r.chance(0.3) ? `description = "${r.pick(["one", "two  words", "é"])}";` : "";
  return `{\n  ${description}\n  ${written}\n  outputs = ${formals}: { ${x} ${outputs} };\n}\n`;
}

export function flakes(r: Random): string {
  const files: Record<string, string> = {};
  const innerOf: Record<string, string[]> = {};
  // One beside another uses only those after it.
  for (const [i, name] of [...NAMES.entries()].reverse()) {
    const inputs = NAMES.slice(i + 1)
      .filter(() => r.chance(0.5))
      .map((other) => ({
        name: other,
        flake: other,
        written: input(r, other, `path:BESIDE/${other}`, true, innerOf[other] ?? []),
      }));
    innerOf[name] = inputs.map((each) => each.name);
    files[`../${name}/flake.nix`] = flake(r, inputs, "");
    if (r.chance(0.3)) files[`../${name}/sub/file`] = "text";
  }
  const root = (): string => {
    const inputs = NAMES.filter(() => r.chance(0.6)).map((name): Input => {
      const other = r.pick(NAMES);
      const where = r.pick([`path:BESIDE/${other}`, `path:BESIDE/${other}`, `path:./${name}`]);
      if (where.startsWith("path:./") && files[`${name}/flake.nix`] === undefined) {
        const below = `${name}/below`;
        const has = r.chance(0.5);
        if (has) files[`${below}/flake.nix`] = flake(r, [], "");
        const inner = { name: "below", flake: "below", written: 'below.url = "path:./below";' };
        files[`${name}/flake.nix`] = flake(r, has ? [inner] : [], "");
      }
      const isFlake = r.chance(0.85);
      const inner = where.startsWith("path:./") ? ["below"] : (innerOf[other] ?? []);
      const written = r.chance(0.12)
        ? `${name}.follows = "${r.pick(["a/b", "b/c", "a", "b/a/c"])}";`
        : input(r, name, where, isFlake, inner);
      return { name, flake: isFlake ? other : null, written };
    });
    return flake(r, inputs, OUTPUTS.filter(() => r.chance(0.25)).join("\n    "));
  };
  files["flake.nix"] = root();
  const changed: Record<string, string> = {};
  if (r.chance(0.6)) changed["flake.nix"] = root();
  const command = r.pick([["lock"], ["update"], ["update", r.pick(NAMES)]]);
  // What is locked is still in the store of a real Nix, and nowhere else.
  if (isDeepStrictEqual(command, ["update"])) changed[`../${r.pick(NAMES)}/more`] = "more";
  return JSON.stringify({ files, changed, command } satisfies FlakeStory, null, 1);
}
