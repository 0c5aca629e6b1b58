rec {
  inherit (builtins)
    attrNames
    attrValues
    listToAttrs
    mapAttrs
    ;

  mapAttrs' =
    toPair: set: listToAttrs (map (name: toPair name set.${name}) (attrNames set));

  mapAttrsToList = toElement: set: map (name: toElement name set.${name}) (attrNames set);

  filterAttrs =
    keep: set:
    removeAttrs set (builtins.filter (name: !keep name set.${name}) (attrNames set));

  genAttrs = names: toValue: listToAttrs (map (name: { inherit name; value = toValue name; }) names);

  optionalAttrs = condition: set: if condition then set else { };

  isDerivation = value: builtins.isAttrs value && value.type or null == "derivation";

  recurseIntoAttrs = set: set // { recurseForDerivations = true; };

  recursiveUpdate =
    left: right:
    left
    // mapAttrs (
      name: value:
      if builtins.isAttrs value && builtins.isAttrs (left.${name} or null) && !isDerivation value then
        recursiveUpdate left.${name} value
      else
        value
    ) right;

  # The named output of a package; a package with no such output is taken as it is.
  getOutput = output: package: if isDerivation package then package.${output} or package else package;

  getBin = getOutput "bin";

  getDev = getOutput "dev";
}
