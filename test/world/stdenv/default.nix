# The standard environment: a derivation with a setup script, and mkDerivation.
{
  lib,
  bash,
  busybox,
  cc,
  config,
  system,
}:

let
  stdenv =
    derivation {
      name = "stdenv-world";
      inherit system;
      builder = "${bash}/bin/bash";
      PATH = "${busybox}/bin";
      setup = ./setup.sh;
      initialPath = [
        busybox
        bash
        cc
      ];
      shell = "${bash}/bin/bash";
      args = [
        "-e"
        "-c"
        ''
          mkdir $out
          { echo "initialPath='$initialPath'"; echo "shell=$shell"; cat $setup; } > $out/setup
        ''
      ];
    }
    // {
      inherit mkDerivation system cc;
      shell = "${bash}/bin/bash";
      hostPlatform = { inherit system; };
    };

  dependencyLists = [
    "nativeBuildInputs"
    "buildInputs"
    "propagatedNativeBuildInputs"
    "propagatedBuildInputs"
  ];

  # `attributes` is a set, or a function of the final attributes that gives one.
  mkDerivation =
    attributes:
    let
      define = if lib.isFunction attributes then attributes else _: attributes;
      given = define (given // { finalPackage = package; });
      name = given.name or "${given.pname}-${given.version}";
      meta = given.meta or { };

      environment =
        removeAttrs given [
          "meta"
          "passthru"
        ]
        // builtins.listToAttrs (
          map (kind: {
            name = kind;
            value = map lib.getDev (filterNull (given.${kind} or [ ]));
          }) dependencyLists
        )
        // {
          inherit name system stdenv;
          builder = "${bash}/bin/bash";
          args = [
            "-e"
            ./builder.sh
          ];
          outputs = given.outputs or [ "out" ];
        };

      package =
        lib.optionalAttrs (allowed name meta) (derivation environment)
        // given.passthru or { }
        // {
          inherit meta;
          overrideAttrs =
            change:
            mkDerivation (
              final:
              let
                previous = define final;
                once = if lib.isFunction change then change previous else change;
              in
              previous // (if lib.isFunction once then change final previous else once)
            );
          nativeBuildInputs = given.nativeBuildInputs or [ ];
          buildInputs = given.buildInputs or [ ];
          propagatedNativeBuildInputs = given.propagatedNativeBuildInputs or [ ];
          propagatedBuildInputs = given.propagatedBuildInputs or [ ];
          shellHook = given.shellHook or "";
        };
    in
    package;

  filterNull = builtins.filter (input: input != null);

  allowed =
    name: meta:
    if !(meta.license.free or true) && !(config.allowUnfree or false) then
      throw "Package '${name}' has an unfree license ('${meta.license.fullName}'), refusing to evaluate."
    else
      true;
in
stdenv
