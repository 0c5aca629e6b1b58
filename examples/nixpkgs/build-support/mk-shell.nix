# An environment to work in. It has no output worth building: its inputs are the point.
{ lib, stdenv }:

{
  name ? "nix-shell",
  packages ? [ ],
  inputsFrom ? [ ],
  nativeBuildInputs ? [ ],
  shellHook ? "",
  ...
}@attributes:

stdenv.mkDerivation (
  removeAttrs attributes [
    "packages"
    "inputsFrom"
  ]
  // {
    inherit name;
    nativeBuildInputs =
      packages
      ++ nativeBuildInputs
      ++ lib.concatMap (package: package.nativeBuildInputs or [ ]) inputsFrom;
    buildInputs =
      attributes.buildInputs or [ ] ++ lib.concatMap (package: package.buildInputs or [ ]) inputsFrom;
    shellHook = lib.concatStringsSep "\n" (
      builtins.filter (hook: hook != "") (map (package: package.shellHook or "") inputsFrom ++ [ shellHook ])
    );
    dontUnpack = true;
    dontBuild = true;
    installPhase = "export > $out";
  }
)
