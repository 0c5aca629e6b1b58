{
  lib,
  stdenv,
  fetchurl,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "closed-tool";
  version = "4.2";

  src = fetchurl {
    url = "https://example.org/closed-tool-${finalAttrs.version}.tar.gz";
    hash = "sha256-AZug4M2e9Md35f6I81bA5q9ZiHD8s6L82O8xA+WEX0E=";
  };

  meta = {
    description = "Program under a licence that is not free";
    homepage = "https://example.org/closed-tool";
    license = lib.licenses.unfree;
  };
})
