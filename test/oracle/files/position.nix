rec {
  a = 1;
  position = builtins.unsafeGetAttrPos "a" { inherit a; };
  current = __curPos;
}
