{
  lib,
  stdenv,
  fetchurl,
  python3,
  openssl,
  sqlite,
  zlib,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "nodejs";
  version = "22.10.0";

  src = fetchurl {
    url = "https://example.org/node-v${finalAttrs.version}.tar.xz";
    hash = "sha256-yzxs2tKZ+xT5la/J2Y67GXZ+9WTDZ39ssywNeEJEKhI=";
  };

  nativeBuildInputs = [ python3 ];

  buildInputs = [
    openssl
    sqlite
    zlib
  ];

  configureFlags = [
    "--shared-openssl"
    "--shared-zlib"
  ];

  meta = {
    description = "JavaScript outside of the browser";
    homepage = "https://example.org/nodejs";
    license = lib.licenses.mit;
    mainProgram = "node";
  };
})
