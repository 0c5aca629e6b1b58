{
  lib,
  stdenv,
  fetchurl,
  openssl,
  sqlite,
  zlib,
  callPackage,
  symlinkJoin,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "python3";
  version = "3.11.10";

  src = fetchurl {
    url = "https://example.org/Python-${finalAttrs.version}.tar.xz";
    hash = "sha256-EaSmC1GL8kmJ1IFGgHbl1ZgohGJq7Z+us1uFdvzSI+E=";
  };

  buildInputs = [
    openssl
    sqlite
    zlib
  ];

  passthru = rec {
    pythonVersion = lib.majorMinor finalAttrs.version;

    # The packages for this interpreter.
    pkgs = callPackage ../python-packages { python = finalAttrs.finalPackage; };

    # The interpreter with the packages that a function picks: `withPackages (python: [ python.flask ])`.
    withPackages =
      pick:
      symlinkJoin {
        name = "${finalAttrs.pname}-${finalAttrs.version}-env";
        paths = [ finalAttrs.finalPackage ] ++ lib.unique (lib.concatMap withRequired (pick pkgs));
      };

    withRequired = package: [ package ] ++ lib.concatMap withRequired package.propagatedBuildInputs;
  };

  meta = {
    description = "Programming language";
    homepage = "https://example.org/python";
    license = lib.licenses.psfl;
    mainProgram = "python3";
  };
})
