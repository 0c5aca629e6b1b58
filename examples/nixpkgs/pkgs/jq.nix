{
  lib,
  stdenv,
  fetchurl,
  oniguruma,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "jq";
  version = "1.7.1";

  src = fetchurl {
    url = "https://example.org/jq-${finalAttrs.version}.tar.gz";
    hash = "sha256-OVr+rgIzqr1IcRBSzyU6gFLt53TJ6Z/n68by449ViZI=";
  };

  buildInputs = [ oniguruma ];

  configureFlags = [
    (if oniguruma == null then "--without-oniguruma" else "--with-oniguruma=${oniguruma}")
  ];

  meta = {
    description = "Processor for JSON on the command line";
    homepage = "https://example.org/jq";
    license = lib.licenses.mit;
    mainProgram = "jq";
  };
})
