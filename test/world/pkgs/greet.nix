# A C library: the headers are an output of their own.
{ lib, stdenv }:

stdenv.mkDerivation {
  pname = "greet";
  version = "1.2";
  outputs = [
    "out"
    "dev"
  ];
  src = ./greet;
  buildPhase = ''
    cc -c greet.c -o greet.o
    ar rcs libgreet.a greet.o
  '';
  installPhase = ''
    mkdir -p $out/lib $dev/include
    cp libgreet.a $out/lib
    cp greet.h $dev/include
  '';
  meta.license = lib.licenses.mit;
}
