# A setup hook: what it says is done in every build that has it as an input.
{ stdenv }:

stdenv.mkDerivation {
  name = "greet-hook";
  setupHook = ./greet-hook.sh;
}
