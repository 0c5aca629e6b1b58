# What programs need to compute on a graphics card. Its licence is not free.
{
  lib,
  stdenv,
  fetchurl,
}:

{
  cudatoolkit = stdenv.mkDerivation (finalAttrs: {
    pname = "cudatoolkit";
    version = "12.4.1";

    src = fetchurl {
      url = "https://example.org/cuda_${finalAttrs.version}_linux.run";
      hash = "sha256-Nn0esPG1CbFoJrbpeWBqZ0XWOlqfkzpdkcHHSYvYk5I=";
    };

    meta = {
      description = "Compiler and libraries for graphics cards";
      license = lib.licenses.unfree;
    };
  });
}
