# Python's packages, each built with the given interpreter.
{
  lib,
  stdenv,
  fetchurl,
  python,
  config,
  cudaPackages_12,
}:

let
  buildPythonPackage =
    attributes:
    stdenv.mkDerivation (
      {
        nativeBuildInputs = [ python ];
        installPhase = "python3 -m installer --prefix $out dist/*.whl";
        src = fetchurl {
          url = "https://example.org/${attributes.pname}-${attributes.version}.tar.gz";
          inherit (attributes) hash;
        };
      }
      // removeAttrs attributes [
        "hash"
        "dependencies"
      ]
      // {
        name = "python${lib.majorMinor python.version}-${attributes.pname}-${attributes.version}";
        propagatedBuildInputs = attributes.dependencies or [ ];
      }
    );
in
lib.fix (self: {
  inherit buildPythonPackage python;

  certifi = buildPythonPackage {
    pname = "certifi";
    version = "2024.8.30";
    hash = "sha256-11nczFEGiXACCoonkERWk6M9pl3lRMmhmYBvLV4ly5k=";
    meta = {
      description = "Root certificates";
      license = lib.licenses.mit;
    };
  };

  charset-normalizer = buildPythonPackage {
    pname = "charset-normalizer";
    version = "3.4.0";
    hash = "sha256-/lrOpyxiFpyaz2HhtuZBSK/BKdoVNChRSitt6LaozbI=";
    meta = {
      description = "Guesses the encoding of text";
      license = lib.licenses.mit;
    };
  };

  idna = buildPythonPackage {
    pname = "idna";
    version = "3.10";
    hash = "sha256-tLu4797zY2QgKCIkmvcuIyM2S6XqU7KmXJKByvlVt+g=";
    meta = {
      description = "Internationalised domain names";
      license = lib.licenses.bsd3;
    };
  };

  urllib3 = buildPythonPackage {
    pname = "urllib3";
    version = "2.2.3";
    hash = "sha256-ejx7FIg64soPsKTgFA2FSZru2IZAeE4IIeHZ+N3ch+I=";
    meta = {
      description = "HTTP client";
      license = lib.licenses.mit;
    };
  };

  requests = buildPythonPackage {
    pname = "requests";
    version = "2.32.3";
    hash = "sha256-fiFrpMHc846KZjwhc76Vszt2AGWMI3Xxjc4aVNkvb58=";
    dependencies = [
      self.certifi
      self.charset-normalizer
      self.idna
      self.urllib3
    ];
    meta = {
      description = "HTTP for people";
      license = lib.licenses.asl20;
    };
  };

  markupsafe = buildPythonPackage {
    pname = "markupsafe";
    version = "3.0.1";
    hash = "sha256-NSK81d0qlvvppT1QqpPWH3wqlf+Yr575cseS5M6kkl8=";
    meta = {
      description = "Text that is safe in HTML";
      license = lib.licenses.bsd3;
    };
  };

  jinja2 = buildPythonPackage {
    pname = "jinja2";
    version = "3.1.4";
    hash = "sha256-kkp3tDglbhkraUG86eXPdcdWoyiPWDPu7SQsKl1M2E0=";
    dependencies = [ self.markupsafe ];
    meta = {
      description = "Templates";
      license = lib.licenses.bsd3;
    };
  };

  werkzeug = buildPythonPackage {
    pname = "werkzeug";
    version = "3.0.4";
    hash = "sha256-bqW39uLd4lsUDD0e75g1HxQHUTA6tLFmYzY2GGmvz2o=";
    dependencies = [ self.markupsafe ];
    meta = {
      description = "Tools for web servers";
      license = lib.licenses.bsd3;
    };
  };

  click = buildPythonPackage {
    pname = "click";
    version = "8.1.7";
    hash = "sha256-pPH/Qk+E5835S1F3R9cLVHaQgHGFlKbJrt1jhAJQb44=";
    meta = {
      description = "Command line interfaces";
      license = lib.licenses.bsd3;
    };
  };

  flask = buildPythonPackage {
    pname = "flask";
    version = "3.0.3";
    hash = "sha256-lYIXMKj3iFWMYbq4wfCkl98yMQKgEhgU/VjXOjRUTvM=";
    dependencies = [
      self.click
      self.jinja2
      self.werkzeug
    ];
    meta = {
      description = "Small web framework";
      license = lib.licenses.bsd3;
    };
  };

  numpy = buildPythonPackage {
    pname = "numpy";
    version = "2.1.2";
    hash = "sha256-E1MvA1p9sGzo1kYJdp6yuVYfC1Eqf9q5SB2GrpU0KKM=";
    meta = {
      description = "Arrays";
      license = lib.licenses.bsd3;
    };
  };

  # As its makers build it: from source it takes hours.
  torch-bin = buildPythonPackage {
    pname = "torch";
    version = "2.5.1";
    hash = "sha256-bTxJbUxX6oQXMxO3A0M4ZhkzmZ6wfqf9ToyhnHPqAJ8=";
    buildInputs = lib.optional (config.cudaSupport or false) cudaPackages_12.cudatoolkit;
    dependencies = [ self.numpy ];
    meta = {
      description = "Tensors and neural networks";
      license = lib.licenses.bsd3;
    };
  };
})
