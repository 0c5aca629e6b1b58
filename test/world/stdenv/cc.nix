# A C compiler: tcc, which links statically against musl. `ar` is its own.
{
  bash,
  busybox,
  system,
}:

derivation {
  name = "cc-tcc-0.9.27";
  inherit system bash;
  tools = ../tools/cc;
  builder = "${bash}/bin/bash";
  PATH = "${busybox}/bin";
  wrapper = ./cc-wrapper.sh;
  args = [
    "-e"
    "-c"
    ''
      mkdir -p $out/bin
      for name in cc ar; do
        sed -e "s|@bash@|$bash|" -e "s|@tools@|$tools|" -e "s|@name@|$name|" $wrapper > $out/bin/$name
        chmod +x $out/bin/$name
      done
      ln -s cc $out/bin/gcc
    ''
  ];
}
