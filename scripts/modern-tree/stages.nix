# The bootstrap: each stage builds the tools of the next with the standard environment it has.
{
  lib,
  system,
  config,
  packagesOver,
}:

let
  seed = derivation {
    name = "bootstrap-tools";
    builder = "builtin:fetchurl";
    system = "builtin";
    url = "https://example.org/bootstrap-tools-${system}.tar.xz";
    outputHash = "sha256-0uG4PRdRJ7dNPtpSM4cJvf7dv+jqXn2Rm5bXfOaTQ9M=";
    outputHashMode = "recursive";
    executable = true;
    unpack = false;
  };

  standardEnvironment =
    stage: shell: tools:
    import ./generic.nix {
      inherit
        lib
        system
        config
        stage
        shell
        tools
        ;
    };

  first = {
    stdenv = standardEnvironment "bootstrap" "${seed}/bin/bash" [ seed ];
    built = { };
  };

  # What a stage takes from the set of the stage before; what is built already stays as it is.
  next =
    previous:
    {
      stage,
      choose,
    }:
    let
      pkgs = packagesOver {
        inherit (previous) stdenv;
        overlays = [ (_: _: previous.built) ];
      };
      built = previous.built // choose pkgs;
    in
    {
      inherit built;
      stdenv = standardEnvironment stage "${built.bash or seed}/bin/bash" (
        builtins.attrValues built ++ lib.optional (stage != "final") seed
      );
    };

  last = lib.foldl' next first [
    {
      stage = "binutils";
      choose = pkgs: { inherit (pkgs) binutils; };
    }
    {
      stage = "libc";
      choose = pkgs: { inherit (pkgs) glibc linux-headers; };
    }
    {
      stage = "compiler";
      choose = pkgs: { inherit (pkgs) gcc gmp; };
    }
    {
      stage = "final";
      choose = pkgs: {
        inherit (pkgs)
          bash
          coreutils
          gnused
          gnutar
          gnumake
          patchelf
          xz
          ;
      };
    }
  ];
in
{
  inherit (last) stdenv;
  # The last set has the tools that its standard environment is made of.
  overlay = _: _: last.built;
}
