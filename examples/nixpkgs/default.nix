{
  system ? builtins.currentSystem,
  config ? { },
  overlays ? [ ],
}:

let
  lib = import ./lib;

  # `self` is the finished set, overlays included.
  packages = self: {
    inherit lib system config;
    pkgs = self;
    # The packages that run on the machine that builds: here always the same.
    buildPackages = self;

    callPackage = lib.callPackageWith self;

    inherit (self.callPackage ./build-support/stdenv.nix { }) stdenv mkDerivation;
    fetchurl = self.callPackage ./build-support/fetchurl.nix { };
    runCommand = self.callPackage ./build-support/run-command.nix { };
    symlinkJoin = self.callPackage ./build-support/symlink-join.nix { };
    writeText = self.callPackage ./build-support/write-text.nix { };
    mkShell = self.callPackage ./build-support/mk-shell.nix { };
    cudaPackages_12 = lib.recurseIntoAttrs (self.callPackage ./cuda-packages.nix { });
  };

  byName =
    self: _:
    lib.mapAttrs' (file: _: {
      name = lib.removeSuffix ".nix" file;
      value = self.callPackage (./pkgs + "/${file}") { };
    }) (builtins.readDir ./pkgs);

  aliases = self: _: {
    cudaPackages = self.cudaPackages_12;
    python3 = self.python311;
    python3Packages = self.python311Packages;
    python311Packages = lib.recurseIntoAttrs self.python311.pkgs;
    postgresql_16 = self.postgresql;
    postgresql_15 = self.postgresql.overrideAttrs { version = "15.8"; };
  };
in
lib.fix (
  lib.foldl' (set: overlay: lib.extends overlay set) packages (
    [
      byName
      aliases
    ]
    ++ overlays
  )
)
