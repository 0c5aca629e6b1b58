# A file of the given text.
{ runCommand }:

name: text:

runCommand name { inherit text; } ''
  printf %s "$text" > $out
''
