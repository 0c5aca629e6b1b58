# The same program from structured attributes.
{ stdenv, greet }:

stdenv.mkDerivation {
  name = "hello-structured-2.12";
  __structuredAttrs = true;
  src = ./hello;
  buildInputs = [ greet ];
  defines = {
    WHOM = "structured world";
    SIZE = 3;
  };
  words = [
    "one two"
    "it's"
    3
    true
  ];
  nested.list = [ [ 1 ] ];
  fraction = 1.5;
  nothing = null;
  outputs = [
    "out"
    "doc"
  ];
  buildPhase = ''
    flags=()
    for name in "''${!defines[@]}"; do flags+=("-D$name=\"''${defines[$name]}\""); done
    cc "''${flags[@]}" hello.c -lgreet -o hello
  '';
  installPhase = ''
    mkdir -p $out/bin $doc
    cp hello $out/bin/hello
    for word in "''${words[@]}"; do echo "$word"; done > $doc/words
    cp ../.attrs.json ../.attrs.sh $doc
    ls -A .. | sort > $doc/files
  '';
}
