rec {
  # A function's result that remembers its arguments: `override` calls the function again.
  makeOverridable =
    f: arguments:
    let
      result = f arguments;
      override =
        change: makeOverridable f (arguments // (if builtins.isFunction change then change arguments else change));
    in
    if builtins.isAttrs result then
      result
      // {
        inherit override;
      }
      // (
        if result ? overrideAttrs then
          {
            overrideAttrs = change: makeOverridable (changed: (f changed).overrideAttrs change) arguments;
          }
        else
          { }
      )
    else if builtins.isFunction result then
      {
        inherit override;
        __functor = _: result;
      }
    else
      result;

  # Calls a function, or what a file holds, with those of the set's attributes that it names.
  callPackageWith =
    set: functionOrFile: arguments:
    let
      f = if builtins.isFunction functionOrFile then functionOrFile else import functionOrFile;
      wanted = builtins.functionArgs f;
      available = builtins.intersectAttrs wanted set // arguments;
      missing = builtins.filter (name: !wanted.${name} && !(available ? ${name})) (
        builtins.attrNames wanted
      );
    in
    if missing == [ ] then
      makeOverridable f available
    else
      throw "callPackage: the package set has no ${builtins.concatStringsSep ", " missing}, wanted by ${toString functionOrFile}";
}
