{
  lib,
  stdenv,
  fetchurl,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "zlib";
  version = "1.3.1";

  src = fetchurl {
    url = "https://example.org/zlib-${finalAttrs.version}.tar.gz";
    hash = "sha256-NUgEOXTkRTgJWDchuSNJ+4StSEg7fdtN2+v/8aJFlJc=";
  };

  outputs = [
    "out"
    "dev"
  ];

  meta = {
    description = "Compression library";
    homepage = "https://example.org/zlib";
    license = lib.licenses.zlib;
  };
})
