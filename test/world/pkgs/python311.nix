# Shaped like an interpreter with packages; it runs no Python.
{ lib, stdenv, bash }:

stdenv.mkDerivation {
  pname = "python3";
  version = "3.11.9";
  phases = [ "installPhase" ];
  installPhase = ''
    mkdir -p $out/bin
    printf '#!%s/bin/bash\necho "Python 3.11.9"\n' ${bash} > $out/bin/python3.11
    chmod +x $out/bin/python3.11
    ln -s python3.11 $out/bin/python3
    ln -s python3.11 $out/bin/python
  '';
  passthru.sitePackages = "lib/python3.11/site-packages";
}
