{
  lib,
  stdenv,
  fetchurl,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "pkg-config";
  version = "0.29.2";

  src = fetchurl {
    url = "https://example.org/pkg-config-${finalAttrs.version}.tar.gz";
    hash = "sha256-O27LvWE+gvLtgRpVS2I8E7+yAoRrAI33gII+Z0wUjX0=";
  };

  meta = {
    description = "Tells compilers where libraries are";
    homepage = "https://example.org/pkg-config";
    license = lib.licenses.gpl3Plus;
    mainProgram = "pkg-config";
  };
})
