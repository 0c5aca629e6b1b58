{
  lib,
  stdenv,
  fetchurl,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "hello";
  version = "2.12.1";

  src = fetchurl {
    url = "https://example.org/hello-${finalAttrs.version}.tar.gz";
    hash = "sha256-RJx+bkhbKvlLYh1OmwtHCyRHO6dnjtdbDTV+9xaQvlY=";
  };

  meta = {
    description = "Program that prints a friendly greeting";
    homepage = "https://example.org/hello";
    license = lib.licenses.gpl3Plus;
    mainProgram = "hello";
  };
})
