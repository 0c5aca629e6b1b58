{
  lib,
  stdenv,
  fetchurl,
  zlib,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "sqlite";
  version = "3.46.1";

  src = fetchurl {
    url = "https://example.org/sqlite-${finalAttrs.version}.tar.gz";
    hash = "sha256-5MjvVXUn+brSuRmm6jX4IPoJmO23JQC1PuapegGmOfI=";
  };

  outputs = [
    "out"
    "dev"
  ];

  buildInputs = [ zlib ];

  meta = {
    description = "Database in one file";
    homepage = "https://example.org/sqlite";
    license = lib.licenses.mit;
    mainProgram = "sqlite3";
  };
})
