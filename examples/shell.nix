# A development shell. Change its hook, or take a package away, and watch the hashes.
{
  pkgs ? import <nixpkgs> { },
}:

pkgs.mkShell {
  name = "snowglobe-example";

  packages = [
    pkgs.hello
    pkgs.jq
    pkgs.nodejs
    (pkgs.python311.withPackages (python: [
      python.requests
      python.flask
    ]))
  ];

  GREETING = "Welcome to the shell";

  shellHook = ''
    echo "$GREETING"
    hello --version | head -n 1
  '';
}
