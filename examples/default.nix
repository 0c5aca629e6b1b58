# A few packages of a project: one written here, one changed, one from an overlay.
let
  pkgs = import <nixpkgs> { overlays = [ (import ./overlay.nix) ]; };
in
{
  greeter = pkgs.callPackage ./greeter.nix { };

  politeGreeter = pkgs.callPackage ./greeter.nix { greeting = "Good morning"; };

  jqWithoutRegex = pkgs.jq.override { oniguruma = null; };

  patchedZlib = pkgs.zlib.overrideAttrs (previous: {
    pname = "${previous.pname}-patched";
    configureFlags = [ "--static" ];
  });
}
