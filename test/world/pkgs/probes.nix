# Builds that show what builders see, what stores keep, and what must not go wrong.
{
  lib,
  stdenv,
  runCommand,
  bash,
  busybox,
  hello,
}:

let
  fixed =
    name: mode: hash: script:
    runCommand name {
      outputHashMode = mode;
      outputHashAlgo = "sha256";
      outputHash = hash;
    } script;
in
{
  # Everything that a builder can see of the machine.
  surroundings = runCommand "surroundings" { unusual = "a\nb 'c' \"d\""; } ''
    {
      echo "pid $$"; id; hostname; pwd; umask; ulimit -a
      env | sort
      # Newer Nix closes /etc, older does not.
      listed() { ls "$@" | awk '{ print $1, $3, $4, $NF }'; }
      listed -lan / /dev /build | grep -v ' etc$'
      listed -ln /etc
      cat /etc/passwd /etc/group /etc/hosts /proc/self/personality
      grep -e NoNewPrivs -e Seccomp: -e CapEff /proc/self/status
      if [ -t 1 ] && [ -t 2 ]; then echo terminal; fi
      if read -t 0; then echo input; fi
      ls /sys/class/net 2>/dev/null || ip link | sed 's/mtu.*//'
    } > $out 2>&1
  '';

  # What a store object does not keep: modes, dates, set-user-id.
  modes = runCommand "modes" { } ''
    mkdir $out; cd $out
    echo a > private; chmod 0600 private
    echo b > group; chmod 0640 group
    echo c > run; chmod 0755 run
    echo d > odd; chmod 0654 odd
    echo e > setuid; chmod 4755 setuid || echo refused
    mkdir sticky; chmod 1777 sticky
    mkdir closed; echo f > closed/f; chmod 0500 closed
    ln private hard
    ln -s /nowhere dangling
    ln -s ../modes relative
    mkdir empty
    touch -d 2001-01-01 run
    echo g > $'b\xc3\xbcnicode'; echo h > $'bad\xff'; echo i > "with space"
  '';

  # References: to an input, to one through another, to itself, in a link, none.
  references = stdenv.mkDerivation {
    name = "references";
    outputs = [
      "out"
      "lib"
      "none"
    ];
    phases = [ "buildPhase" ];
    buildPhase = ''
      mkdir $out $lib
      echo ${hello}/bin/hello > $out/hello
      ln -s $lib/self $out/lib
      printf '\0\0%s\0' $lib > $lib/self
      echo "no path" > $none
    '';
  };

  fixedFlat = fixed "fixed-flat" "flat" (builtins.hashString "sha256" "fixed\n") "echo fixed > $out";

  fixedTree = fixed "fixed-tree" "recursive" "sha256-L6hPcICwknz/4kIIG90Y5IRDvFrx7Jss3r2arNhEcVM=" ''
    mkdir $out; echo tree > $out/file; ln -s file $out/link
  '';

  placeholders = runCommand "placeholders" {
    own = "${placeholder "out"}/x";
    passAsFile = [ "content" ];
    content = "at ${placeholder "out"}\n";
  } ''mkdir $out; echo "$own" > $out/own; cp $contentPath $out/content; basename $contentPath > $out/name'';

  # What is told of the closure of an input, and of what built it.
  closures = runCommand "closures" {
    exportReferencesGraph = [
      "outputs"
      hello
      "derivations"
      hello.drvPath
    ];
  } "mkdir $out; cp outputs derivations $out";

  # A large output of many parts.
  large = runCommand "large" { } ''
    mkdir $out
    for i in $(seq 1 300); do seq $i $((i + 300)) > $out/$i; done
    dd if=/dev/zero of=$out/zeros bs=1M count=8 2>/dev/null
  '';

  failing = runCommand "failing" { } ''
    for i in $(seq 1 40); do echo "line $i"; done
    echo "about to fail" >&2
    exit 3
  '';

  needsFailing = runCommand "needs-failing" { } "cat ${
    runCommand "failing-input" { } "exit 4"
  } > $out";

  # Ignores requests to end, with children that do so too.
  hanging = runCommand "hanging" { } ''
    trap "" TERM INT HUP
    sleep 100000 &
    (trap "" TERM; sleep 100000) &
    echo hanging
    while true; do sleep 1000; done
  '';

  # Leaves a process behind that would write later.
  leavesProcess = runCommand "leaves-process" { } ''
    (sleep 100000; echo late > $out/late) &
    mkdir $out
  '';

  # Some steps that take a while, for tests that end builds at any moment.
  slow = map (
    n:
    runCommand "slow-${toString n}" { } ''
      mkdir $out
      for i in $(seq 1 20); do echo $i > $out/$i; sleep 0.02; done
    ''
  ) [ 1 2 3 4 5 6 ];
}
