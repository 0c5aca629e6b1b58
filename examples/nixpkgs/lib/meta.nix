rec {
  platforms = {
    linux = [
      "x86_64-linux"
      "aarch64-linux"
    ];
    darwin = [
      "x86_64-darwin"
      "aarch64-darwin"
    ];
    all = platforms.linux ++ platforms.darwin;
  };

  # The path of a package's main program.
  getExe =
    package:
    "${package.bin or package}/bin/${
      package.meta.mainProgram or (builtins.parseDrvName package.name).name
    }";

  getName = package: package.pname or (builtins.parseDrvName package.name).name;

  getVersion = package: package.version or (builtins.parseDrvName package.name).version;
}
