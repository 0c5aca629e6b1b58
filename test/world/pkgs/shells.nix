# Environments to enter.
{
  mkShell,
  hello,
  greet,
  greet-hook,
  python311,
}:

{
  plain = mkShell {
    packages = [
      hello
      python311
    ];
    GREETING = "Welcome";
    shellHook = ''
      echo "$GREETING"
      export FROM_HOOK=yes
    '';
  };

  # All that is needed to work on a package.
  inputs = mkShell {
    name = "work-on-hello";
    inputsFrom = [ hello ];
    packages = [ python311 ];
  };
}
