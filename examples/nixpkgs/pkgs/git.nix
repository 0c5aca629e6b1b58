{
  lib,
  stdenv,
  fetchurl,
  perl,
  curl,
  openssl,
  zlib,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "git";
  version = "2.47.0";

  src = fetchurl {
    url = "https://example.org/git-${finalAttrs.version}.tar.xz";
    hash = "sha256-G+ktdHNViZm+878jX3L+eC332x1bcYmxFliAmpWN3ns=";
  };

  nativeBuildInputs = [ perl ];

  buildInputs = [
    curl
    openssl
    zlib
  ];

  makeFlags = [ "prefix=${placeholder "out"}" ];

  meta = {
    description = "Version control";
    homepage = "https://example.org/git";
    license = lib.licenses.gpl3Plus;
    mainProgram = "git";
  };
})
