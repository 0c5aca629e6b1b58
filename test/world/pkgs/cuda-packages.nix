# Shaped like CUDA: not free, with a compiler and libraries under one path.
{
  lib,
  stdenv,
  bash,
  config,
}:

{
  cudatoolkit = stdenv.mkDerivation {
    pname = "cudatoolkit";
    version = "12.4.1";
    phases = [ "installPhase" ];
    installPhase = ''
      mkdir -p $out/bin $out/lib $out/include
      printf '#!%s/bin/bash\necho "Cuda compilation tools, release 12.4"\n' ${bash} > $out/bin/nvcc
      chmod +x $out/bin/nvcc
      echo > $out/include/cuda.h
      echo stub > $out/lib/libcudart.so
    '';
    passthru.enabled = config.cudaSupport or false;
    meta.license = lib.licenses.nvidiaCuda;
  };
}
