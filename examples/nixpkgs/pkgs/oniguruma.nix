{
  lib,
  stdenv,
  fetchurl,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "oniguruma";
  version = "6.9.9";

  src = fetchurl {
    url = "https://example.org/onig-${finalAttrs.version}.tar.gz";
    hash = "sha256-IzaOmf0iepUZvEfYd4wk/fadu4R01O8syUFev1syi3Y=";
  };

  meta = {
    description = "Library for regular expressions";
    homepage = "https://example.org/oniguruma";
    license = lib.licenses.bsd3;
  };
})
