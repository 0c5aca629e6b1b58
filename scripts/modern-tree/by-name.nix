# One directory for each package: pkgs/by-name/he/hello/package.nix.
{ lib }:

let
  root = ../by-name;
  files = lib.foldl' (all: shard: all // namesOf shard) { } (lib.attrNames (builtins.readDir root));
  namesOf =
    shard: lib.mapAttrs (name: _: root + "/${shard}/${name}/package.nix") (builtins.readDir (root + "/${shard}"));
in
self: _: lib.mapAttrs (_: file: self.callPackage file { }) files
