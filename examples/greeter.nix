# In the style of nixpkgs: a function of what it needs, called with callPackage.
{
  lib,
  stdenv,
  curl,
  greeting ? "Hello",
}:

stdenv.mkDerivation (finalAttrs: {
  pname = "greeter";
  version = "1.0";

  src = ./greeter.sh;
  dontUnpack = true;

  buildInputs = [ curl ];

  inherit greeting;

  installPhase = ''
    mkdir -p $out/bin
    substitute $src $out/bin/${finalAttrs.pname} --subst-var greeting
    chmod +x $out/bin/${finalAttrs.pname}
  '';

  meta = {
    description = "Greets whoever runs it";
    license = lib.licenses.mit;
    mainProgram = finalAttrs.pname;
  };
})
