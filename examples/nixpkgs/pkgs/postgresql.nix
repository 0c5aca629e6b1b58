{
  lib,
  stdenv,
  fetchurl,
  pkg-config,
  openssl,
  zlib,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "postgresql";
  version = "16.4";

  src = fetchurl {
    url = "https://example.org/postgresql-${finalAttrs.version}.tar.bz2";
    hash = "sha256-Ot69Ms3EoUjNycn+jovlu2ZY96kMoQbSREsWgpdGA4o=";
  };

  nativeBuildInputs = [ pkg-config ];

  buildInputs = [
    openssl
    zlib
  ];

  meta = {
    description = "Relational database";
    homepage = "https://example.org/postgresql";
    license = lib.licenses.postgresql;
    mainProgram = "psql";
  };
})
