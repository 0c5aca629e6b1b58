{
  lib,
  stdenv,
  fetchurl,
  perl,
  zlib,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "openssl";
  version = "3.3.2";

  src = fetchurl {
    url = "https://example.org/openssl-${finalAttrs.version}.tar.gz";
    hash = "sha256-mMlMkHYRgq1+zE8U6Y/3W6+CMYR7HLCIk+bMRnyAvVo=";
  };

  outputs = [
    "bin"
    "dev"
    "out"
  ];

  nativeBuildInputs = [ perl ];

  buildInputs = [ zlib ];

  configureFlags = [ "shared" ] ++ lib.optional stdenv.isLinux "enable-ktls";

  meta = {
    description = "Cryptographic library and tools";
    homepage = "https://example.org/openssl";
    license = lib.licenses.asl20;
    mainProgram = "openssl";
  };
})
