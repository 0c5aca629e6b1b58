# A program that uses the library.
{
  lib,
  stdenv,
  greet,
  greet-hook,
  whom ? "world",
}:

stdenv.mkDerivation (final: {
  pname = "hello";
  version = "2.12";
  src = ./hello;
  nativeBuildInputs = [ greet-hook ];
  buildInputs = [ greet ];
  inherit whom;
  buildPhase = ''
    echo "compiling for $whom"
    cc -DWHOM="\"$whom\"" hello.c -lgreet -o hello
  '';
  installPhase = ''
    mkdir -p $out/bin
    cp hello $out/bin/hello
  '';
  meta = {
    description = "Greets somebody";
    license = lib.licenses.mit;
    mainProgram = final.pname;
  };
})
