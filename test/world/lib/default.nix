# The few functions of lib that the packages use.
rec {
  inherit (builtins)
    concatLists
    concatMap
    concatStringsSep
    filter
    foldl'
    isFunction
    isList
    ;

  fix =
    f:
    let
      x = f x;
    in
    x;

  extends =
    overlay: f: final:
    let
      previous = f final;
    in
    previous // overlay final previous;

  callPackageWith =
    scope: file: arguments:
    let
      f = if isFunction file then file else import file;
      given = builtins.intersectAttrs (builtins.functionArgs f) scope // arguments;
      result = f given;
    in
    if builtins.isAttrs result then
      result
      // {
        override = changes: callPackageWith scope file (arguments // changes);
      }
    else
      result;

  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  optionalAttrs = condition: set: if condition then set else { };
  unique = foldl' (list: item: if builtins.elem item list then list else list ++ [ item ]) [ ];
  getDev = package: package.dev or package;
  getLib = package: package.lib or package.out or package;
  makeLibraryPath = packages: concatStringsSep ":" (map (package: "${getLib package}/lib") packages);
  licenses = {
    mit = {
      free = true;
      fullName = "MIT License";
    };
    nvidiaCuda = {
      free = false;
      fullName = "CUDA EULA";
    };
  };
}
