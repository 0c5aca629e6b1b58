{
  lib,
  stdenv,
  fetchurl,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "perl";
  version = "5.40.0";

  src = fetchurl {
    url = "https://example.org/perl-${finalAttrs.version}.tar.xz";
    hash = "sha256-E7CG+tV3yzb76ESzpEtMfMU/xaX1FEbQM59T4cMhEFg=";
  };

  meta = {
    description = "Programming language for text";
    homepage = "https://example.org/perl";
    license = lib.licenses.gpl3Plus;
    mainProgram = "perl";
  };
})
