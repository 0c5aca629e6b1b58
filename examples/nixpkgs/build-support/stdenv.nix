# The standard environment: a shell, the basic tools, a compiler, and `mkDerivation`.
{
  lib,
  system,
  config,
}:

let
  bootstrapTools = derivation {
    name = "bootstrap-tools";
    builder = "builtin:fetchurl";
    system = "builtin";
    url = "https://example.org/bootstrap-tools-${system}";
    outputHash = "sha256-0uG4PRdRJ7dNPtpSM4cJvf7dv+jqXn2Rm5bXfOaTQ9M=";
    outputHashMode = "recursive";
    executable = true;
    unpack = false;
  };

  dependencies = [
    "nativeBuildInputs"
    "buildInputs"
    "propagatedBuildInputs"
  ];

  # `attributes` is a set, or a function of the final attributes that gives one.
  mkDerivation =
    attributes:
    let
      define = if builtins.isFunction attributes then attributes else _: attributes;
      given = define (given // { finalPackage = package; });

      name = given.name or "${given.pname}-${given.version}";

      # Attributes that describe the package and are no part of its build.
      forBuild = removeAttrs given [
        "meta"
        "passthru"
      ];

      environment =
        forBuild
        // lib.genAttrs dependencies (
          kind: map lib.getDev (builtins.filter (input: input != null) (given.${kind} or [ ]))
        )
        // {
          inherit name system;
          builder = given.builder or "${bootstrapTools}/bin/bash";
          args = given.args or [
            "-e"
            ./default-builder.sh
          ];
          stdenv = stdenv;
          outputs = given.outputs or [ "out" ];
          strictDeps = given.strictDeps or true;
        };

      meta = {
        inherit name;
        platforms = lib.platforms.all;
        position =
          let
            at = builtins.unsafeGetAttrPos (if given ? pname then "pname" else "name") given;
          in
          if at == null then null else "${at.file}:${toString at.line}";
      }
      // given.meta or { };

      package =
        lib.optionalAttrs (checked meta) (derivation environment)
        // given.passthru or { }
        // {
          inherit meta;
          overrideAttrs =
            change:
            mkDerivation (
              final:
              let
                previous = define final;
                # `change` takes the previous attributes, or the final ones and then the previous.
                once = if builtins.isFunction change then change previous else change;
              in
              previous // (if builtins.isFunction once then change final previous else once)
            );
        }
        // lib.optionalAttrs (given ? pname) { inherit (given) pname version; };
    in
    package;

  # Refuses what the configuration does not allow, with a reason.
  checked =
    meta:
    if !(meta.license.free or true) && !(config.allowUnfree or false) then
      throw "Package '${meta.name}' has an unfree licence ('${meta.license.fullName}'), refusing to evaluate. Set config.allowUnfree = true to allow it."
    else if (meta.broken or false) && !(config.allowBroken or false) then
      throw "Package '${meta.name}' is marked as broken, refusing to evaluate."
    else if !(builtins.elem system meta.platforms) then
      throw "Package '${meta.name}' is not available on '${system}'."
    else
      true;

  stdenv =
    derivation {
      name = "stdenv";
      inherit system;
      builder = "${bootstrapTools}/bin/bash";
      args = [
        "-c"
        "echo export PATH=${bootstrapTools}/bin > $out"
      ];
    }
    // {
      inherit mkDerivation system;
      hostPlatform = {
        inherit system;
        isLinux = lib.hasSuffix "-linux" system;
        isDarwin = lib.hasSuffix "-darwin" system;
      };
      isLinux = lib.hasSuffix "-linux" system;
      shell = "${bootstrapTools}/bin/bash";
    };
in
{
  inherit stdenv mkDerivation;
}
