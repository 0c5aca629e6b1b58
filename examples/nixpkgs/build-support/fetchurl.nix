# A file of a known hash, fetched by Nix itself.
{ lib }:

{
  url,
  hash,
  name ? baseNameOf (toString url),
}:

derivation {
  inherit name url;
  builder = "builtin:fetchurl";
  system = "builtin";
  outputHash = hash;
  outputHashMode = "flat";
  executable = false;
  unpack = false;
  preferLocalBuild = true;
  impureEnvVars = [
    "http_proxy"
    "https_proxy"
    "no_proxy"
  ];
}
