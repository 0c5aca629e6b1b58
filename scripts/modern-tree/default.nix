# A package set of modern shape and any size, made by scripts/modern-tree.ts.
{
  system ? builtins.currentSystem,
  config ? { },
  overlays ? [ ],
}:

let
  lib = import ./lib;

  # The whole set over one standard environment. Each stage of the bootstrap has one of its own.
  packagesOver =
    { stdenv, overlays }:
    lib.fix (
      lib.foldl' (set: overlay: lib.extends overlay set) (self: { }) (
        [
          (import ./pkgs/top-level/base.nix { inherit lib system config stdenv; })
          (import ./pkgs/top-level/by-name.nix { inherit lib; })
          (import ./pkgs/top-level/all-packages.nix)
        ]
        ++ overlays
      )
    );

  stages = import ./pkgs/stdenv/stages.nix {
    inherit
      lib
      system
      config
      packagesOver
      ;
  };
in
packagesOver {
  inherit (stages) stdenv;
  overlays = [ stages.overlay ] ++ overlays;
}
