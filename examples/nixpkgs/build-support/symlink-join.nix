# One folder with the files of several packages.
{ runCommand }:

{
  name,
  paths,
  postBuild ? "",
}:

runCommand name { inherit paths; } ''
  mkdir -p $out
  for path in $paths; do
    cp -rs --no-preserve=mode $path/. $out/
  done
  ${postBuild}
''
