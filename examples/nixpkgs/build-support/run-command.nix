# A derivation of one shell script.
{ stdenv }:

name: environment: script:

stdenv.mkDerivation (
  environment
  // {
    inherit name;
    dontUnpack = true;
    dontBuild = true;
    installPhase = script;
  }
)
