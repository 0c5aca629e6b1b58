/** Flakes of our own, and what is asked of each: of us and of a real Nix. */
export interface FlakeCase {
  readonly name: string;
  /** In the flake's directory, FLAKE; or beside it when the name begins with `../`. */
  readonly files: Readonly<Record<string, string>>;
  /** FLAKE is a git repository with everything committed, then this is written and, if asked, added. */
  readonly git?: {
    readonly changed?: Readonly<Record<string, string>>;
    readonly added?: readonly string[];
  };
  /** Arguments of `nix`, each a command with one operand at the end. */
  readonly asked: readonly string[];
}

const drv = (name: string, more = "") =>
  `derivation { name = "${name}"; system = "x86_64-linux"; builder = "/bin/sh"; ${more} }`;

/** What can be known of a flake itself. */
const SELF = `builtins.removeAttrs self.sourceInfo [ "outPath" ] // {
  path = self.outPath; source = self.sourceInfo.outPath; names = builtins.attrNames self; inherit (self) _type;
  files = builtins.attrNames (builtins.readDir self.sourceInfo.outPath);
}`;

export const FLAKES: readonly FlakeCase[] = [
  {
    name: "a directory",
    files: {
      "flake.nix": `{ description = "é"; outputs = { self }: { it = ${SELF}; drv = ${drv("a", "src = self; other = ./flake.nix;")}; }; }`,
      "sub/file": "text",
    },
    asked: [
      "eval --json path:FLAKE#it",
      "eval --raw path:FLAKE#drv.drvPath",
      "flake metadata --json path:FLAKE",
    ],
  },
  {
    name: "committed, dirty and untracked files",
    files: {
      "flake.nix": `{ outputs = { self }: { it = ${SELF}; drv = ${drv("a", "src = ./.;")}; }; }`,
      changed: "one",
    },
    git: { changed: { changed: "two", new: "new", added: "added" }, added: ["added"] },
    asked: ["eval --json FLAKE#it", "eval --raw FLAKE#drv.drvPath", "flake metadata --json FLAKE"],
  },
  {
    name: "a clean repository",
    files: { "flake.nix": `{ outputs = { self }: { it = ${SELF}; }; }`, run: "x" },
    git: {},
    asked: [
      "eval --json FLAKE#it",
      "flake metadata --json FLAKE",
      "eval --json git+file://FLAKE?ref=HEAD#it.rev",
    ],
  },
  {
    name: "a flake in a subdirectory",
    files: {
      "sub/flake.nix": `{ outputs = { self }: { it = ${SELF}; up = builtins.readFile ../file; }; }`,
      file: "above",
    },
    git: {},
    asked: [
      "eval --json FLAKE/sub#it",
      "eval --json FLAKE?dir=sub#up",
      "flake metadata --json FLAKE/sub",
      "eval --json FLAKE#it",
    ],
  },
  {
    name: "inputs that follow, that are no flakes, that are below",
    files: {
      "flake.nix": `{
        inputs.a.url = "path:./a";
        inputs.b = { url = "path:./b"; inputs.a.follows = "a"; };
        inputs.c = { url = "path:./c"; flake = false; };
        inputs.d.follows = "b/e";
        outputs = inputs@{ self, a, b, c, d }: {
          it = { names = builtins.attrNames inputs; a = a.x; b = b.x; c = builtins.pathExists "\${c}/file"; d = d.x;
            e = b.inputs.e.x; same = a.outPath == b.inputs.a.outPath; kinds = [ (a ? _type) (c ? _type) ];
            paths = [ a.outPath b.outPath c.outPath ]; };
        };
      }`,
      "a/flake.nix": '{ outputs = _: { x = "a"; }; }',
      "b/flake.nix":
        '{ inputs.a.url = "path:../other"; inputs.e.url = "path:./e"; outputs = { a, e, ... }: { x = "b" + a.x + e.x; }; }',
      "b/e/flake.nix": '{ outputs = _: { x = "e"; }; }',
      "c/file": "c",
    },
    asked: ["eval --json path:FLAKE#it", "flake metadata --json path:FLAKE"],
  },
  {
    name: "inputs beside it",
    files: {
      "flake.nix": `{ inputs.a.url = "path:BESIDE/a"; outputs = { self, a, ... }: { it = [ a.x a.narHash a.lastModified ]; }; }`,
      "../a/flake.nix": '{ outputs = { self }: { x = "a"; }; }',
    },
    asked: ["eval --json path:FLAKE#it"],
  },
  {
    name: "a lock of version 5",
    files: {
      "flake.nix": '{ inputs.a.url = "path:./a"; outputs = { self, a }: { it = a.x; }; }',
      "a/flake.nix": '{ outputs = _: { x = "a"; }; }',
      "flake.lock": JSON.stringify({
        nodes: {
          a: {
            locked: { path: "./a", type: "path" },
            original: { path: "./a", type: "path" },
            parent: [],
          },
          root: { inputs: { a: "a" } },
        },
        root: "root",
        version: 5,
      }),
    },
    asked: ["eval --json path:FLAKE#it", "flake metadata --json path:FLAKE"],
  },
  {
    name: "a lock of a version to come",
    files: {
      "flake.nix": "{ outputs = { self }: { it = 1; }; }",
      "flake.lock": '{ "nodes": { "root": {} }, "root": "root", "version": 99 }',
    },
    asked: ["eval --json path:FLAKE#it"],
  },
  ...(
    [
      ["no outputs", "{ inputs = { }; }"],
      ["another attribute", "{ outputs = _: { }; other = 1; }"],
      ["outputs that are no function", "{ outputs = 1; }"],
      ["no set", "1 + 1"],
      ["a computed input", '{ inputs.a.url = "path:" + "./a"; outputs = _: { }; }'],
      ["an input of another type", "{ inputs.a.url = 1; outputs = _: { }; }"],
      ["an input that follows nothing", '{ inputs.a.follows = "b/c"; outputs = _: { it = 1; }; }'],
      ["an unknown argument of an input", '{ inputs.a.foo = "x"; outputs = _: { it = 1; }; }'],
      [
        "an input that is not there",
        '{ inputs.a.url = "path:./nowhere"; outputs = { a, ... }: { it = a.x; }; }',
      ],
      ["outputs that are no set", "{ outputs = _: 1; }"],
      ["outputs that throw", '{ outputs = _: throw "no"; }'],
      ["an error inside", '{ outputs = _: { it = { a = throw "inner"; }.a; }; }'],
      ["what is impure", "{ outputs = _: { it = builtins.currentSystem; }; }"],
      ["a path outside", "{ outputs = _: { it = builtins.readFile /etc/hostname; }; }"],
      ["a look-up", "{ outputs = _: { it = <nixpkgs>; }; }"],
      ["a syntax error", "{ outputs = _: { it = ; }; }"],
    ] as const
  ).map(([name, text]) => ({
    name: `wrong: ${name}`,
    files: { "flake.nix": text },
    asked: ["eval --json path:FLAKE#it", "flake metadata --json path:FLAKE"],
  })),
  {
    name: "outputs of every kind",
    files: {
      "flake.nix": `{
        outputs = { self }: {
          packages.x86_64-linux = { default = ${drv("pkg")}; other = ${drv("other")} // { meta.description = "two\\nlines"; }; };
          packages.aarch64-linux.default = ${drv("arm")};
          packages.empty-linux = { };
          devShells.x86_64-linux.default = ${drv("shell")} // { meta.description = "for work"; };
          checks.x86_64-linux.test = ${drv("test")};
          checks.aarch64-linux = { };
          apps.x86_64-linux.run = { type = "app"; program = "\${self.packages.x86_64-linux.default}/bin/x"; };
          apps.x86_64-linux.said = { type = "app"; program = "/x"; meta.description = "says"; };
          formatter.x86_64-linux = ${drv("fmt")};
          legacyPackages.x86_64-linux = { a = ${drv("a")}; b.c = ${drv("c")}; bad = throw "never"; };
          overlays.default = final: prev: { };
          nixosModules.m = { };
          nixosConfigurations.host.config.system.build.toplevel = ${drv("system")};
          templates.t = { path = ./.; description = "a template"; };
          hydraJobs = { one = ${drv("one")}; more.two = ${drv("two")}; };
          lib = { f = x: x; };
          mine = 1;
          "with space" = 2;
        };
      }`,
    },
    asked: [
      "flake show --json path:FLAKE",
      "flake show --json --legacy path:FLAKE",
      "flake show --json --all-systems path:FLAKE",
      "flake show path:FLAKE",
      "flake check --no-build path:FLAKE",
      "flake check --no-build --all-systems path:FLAKE",
    ],
  },
  ...(
    [
      ["a package that is none", "packages.x86_64-linux.a = 1;"],
      ["packages without a system", `packages.a = ${drv("a")};`],
      ["a package that throws", 'packages.x86_64-linux.a = throw "broken";'],
      ["an app without a program", 'apps.x86_64-linux.a = { type = "app"; };'],
      ["an app of no type", 'apps.x86_64-linux.a.program = "/x";'],
      ["an app with more", 'apps.x86_64-linux.a = { type = "app"; program = "/x"; more = 1; };'],
      ["an overlay that is none", "overlays.a = 1;"],
      ["an overlay of a set", "overlays.a = { ... }: x: { };"],
      ["an overlay with other names", "overlays.a = one: two: { };"],
      ["an overlay of old names", "overlays.a = self: super: { };"],
      ["an overlay that uses nothing", "overlays.a = _: _prev: { };"],
      ["an overlay of a builtin", "overlays.a = builtins.add;"],
      ["old names", `defaultPackage.x86_64-linux = ${drv("a")}; overlay = final: prev: { };`],
      ["a configuration without a system", "nixosConfigurations.a = { };"],
      ["a template without a path", 'templates.a.description = "x";'],
      ["a template with more", 'templates.a = { path = ./.; description = "x"; more = 1; };'],
      ["a template that is nowhere", 'templates.a = { path = ./nowhere; description = "x"; };'],
      ["jobs that are one", `hydraJobs = ${drv("a")};`],
      ["a job that is none", "hydraJobs.a = 1;"],
      [
        "a description that is none",
        `packages.x86_64-linux.a = ${drv("a")} // { meta.description = 1; };`,
      ],
      ["a template without a description", "templates.a.path = ./.;"],
      ["a formatter that is none", "formatter.x86_64-linux = 1;"],
      ["a check that throws", 'checks.x86_64-linux.a = throw "check";'],
      ["a package of another system that throws", 'packages.aarch64-linux.a = throw "arm";'],
      ["a bundler", "bundlers.x86_64-linux.a = 1;"],
      ["a module that throws", 'nixosModules.a = throw "module";'],
    ] as const
  ).map(([name, outputs]) => ({
    name: `checked: ${name}`,
    files: { "flake.nix": `{ outputs = { self }: { ${outputs} }; }` },
    asked: [
      "flake check --no-build path:FLAKE",
      "flake check --no-build --all-systems path:FLAKE",
      "flake show --json path:FLAKE",
    ],
  })),
];
