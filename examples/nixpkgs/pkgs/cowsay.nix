{
  lib,
  stdenv,
  fetchurl,
  perl,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "cowsay";
  version = "3.8.4";

  src = fetchurl {
    url = "https://example.org/cowsay-${finalAttrs.version}.tar.gz";
    hash = "sha256-tLW0qGdG/Y8B/babO2qgxeNPE97rNUXlhGyxVo/sbqI=";
  };

  nativeBuildInputs = [ perl ];

  meta = {
    description = "Cow that says what it is told";
    homepage = "https://example.org/cowsay";
    license = lib.licenses.gpl3Plus;
    mainProgram = "cowsay";
  };
})
