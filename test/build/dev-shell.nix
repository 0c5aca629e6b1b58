# A package set of a shell, its programs and a set-up whose environment holds what is hard to carry over.
let
  # A flake is not told the system.
  system = builtins.currentSystem or "x86_64-linux";

  tools = derivation {
    name = "tools";
    inherit system;
    builder = ./tools/bash;
    busybox = ./tools/busybox;
    args = [
      "-c"
      ''
        run() { (exec -a busybox "$busybox" "$@"); }
        run mkdir -p $out/bin
        run cp $busybox $out/bin/busybox
        run cp ${./tools/bash} $out/bin/bash
        for name in $(run --list); do run ln -s busybox $out/bin/$name; done
        run ln -sf bash $out/bin/sh
      ''
    ];
  };

  stdenv = derivation {
    name = "stdenv";
    inherit system;
    builder = "${tools}/bin/bash";
    args = [
      "-c"
      "export PATH=${tools}/bin; mkdir $out; (echo export PATH=$PATH; cat ${./dev-shell-setup.sh}) > $out/setup"
    ];
  };

  shell =
    attributes:
    derivation (
      {
        inherit system stdenv;
        builder = "${tools}/bin/bash";
        args = [
          "-c"
          "exit 1"
        ];
        outputs = [
          "out"
          "dev"
        ];
      }
      // attributes
    );
in
rec {
  inherit tools;
  bashInteractive = tools;

  plain = shell {
    name = "plain-shell";
    inputs = [ tools ];
    GREETING = "it's $x \"q\" \\ \n ünï";
    shellHook = "echo \"hook of $name\"";
    XDG_DATA_DIRS = "/share/of/shell";
    TMPDIR = "/nowhere";
    TZ = "UTC";
    allowedReferences = [ ];
    passAsFile = [ "big" ];
    big = "text";
    prefix = "--prefix=${placeholder "out"}";
  };

  structured = shell {
    name = "structured-shell";
    __structuredAttrs = true;
    list = [
      "a"
      "b c"
      "it's"
    ];
    map = {
      a = 1;
      "weird key" = "x y";
    };
    number = 1.5;
    shellHook = "echo \"\${list[1]} of $name\"";
    outputChecks.out.allowedReferences = [ ];
  };

  noBash = derivation {
    name = "no-bash";
    inherit system;
    builder = "${tools}/bin/sh";
  };

  broken = shell {
    name = "broken-shell";
    BREAK = "1";
  };

  several = {
    inherit plain structured;
  };
}
