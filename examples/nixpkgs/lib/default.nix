# What the package set itself uses of a library, and a little more.
let
  lists = import ./lists.nix;
  strings = import ./strings.nix;
  attrsets = import ./attrsets.nix;
  fixed-points = import ./fixed-points.nix;
  customisation = import ./customisation.nix;
  meta = import ./meta.nix;
in
lists
// strings
// attrsets
// fixed-points
// customisation
// meta
// {
  inherit
    lists
    strings
    attrsets
    meta
    ;
  inherit (builtins) isFunction isAttrs;
  licenses = import ./licenses.nix;
  version = "24.11";
}
