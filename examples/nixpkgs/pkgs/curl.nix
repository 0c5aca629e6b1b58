{
  lib,
  stdenv,
  fetchurl,
  pkg-config,
  openssl,
  zlib,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "curl";
  version = "8.10.1";

  src = fetchurl {
    url = "https://example.org/curl-${finalAttrs.version}.tar.xz";
    hash = "sha256-GbLA52Wbz33JkRrVV7rgi0MXYuxN6KWyvQxeKqnh0vk=";
  };

  outputs = [
    "bin"
    "dev"
    "out"
  ];

  nativeBuildInputs = [ pkg-config ];

  buildInputs = [
    openssl
    zlib
  ];

  configureFlags = [ "--with-openssl=${lib.getDev openssl}" ];

  meta = {
    description = "Transfers files by URL";
    homepage = "https://example.org/curl";
    license = lib.licenses.mit;
    mainProgram = "curl";
  };
})
