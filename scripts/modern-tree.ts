// `node --import tsx scripts/modern-tree.ts DIR [--packages N]`: a package set of modern shape (by-name
// directories, an overlay fixpoint, a staged bootstrap) for measuring and for comparing with a real Nix.
// The same N gives the same bytes.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** The packages that the stages of the bootstrap take, in the order in which they may need each other. */
const TOOLS = [
  ...["binutils", "linux-headers", "glibc", "gmp", "gcc", "bash", "coreutils"],
  ...["gnused", "gnutar", "gnumake", "xz", "patchelf"],
];

const SYLLABLES = [
  ...["ba", "co", "di", "el", "fu", "ga", "hy", "io", "ju", "ka", "li", "mo", "na", "or", "pe"],
  ...["qui", "ra", "so", "ti", "ul", "ve", "wi", "xa", "yo", "ze"],
];

/** Every so manyth package stands in all-packages.nix as well, with arguments of its own. */
const OVERRIDE_EVERY = 7;

export interface ModernTree {
  /** Every package, those that need few others first. */
  readonly names: readonly string[];
}

/** @param directory is made; what is there already and has another name stays */
export function makeModernTree(directory: string, packages: number): ModernTree {
  const random = numbersFrom(packages);
  const write = (path: string, text: string) => writeFileSync(join(directory, path), text);
  const folders = ["pkgs/top-level", "pkgs/stdenv", "pkgs/build-support", "pkgs/by-name"];
  for (const folder of folders) mkdirSync(join(directory, folder), { recursive: true });
  const example = join(root, "examples/nixpkgs");
  const template = join(import.meta.dirname, "modern-tree");
  const copies: [string, string][] = [
    [join(example, "lib"), "lib"],
    [join(example, "build-support/fetchurl.nix"), "pkgs/build-support/fetchurl.nix"],
    [join(example, "build-support/mk-shell.nix"), "pkgs/build-support/mk-shell.nix"],
    [join(example, "build-support/default-builder.sh"), "pkgs/stdenv/builder.sh"],
    [join(template, "default.nix"), "default.nix"],
    [join(template, "base.nix"), "pkgs/top-level/base.nix"],
    [join(template, "by-name.nix"), "pkgs/top-level/by-name.nix"],
    [join(template, "stages.nix"), "pkgs/stdenv/stages.nix"],
    [join(template, "generic.nix"), "pkgs/stdenv/generic.nix"],
  ];
  for (const [from, to] of copies) cpSync(from, join(directory, to), { recursive: true });

  const names = Array.from({ length: packages }, (_, i) => TOOLS[i] ?? nameOf(i - TOOLS.length));
  for (const [i, name] of names.entries()) {
    const folder = join("pkgs/by-name", name.slice(0, 2), name);
    mkdirSync(join(directory, folder), { recursive: true });
    write(join(folder, "package.nix"), packageText(names, i, random));
  }
  write("pkgs/top-level/all-packages.nix", allPackages(names));
  return { names };
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** At least two syllables; different for different numbers. */
function nameOf(n: number): string {
  let name = "";
  for (let rest = n + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    name = `${SYLLABLES[rest % SYLLABLES.length]}${name}`;
  }
  return name;
}

/** Packages need those before them, and the early ones far oftener, as everything needs zlib. */
function needs(i: number, random: () => number): number[] {
  const count = Math.floor(random() * 9);
  const found = Array.from({ length: count }, () => Math.floor(i * random() ** 2));
  // What the bootstrap builds needs only what it has built before.
  return [...new Set(found)].filter((n) => n < i && (i < TOOLS.length || n >= TOOLS.length));
}

function packageText(names: readonly string[], i: number, random: () => number): string {
  const name = names[i] ?? "";
  const inputs = needs(i, random).map((n) => names[n] ?? "");
  const [optional, ...always] = inputs;
  const version = `${Math.floor(random() * 9) + 1}.${Math.floor(random() * 30)}.${i % 10}`;
  const hash = Buffer.from(Array.from({ length: 32 }, () => Math.floor(random() * 256)));
  return `{
  lib,
  stdenv,
  fetchurl,
${always.map((input) => `  ${input},\n`).join("")}${optional === undefined ? "" : `  ${optional},\n`}  withExtras ? ${random() < 0.7},
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "${name}";
  version = "${version}";

  src = fetchurl {
    url = "https://example.org/${name}-\${finalAttrs.version}.tar.gz";
    hash = "sha256-${hash.toString("base64")}";
  };

  outputs = [ "out" ${random() < 0.3 ? '"dev" ' : ""}];
  nativeBuildInputs = [ ${always.slice(0, 1).join(" ")} ];
  buildInputs = [ ${always.slice(1).join(" ")} ]${optional === undefined ? "" : ` ++ lib.optional withExtras ${optional}`};

  configureFlags = [ "--with-extras=\${if withExtras then "yes" else "no"}" ];
  ${random() < 0.4 ? "doCheck = true;" : 'postPatch = "patchShebangs .";'}

  meta = {
    description = "Package ${i} of the generated set";
    homepage = "https://example.org/${name}";
    license = lib.licenses.${random() < 0.5 ? "mit" : "gpl3Plus"};
    mainProgram = "${name}";
  };
})
`;
}

function allPackages(names: readonly string[]): string {
  const chosen = names.filter((_, i) => i >= TOOLS.length && i % OVERRIDE_EVERY === 0);
  const binding = (name: string) =>
    `  ${name} = callPackage ../by-name/${name.slice(0, 2)}/${name}/package.nix {\n    withExtras = true;\n  };\n`;
  return `# The packages whose arguments are not those of their names.
self: super:

let
  inherit (self) callPackage;
in
{
${chosen.map(binding).join("\n")}}
`;
}

if (process.argv[1] === import.meta.filename) {
  const [directory, flag, count] = process.argv.slice(2);
  if (directory === undefined || (flag !== undefined && flag !== "--packages")) {
    console.error("usage: scripts/modern-tree.ts DIR [--packages N]");
    process.exit(1);
  }
  const { names } = makeModernTree(directory, Number(count ?? 20_000));
  console.log(`${names.length} packages in ${directory}`);
}
