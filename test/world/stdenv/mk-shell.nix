# An environment to work in: the inputs of other packages and more.
{ lib, stdenv }:

{
  name ? "nix-shell",
  packages ? [ ],
  inputsFrom ? [ ],
  buildInputs ? [ ],
  nativeBuildInputs ? [ ],
  propagatedBuildInputs ? [ ],
  propagatedNativeBuildInputs ? [ ],
  ...
}@attributes:

let
  rest = removeAttrs attributes [
    "name"
    "packages"
    "inputsFrom"
    "buildInputs"
    "nativeBuildInputs"
    "propagatedBuildInputs"
    "propagatedNativeBuildInputs"
    "shellHook"
  ];
  # What is one of the packages is no input of the shell.
  merged =
    list: given:
    given
    ++ builtins.filter (input: !(builtins.elem input inputsFrom)) (
      lib.concatMap (package: package.${list} or [ ]) inputsFrom
    );
in
stdenv.mkDerivation (
  {
    inherit name;
    buildInputs = merged "buildInputs" buildInputs;
    nativeBuildInputs = packages ++ merged "nativeBuildInputs" nativeBuildInputs;
    propagatedBuildInputs = merged "propagatedBuildInputs" propagatedBuildInputs;
    propagatedNativeBuildInputs = merged "propagatedNativeBuildInputs" propagatedNativeBuildInputs;
    shellHook = lib.concatStringsSep "\n" (
      builtins.filter (hook: hook != "") (
        map (package: package.shellHook or "") inputsFrom ++ [ (attributes.shellHook or "") ]
      )
    );
    phases = [ "buildPhase" ];
    buildPhase = ''
      echo "This derivation is not meant to be built: its inputs are the point." > $out
      echo $nativeBuildInputs $buildInputs >> $out
    '';
    preferLocalBuild = true;
  }
  // rest
)
