# The first two derivations: they are built by a static shell that is a source, and need nothing else.
{ system }:

let
  shell = ../tools/bin/bash;
  tools = ../tools/bin/busybox;

  build =
    name: script:
    derivation {
      inherit name system tools;
      builder = shell;
      args = [
        "-e"
        "-c"
        ''
          # The program looks at what it is called to know what to do.
          run() (exec -a "$1" "$tools" "''${@:2}")
          ${script}
        ''
      ];
    };
in
{
  busybox = build "busybox-1.35" ''
    run mkdir -p $out/bin
    run cp $tools $out/bin/busybox
    for applet in $(run busybox --list); do
      case $applet in
        # bash is the shell, and ar comes with the compiler.
        busybox | sh | ash | ar) ;;
        *) run ln -s busybox $out/bin/$applet ;;
      esac
    done
  '';

  bash = build "bash-5.2" ''
    run mkdir -p $out/bin
    run cp ${shell} $out/bin/bash
    run ln -s bash $out/bin/sh
  '';
}
