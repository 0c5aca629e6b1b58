# The package set: `import ./. { }`.
{
  system ? builtins.currentSystem,
  config ? { },
  overlays ? [ ],
}:

let
  lib = import ./lib;

  packages = self: {
    inherit lib system config;
    pkgs = self;
    buildPackages = self;
    callPackage = lib.callPackageWith self;

    bootstrap = import ./stdenv/bootstrap.nix { inherit system; };
    inherit (self.bootstrap) bash busybox;
    cc = self.callPackage ./stdenv/cc.nix { };
    stdenv = self.callPackage ./stdenv { };
    mkShell = self.callPackage ./stdenv/mk-shell.nix { };
    runCommand =
      name: environment: script:
      self.stdenv.mkDerivation (
        environment
        // {
          inherit name;
          phases = [ "buildPhase" ];
          buildPhase = script;
        }
      );
    writeText =
      name: text:
      self.runCommand name {
        inherit text;
        passAsFile = [ "text" ];
      } ''cp "$textPath" $out'';

    greet = self.callPackage ./pkgs/greet.nix { };
    greet-hook = self.callPackage ./pkgs/greet-hook.nix { };
    hello = self.callPackage ./pkgs/hello.nix { };
    hello-structured = self.callPackage ./pkgs/hello-structured.nix { };
    python311 = self.callPackage ./pkgs/python311.nix { };
    python3 = self.python311;
    cudaPackages_12 = self.callPackage ./pkgs/cuda-packages.nix { };
    cudaPackages = self.cudaPackages_12;
    probes = self.callPackage ./pkgs/probes.nix { };
    shells = self.callPackage ./pkgs/shells.nix { };
  };
in
lib.fix (lib.foldl' (set: overlay: lib.extends overlay set) packages overlays)
