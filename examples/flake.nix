# The same packages as outputs of a flake. Its input is a directory beside it, and locked in flake.lock.
{
  description = "Snowglobe's example";

  inputs.nixpkgs = {
    url = "./nixpkgs";
    flake = false;
  };

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      perSystem =
        outputs:
        builtins.listToAttrs (
          map (system: {
            name = system;
            value = outputs (import nixpkgs { inherit system; });
          }) systems
        );
    in
    {
      packages = perSystem (pkgs: {
        inherit (pkgs) hello jq;
        default = pkgs.callPackage ./greeter.nix { };
      });

      devShells = perSystem (pkgs: {
        default = pkgs.mkShell {
          name = "flake-example";
          packages = [
            pkgs.hello
            pkgs.jq
            self.packages.${pkgs.system}.default
          ];
        };
      });
    };
}
