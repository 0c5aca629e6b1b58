rec {
  inherit (builtins)
    concatStringsSep
    replaceStrings
    splitVersion
    stringLength
    substring
    ;

  concatMapStringsSep =
    separator: toString: values:
    concatStringsSep separator (map toString values);

  optionalString = condition: string: if condition then string else "";

  hasPrefix = prefix: string: substring 0 (stringLength prefix) string == prefix;

  hasSuffix =
    suffix: string:
    let
      start = stringLength string - stringLength suffix;
    in
    start >= 0 && substring start (-1) string == suffix;

  removeSuffix =
    suffix: string:
    if hasSuffix suffix string then
      substring 0 (stringLength string - stringLength suffix) string
    else
      string;

  makeSearchPath = folder: packages: concatMapStringsSep ":" (package: "${package}/${folder}") packages;

  makeBinPath = makeSearchPath "bin";

  # The first two numbers of a version: "3.11" of "3.11.10".
  majorMinor =
    version:
    let
      parts = splitVersion version;
    in
    "${builtins.elemAt parts 0}.${builtins.elemAt parts 1}";

  escapeShellArg = argument: "'${replaceStrings [ "'" ] [ "'\\''" ] (toString argument)}'";
}
