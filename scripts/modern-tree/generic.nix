# The standard environment of one stage: its tools, and `mkDerivation`.
{
  lib,
  system,
  config,
  stage,
  shell,
  tools,
}:

let
  kinds = [
    "depsBuildBuild"
    "nativeBuildInputs"
    "buildInputs"
    "propagatedNativeBuildInputs"
    "propagatedBuildInputs"
  ];

  notForBuild = [
    "meta"
    "passthru"
    "pos"
    "nativeCheckInputs"
    "checkInputs"
  ];

  refusal =
    meta:
    if !(lib.all (license: license.free or true) (lib.toList meta.license)) && !(config.allowUnfree or false) then
      "has an unfree licence"
    else if meta.broken or false && !(config.allowBroken or false) then
      "is marked as broken"
    else if !(lib.elem system meta.platforms) then
      "is not available on '${system}'"
    else
      null;

  # `define` is a set, or a function of the final attributes that gives one.
  mkDerivation =
    define:
    let
      rattrs = if builtins.isFunction define then define else _: define;
      attributes = rattrs (attributes // { finalPackage = package; });

      name = attributes.name or "${attributes.pname}-${attributes.version}";
      doCheck = attributes.doCheck or false;
      inputs =
        kind:
        attributes.${kind} or [ ]
        ++ lib.optionals (doCheck && kind == "nativeBuildInputs") (attributes.nativeCheckInputs or [ ])
        ++ lib.optionals (doCheck && kind == "buildInputs") (attributes.checkInputs or [ ]);

      environment =
        removeAttrs attributes notForBuild
        // lib.genAttrs kinds (kind: map lib.getDev (lib.filter (input: input != null) (inputs kind)))
        // {
          inherit name system doCheck;
          builder = attributes.realBuilder or shell;
          args = attributes.args or [
            "-e"
            ./builder.sh
          ];
          stdenv = self;
          outputs = attributes.outputs or [ "out" ];
          strictDeps = attributes.strictDeps or (config.strictDepsByDefault or false);
          enableParallelBuilding = attributes.enableParallelBuilding or true;
          configureFlags = attributes.configureFlags or [ ];
        };

      meta = {
        inherit name;
        platforms = lib.platforms.all;
        license = lib.licenses.mit;
        position =
          let
            at = builtins.unsafeGetAttrPos (if attributes ? pname then "pname" else "name") attributes;
          in
          if at == null then null else "${at.file}:${toString at.line}";
      }
      // attributes.meta or { };

      refused = refusal meta;
      checked =
        if refused == null then true else throw "Package '${name}' in ${meta.position} ${refused}, refusing to evaluate.";

      package =
        lib.optionalAttrs checked (derivation environment)
        // attributes.passthru or { }
        // lib.optionalAttrs (attributes ? pname) { inherit (attributes) pname version; }
        // {
          inherit meta;
          overrideAttrs =
            change:
            mkDerivation (
              final:
              let
                previous = rattrs final;
                once = if builtins.isFunction change then change previous else change;
              in
              previous // (if builtins.isFunction once then change final previous else once)
            );
        };
    in
    package;

  self =
    derivation {
      name = "stdenv-${stage}";
      inherit system tools;
      builder = shell;
      args = [
        "-e"
        ./builder.sh
      ];
    }
    // {
      inherit mkDerivation system;
      isLinux = lib.hasSuffix "-linux" system;
    };
in
self
