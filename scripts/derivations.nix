# The derivations that a file gives: its own, or those of its attributes or elements, each followed
# by the packages it is made with. What `npm start` prints.
file:
let
  isDerivation = value: builtins.isAttrs value && value.type or null == "derivation";

  content = import file;
  value =
    if builtins.isFunction content && builtins.all (x: x) (builtins.attrValues (builtins.functionArgs content)) then
      content { }
    else
      content;

  found =
    if isDerivation value then
      [ value ]
    else if builtins.isAttrs value then
      builtins.filter isDerivation (builtins.attrValues value)
    else if builtins.isList value then
      builtins.filter isDerivation value
    else
      [ ];

  withInputs =
    derivation:
    [ derivation ]
    ++ builtins.filter isDerivation (derivation.nativeBuildInputs or [ ] ++ derivation.buildInputs or [ ]);
in
map (derivation: {
  inherit (derivation) name;
  # Not under their own names: JSON shows a set with `outPath` as nothing but that.
  derivation = derivation.drvPath;
  output = derivation.outPath;
}) (builtins.concatLists (map withInputs found))
