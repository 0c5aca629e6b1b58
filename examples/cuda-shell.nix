# A shell to compute on a graphics card: licences that are not free have to be allowed.
{
  pkgs ? import <nixpkgs> {
    config = {
      allowUnfree = true;
      cudaSupport = true;
    };
  },
}:

pkgs.mkShell {
  name = "cuda-example";

  nativeBuildInputs = with pkgs.buildPackages; [
    python311
    python311Packages.torch-bin
  ];

  shellHook = ''
    export CUDA_PATH=${pkgs.cudaPackages_12.cudatoolkit}
  '';
}
