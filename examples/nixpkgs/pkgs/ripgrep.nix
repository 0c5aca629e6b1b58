{
  lib,
  stdenv,
  fetchurl,
  pkg-config,
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "ripgrep";
  version = "14.1.1";

  src = fetchurl {
    url = "https://example.org/ripgrep-${finalAttrs.version}.tar.gz";
    hash = "sha256-N+KKU0doUnsvs0dC3mmfGbRLSW7EBPbs4MbQ8/67SBY=";
  };

  nativeBuildInputs = [ pkg-config ];

  meta = {
    description = "Searches folders for a regular expression";
    homepage = "https://example.org/ripgrep";
    license = lib.licenses.mit;
    mainProgram = "rg";
  };
})
