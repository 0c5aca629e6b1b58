# What is no package of a file of its own.
{
  lib,
  system,
  config,
  stdenv,
}:
self: _: {
  inherit
    lib
    system
    config
    stdenv
    ;
  pkgs = self;
  buildPackages = self;
  callPackage = lib.callPackageWith self;
  fetchurl = self.callPackage ../build-support/fetchurl.nix { };
  mkShell = self.callPackage ../build-support/mk-shell.nix { };
}
