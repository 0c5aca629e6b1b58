builtins.mapAttrs (shortName: license: { inherit shortName; free = true; } // license) {
  asl20 = {
    fullName = "Apache License 2.0";
    spdxId = "Apache-2.0";
  };
  bsd3 = {
    fullName = "BSD 3-clause \"New\" or \"Revised\" License";
    spdxId = "BSD-3-Clause";
  };
  gpl3Plus = {
    fullName = "GNU General Public License v3.0 or later";
    spdxId = "GPL-3.0-or-later";
  };
  mit = {
    fullName = "MIT License";
    spdxId = "MIT";
  };
  postgresql = {
    fullName = "PostgreSQL License";
    spdxId = "PostgreSQL";
  };
  psfl = {
    fullName = "Python Software Foundation License version 2";
    spdxId = "Python-2.0";
  };
  unfree = {
    fullName = "Unfree";
    free = false;
  };
  zlib = {
    fullName = "zlib License";
    spdxId = "Zlib";
  };
}
